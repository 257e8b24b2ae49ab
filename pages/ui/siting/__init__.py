"""Parts of the page Site suggestions."""

__all__: list[str] = []
