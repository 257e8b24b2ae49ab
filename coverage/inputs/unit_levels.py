"""The units an indicator is given for: the whole study and the districts of every level, as group codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.errors import InputError
from coverage.inputs.schema import DISTRICT_LEVELS, WHOLE_STUDY
from coverage.inputs.study import Study
from coverage.network.model import BoolArray, FloatArray

# Id of what lies outside all units of a level: a row of people that makes a sum add up, never a unit.
OUTSIDE = ""


def drop_outside(table: pd.DataFrame, ids: pd.Index | pd.Series) -> pd.DataFrame:
    """Return the rows that are units, for whatever counts or ranks them; `ids` are those of the rows."""
    return table[np.asarray(ids.astype(str) != OUTSIDE, bool)]


def put_outside_last(table: pd.DataFrame, ids: pd.Index | pd.Series) -> pd.DataFrame:
    """Return the rows in their order, what lies outside all units at the end; `ids` are those of the rows."""
    is_outside = np.asarray(ids.astype(str) == OUTSIDE, bool)
    return table.iloc[np.argsort(is_outside, kind="stable")]


@dataclass(frozen=True, slots=True, eq=False)
class UnitLevel:
    """The units of one level, and which of them each demand point lies in.

    Parameters
    ----------
    level
        ``"study"`` or one of `coverage.inputs.schema.DISTRICT_LEVELS`.
    ids
        Ids of the units; of a district level the last one is "", for what lies outside all of them.
    names
        Their names, "" for the study and for outside.
    group
        Unit of each demand point, as a position in `ids`, shape (p,).
    of_district
        Unit of each district of the study; the last entry stands for no district, shape (d + 1,).
    districts
        Row of each unit in the study's districts, without the one for outside, shape (unit_count,).
    """

    level: str
    ids: tuple[str, ...]
    names: tuple[str, ...]
    group: npt.NDArray[np.int32]
    of_district: npt.NDArray[np.int32]
    districts: npt.NDArray[np.int64]

    @property
    def count(self) -> int:
        """Return the number of rows, with the one for outside."""
        return len(self.ids)

    @property
    def unit_count(self) -> int:
        """Return the number of units, without the row for outside."""
        return len(self.ids) - (self.level != WHOLE_STUDY)

    @property
    def has_outside(self) -> bool:
        """Tell whether a demand point lies outside all units of a district level."""
        return self.level != WHOLE_STUDY and bool((self.group == self.unit_count).any())

    def sum(self, values: FloatArray | BoolArray) -> FloatArray:
        """Sum a value of each demand point over units, shape (count,)."""
        return sum_groups(values, self.group, self.count)


def sum_groups(values: FloatArray | BoolArray, group: npt.NDArray[np.integer], count: int) -> FloatArray:
    """Sum values over groups numbered 0 to count - 1, shape (count,)."""
    return np.bincount(group, weights=values, minlength=count).astype(np.float64, copy=False)


def divide(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Divide element by element; NaN where the denominator is not above 0."""
    empty = np.full(len(denominator), np.nan)
    result: FloatArray = np.divide(numerator, denominator, out=empty, where=denominator > 0)
    return result


def number_districts(study: Study, district_id: pd.Series) -> npt.NDArray[np.int64]:
    """Look up the row of each point's or station's district in the study's table; -1 for none."""
    found: npt.NDArray[np.int64] = study.districts.index.get_indexer(pd.Index(district_id)).astype(np.int64)
    return found


def number_station_districts(study: Study) -> npt.NDArray[np.int64]:
    """Look up each station's district: the one whose code it declares, else the one it lies in; -1 for none."""
    declared = number_districts(study, study.stations["code"])
    return np.where(declared >= 0, declared, number_districts(study, study.stations["district_id"]))


def build_unit_levels(study: Study, levels: tuple[str, ...] | None = None) -> list[UnitLevel]:
    """Build the levels of a study: the whole, then every district level that has units, coarsest first.

    Parameters
    ----------
    study
        The study.
    levels
        Only these levels; None for all.
    """
    districts = study.districts
    own = number_districts(study, study.demand["district_id"])
    parent = number_districts(study, districts["parent_id"])
    wanted = (WHOLE_STUDY, *DISTRICT_LEVELS) if levels is None else levels
    built = []
    if WHOLE_STUDY in wanted:
        everything = np.zeros(len(own), np.int32), np.zeros(len(districts) + 1, np.int32)
        built.append(UnitLevel(WHOLE_STUDY, ("",), ("",), *everything, np.zeros(0, np.int64)))
    for level in (one for one in DISTRICT_LEVELS if one in wanted):
        rows = np.flatnonzero((districts["level"] == level).to_numpy(bool))
        known = districts.iloc[rows]
        if known.empty:
            continue
        above = _climb(districts.index, parent, (districts["level"] == level).to_numpy(bool))
        position = np.full(len(districts) + 1, len(known), np.int32)
        position[rows] = np.arange(len(known))
        of_district = np.append(position[above], np.int32(len(known)))
        ids = (*(str(one) for one in known.index), "")
        names = (*(str(one) for one in known["name"]), "")
        built.append(UnitLevel(level, ids, names, of_district[own], of_district, rows))
    return built


def _climb(ids: pd.Index, parent: npt.NDArray[np.int64], is_wanted: BoolArray) -> npt.NDArray[np.int64]:
    """Find the row of the wanted district above each one (itself included), -1 for none; all at once.

    Equals `coverage.inputs.districts.district_at_level`, which climbs one by one.
    """
    here = np.arange(len(parent), dtype=np.int64)
    for _ in range(len(parent) + 1):
        moving = np.flatnonzero((here >= 0) & ~is_wanted[here])
        if not len(moving):
            return here
        here[moving] = parent[here[moving]]
    raise InputError("districts.parent_cycle", value=str(ids[moving[0]]))
