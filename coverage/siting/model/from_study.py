"""From a study and its candidates to a siting problem that covers exactly whom an assessment covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.assessment import find_nearest, find_weight_column
from coverage.errors import InputError
from coverage.inputs.stations import StationChoice, select_stations
from coverage.network.model import BoolArray, IntArray
from coverage.progress import Progress, ignore_progress
from coverage.siting.model.candidate_times import PairCollector, Ways, place_candidates, reach_in_blocks
from coverage.siting.model.candidates import check_candidates, find_county_level
from coverage.siting.model.problem import Quota, SiteRole, SitingProblem
from coverage.travel.travel_basis import TravelBasis
from coverage.travel.travel_time import Places, compute_nearest
from coverage.units import is_within

_ROLES = {
    "candidate": SiteRole.CANDIDATE,
    "required": SiteRole.REQUIRED,
    "forbidden": SiteRole.FORBIDDEN,
}


@dataclass(frozen=True, slots=True)
class SiteQuota:
    """How many new sites a county may get; an empty `county` stands for every county by itself."""

    county: str = ""
    at_least: int = 0
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class ProblemSettings:
    """How the problem is built.

    Parameters
    ----------
    is_covering
        True keeps only pairs within the threshold of the demand point; False keeps every quicker way up to
        `limit_min`.
    limit_min
        Longest way to a candidate that is looked at where times are what is improved [min].
    keeps_stations
        A row for each existing station of the choice: for capacities, for cover by two sites, and where
        stations may close. Otherwise one row stands for all of them.
    relocatable
        Ids of stations that may close; all of the choice for ``("*",)``.
    quotas
        Limits on new sites by county.
    """

    is_covering: bool = True
    limit_min: float = 120.0
    keeps_stations: bool = False
    relocatable: tuple[str, ...] = ()
    quotas: tuple[SiteQuota, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class StudyProblem:
    """A siting problem together with what its rows stand for.

    Parameters
    ----------
    problem
        Rows ``0 … n - 1`` are the candidates in the order of their table; then the existing stations.
    cutoff
        The largest threshold [min]; pairs of a covering problem are within that of their demand point.
    cutoffs_min
        The threshold of each demand point, shape (d,) [min].
    candidates
        Table after `coverage.siting.model.candidates.CANDIDATE_COLUMNS`, n rows.
    places
        Where the candidates meet the roads.
    station_row
        Row of the study's stations behind each row from n on; -1 for the row that stands for all.
    minutes_before
        Time to the nearest existing station, shape (d,) [min].
    is_connected
        False where no road lies within the snap limit, shape (d,).
    weight_column
        Whom the numbers count.
    services, gives
        Several service items at once, see `coverage.siting.plan.bundle`: the items, and which of them each candidate
        gives once it opens, shape (n, items); rows of demand are then pairs of an item and a demand point. Empty
        and None for one question.
    """

    problem: SitingProblem
    cutoff: float
    cutoffs_min: npt.NDArray[np.float32]
    candidates: pd.DataFrame
    places: Places
    station_row: IntArray
    minutes_before: npt.NDArray[np.float32]
    is_connected: BoolArray
    weight_column: str
    services: tuple[str, ...] = ()
    gives: BoolArray | None = None

    def list_given(self, row: int, choice: StationChoice) -> tuple[str, ...]:
        """List the items a candidate gives once it opens, as far as they were asked for."""
        if self.gives is None:
            return (choice.service,) if choice.service else ()
        return tuple(one for one, given in zip(self.services, self.gives[row], strict=True) if given)

    @property
    def covered_before(self) -> BoolArray:
        """Return who has an existing station within the threshold, shape (d,)."""
        answer: BoolArray = is_within(self.minutes_before, self.cutoffs_min)
        return answer


def build_siting_problem(
    basis: TravelBasis,
    choice: StationChoice,
    cutoffs_min: npt.NDArray[np.float32],
    candidates: pd.DataFrame,
    *,
    settings: ProblemSettings | None = None,
    closing_cost: Mapping[str, float] | None = None,
    ways: Ways | None = None,
    progress: Progress = ignore_progress,
) -> StudyProblem:
    """Build the siting problem of a study under the rules of its travel basis.

    Parameters
    ----------
    basis
        The study joined to its roads: season, direction, own jurisdiction and closed roads come with it.
    choice
        Which stations count today; new sites will count among them.
    cutoffs_min
        The threshold of each demand point, shape (d,) [min].
    candidates
        Table after `coverage.siting.model.candidates.CANDIDATE_COLUMNS`.
    settings
        How the problem is built; a covering problem by default.
    closing_cost
        Money for closing a relocatable station, by station id [yuan]; 0 where not given.
    ways
        The ways to these candidates within the thresholds at least, for a covering problem, where they are known
        already (`find_ways`).
    progress
        Told the share of candidates done.

    Returns
    -------
    The problem and what its rows stand for.

    Raises
    ------
    InputError
        As `coverage.siting.model.candidates.check_candidates` does, ``siting.no_candidates`` without a row, and
        ``siting.unknown_station`` or ``siting.unknown_county`` for ids the study does not have.
    SettingsError
        ``siting.too_many_pairs`` if the pairs do not fit the study's memory budget.

    Notes
    -----
    A candidate's time is the door-to-door time that `coverage.access.assessment.assess` would give a station at its
    place, to the bit. Existing stations as one row, at the time to the nearest of them, are exact for covering,
    p-median and p-center. Where times are improved, pairs beyond the threshold and slower than today's
    nearest station are left out: nobody would use them. One bounded search per candidate.
    """
    wanted = settings or ProblemSettings()
    study = basis.study
    check_candidates(study, choice, candidates)
    if candidates.empty:
        raise InputError("siting.no_candidates")
    nearest, chosen = find_nearest(basis, choice)
    cutoffs = np.asarray(cutoffs_min, np.float32)
    largest = float(cutoffs.max(initial=0.0))
    limit = largest if wanted.is_covering else max(largest, wanted.limit_min)
    places = place_candidates(basis, candidates) if ways is None else ways.places
    collector = PairCollector(cutoffs, nearest.minutes, wanted.is_covering, study.settings.memory_budget_mb)
    if ways is None:
        collector.take(reach_in_blocks(basis, places, limit, progress), 0)
    else:
        collector.take_ways(ways)
    count = len(candidates)
    relocatable = _find_relocatable(basis, choice, wanted.relocatable)
    if wanted.keeps_stations or relocatable.any():
        station_row = chosen
        # Times to the others do not matter here: each station is a row of its own, whoever is nearer.
        collector.is_covering = True
        collector.take(
            reach_in_blocks(basis, basis.stations.subset(chosen.astype(np.intp)), largest, ignore_progress), count
        )
    else:
        station_row = np.full(min(len(chosen), 1), -1, np.int32)
        collector.add_existing(count, len(station_row))
    sites = count + len(station_row)
    is_movable = relocatable[station_row] & (station_row >= 0) if len(station_row) else np.zeros(0, bool)
    ids = study.stations.index.to_numpy(object)
    closing = closing_cost or {}
    roles = np.array([_ROLES[role] for role in candidates["role"]], np.int8)
    after = np.where(is_movable, SiteRole.RELOCATABLE, SiteRole.EXISTING).astype(np.int8)
    removal = np.array([closing.get(str(ids[row]), 0.0) if row >= 0 else 0.0 for row in station_row], float)
    held = study.stations["capacity"].to_numpy(float)[station_row] if len(station_row) else np.zeros(0)
    held = np.where(station_row >= 0, held, np.inf)
    visits = 1.0 if study.capacity_use is None else study.capacity_use.visits_a_year
    capacity = np.concatenate((candidates["capacity"].to_numpy(float), held)) / visits  # people it can serve
    weight_column = find_weight_column(study, choice)
    ptr, demand, cost = collector.finish(sites)
    group, quotas = find_groups(basis, candidates, wanted.quotas)
    problem = SitingProblem(
        weight=study.demand[weight_column].to_numpy(float),
        ptr=ptr,
        demand=demand,
        cost=cost,
        role=np.concatenate((roles, after)).astype(np.int8),
        site_cost=np.concatenate((candidates["cost"].to_numpy(float), np.zeros(len(station_row)))),
        removal_cost=np.concatenate((np.zeros(count), removal)),
        capacity=np.where(np.isnan(capacity), np.inf, capacity),
        site_group=np.concatenate((group, np.full(len(station_row), -1))).astype(np.int32),
        quotas=quotas,
        demand_unit=_find_demand_units(basis),
    )
    return StudyProblem(
        problem=problem,
        cutoff=largest,
        cutoffs_min=cutoffs,
        candidates=candidates,
        places=places,
        station_row=station_row,
        minutes_before=nearest.minutes,
        is_connected=nearest.is_connected,
        weight_column=weight_column,
    )


def find_minutes_after(
    basis: TravelBasis,
    choice: StationChoice,
    asked: StudyProblem,
    opened: npt.NDArray[np.integer],
    closed: npt.NDArray[np.integer],
) -> npt.NDArray[np.float32]:
    """Find everybody's time to the nearest station once a plan stands, without any limit, shape (d,) [min].

    Parameters
    ----------
    basis, choice, asked
        What was asked.
    opened, closed
        Rows of the problem that open, and of stations that close.
    """
    before = asked.minutes_before
    if len(closed):
        stays = np.ones(len(basis.study.stations), bool)
        stays[asked.station_row[np.asarray(closed) - len(asked.candidates)]] = False
        before = find_nearest(basis, choice, wanted=stays)[0].minutes
    rows = np.asarray(opened, np.intp)
    if not len(rows):
        return before
    added: npt.NDArray[np.float32] = compute_nearest(basis.timed, basis.demand, asked.places.subset(rows)).minutes
    return np.minimum(before, added)


def _find_relocatable(basis: TravelBasis, choice: StationChoice, ids: tuple[str, ...]) -> BoolArray:
    """Mark the stations of the choice that may close, shape (s,)."""
    study = basis.study
    chosen = select_stations(study.stations, study.catalogue, choice)
    if ids == ("*",):
        return chosen
    unknown = [one for one in ids if one not in study.stations.index]
    if unknown:
        raise InputError("siting.unknown_station", value=unknown[0])
    named: BoolArray = study.stations.index.isin(ids)
    return chosen & named


def find_groups(
    basis: TravelBasis, candidates: pd.DataFrame, quotas: tuple[SiteQuota, ...]
) -> tuple[IntArray, tuple[Quota, ...]]:
    """Find the number of each candidate's county, and quotas by number; a named county goes before all."""
    level = find_county_level(basis.study)
    ids = [] if level is None else list(level.ids[: level.unit_count])
    number = {one: position for position, one in enumerate(ids)}
    group = np.array([number.get(str(one), -1) for one in candidates["county"]], np.int32)
    named = {quota.county: quota for quota in quotas if quota.county}
    unknown = [one for one in named if one not in number]
    if unknown or (quotas and not ids):
        raise InputError("siting.unknown_county", value=unknown[0] if unknown else "*")
    everywhere = next((quota for quota in quotas if not quota.county), None)
    rules = [(position, named.get(one, everywhere)) for one, position in number.items()]
    return group, tuple(Quota(position, rule.at_least, rule.at_most) for position, rule in rules if rule is not None)


def _find_demand_units(basis: TravelBasis) -> IntArray:
    """Find the county of each demand point, -1 outside, shape (d,)."""
    level = find_county_level(basis.study)
    if level is None:
        return np.full(len(basis.study.demand), -1, np.int32)
    return np.where(level.group == level.unit_count, -1, level.group).astype(np.int32)
