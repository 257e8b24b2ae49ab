"""The siting problem as a value: candidates, costs to reach them, limits, and the linear programmes."""

__all__: list[str] = []
