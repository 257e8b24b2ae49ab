"""One assessment from question to answer: everything the command line and a report need, computed once."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.assessment import (
    Assessment,
    assess,
    compute_service_totals,
    find_nearest,
    find_reach,
    find_weight_column,
)
from coverage.access.established_reachable import EstablishedReachable, compare_assessment
from coverage.access.gap_table import tabulate_gaps
from coverage.access.headline_range import HeadlineRange, compute_range
from coverage.access.indicator_table import IndicatorExtras, MixedModes, PlannedStations, compute_indicators
from coverage.access.layer_coverage import ServiceLayers, find_service_layers
from coverage.access.reachable_hours import compute_weekly_hours_of_blocks
from coverage.access.referral import compute_referrals
from coverage.access.season_changes import compare_seasons, list_season_cases
from coverage.access.sensitivity import compute_headline_variants
from coverage.access.service_area import find_service_areas, find_station_areas, join_area_grid
from coverage.access.station_load import LOAD_COLUMNS, tabulate_station_loads
from coverage.access.suspicion import find_far_from_roads, tabulate_suspicion
from coverage.access.totals import Totals
from coverage.errors import DataIssue
from coverage.inputs.hours import WeekHours, tabulate_open_slots
from coverage.inputs.mode_mix import find_shares_without_car
from coverage.inputs.question import (
    Question,
    find_own_level,
    find_question_closed,
    find_question_cutoffs,
    settle_question,
)
from coverage.inputs.scope import Scope, find_scope
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study
from coverage.inputs.targets import tabulate_targets
from coverage.network.closures import name_idle_closures
from coverage.network.model import BoolArray, FloatArray, IntArray
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.travel.reach import ReachMatrix
from coverage.travel.time_field import FieldPlaces
from coverage.travel.travel_basis import TravelBasis, build_travel_basis, change_basis
from coverage.travel.travel_time import Nearest
from coverage.units import is_within
from geodata.intake.read_hours import find_open_in_seasons, read_hours

WINTER = "winter"
# Fewer than a picture on screen has: the outlines move by a fraction of the walk across a cell.
_AREA_CELLS = 160_000


@dataclass(frozen=True, slots=True, eq=False)
class ServiceTotals:
    """The totals of one service item: whom they count, and how many stations offer it."""

    totals: Totals
    weight_column: str
    stations: int


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Everything that follows from a question to a study with roads.

    Parameters
    ----------
    basis, assessment
        The study joined to its roads, and who reaches a station.
    services
        Totals by service item.
    indicators
        Rows of ``indicators.csv``: code, unit_level, unit_id, value, numerator, denominator, period. They hold for
        the moment that was asked for, except those whose `period` is the week.
    established
        Established and reachable, side by side.
    gaps
        Connected areas of uncovered people with what would help, in WGS-84.
    areas
        Merged service areas by band of minutes, in WGS-84; for looking, people are never counted with them.
    seasons
        Coverage in every season and with the study's closed roads, see `coverage.access.season_changes`; at a moment by
        the hours of each season.
    referrals
        Time from every station to the next level up, see `coverage.access.referral`; of those open at a moment.
    targets
        The study's targets beside today's values, see `coverage.inputs.targets`; empty if it has none, and at a moment.
    loads
        People around every chosen station against its capacity, see `coverage.access.station_load`; empty where no
        capacity is known, where the study does not say what capacity counts and its use, and at a moment.
    far_from_roads
        People who live far from any road, by district: roads may be missing there.
    issues
        Findings about opening hours.
    headline_range
        Range of the covered share and what moves it.
    hours
        When each station is open, None where that is not known; aligned with the study's stations.
    scope
        What the study is about.
    is_open
        Mask of the stations that are open at the moment that was asked for, shape (s,); None for the whole week.
    station_areas
        Service areas of every chosen station by itself, overlapping, in WGS-84; None unless asked for.
    """

    basis: TravelBasis
    assessment: Assessment
    services: dict[str, ServiceTotals]
    indicators: pd.DataFrame
    established: EstablishedReachable
    gaps: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    seasons: pd.DataFrame
    referrals: pd.DataFrame
    targets: pd.DataFrame
    loads: pd.DataFrame
    far_from_roads: pd.DataFrame
    issues: tuple[DataIssue, ...]
    headline_range: HeadlineRange
    hours: tuple[WeekHours | None, ...]
    scope: Scope
    is_open: BoolArray | None = None
    station_areas: gpd.GeoDataFrame | None = None


