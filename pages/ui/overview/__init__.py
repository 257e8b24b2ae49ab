"""Parts of the Overview."""

__all__: list[str] = []
