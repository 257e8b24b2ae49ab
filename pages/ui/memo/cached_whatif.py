"""Cached answers of the What-if page: what edits do, in numbers and as a picture, by the edits themselves."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from coverage.access.assessment import Assessment, assess
from coverage.inputs.hours import find_open
from coverage.inputs.question import Question, find_own_level, find_question_cutoffs
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study
from coverage.network.model import BoolArray
from coverage.progress import Progress, ignore_progress
from coverage.scenario.apply_edits import apply_edits, compute_cost
from coverage.scenario.compare import Comparison, compare
from coverage.scenario.edited_basis import change_roads, change_stations
from coverage.scenario.edits import ROAD_EDITS, Edit, find_threshold
from coverage.scenario.updated_times import ScenarioTimes
from coverage.travel.time_field import FieldPlaces, compute_time_field, place_cells, snap_cells
from coverage.travel.travel_basis import TravelBasis
from geodata.answers.run_whatif import WhatIf, find_idle_edits, find_uncounted_edits, list_compared
from geodata.intake.read_hours import read_hours
from geodata.intake.read_site_costs import read_site_costs
from geodata.maps.bands import classify_cells, draw_bands, picture_corners, to_data_url
from geodata.maps.changes import classify_changes, encode_changes
from geodata.maps.elements import Encoded
from geodata.maps.layers import encode_bands
from pages.ui.memo import cached, cached_map
from pages.ui.memo.cached import rules_of, vault


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What edits make of a study, for one question.

    Parameters
    ----------
    study, question
        The study after them, and the question as they leave it.
    basis, assessment
        The study joined to its roads, and the answer.
    comparison
        The difference from the study as it is.
    cost
        What they cost by class costs [yuan].
    """

    study: Study
    question: Question
    basis: TravelBasis
    assessment: Assessment
    comparison: Comparison
    cost: float


def is_slow(edits: tuple[Edit, ...]) -> bool:
    """Tell whether edits make everything be searched anew: those of roads do."""
    return any(isinstance(edit, ROAD_EDITS) for edit in edits)


def has_outcome(study: Study, question: Question, edits: tuple[Edit, ...]) -> bool:
    """Tell whether the answer for these edits is there already."""
    return vault().has("outcome", (study.fingerprint, question, edits))


def fetch_outcome(
    study: Study, question: Question, edits: tuple[Edit, ...], progress: Progress = ignore_progress
) -> Outcome:
    """Answer what edits do to a study.

    Raises
    ------
    InputError
        ``edits.refused`` if the study does not take them.
    """

    def build() -> Outcome:
        after, asked, basis, answer = answer_edits(study, question, edits, progress)
        comparison = compare(cached.fetch_assessment(study, question), answer)
        return Outcome(after, asked, basis, answer, comparison, compute_cost(study, edits, read_site_costs()))

    return vault().fetch("outcome", (study.fingerprint, question, edits), build)


def answer_edits(
    study: Study, question: Question, edits: tuple[Edit, ...], progress: Progress = ignore_progress
) -> tuple[Study, Question, TravelBasis, Assessment]:
    """Return the study after edits, the question as they leave it, the study joined to its roads, and the answer."""
    after = apply_edits(study, edits)
    asked = ask_after(question, edits)
    basis = change_stations(_fetch_roads(study, question, after, progress), after)
    return after, asked, basis, _assess(study, question, basis, asked, asked.choice, progress)


def ask_after(question: Question, edits: tuple[Edit, ...]) -> Question:
    """Return the question as edits leave it: one of the threshold stands for all others."""
    minutes = find_threshold(edits)
    return question if minutes is None else replace(question, cutoff_min=minutes, thresholds=None)


