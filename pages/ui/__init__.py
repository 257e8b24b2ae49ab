"""What the pages share: session state, cached calls, controls, the map panel, tables and failures."""

__all__: list[str] = []
