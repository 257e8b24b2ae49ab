"""Who reaches a service: assessment, indicators, gaps and what would help, explanations."""

__all__: list[str] = []
