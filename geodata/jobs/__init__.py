"""Work in another process, with progress, a stop, and limits to memory and time."""

__all__: list[str] = []