def answer_question(
    study: Study,
    question: Question,
    *,
    other: Study | None = None,
    also: Collection[str] = (),
    each_station: bool = False,
    progress: Progress = ignore_progress,
) -> Answer:
    """Compute everything that follows from a question.

    Parameters
    ----------
    study
        A study with roads.
    question
        What is asked.
    other
        The same study opened for the other mode of its mix; None leaves the mix out.
    also
        Items that are in scope besides the study's own, see `coverage.inputs.scope.find_scope`.
    each_station
        Also draw the service areas of every station by itself, which takes a search for each.
    progress
        Told the share of each step done.

    Raises
    ------
    InputError, SettingsError
        If the question names an id, a season or a threshold the study does not know.
    NetworkError
        If the study has no roads.
    """
    question = settle_question(study, question)
    basis = build_question_basis(study, question, progress=progress)
    cutoffs = find_question_cutoffs(study, question)
    hours, issues = read_hours(study.stations["hours"], season=basis.season)
    open_in = find_open_in_seasons(study, question.moment_min, basis.season)
    is_open = None if open_in is None else open_in[basis.season]
    # The areas depend on nothing else, and another core is free for them.
    with ThreadPoolExecutor(max_workers=1) as beside:
        cells = beside.submit(join_area_grid, basis, cells=_AREA_CELLS)
        areas = beside.submit(_draw_areas, basis, question, cutoffs, is_open, cells)
        scope = find_scope(study, question.choice, also=(*also, *question.services))
        answer = _answer(basis, question, other, cutoffs, scope, tuple(hours), open_in, areas, progress)
    each = _draw_station_areas(basis, answer.assessment, cells.result(), progress) if each_station else None
    return replace(
        answer,
        issues=(*issues, *name_idle_closures(study.network, question.closures or study.closures)),
        station_areas=each,
    )


def _answer(
    basis: TravelBasis,
    question: Question,
    other: Study | None,
    cutoffs: npt.NDArray[np.float32],
    scope: Scope,
    hours: tuple[WeekHours | None, ...],
    open_in: dict[str, BoolArray] | None,
    areas: Future[gpd.GeoDataFrame],
    progress: Progress,
) -> Answer:
    study = basis.study
    is_open = None if open_in is None else open_in[basis.season]
    every = {*question.services, *scope.items}
    items = {one: replace(question.choice, family="", level="", service=one) for one in sorted(every)}
    item_cutoffs = {one: find_question_cutoffs(study, question, choice=choice) for one, choice in items.items()}
    asked = {one: items[one] for one in question.services or scope.items}
    limit = max(float(np.max(each, initial=0.0)) for each in (cutoffs, *item_cutoffs.values()))
    reach = find_reach(basis, limit, progress=progress)
    assessment = assess(basis, question.choice, cutoff_min=question.cutoff_min, cutoffs_min=cutoffs, wanted=is_open)
    known = {basis.season: assessment.demand["minutes"].to_numpy(np.float32)}
    if basis.season != WINTER and WINTER in study.speeds.season_names:
        cold = replace(question, season=WINTER)
        in_winter = None if open_in is None else open_in[WINTER]
        known[WINTER] = find_nearest(change_basis(basis, season=WINTER), cold.choice, wanted=in_winter)[0].minutes
    headline_range = compute_headline_range(basis, assessment, progress=progress)
    extras = IndicatorExtras(
        weekly_hours=find_weekly_hours(basis, question.choice, reach, cutoffs, list(hours)),
        winter_minutes=known.get(WINTER) if basis.season != WINTER else None,
        winter_cutoff_min=find_question_cutoffs(study, question, season=WINTER),
        item_cutoffs={"": cutoffs, **item_cutoffs},
        headline_range=headline_range,
        mix=find_mix(study, question, other, is_open),
        planned=find_planned(basis, question),
        layers=find_layers(basis, assessment, is_open),
    )
    indicators = compute_indicators(
        basis, assessment, reach=reach, extras=extras, scope=scope, wanted=is_open, period=question.period
    )
    # Double coverage was counted among the indicators: expanding all pairs once is enough.
    assessment = replace(assessment, double_covered=_read_double_covered(indicators))
    return Answer(
        basis=basis,
        assessment=assessment,
        services=_assess_services(basis, asked, item_cutoffs, is_open, progress),
        indicators=indicators,
        established=compare_assessment(study, assessment),
        gaps=tabulate_gaps(basis, assessment, progress=progress)[0],
        areas=areas.result(),
        seasons=_compare_seasons(basis, question, known, open_in, progress),
        referrals=compute_referrals(basis, question.choice, question.cutoff_min, wanted=is_open),
        targets=tabulate_targets(study.targets if is_open is None else (), indicators),
        loads=_tabulate_loads(basis, assessment, reach, is_open),
        far_from_roads=tabulate_suspicion(basis, find_far_from_roads(basis)),
        issues=(),
        headline_range=headline_range,
        hours=hours,
        scope=scope,
        is_open=is_open,
    )


