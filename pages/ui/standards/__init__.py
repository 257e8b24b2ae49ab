"""Parts of the page Standards and parameters."""

__all__: list[str] = []