def fetch_whatif(
    study: Study, question: Question, edits: tuple[Edit, ...], progress: Progress = ignore_progress
) -> WhatIf:
    """Compare every service item and level of stations as well, for the tables and the files."""

    def build() -> WhatIf:
        found = fetch_outcome(study, question, edits, progress)
        pairs = {}
        asked = list_compared(study, found.study, question)
        asked.pop(("", ""))
        for number, (key, choice) in enumerate(asked.items()):
            progress(number / max(len(asked), 1), "whatif")
            before = cached.fetch_assessment(study, replace(question, choice=choice))
            pairs[key] = before, assess_choice(study, question, found, edits, choice)
        comparison = compare(cached.fetch_assessment(study, question), found.assessment, services=pairs)
        uncounted = find_uncounted_edits(found.study, found.question, edits)
        issues = (*find_idle_edits(study, edits), *uncounted)
        return WhatIf(study, found.study, question, found.question, edits, comparison, found.cost, issues)

    return vault().fetch("whatif", (study.fingerprint, question, edits), build)


def has_whatif(study: Study, question: Question, edits: tuple[Edit, ...]) -> bool:
    """Tell whether every service item and level was compared already."""
    return vault().has("whatif", (study.fingerprint, question, edits))


def assess_choice(
    study: Study, question: Question, found: Outcome, edits: tuple[Edit, ...], choice: StationChoice
) -> Assessment:
    """Answer for other stations than those asked about, after edits."""
    # Where edits touch no station of a choice, its answer is that of before.
    if not is_slow(edits) and found.question == question and _is_same_choice(study, found.study, choice):
        return cached.fetch_assessment(study, replace(question, choice=choice))
    return _assess(study, question, found.basis, found.question, choice, ignore_progress)


def _is_same_choice(before: Study, after: Study, choice: StationChoice) -> bool:
    old = before.stations[select_stations(before.stations, before.catalogue, choice)]
    new = after.stations[select_stations(after.stations, after.catalogue, choice)]
    columns = ["lon", "lat", "hours"]
    return old.index.equals(new.index) and old[columns].equals(new[columns])


def _fetch_roads(study: Study, question: Question, after: Study, progress: Progress) -> TravelBasis:
    """Return the study joined to the roads as edits leave them, with its stations as they were."""
    basis = cached.fetch_basis(study, question)
    roads = replace(study, closed_now=after.closed_now, slowed_now=after.slowed_now)
    if (roads.closed_now, roads.slowed_now) == (study.closed_now, study.slowed_now):
        return basis
    key = (rules_of(study, question), roads.closed_now, roads.slowed_now)
    return vault().fetch("changed_roads", key, lambda: change_roads(basis, roads, progress=progress))


def _fetch_times(study: Study, question: Question, after: Study, progress: Progress) -> ScenarioTimes:
    """Return what is searched once on the roads as edits leave them."""
    roads = _fetch_roads(study, question, after, progress)
    key = (rules_of(study, question), after.closed_now, after.slowed_now)
    return vault().fetch("scenario_times", key, lambda: ScenarioTimes(roads))


def _fetch_cell_times(
    study: Study, question: Question, after: Study, places: FieldPlaces, progress: Progress
) -> ScenarioTimes:
    """Return what is searched once for the cells of the picture."""
    roads = replace(_fetch_roads(study, question, after, progress), demand=places.places)
    key = ("cells", rules_of(study, question), places.grid, after.closed_now, after.slowed_now)
    return vault().fetch("scenario_times", key, lambda: ScenarioTimes(roads, with_roads=False))


def _assess(
    study: Study, question: Question, basis: TravelBasis, asked: Question, choice: StationChoice, progress: Progress
) -> Assessment:
    cutoffs = find_question_cutoffs(basis.study, asked, choice=choice)
    wanted = _find_open(basis.study, asked)
    found = None
    if wanted is None:
        found = _fetch_times(study, question, basis.study, progress).find_nearest(basis, choice)
    return assess(basis, choice, cutoff_min=asked.cutoff_min, cutoffs_min=cutoffs, wanted=wanted, found=found)


def _find_open(study: Study, question: Question) -> BoolArray | None:
    if question.moment_min is None:
        return None
    season = question.season or study.settings.season
    return find_open(list(read_hours(study.stations["hours"], season=season)[0]), question.moment_min)


