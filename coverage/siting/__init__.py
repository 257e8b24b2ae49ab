"""Where the next sites go: siting models with existing stations fixed, solved exactly or with a certified bound.

Belongs here: the problem as a value, one module for each model, and what they share (aggregation, greedy, bounds).
May import what `coverage` may, and highspy.
"""

__all__: list[str] = []
