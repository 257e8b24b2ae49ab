"""Parts of an answer about times: the roads asked about, who is open, and the nearest station of everybody."""

from __future__ import annotations

import numpy as np

from coverage.access.assessment import Assessment, assess, find_nearest, find_reach
from coverage.access.rebin import change_cutoff
from coverage.answer.lazy import LazyAnswer
from coverage.errors import DataIssue
from coverage.inputs.hours import WeekHours, find_open
from coverage.inputs.question import find_question_closed
from coverage.inputs.read_hours import read_hours
from coverage.inputs.thresholds import ThresholdTable
from coverage.network.model import BoolArray, IntArray
from coverage.progress import Progress
from coverage.scenario.edited_basis import change_roads, change_stations
from coverage.scenario.updated_times import ScenarioTimes
from coverage.travel.reach import ReachMatrix
from coverage.travel.travel_basis import TravelBasis, build_travel_basis, change_basis
from coverage.travel.travel_time import Nearest, StationSearch, search_stations


def join(answer: LazyAnswer, progress: Progress) -> TravelBasis:
    """Join people and stations to the roads: once for all rules of travel."""
    return build_travel_basis(
        answer.study, season=answer.season, direction=answer.question.direction, progress=progress
    )


def build_basis(answer: LazyAnswer, progress: Progress) -> TravelBasis:
    """Join a study to its roads under the rules of a question; after edits only what they touch is joined again."""
    before = answer.before
    if before is not None and answer.on_changed_roads is answer:
        return change_roads(before.get("basis", progress), answer.study, progress=progress)
    if before is not None:
        return change_stations(answer.on_changed_roads.get("basis", progress), answer.study)
    joined: TravelBasis = answer.get("joined", progress)
    closed = find_question_closed(answer.study, answer.question)
    direction = answer.question.direction or answer.study.settings.direction
    is_same = (joined.season, joined.direction) == (answer.season, direction)
    if is_same and not answer.own_level and closed is None:
        return joined
    return change_basis(joined, season=answer.season, direction=direction, own_level=answer.own_level, closed=closed)


def read_station_hours(
    answer: LazyAnswer, progress: Progress
) -> tuple[tuple[WeekHours | None, ...], tuple[DataIssue, ...]]:
    """Read the opening hours of all stations, None where they are not known, and what could not be read."""
    hours, issues = read_hours(answer.study.stations["hours"], season=answer.season)
    return tuple(hours), tuple(issues)


def mark_open(answer: LazyAnswer, progress: Progress) -> BoolArray | None:
    """Mark the stations open at the moment of a question, shape (s,); None if it asks for none."""
    minute = answer.question.moment_min
    return None if minute is None else find_open(list(answer.get("hours")[0]), minute)


def search(answer: LazyAnswer, progress: Progress) -> StationSearch | None:
    """Search from the chosen stations, for numbers and pictures alike; None where each unit is searched by itself."""
    basis: TravelBasis = answer.get("basis", progress)
    if answer.own_level:
        return None
    is_open = answer.get("open")
    chosen = np.flatnonzero(answer.chosen if is_open is None else answer.chosen & is_open)
    return search_stations(basis.timed, basis.stations.subset(chosen))


def prepare_edits(answer: LazyAnswer, progress: Progress) -> ScenarioTimes:
    """Prepare the times that edits of stations will change."""
    return ScenarioTimes(answer.get("basis", progress))


def find_nearest_stations(answer: LazyAnswer, progress: Progress) -> tuple[Nearest, IntArray]:
    """Find the nearest open station of everybody and the roads to it; and the row of each station that counts.

    Where stations are edited, only what the edits change is searched again.
    """
    basis: TravelBasis = answer.get("basis", progress)
    is_open = answer.get("open")
    roads = answer.on_changed_roads
    if is_open is None and (answer.before is not None or roads.has("scenario_times")):
        times: ScenarioTimes = roads.get("scenario_times", progress)
        return times.find_nearest(basis, answer.question.choice)
    searched = answer.get("searched", progress)
    return find_nearest(basis, answer.question.choice, wanted=is_open, searched=searched, with_roads=True)


def assess_first(answer: LazyAnswer, progress: Progress) -> tuple[Assessment, ThresholdTable | None]:
    """Assess for the thresholds that are asked about first; others only sort the same times again."""
    found = answer.get("nearest", progress)
    assessment = assess(
        answer.get("basis"),
        answer.question.choice,
        cutoff_min=answer.question.cutoff_min,
        cutoffs_min=answer.cutoffs_min,
        found=found,
    )
    return assessment, answer.question.thresholds


def assess_people(answer: LazyAnswer, progress: Progress) -> Assessment:
    """Tell who reaches a station in time."""
    question = answer.question
    before = answer.before
    if before is not None and answer.question == before.question and _touches_none(answer, before):
        return before.get("assessment", progress)  # type: ignore[no-any-return]
    first: Assessment
    first, thresholds = answer.get("first", progress)
    if (first.cutoff_min, thresholds) == (question.cutoff_min, question.thresholds):
        return first
    return change_cutoff(first, question.cutoff_min, cutoffs_min=answer.cutoffs_min)


def _touches_none(answer: LazyAnswer, before: LazyAnswer) -> bool:
    """Tell whether edits leave the roads, the nets and every station that counts as they were."""
    if answer.on_changed_roads is not before or answer.get("basis").snap_index is not before.get("basis").snap_index:
        return False
    old, new = before.study.stations[before.chosen], answer.study.stations[answer.chosen]
    columns = ["lon", "lat", "hours"]
    return old.index.equals(new.index) and old[columns].equals(new[columns])


def reach_all(answer: LazyAnswer, progress: Progress) -> list[ReachMatrix]:
    """Search all stations within the largest threshold; another choice of stations reads the same times."""
    return find_reach(answer.get("basis", progress), answer.limit_min, progress=progress)


def find_winter(answer: LazyAnswer, winter: str) -> LazyAnswer | None:
    """Return the answer for winter; None where it is winter already, or the study has none."""
    if answer.season == winter or winter not in answer.study.speeds.season_names:
        return None
    return answer.turn(season=winter)
