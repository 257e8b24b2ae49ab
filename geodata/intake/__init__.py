"""Readers of what users bring: each takes one kind of file to a checked table, and reports every row it left out."""

__all__: list[str] = []
