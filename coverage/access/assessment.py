"""Who is inside the circle: the answers that are read from a travel basis."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.totals import TOTALS_COLUMNS, Totals, classify, compute_totals, order_reached, sum_totals
from coverage.errors import SettingsError
from coverage.inputs.schema import STATUSES, WHOLE_STUDY
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study
from coverage.inputs.unit_levels import UnitLevel, number_districts
from coverage.network.model import BoolArray, FloatArray, IntArray
from coverage.progress import Progress, ignore_progress
from coverage.travel.reach import ReachMatrix, compute_reach, count_within
from coverage.travel.road_lengths import measure_roads
from coverage.travel.travel_basis import TravelBasis
from coverage.travel.travel_time import Nearest, StationSearch, compute_nearest, search_stations


@dataclass(frozen=True, slots=True, eq=False)
class Assessment:
    """The answer for one choice of stations and one threshold.

    Parameters
    ----------
    choice, cutoff_min, weight_column
        What was asked: which stations, the threshold [min], and whom the numbers count.
    cutoffs_min
        The threshold of each demand point, shape (p,) [min]; `cutoff_min` for all unless they differ.
    demand
        Indexed like the study's demand: lon, lat, population, weight, district_id, minutes (float32,
        inf without a station), station_id ("" without), access_m, route_m (length on roads of the way to the
        station [m], NaN without), status.
    totals
        Everybody.
    districts
        One row per district of every level, and ``""`` for people outside all districts if there
        are any: name, level, parent_id, stations, has_station and the fields of `Totals`.
    double_covered
        People with at least two stations within the threshold, NaN if not asked for.
    chosen
        Rows of the stations that count, ascending.
    units
        The units of every level, of which `districts` tells the totals.
    """

    choice: StationChoice
    cutoff_min: float
    cutoffs_min: npt.NDArray[np.float32]
    weight_column: str
    demand: pd.DataFrame
    totals: Totals
    districts: pd.DataFrame
    double_covered: float
    chosen: IntArray
    units: tuple[UnitLevel, ...]

    @property
    def station_count(self) -> int:
        """Return the number of stations that count."""
        return len(self.chosen)


def find_nearest(
    basis: TravelBasis,
    choice: StationChoice,
    *,
    wanted: BoolArray | None = None,
    searched: StationSearch | None = None,
    with_roads: bool = False,
) -> tuple[Nearest, IntArray]:
    """Search the nearest of the chosen stations; also return the row number of each chosen station.

    Parameters
    ----------
    basis, choice
        The study joined to its roads, and which stations count.
    wanted
        A further mask of stations, e.g. those that are open, shape (s,).
    searched
        `coverage.travel.travel_time.search_stations` from the same stations, where that was done already.
    with_roads
        Measure the roads of each way, too.
    """
    mask = select_stations(basis.study.stations, basis.study.catalogue, choice)
    chosen = np.flatnonzero(mask if wanted is None else mask & wanted)
    stations = basis.stations.subset(chosen)
    if searched is None and stations.unit is None:
        searched = search_stations(basis.timed, stations)
    nearest = compute_nearest(basis.timed, basis.demand, stations, searched=searched)
    if with_roads:
        nearest = replace(nearest, route_m=measure_roads(basis, chosen.astype(np.int32), searched=searched))
    return nearest, chosen.astype(np.int32)


def assess(
    basis: TravelBasis,
    choice: StationChoice,
    *,
    cutoff_min: float | None = None,
    cutoffs_min: npt.NDArray[np.floating] | None = None,
    reach: list[ReachMatrix] | None = None,
    wanted: BoolArray | None = None,
    searched: StationSearch | None = None,
    found: tuple[Nearest, IntArray] | None = None,
) -> Assessment:
    """Assess who can reach one of the chosen stations within the threshold.

    Parameters
    ----------
    basis
        The study joined to its roads.
    choice
        Which stations count.
    cutoff_min
        Threshold, inclusive [min]; None takes the study's.
    cutoffs_min
        A threshold for each demand point instead, shape (p,) [min].
    reach
        Blocks of `find_reach`; with them double coverage is counted too.
    wanted
        A further mask of stations, e.g. those that are open at a moment, shape (s,).
    searched
        As for `find_nearest`.
    found
        What `find_nearest` would find, where it is known already.

    Raises
    ------
    SettingsError
        If the threshold lies beyond the limit of `reach`.
    """
    study = basis.study
    cutoff = study.settings.cutoff_min if cutoff_min is None else cutoff_min
    limits = np.full(len(study.demand), cutoff, np.float32)
    if cutoffs_min is not None:
        limits[:] = cutoffs_min
    nearest, chosen = found or find_nearest(basis, choice, wanted=wanted, searched=searched, with_roads=True)
    route_m = measure_roads(basis, chosen) if nearest.route_m is None else nearest.route_m
    status = classify(nearest.minutes, nearest.is_connected, limits)
    weight_column = find_weight_column(study, choice)
    weight = study.demand[weight_column].to_numpy(float)
    ids = np.append(study.stations.index.to_numpy(object)[chosen], "")
    demand = study.demand[["lon", "lat", "population", "district_id"]].assign(
        weight=weight,
        minutes=nearest.minutes,
        station_id=ids[nearest.station],
        access_m=basis.demand_snapped.access_m,
        route_m=route_m,
        status=pd.Categorical.from_codes(status, categories=pd.Index(STATUSES)),
    )
    double = float("nan")
    if reach is not None:
        _check_reach(reach, float(np.max(limits, initial=0.0)))
        counted = np.zeros(len(study.stations), bool)
        counted[chosen] = True
        double = float(weight[count_within(reach, basis.demand.count, limits, counted) >= 2].sum())
    return Assessment(
        choice=choice,
        cutoff_min=cutoff,
        cutoffs_min=limits,
        weight_column=weight_column,
        demand=demand,
        totals=compute_totals(nearest.minutes, status, weight),
        districts=tabulate_districts(basis, nearest.minutes, status, weight, chosen),
        double_covered=double,
        chosen=chosen,
        units=basis.units,
    )


def _check_reach(reach: list[ReachMatrix], cutoff_min: float) -> None:
    """Refuse a threshold beyond the limit up to which times were kept: it would count too few."""
    limit = min((block.limit_min for block in reach), default=np.inf)
    if cutoff_min > limit:
        raise SettingsError("settings.out_of_range", name="cutoff_min", value=cutoff_min, low=0.0, high=float(limit))


def find_reach(basis: TravelBasis, limit_min: float, *, progress: Progress = ignore_progress) -> list[ReachMatrix]:
    """Compute the times between people and every station within a limit, whatever its services.

    Raises nothing for size: where one block would exceed the study's memory budget, several are
    returned, each within it.
    """
    budget = basis.study.settings.memory_budget_mb
    return list(
        compute_reach(
            basis.timed,
            basis.demand,
            basis.stations,
            limit_min=limit_min,
            memory_budget_mb=budget,
            progress=progress,
        )
    )


def find_weight_column(study: Study, choice: StationChoice) -> str:
    """Name the people a choice counts: the item's own column if the study has it, else everybody."""
    if choice.service:
        wanted = study.catalogue.item(choice.service).weight
        if wanted in study.demand.columns:
            return wanted
    return "population"


