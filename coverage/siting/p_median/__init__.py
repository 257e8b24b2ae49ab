"""The p-median problem: least travel in total with a number of sites."""

__all__: list[str] = []
