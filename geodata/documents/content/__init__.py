"""A report in one language: sentences, tables and figures in order, before any format."""

__all__: list[str] = []
