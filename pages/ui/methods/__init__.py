"""Parts of the page Methods."""

__all__: list[str] = []
