"""Tables of an answer, typed by what their columns hold; a report reads its sentences from their cells."""

__all__: list[str] = []
