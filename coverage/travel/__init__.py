"""Travel times over the network: joining places to roads, searching, routes, and the picture of times."""

__all__: list[str] = []
