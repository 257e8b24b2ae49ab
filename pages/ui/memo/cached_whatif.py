"""Cached answers of the What-if page: what edits do, in numbers and as a picture, by the edits themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from coverage.access.assessment import Assessment
from coverage.answer.answer import Answer
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.progress import Progress, ignore_progress
from coverage.scenario.apply_edits import compute_cost
from coverage.scenario.compare import Comparison
from coverage.scenario.edits import ROAD_EDITS, Edit
from coverage.scenario.updated_times import ScenarioTimes
from coverage.travel.time_field import FieldPlaces, compute_time_field, place_cells, snap_cells
from coverage.travel.travel_basis import TravelBasis
from geodata.answers.run_whatif import WhatIf, run_whatif
from geodata.intake.read_site_costs import read_site_costs
from geodata.maps.bands import classify_cells, draw_bands, picture_corners, to_data_url
from geodata.maps.changes import classify_changes, encode_changes
from geodata.maps.elements import Encoded
from geodata.maps.layers import encode_bands
from pages.ui.memo import cached_map
from pages.ui.memo.cached import ask, vault


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


def answer_after(study: Study, question: Question, edits: tuple[Edit, ...]) -> Answer:
    """Ask a study a question after edits."""
    return ask(study, question).after(edits)


def has_outcome(study: Study, question: Question, edits: tuple[Edit, ...]) -> bool:
    """Tell whether the answer for these edits is there already."""
    return answer_after(study, question, edits).has("comparison")


def fetch_outcome(
    study: Study, question: Question, edits: tuple[Edit, ...], progress: Progress = ignore_progress
) -> Outcome:
    """Answer what edits do to a study.

    Raises
    ------
    InputError
        ``edits.refused`` if the study does not take them.
    """
    after = answer_after(study, question, edits)
    comparison = after.get("comparison", progress)
    cost = compute_cost(study, edits, read_site_costs())
    return Outcome(after.study, after.question, after.basis, after.assessment, comparison, cost)


def fetch_whatif(
    study: Study, question: Question, edits: tuple[Edit, ...], progress: Progress = ignore_progress
) -> WhatIf:
    """Compare every service item and level of stations as well, for the tables and the files."""
    return run_whatif(study, question, edits, memo=vault(), progress=progress)


def has_whatif(study: Study, question: Question, edits: tuple[Edit, ...]) -> bool:
    """Tell whether every service item and level was compared already."""
    return answer_after(study, question, edits).has("comparisons")


def _fetch_cell_times(roads: Answer, places: FieldPlaces) -> ScenarioTimes:
    """Return what is searched once for the cells of the picture, on the roads as edits leave them."""
    key = ("cells", roads.key("scenario_times"), places.grid)
    basis = replace(roads.basis, demand=places.places)
    return vault().fetch("scenario_times", key, lambda: ScenarioTimes(basis, with_roads=False))


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
    after = answer_after(study, question, edits)

    def build() -> Field:
        places = _fetch_places(ask(study, question), after, progress)
        if after.is_open is None:
            # Cells are looked at as if somebody lived there: only those that an edit can reach change.
            times = _fetch_cell_times(after.on_changed_roads, places)
            nearest = times.find_nearest(replace(after.basis, demand=places.places), after.question.choice)[0]
            shape = (places.grid.rows, places.grid.columns)
            return nearest.minutes.reshape(shape), nearest.is_connected.reshape(shape)
        rows = np.flatnonzero(after.chosen & after.is_open).astype(np.int32)
        return compute_time_field(after.basis, places, rows)

    return vault().fetch("field_after", (after.key("basis"), question.choice, question.moment_min), build)


def _fetch_places(before: Answer, after: Answer, progress: Progress) -> FieldPlaces:
    """Return the cells of the picture on the roads as they are after edits; they meet the roads where they did."""
    study = before.study
    joined = cached_map.fetch_places(study, before.question)
    grid, roads = joined.places.grid, after.on_changed_roads
    if not np.array_equal(after.basis.snap_index.is_net, before.basis.snap_index.is_net):
        # A station stands on a small net of its own now, or no longer does: cells are joined to other roads.
        return place_cells(after.basis, grid, joined.wanted, snap_cells(after.basis, grid, joined.wanted))
    if roads.before is None:
        return joined.places
    snapped = vault().fetch(
        "snapped_cells",
        (study.fingerprint, grid),
        lambda: snap_cells(before.basis, grid, joined.wanted, progress=progress),
    )
    key = (roads.key("basis"), grid)
    return vault().fetch("changed_places", key, lambda: place_cells(roads.basis, grid, joined.wanted, snapped))
