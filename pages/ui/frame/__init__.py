"""The frame around every page: bar on top, controls, entry, and turns at the processor."""

__all__: list[str] = []
