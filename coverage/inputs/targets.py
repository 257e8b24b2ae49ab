"""Targets of a plan: base value, target value and year of an indicator, and how far it is to go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from coverage.inputs.indicator_registry import find_indicator
from coverage.inputs.schema import WHOLE_STUDY

# Indicators of which less is better; of all others more is.
_LESS_IS_BETTER = ("B1.beyond", "B1.no_route", "B1.unconnected", "B4", "B5", "B9.overloaded", "B10.gini",
                   "B10.worst_tenth", "B10.urban_rural", "B11", "B16.access_m", "B16.rejected", "B17")  # fmt: skip
TARGET_COLUMNS: tuple[str, ...] = (
    "code",
    "unit_level",
    "unit_id",
    "base_value",
    "base_year",
    "target_value",
    "target_year",
    "value",  # today's, NaN where the indicator is not known
    "to_go",  # from today's value to the target, in the indicator's unit; 0 once it is met
    "progress",  # share of the way from base to target that is done, NaN without a base value
    "is_met",
)


@dataclass(frozen=True, slots=True)
class Target:
    """A target for one indicator of one unit.

    Parameters
    ----------
    code
        As in the table of indicators, e.g. ``B1`` or ``A1.township``.
    target_value, target_year
        What is to be reached until the end of a year, in the indicator's unit (a share lies between 0 and 1).
    unit_level, unit_id
        The unit; the whole study if not given.
    base_value, base_year
        Where the plan started; NaN and 0 where that is not known.

    Raises
    ------
    InputError
        ``indicator.unknown`` for a code that stands for nothing.
    """

    code: str
    target_value: float
    target_year: int
    unit_level: str = WHOLE_STUDY
    unit_id: str = ""
    base_value: float = float("nan")
    base_year: int = 0

    def __post_init__(self) -> None:
        find_indicator(self.code)

    @property
    def is_less_better(self) -> bool:
        """Tell whether the indicator is better the lower it is."""
        return any(self.code == one or self.code.startswith(f"{one}.") for one in _LESS_IS_BETTER)


def tabulate_targets(targets: tuple[Target, ...], indicators: pd.DataFrame) -> pd.DataFrame:
    """Set targets beside today's values.

    Parameters
    ----------
    targets
        The targets.
    indicators
        As `coverage.access.indicator_table.compute_indicators` returns.

    Returns
    -------
    `TARGET_COLUMNS`, one row for each target in the given order.
    """
    known = indicators.set_index(["code", "unit_level", "unit_id"])["value"].to_dict()
    rows = []
    for one in targets:
        value = float(known.get((one.code, one.unit_level, one.unit_id), np.nan))
        sign = -1.0 if one.is_less_better else 1.0
        missing = sign * (one.target_value - value)
        way = one.target_value - one.base_value
        rows.append(
            (
                one.code,
                one.unit_level,
                one.unit_id,
                one.base_value,
                one.base_year,
                one.target_value,
                one.target_year,
                value,
                sign * max(missing, 0.0) if np.isfinite(missing) else np.nan,
                (value - one.base_value) / way if way else np.nan,
                bool(missing <= 1e-12),
            )
        )
    return pd.DataFrame(rows, columns=list(TARGET_COLUMNS))
