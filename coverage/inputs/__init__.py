"""What is given and what is asked: the study and its tables, thresholds, zones, hours, scope, and the question."""

__all__: list[str] = []
