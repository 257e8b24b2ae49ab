"""Rules that find what a report says, each from the cells of a table."""

__all__: list[str] = []
