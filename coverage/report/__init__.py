"""A report put together: which tables and rules stand in each section, several studies merged, and what is hidden.

How it is worded and rendered is `geodata.documents`.
"""

__all__: list[str] = []
