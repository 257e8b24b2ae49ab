"""What follows from a question to a study: parts that are computed when they are asked for, each once."""

__all__: list[str] = []
