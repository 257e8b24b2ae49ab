"""The report as a value: tables, findings and figures as data, without words and without formats.

What a report says is decided here; how it is worded and rendered is `geodata.report`. Imports only the rest of
`coverage`.
"""

from __future__ import annotations

__all__ = ["assemble", "contents", "evidence", "ladder", "options", "reading", "value"]
