"""What if: edits of a study as values, applied, checked, compared, and times updated without a new search."""

__all__: list[str] = []
