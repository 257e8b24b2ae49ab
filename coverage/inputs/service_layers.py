"""Which layer of service a point belongs to, and whether it is open long enough to count as a fixed service."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.inputs.hours_text import parse_hours
from coverage.inputs.study import Catalogue
from coverage.network.model import BoolArray, FloatArray

# What a choice of stations may count, each with those before it: fixed services, then every point that is known to
# open at times, then every point with a place, then remote services, which are listed and never searched.
COUNTED_LAYERS: tuple[str, ...] = ("fixed", "mobile", "placed", "all")
# Sums of shares of weeks are not exact; a second a week decides nothing.
_SECOND_H = 1.0 / 3600.0


@dataclass(frozen=True, slots=True, eq=False)
class ServiceTimes:
    """When and how each station serves, in one season; every array has the shape (s,).

    Parameters
    ----------
    layer
        Layer of the station's kind, one of `coverage.inputs.study.LAYERS`.
    hours_week
        Hours open in an average week of the season [h]; NaN where the hours are not given or not understood.
    visits_month
        Days a month on which it is open, NaN likewise; for a stop or a circuit point these are its visits.
    rank
        The place in `COUNTED_LAYERS` of the first that counts the station.
    """

    layer: npt.NDArray[np.object_]
    hours_week: FloatArray
    visits_month: FloatArray
    rank: npt.NDArray[np.int8]

    @property
    def is_fixed_unknown(self) -> BoolArray:
        """Mark fixed points whose hours are not known: they count, which is an assumption."""
        unknown: BoolArray = (self.layer == "fixed") & np.isnan(self.hours_week)
        return unknown


def find_service_times(
    stations: pd.DataFrame, catalogue: Catalogue, *, least_hours_week: float, season: str
) -> ServiceTimes:
    """Find the layer, the hours and the visits of every station, and from which layer on it counts.

    A fixed point counts as a fixed service if it is open at least `least_hours_week` in an average week of the
    season, or if its hours are not known. Circuit and mobile points, and fixed points that are open for less, count
    from the layer ``mobile`` on, if they are known to open at all in the season. A remote service has no place:
    it never counts as a point.

    Parameters
    ----------
    stations
        Table of stations: the columns ``kind`` and ``hours`` decide.
    catalogue
        Says the layer of each kind.
    least_hours_week
        Fewest hours a week of a fixed service, inclusive [h]; 0 lets every fixed point count.
    season
        A season as `coverage.inputs.hours_text.parse_hours` takes it, "" for the whole year.
    """
    layers = {kind.id: kind.layer for kind in catalogue.kinds}
    # Stations share few kinds and texts of hours: each is looked at once.
    code, kinds = pd.factorize(stations["kind"].to_numpy(object))
    layer = np.array([layers.get(kind, "fixed") for kind in kinds], object)[code]
    code, texts = pd.factorize(stations["hours"].to_numpy(object), use_na_sentinel=False)
    hours_week, visits_month = (
        np.array([_measure(str(text).strip(), season) for text in texts], float).reshape(-1, 2)[code].T
    )
    unknown = np.isnan(hours_week)
    is_long = unknown | (hours_week >= least_hours_week - _SECOND_H)
    rank = np.full(len(layer), COUNTED_LAYERS.index("placed"), np.int8)
    rank[~unknown & (hours_week > 0.0)] = COUNTED_LAYERS.index("mobile")
    rank[(layer == "fixed") & is_long] = COUNTED_LAYERS.index("fixed")
    rank[layer == "remote"] = COUNTED_LAYERS.index("all")
    return ServiceTimes(layer, hours_week, visits_month, rank)


@lru_cache(maxsize=20_000)
def _measure(text: str, season: str) -> tuple[float, float]:
    """Measure hours a week and visits a month of a text of hours, NaN where it is not given or not understood."""
    read = parse_hours(text, season or None)
    return (np.nan, np.nan) if read is None else (read.weekly_hours, read.visits_month)
