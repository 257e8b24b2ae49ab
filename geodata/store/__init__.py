"""Studies and their scenarios, kept so that nothing acknowledged is lost.

An embedded database (SQLite through SQLAlchemy) holds what is small and changes: studies, scenarios and the
append-only log of each scenario. Files of studies lie beside it under the hash of their content. Names are data:
they are never names of files. What belongs here is storage alone; what edits mean is `coverage.scenario.edits`, what
they look like as JSON is `geodata.studies.edits_json`. May import the rest of `geodata` and `coverage`.
"""

from __future__ import annotations

__all__ = ["changes", "database", "exchange", "scenarios", "studies", "versions"]