def build_question_basis(study: Study, question: Question, *, progress: Progress = ignore_progress) -> TravelBasis:
    """Join a study to its roads under the rules of a question: season, direction, responsibility, closed roads."""
    return build_travel_basis(
        study,
        season=question.season or None,
        direction=question.direction,
        own_level=find_own_level(study, question),
        closed=find_question_closed(study, question),
        progress=progress,
    )


def _read_double_covered(indicators: pd.DataFrame) -> float:
    found = indicators.loc[(indicators["code"] == "B6") & (indicators["unit_level"] == "study"), "numerator"]
    return float(found.iloc[0]) if len(found) else float("nan")


def _assess_services(
    basis: TravelBasis,
    asked: dict[str, StationChoice],
    cutoffs: dict[str, npt.NDArray[np.float32]],
    is_open: BoolArray | None,
    progress: Progress,
) -> dict[str, ServiceTotals]:
    result = {}
    known: dict[bytes, tuple[Nearest, IntArray]] = {}
    for number, (service, choice) in enumerate(asked.items()):
        report_progress(progress, number / len(asked), "services")
        # Items that the same stations offer are searched once.
        offered = select_stations(basis.study.stations, basis.study.catalogue, choice).tobytes()
        if offered not in known:
            known[offered] = find_nearest(basis, choice, wanted=is_open)
        totals, stations = compute_service_totals(basis, choice, cutoffs[service], found=known[offered])
        result[service] = ServiceTotals(totals, find_weight_column(basis.study, choice), stations)
    return result


def find_weekly_hours(
    basis: TravelBasis,
    choice: StationChoice,
    reach: list[ReachMatrix],
    cutoffs: npt.NDArray[np.float32],
    hours: list[WeekHours | None],
    *,
    progress: Progress = ignore_progress,
) -> FloatArray | None:
    """Find the weekly reachable hours, None where no chosen station says when it is open: 0 would be false."""
    chosen = select_stations(basis.study.stations, basis.study.catalogue, choice)
    if all(hours[row] is None for row in np.flatnonzero(chosen)):
        return None
    slots = tabulate_open_slots(hours)
    return compute_weekly_hours_of_blocks(reach, basis.demand.count, cutoffs, slots, wanted=chosen, progress=progress)


def compute_headline_range(
    basis: TravelBasis, assessment: Assessment, *, progress: Progress = ignore_progress
) -> HeadlineRange:
    """Compute the range of the covered share over speeds and the snap limit."""
    variants = compute_headline_variants(
        basis, assessment.choice, assessment.cutoffs_min, chosen=assessment.chosen, progress=progress
    )
    return compute_range(assessment.totals.share_covered, variants)


