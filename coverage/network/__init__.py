"""Roads as a network: lines contracted to roads and turns, how fast they are travelled, and which are closed."""

__all__: list[str] = []
