"""Parts of the page Report."""

__all__: list[str] = []
