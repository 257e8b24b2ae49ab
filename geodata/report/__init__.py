"""Reports: a `Report` put into words, and rendered to PDF, Word, Excel, HTML, maps and layers.

Renderers take a `document.Document`, whose words are chosen already: none of them knows a language or a rule.
"""

from __future__ import annotations

__all__ = ["build", "document", "map_layers", "wording"]
