"""Studies on disk: making, opening, changing and packing them."""

__all__: list[str] = []
