"""One assessment from question to answer: everything the command line and a report need, computed once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.assessment import (
    Assessment,
    TravelBasis,
    assess,
    build_travel_basis,
    compute_service_totals,
    find_nearest,
    find_reach,
    find_weight_column,
)
from coverage.errors import DataIssue
from coverage.established_reachable import EstablishedReachable, compare_assessment
from coverage.gap_table import tabulate_gaps
from coverage.headline_range import compute_range
from coverage.hours import WeekHours, compute_weekly_hours_of_blocks, find_open, tabulate_open_slots
from coverage.indicator_table import IndicatorExtras, compute_indicators
from coverage.model import Study
from coverage.network import BoolArray
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.reach import ReachMatrix
from coverage.sensitivity import compute_headline_variants
from coverage.service_area import find_service_areas, join_area_grid
from coverage.settings import TravelDirection
from coverage.stations import StationChoice, select_stations
from coverage.suspicion import find_far_from_roads, tabulate_suspicion
from coverage.thresholds import ThresholdTable, find_cutoffs_min
from coverage.totals import Totals
from geodata.read_hours import read_hours

WINTER = "winter"
# Fewer than a picture on screen has: the outlines move by a fraction of the walk across a cell.
_AREA_CELLS = 160_000


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a study.

    Parameters
    ----------
    choice
        Which stations count.
    cutoff_min
        Threshold for everybody, inclusive [min]; `thresholds`, if given, decides instead.
    thresholds
        Thresholds by service, zone, level, mode and season.
    direction, season
        None takes the study's.
    moment_min
        Only stations that are open at this minute of the week (Monday 0:00 is 0) count.
    services
        Service items reported one by one; empty for all that are offered.
    """

    choice: StationChoice
    cutoff_min: float
    thresholds: ThresholdTable | None = None
    direction: TravelDirection | None = None
    season: str | None = None
    moment_min: int | None = None
    services: tuple[str, ...] = ()


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
        Rows of ``indicators.csv``: code, unit_level, unit_id, value, numerator, denominator. They hold for
        the whole week, whatever moment was asked for; the weekly hours are one of them.
    established
        Established and reachable, side by side.
    gaps
        Connected areas of uncovered people with what would help, in WGS-84.
    areas
        Merged service areas by band of minutes, in WGS-84; for looking, people are never counted with them.
    far_from_roads
        People who live far from any road, by district: roads may be missing there.
    issues
        Findings about opening hours.
    """

    basis: TravelBasis
    assessment: Assessment
    services: dict[str, ServiceTotals]
    indicators: pd.DataFrame
    established: EstablishedReachable
    gaps: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    far_from_roads: pd.DataFrame
    issues: tuple[DataIssue, ...]


def answer_question(study: Study, question: Question, *, progress: Progress = ignore_progress) -> Answer:
    """Compute everything that follows from a question.

    Parameters
    ----------
    study
        A study with roads.
    question
        What is asked.
    progress
        Told the share of each step done.

    Raises
    ------
    InputError, SettingsError
        If the question names an id, a season or a threshold the study does not know.
    NetworkError
        If the study has no roads.
    """
    check_question(study, question)
    basis = build_travel_basis(study, season=question.season, direction=question.direction, progress=progress)

    def cutoffs_of(choice: StationChoice, season: str = basis.season) -> npt.NDArray[np.float32]:
        return find_question_cutoffs(study, question, choice, season)

    services = question.services or tuple(find_offered_services(study))
    cutoffs = cutoffs_of(question.choice)
    item_cutoffs = {service: cutoffs_of(StationChoice(service=service)) for service in services}
    limit = max(float(np.max(each, initial=0.0)) for each in (cutoffs, *item_cutoffs.values()))
    reach = find_reach(basis, limit, progress=progress)
    hours, issues = read_hours(study.stations["hours"], season=basis.season)
    is_open = None if question.moment_min is None else find_open(list(hours), question.moment_min)
    whole_week = assess(basis, question.choice, cutoff_min=question.cutoff_min, cutoffs_min=cutoffs)
    extras = IndicatorExtras(
        weekly_hours=_find_weekly_hours(basis, question.choice, reach, cutoffs, list(hours)),
        winter_minutes=_find_winter_minutes(basis, question.choice),
        winter_cutoff_min=cutoffs_of(question.choice, WINTER),
        item_cutoffs={"": cutoffs, **item_cutoffs},
        headline_range=compute_range(
            whole_week.totals.share_covered,
            compute_headline_variants(basis, question.choice, cutoffs, progress=progress),
        ),
    )
    indicators = compute_indicators(basis, whole_week, cutoff_min=cutoffs, reach=reach, extras=extras)
    if is_open is None:
        # Double coverage was counted among the indicators: expanding all pairs once is enough.
        assessment = replace(whole_week, double_covered=_read_double_covered(indicators))
    else:
        assessment = assess(
            basis,
            question.choice,
            cutoff_min=question.cutoff_min,
            cutoffs_min=cutoffs,
            reach=reach,
            wanted=is_open,
        )
    return Answer(
        basis=basis,
        assessment=assessment,
        services=_assess_services(basis, services, item_cutoffs, is_open, progress),
        indicators=indicators,
        established=compare_assessment(study, whole_week, cutoff_min=cutoffs),
        gaps=tabulate_gaps(basis, assessment, cutoffs_min=cutoffs.astype(np.float64), progress=progress)[0],
        areas=_draw_areas(basis, question, cutoffs, progress),
        far_from_roads=tabulate_suspicion(basis, find_far_from_roads(basis)),
        issues=tuple(issues),
    )


def check_question(study: Study, question: Question) -> None:
    """Refuse ids the study does not know, before the long work."""
    select_stations(study.stations, study.catalogue, question.choice)
    for service in question.services:
        study.catalogue.item(service)


def find_question_cutoffs(
    study: Study, question: Question, choice: StationChoice, season: str
) -> npt.NDArray[np.float32]:
    """Find the threshold of every demand point for one choice of stations, shape (p,) [min]."""
    if question.thresholds is None:
        return np.full(len(study.demand), question.cutoff_min, np.float32)
    return find_cutoffs_min(
        question.thresholds,
        service=choice.service,
        level=choice.level,
        mode=study.settings.mode,
        season=season,
        zones=study.demand["zone"],
    )


def find_offered_services(study: Study) -> list[str]:
    """List the service items at least one existing station offers, in the order of the catalogue."""
    return [
        item.id
        for item in study.catalogue.items
        if select_stations(study.stations, study.catalogue, StationChoice(service=item.id)).any()
    ]


def _read_double_covered(indicators: pd.DataFrame) -> float:
    found = indicators.loc[(indicators["code"] == "B6") & (indicators["unit_level"] == "study"), "numerator"]
    return float(found.iloc[0]) if len(found) else float("nan")


def _assess_services(
    basis: TravelBasis,
    services: tuple[str, ...],
    cutoffs: dict[str, npt.NDArray[np.float32]],
    is_open: BoolArray | None,
    progress: Progress,
) -> dict[str, ServiceTotals]:
    result = {}
    for number, service in enumerate(services):
        report_progress(progress, number / len(services), "services")
        choice = StationChoice(service=service)
        totals, stations = compute_service_totals(basis, choice, cutoffs[service], wanted=is_open)
        result[service] = ServiceTotals(totals, find_weight_column(basis.study, choice), stations)
    return result


def _find_weekly_hours(
    basis: TravelBasis,
    choice: StationChoice,
    reach: list[ReachMatrix],
    cutoffs: npt.NDArray[np.float32],
    hours: list[WeekHours | None],
) -> npt.NDArray[np.float64] | None:
    """Return the weekly reachable hours, None where no chosen station says when it is open: 0 would be false."""
    chosen = select_stations(basis.study.stations, basis.study.catalogue, choice)
    if all(hours[row] is None for row in np.flatnonzero(chosen)):
        return None
    slots = tabulate_open_slots(hours)
    return compute_weekly_hours_of_blocks(reach, basis.demand.count, cutoffs, slots, wanted=chosen)


def _find_winter_minutes(basis: TravelBasis, choice: StationChoice) -> npt.NDArray[np.float32] | None:
    """Return the minutes in winter, None if winter is what was asked or the speed table knows none."""
    if basis.season == WINTER or WINTER not in basis.study.speeds.season_names:
        return None
    winter = build_travel_basis(basis.study, season=WINTER, direction=basis.direction)
    return find_nearest(winter, choice)[0].minutes


def _draw_areas(
    basis: TravelBasis, question: Question, cutoffs: npt.NDArray[np.float32], progress: Progress
) -> gpd.GeoDataFrame:
    """Draw the class limits of the study and every threshold in force."""
    wanted = sorted({*basis.study.settings.cutoffs_min, *np.unique(cutoffs).tolist()})
    field_places = join_area_grid(basis, cells=_AREA_CELLS, progress=progress)
    return find_service_areas(basis, field_places, question.choice, cutoffs_min=wanted)
