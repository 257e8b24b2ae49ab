"""Parts of the page Coverage and gaps."""

__all__: list[str] = []
