"""Reports: built from an answer, put into words, rendered to every format, kept and computed again."""

__all__: list[str] = []
