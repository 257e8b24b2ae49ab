"""Cached numbers and pictures of the screens, keyed by the study and what is asked."""

__all__: list[str] = []
