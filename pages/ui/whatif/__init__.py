"""Parts of the page What if, and scenarios compared."""

__all__: list[str] = []
