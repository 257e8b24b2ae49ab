"""The p-center problem: least longest travel with a number of sites."""

__all__: list[str] = []
