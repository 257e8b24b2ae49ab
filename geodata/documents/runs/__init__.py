"""The run file of a report: what it was computed from, exactly, so that it can be computed again."""

__all__: list[str] = []
