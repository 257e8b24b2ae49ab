"""Missing-road suspicion: people who live far from any road are a class of their own.

Where people live there is a way. Far from every road of the road file it is likelier that the file
lacks the road than that nobody can get there, so these people are shown apart from those whose way
is long.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from coverage.errors import SettingsError
from coverage.inputs.districts import district_at_level
from coverage.network.model import BoolArray, FloatArray
from coverage.network.road_lines import build_lines
from coverage.travel.travel_basis import TravelBasis
from coverage.units import conformal_scale, to_conformal

DEFAULT_FAR_M = 1000.0
SUSPICION_COLUMNS: tuple[str, ...] = (
    "district_id",
    "name",
    "level",
    "parent_id",
    "people",
    "far_people",
    "far_points",
    "share_far",
    "farthest_m",
)


@dataclass(frozen=True, slots=True, eq=False)
class Suspicion:
    """Who lives far from any road.

    Parameters
    ----------
    far_m
        The distance from which on a road is suspected to be missing [m].
    is_far
        Mask of the demand points, shape (p,): farther than that from every road, with people.
    road_m
        Straight distance to a road, shape (p,) [m]: within `far_m` to the one that is used, beyond it
        to the nearest of any kind, motorways and small pieces included, ferries left out; inf without
        roads.
    """

    far_m: float
    is_far: BoolArray
    road_m: FloatArray


def find_far_from_roads(basis: TravelBasis, *, far_m: float = DEFAULT_FAR_M) -> Suspicion:
    """Find people who live farther than a distance from any road.

    Parameters
    ----------
    basis
        The study joined to its roads.
    far_m
        The distance, exclusive [m].

    Raises
    ------
    SettingsError
        ``settings.out_of_range`` if it is not between 0 and 100 km.
    """
    if not 0.0 < far_m <= 100_000.0:
        raise SettingsError("settings.out_of_range", name="far_m", value=far_m, low=0.0, high=100_000.0)
    demand = basis.study.demand
    # Who is joined to a road within the distance is not far; of the others, look at roads of every kind.
    road_m = basis.demand_snapped.access_m.copy()
    look = np.flatnonzero(road_m > far_m)
    road_m[look] = np.minimum(road_m[look], _measure(basis, look))
    populated = demand["population"].to_numpy(float) > 0.0
    return Suspicion(far_m, populated & (road_m > far_m), road_m)


def _measure(basis: TravelBasis, rows: npt.NDArray[np.intp]) -> FloatArray:
    network = basis.timed.network
    roads = np.flatnonzero(~network.road_ferry).astype(np.int32)
    distance = np.full(len(rows), np.inf)
    if len(roads) == 0 or len(rows) == 0:
        return distance
    table = basis.study.demand.iloc[rows]
    lat = table["lat"].to_numpy(float)
    points = np.asarray(shapely.points(*to_conformal(table["lon"].to_numpy(float), lat)), object)
    tree = shapely.STRtree(build_lines(network, roads))
    (which, _), metres = tree.query_nearest(points, return_distance=True, all_matches=False)
    distance[which] = metres / conformal_scale(lat[which])
    return distance


def tabulate_suspicion(basis: TravelBasis, suspicion: Suspicion) -> pd.DataFrame:
    """Count people far from any road for every district of every level.

    Parameters
    ----------
    basis
        The study joined to its roads.
    suspicion
        As `find_far_from_roads` returns.

    Returns
    -------
    `SUSPICION_COLUMNS`; first a row of everybody with the level ``"all"``. The rows of one level add
    up to it: people outside all districts of the level stand in a row without an id. `share_far` is
    NaN where nobody lives, `farthest_m` where nobody is far.
    """
    study = basis.study
    weight = study.demand["population"].to_numpy(float)
    everybody = _count(suspicion, weight, np.zeros(len(weight), np.intp), 1)
    everybody = everybody.assign(district_id="", name="", level="all", parent_id="")
    parts = [everybody]
    for level in study.districts["level"].unique():
        units = study.districts.index[study.districts["level"] == level]
        own = study.demand["district_id"].map(district_at_level(study.districts, level)).fillna("")
        group = units.get_indexer(own.to_numpy(object))
        outside = bool((group < 0).any())
        part = _count(suspicion, weight, np.where(group < 0, len(units), group), len(units) + 1)
        known = study.districts.loc[units]
        part = part.assign(
            district_id=[*units, ""], name=[*known["name"], ""], level=level, parent_id=[*known["parent_id"], ""]
        )
        parts.append(part if outside else part.iloc[:-1])
    return pd.concat(parts, ignore_index=True)[list(SUSPICION_COLUMNS)]


def _count(suspicion: Suspicion, weight: FloatArray, group: npt.NDArray[np.intp], count: int) -> pd.DataFrame:
    far = suspicion.is_far
    people = np.bincount(group, weights=weight, minlength=count)
    far_people = np.bincount(group[far], weights=weight[far], minlength=count)
    farthest = np.full(count, -np.inf)
    np.maximum.at(farthest, group[far], suspicion.road_m[far])
    return pd.DataFrame(
        {
            "people": people,
            "far_people": far_people,
            "far_points": np.bincount(group[far], minlength=count),
            "share_far": np.divide(far_people, people, out=np.full(count, np.nan), where=people > 0),
            "farthest_m": np.where(np.isneginf(farthest), np.nan, farthest),
        }
    )
