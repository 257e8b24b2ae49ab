"""Rows of indicators, gathered level by level; every row keeps its numerator and denominator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.inputs.indicator_registry import INDICATORS, find_indicator
from coverage.inputs.question import WEEK
from coverage.inputs.schema import DISTRICT_LEVELS, WHOLE_STUDY
from coverage.inputs.unit_levels import UnitLevel, divide
from coverage.network.model import BoolArray, FloatArray

INDICATOR_COLUMNS: tuple[str, ...] = ("code", "unit_level", "unit_id", "value", "numerator", "denominator", "period")


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The rows of one code and level, and which of its units get one."""

    code: str
    level: UnitLevel
    value: FloatArray
    numerator: FloatArray
    denominator: FloatArray
    shown: npt.NDArray[np.int64]


def _find_place(part: _Part) -> tuple[int, int]:
    """Return where rows stand in the table: coarse levels first, then codes as they are defined."""
    levels = (WHOLE_STUDY, *DISTRICT_LEVELS)
    return levels.index(part.level.level), INDICATORS.index(find_indicator(part.code))


class IndicatorRows:
    """Gathers rows level by level and turns them into one table."""

    def __init__(self) -> None:
        self._parts: list[_Part] = []

    def add(
        self,
        code: str,
        level: UnitLevel,
        numerator: FloatArray,
        denominator: FloatArray,
        value: FloatArray | None = None,
        *,
        show: BoolArray | None = None,
    ) -> None:
        """Add one row per unit; the value is numerator / denominator if it is not given, NaN for 0 / 0.

        Parameters
        ----------
        code, level
            What is counted, and for which units.
        numerator, denominator, value
            Shape (level.count,).
        show
            Units that get a row; None for all. The row for outside all units is left out where it
            counts nothing.
        """
        shown = np.ones(level.count, bool) if show is None else show.copy()
        if level.count > level.unit_count:
            shown[-1] &= bool(denominator[-1] > 0)
        result = divide(numerator, denominator) if value is None else value
        self._parts.append(_Part(code, level, result, numerator, denominator, np.flatnonzero(shown)))

    def add_one(self, code: str, level: UnitLevel, value: float, numerator: float, denominator: float) -> None:
        """Add one row for a level of one unit, the whole study."""
        self.add(code, level, np.array([numerator]), np.array([denominator]), np.array([value]))

    def to_table(self, period: str = WEEK) -> pd.DataFrame:
        """Return the table with the columns of `INDICATOR_COLUMNS`; code, unit_level and period are categories.

        Parameters
        ----------
        period
            What the numbers hold for, see `coverage.inputs.question.Question.period`; those of the week by their nature
            hold for `coverage.inputs.question.WEEK` all the same.
        """
        parts = sorted(self._parts, key=_find_place)
        codes = list(dict.fromkeys(part.code for part in parts))
        levels = list(dict.fromkeys(part.level.level for part in parts))
        code_of, level_of = ({one: number for number, one in enumerate(some)} for some in (codes, levels))
        lengths = np.array([len(part.shown) for part in parts], np.int64)
        periods = list(dict.fromkeys((WEEK, period)))
        holds = [0 if find_indicator(part.code).is_weekly else len(periods) - 1 for part in parts]
        ids = {level.level: np.array(level.ids, object) for level in (part.level for part in parts)}

        def categorise(numbers: list[int], names: list[str]) -> pd.Series:
            spread = np.repeat(np.array(numbers, np.int32), lengths)
            return pd.Series(pd.Categorical.from_codes(spread, categories=pd.Index(names, dtype=str)))

        def join(arrays: list[npt.NDArray[np.generic]], kind: type) -> npt.NDArray[np.generic]:
            return np.concatenate([np.zeros(0, kind), *arrays])

        return pd.DataFrame(
            {
                "code": categorise([code_of[part.code] for part in parts], codes),
                "unit_level": categorise([level_of[part.level.level] for part in parts], levels),
                "unit_id": pd.Series(join([ids[part.level.level][part.shown] for part in parts], object), dtype=str),
                "value": join([part.value[part.shown] for part in parts], float),
                "numerator": join([part.numerator[part.shown] for part in parts], float),
                "denominator": join([part.denominator[part.shown] for part in parts], float),
                "period": categorise(holds, periods),
            }
        )
