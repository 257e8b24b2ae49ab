"""Parts of the page Set up and import."""

__all__: list[str] = []
