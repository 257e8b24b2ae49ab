"""From a question to a plan: the model chosen and solved, the curve, the defence of each site, and the years."""

__all__: list[str] = []