def find_mix(
    study: Study, question: Question, other: Study | None, is_open: BoolArray | None = None
) -> MixedModes | None:
    """Find who is inside by the other mode of a study's mix, and the share that travels by it; None without a mix."""
    if study.mode_mix is None or other is None or other.network is None:
        return None
    basis = build_question_basis(other, question)
    minutes = find_nearest(basis, question.choice, wanted=is_open)[0].minutes
    return MixedModes(
        is_within(minutes, find_question_cutoffs(other, question)),
        find_shares_without_car(study.demand, study.mode_mix),
    )


def find_planned(basis: TravelBasis, question: Question) -> PlannedStations | None:
    """Find the time to the planned stations left to open and their cost; None without any, and at a moment."""
    study = basis.study
    planned = replace(question.choice, status=("planned",), on_date="")
    rows = np.flatnonzero(select_stations(study.stations, study.catalogue, planned))
    is_asked = "planned" in question.choice.status or bool(question.choice.on_date)
    if not len(rows) or is_asked or question.moment_min is not None:
        return None
    cost = study.stations["cost"].to_numpy(float)[rows]
    return PlannedStations(find_nearest(basis, planned)[0].minutes, float(cost.sum()))


def find_layers(basis: TravelBasis, assessment: Assessment, is_open: BoolArray | None = None) -> ServiceLayers:
    """Tell who is inside by each layer of service, beside those an assessment of fixed services counts."""
    inside = (assessment.demand["status"] == "covered").to_numpy(bool)
    return find_service_layers(basis, assessment.choice, assessment.cutoffs_min, inside, wanted=is_open)


def _compare_seasons(
    basis: TravelBasis,
    question: Question,
    known: dict[str, npt.NDArray[np.float32]],
    open_in: dict[str, BoolArray] | None,
    progress: Progress,
) -> pd.DataFrame:
    """Compare the seasons with today's roads; roads that the question closes are a case, not a rule, here."""
    cases = list_season_cases(basis.study, question.closures or basis.study.closures)
    if question.closures:
        everywhere = np.zeros(basis.timed.network.road_count, bool)
        unclosed = change_basis(basis, closed=everywhere)
        return compare_seasons(unclosed, question, cases, wanted=open_in, progress=progress)
    return compare_seasons(basis, question, cases, wanted=open_in, known_minutes=known, progress=progress)


def _tabulate_loads(
    basis: TravelBasis, assessment: Assessment, reach: list[ReachMatrix], is_open: BoolArray | None
) -> pd.DataFrame:
    """Compare people with capacities, in pairs expanded once more; not without their unit and use, nor at a moment."""
    known = np.isfinite(basis.study.stations["capacity"].to_numpy(float)[assessment.chosen])
    if is_open is not None or not known.any() or basis.study.capacity_use is None:
        return pd.DataFrame(columns=list(LOAD_COLUMNS))
    return tabulate_station_loads(basis, assessment, reach)


def _draw_areas(
    basis: TravelBasis,
    question: Question,
    cutoffs: npt.NDArray[np.float32],
    is_open: BoolArray | None,
    cells: Future[FieldPlaces],
) -> gpd.GeoDataFrame:
    limits = _list_limits(basis, cutoffs)
    return find_service_areas(basis, cells.result(), question.choice, cutoffs_min=limits, wanted=is_open)


def _draw_station_areas(
    basis: TravelBasis, assessment: Assessment, cells: FieldPlaces, progress: Progress
) -> gpd.GeoDataFrame:
    ids = basis.study.stations.index[assessment.chosen].tolist()
    limits = _list_limits(basis, assessment.cutoffs_min)
    return find_station_areas(basis, cells, ids, cutoffs_min=limits, progress=progress)


def _list_limits(basis: TravelBasis, cutoffs: npt.NDArray[np.float32]) -> list[float]:
    """List the class limits of the study and every threshold in force [min], ascending."""
    return sorted({*basis.study.settings.cutoffs_min, *np.unique(cutoffs).tolist()})
