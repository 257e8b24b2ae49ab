"""Models of coverage: how many people sites bring within the threshold, exactly or with a certified bound."""

__all__: list[str] = []
