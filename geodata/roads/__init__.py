"""Roads from files and downloads: tags read, lines noded, extracts cut, built networks kept.

May import the rest of `geodata` and `coverage`.
"""

__all__: list[str] = []