def tabulate_districts(
    basis: TravelBasis,
    minutes: npt.NDArray[np.float32],
    status: npt.NDArray[np.int8],
    weight: FloatArray,
    chosen: IntArray,
) -> pd.DataFrame:
    """Sum people by class for every district of every level; rows of one level add up to everybody.

    Parameters
    ----------
    basis
        The study joined to its roads.
    minutes, status, weight
        Time, class and people of each demand point, shape (p,).
    chosen
        Row numbers of the stations that count.

    Returns
    -------
    Indexed by district id, the coarsest level first: name, level, parent_id, stations, has_station and
    the fields of `Totals`. People outside all districts of a level stand in a row with the id ``""``, if
    there are any.
    """
    study = basis.study
    stands_in = number_districts(study, study.stations["district_id"])[chosen]
    reached = order_reached(minutes, weight)
    levels = [level for level in basis.units if level.level != WHOLE_STUDY]
    # Rows of the study's table; the last one, which it has not, stands for what lies outside.
    outside = len(study.districts)
    rows, stations, totals = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros((0, len(TOTALS_COLUMNS)))]
    for level in levels:
        kept = level.count if level.has_outside else level.unit_count
        rows.append(np.append(level.districts, outside)[:kept])
        stations.append(np.bincount(level.of_district[stands_in], minlength=level.count)[:kept])
        totals.append(sum_totals(minutes, status, weight, level.group, level.count, reached=reached)[:kept])
    named = [each for level, kept in zip(levels, rows[1:], strict=True) for each in [level.level] * len(kept)]
    here, columns = np.concatenate(stations), np.concatenate(totals)
    row = np.concatenate(rows)

    def take(known: pd.Series | pd.Index) -> npt.NDArray[np.object_]:
        return np.append(known.to_numpy(object), "")[row]  # "" beyond the study's table

    return pd.DataFrame(
        {
            "name": pd.Series(take(study.districts["name"]), dtype=str),
            "level": pd.Series(named, dtype=str),
            "parent_id": pd.Series(take(study.districts["parent_id"]), dtype=str),
            "stations": here,
            "has_station": here > 0,
            **{name: columns[:, place] for place, name in enumerate(TOTALS_COLUMNS)},
        },
    ).set_index(pd.Index(take(study.districts.index), name="district_id", dtype=str))


def compute_service_totals(
    basis: TravelBasis,
    choice: StationChoice,
    cutoff_min: float | npt.NDArray[np.floating],
    *,
    wanted: BoolArray | None = None,
    found: tuple[Nearest, IntArray] | None = None,
) -> tuple[Totals, int]:
    """Compute only the totals of a choice of stations, and how many stations it stands for; `found` as for `assess`."""
    nearest, chosen = found or find_nearest(basis, choice, wanted=wanted)
    weight = basis.study.demand[find_weight_column(basis.study, choice)].to_numpy(float)
    status = classify(nearest.minutes, nearest.is_connected, cutoff_min)
    return compute_totals(nearest.minutes, status, weight), len(chosen)
