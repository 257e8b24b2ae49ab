"""Parts of the page Indicators."""

__all__: list[str] = []
