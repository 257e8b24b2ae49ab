"""One report in any format."""

from __future__ import annotations

FORMATS: tuple[str, ...] = ("pdf", "docx", "xlsx", "html", "gpkg", "zip")
