"""Words: message catalogues, numbers as people read them, a question and an explanation in sentences."""

__all__: list[str] = []
