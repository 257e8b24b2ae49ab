"""Reports on paper: PDF and Word, charts and maps in print."""

__all__: list[str] = []
