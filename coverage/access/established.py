"""Established rate: which units have a point of their own, whether or not people can reach it (A1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coverage.inputs.districts import district_at_level
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study


@dataclass(frozen=True, slots=True)
class EstablishedRate:
    """Units of one level that have a point, and all units of that level.

    Parameters
    ----------
    level
        Level of the units.
    units, units_with_station
        How many there are, and how many of them have at least one chosen station.
    """

    level: str
    units: int
    units_with_station: int

    @property
    def rate(self) -> float:
        """Return the share of units that have a station; NaN without units."""
        return self.units_with_station / self.units if self.units else float("nan")


def compute_established_rate(study: Study, choice: StationChoice, level: str) -> EstablishedRate:
    """Compute the share of the units of a level in which one of the chosen stations stands.

    A station belongs to the unit whose code it declares, else to the unit it lies in. Needs no roads.

    Parameters
    ----------
    study
        The study.
    choice
        Which stations count.
    level
        A level of `coverage.inputs.schema.DISTRICT_LEVELS`.
    """
    districts = study.districts
    units = districts.index[districts["level"] == level]
    chosen = study.stations[select_stations(study.stations, study.catalogue, choice)]
    at_level = district_at_level(districts, level)
    by_code = chosen["code"].where(chosen["code"].isin(districts.index), chosen["district_id"])
    with_station = np.unique(by_code.map(at_level).fillna("").to_numpy(str))
    return EstablishedRate(level, len(units), int(units.isin(with_station).sum()))