def fetch_changes(
    study: Study, question: Question, edits: tuple[Edit, ...], progress: Progress = ignore_progress
) -> Encoded:
    """Draw where people get within the threshold by edits, and where they no longer do."""
    key = (study.fingerprint, question, edits)

    def build() -> Encoded:
        found = fetch_outcome(study, question, edits)
        joined = cached_map.fetch_places(study, question, progress)
        grid = joined.places.grid
        before, after = cached_map.fetch_field(study, question), fetch_field_after(study, question, edits, progress)[0]
        was, now = (cached_map.find_cell_cutoffs(study, one, grid) for one in (question, found.question))
        classes = classify_changes(before, after, was, now, joined.wanted.reshape(before.shape))
        return encode_changes(classes, picture_corners(grid), cached_map.name_content(("changes", key)))

    return vault().fetch("changes", key, build)


def fetch_bands_after(
    study: Study, question: Question, edits: tuple[Edit, ...], progress: Progress = ignore_progress
) -> Encoded:
    """Draw the travel-time bands as they are after edits."""
    key = (study.fingerprint, question, edits)

    def build() -> Encoded:
        found = fetch_outcome(study, question, edits)
        joined = cached_map.fetch_places(study, question, progress)
        minutes, connected = fetch_field_after(study, question, edits, progress)
        cutoffs = cached_map.find_cell_cutoffs(study, found.question, joined.places.grid)
        picture = draw_bands(classify_cells(minutes, connected, joined.wanted.reshape(minutes.shape), cutoffs))
        name = cached_map.name_content(("after", key))
        return encode_bands(to_data_url(picture), picture_corners(joined.places.grid), name)

    return vault().fetch("bands_after", key, build)


Field = tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]


def fetch_field_after(
    study: Study, question: Question, edits: tuple[Edit, ...], progress: Progress = ignore_progress
) -> Field:
    """Compute minutes to the nearest station after edits for every cell of the picture, and which are connected."""
    found = fetch_outcome(study, question, edits)

    def build() -> Field:
        places = _fetch_places(study, question, found, edits, progress)
        is_open = _find_open(found.study, found.question)
        if is_open is None:
            # Cells are looked at as if somebody lived there: only those that an edit can reach change.
            times = _fetch_cell_times(study, question, found.study, places, progress)
            nearest = times.find_nearest(replace(found.basis, demand=places.places), found.question.choice)[0]
            shape = (places.grid.rows, places.grid.columns)
            return nearest.minutes.reshape(shape), nearest.is_connected.reshape(shape)
        mask = select_stations(found.study.stations, found.study.catalogue, found.question.choice)
        return compute_time_field(found.basis, places, np.flatnonzero(mask & is_open).astype(np.int32))

    key: Hashable = (rules_of(study, question), found.study.fingerprint, question.choice, question.moment_min)
    return vault().fetch("field_after", key, build)


def _fetch_places(
    study: Study, question: Question, found: Outcome, edits: tuple[Edit, ...], progress: Progress
) -> FieldPlaces:
    """Return the cells of the picture on the roads as they are after edits; they meet the roads where they did."""
    joined = cached_map.fetch_places(study, question)
    grid, basis = joined.places.grid, cached.fetch_basis(study, question)
    if not np.array_equal(found.basis.snap_index.is_net, basis.snap_index.is_net):
        # A station stands on a small net of its own now, or no longer does: cells are joined to other roads.
        return place_cells(found.basis, grid, joined.wanted, snap_cells(found.basis, grid, joined.wanted))
    if not is_slow(edits):
        return joined.places
    level = find_own_level(study, question)
    snapped = vault().fetch(
        "snapped_cells", (study.fingerprint, grid), lambda: snap_cells(basis, grid, joined.wanted, progress=progress)
    )
    key = (rules_of(study, question), level, found.study.closed_now, found.study.slowed_now)
    return vault().fetch("changed_places", key, lambda: place_cells(found.basis, grid, joined.wanted, snapped))
