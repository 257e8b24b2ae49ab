"""Every cached picture of the maps: the base, the symbols of stations, and the bands of travel time."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from coverage.inputs.question import Question, find_question_cutoffs
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study
from coverage.network.model import BoolArray, IntArray
from coverage.progress import Progress, ignore_progress
from coverage.travel.time_field import FieldPlaces, Grid, build_grid, compute_time_field, join_grid
from coverage.units import to_geocentric
from geodata.maps.bands import classify_cells, draw_bands, picture_corners, to_data_url
from geodata.maps.base import BaseMap, encode_base, find_bounds
from geodata.maps.elements import Encoded
from geodata.maps.layers import encode_bands, encode_stations
from geodata.words.i18n import Language
from pages.ui.memo.cached import ask, vault

_GRID_CELLS = 600_000


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    places: FieldPlaces
    wanted: BoolArray  # shape (rows * columns,)


def fetch_base(study: Study) -> BaseMap:
    """Encode the base of a study's map."""
    return vault().fetch("base", study.fingerprint, lambda: encode_base(study))


def fetch_stations(study: Study, choice: StationChoice, language: Language) -> Encoded:
    """Encode the symbols of the chosen stations."""
    key = (study.fingerprint, choice, language)

    def build() -> Encoded:
        chosen = select_stations(study.stations, study.catalogue, choice)
        return encode_stations(study.stations, study.catalogue, language, chosen, name_content(key))

    return vault().fetch("stations", key, build)


def name_content(key: object) -> str:
    """Name the content of a layer, so that an unchanged one stays on screen."""
    return hashlib.sha256(repr(key).encode()).hexdigest()[:24]


def fetch_places(study: Study, question: Question, progress: Progress = ignore_progress) -> _Places:
    """Join the grid of the map to the roads: once for each set of rules of travel."""

    def build() -> _Places:
        grid = build_grid(find_bounds(study), cells=_GRID_CELLS)
        lon, lat = grid.centres()
        wanted = np.ones(len(lon), bool)
        if len(study.districts):
            area = study.districts.geometry.union_all()
            shapely.prepare(area)
            wanted = shapely.contains_xy(area, lon, lat)
        return _Places(join_grid(ask(study, question).basis, grid, wanted, progress=progress), wanted)

    return vault().fetch("places", ask(study, question).key("basis"), build)


def fetch_bands(study: Study, question: Question, progress: Progress = ignore_progress) -> Encoded:
    """Draw the travel-time bands of a question; other thresholds only colour the field again."""
    key = _field_key(study, question)

    def build() -> Encoded:
        joined = fetch_places(study, question, progress)
        grid = joined.places.grid
        minutes, connected = vault().fetch("field", key, lambda: _compute_field(study, question, joined))
        cutoffs = find_cell_cutoffs(study, question, grid)
        classes = classify_cells(minutes, connected, joined.wanted.reshape(minutes.shape), cutoffs)
        picture = to_data_url(draw_bands(classes))
        return encode_bands(
            picture, picture_corners(grid), name_content((key, question.cutoff_min, question.thresholds))
        )

    return vault().fetch("bands", (key, question.cutoff_min, question.thresholds), build)


def _field_key(study: Study, question: Question) -> Hashable:
    return (ask(study, question).key("basis"), question.choice, question.moment_min)


def fetch_field(study: Study, question: Question) -> npt.NDArray[np.float32]:
    """Return the times the bands are drawn from, shape (rows, columns) [min]; inf outside the study area."""
    joined = fetch_places(study, question)
    return vault().fetch("field", _field_key(study, question), lambda: _compute_field(study, question, joined))[0]


def _compute_field(
    study: Study, question: Question, joined: _Places
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    answer = ask(study, question)
    chosen = np.flatnonzero(answer.chosen if answer.is_open is None else answer.chosen & answer.is_open)
    return compute_time_field(answer.basis, joined.places, chosen.astype(np.int32), searched=answer.get("searched"))


def find_cell_cutoffs(study: Study, question: Question, grid: Grid) -> float | npt.NDArray[np.float32]:
    """Find the threshold of every cell of a picture [min]: that of the people nearest to it, for their zone decides."""
    if question.thresholds is None or study.demand.empty:
        return question.cutoff_min
    cutoffs = find_question_cutoffs(study, question)
    if (cutoffs == cutoffs[0]).all():
        return float(cutoffs[0])
    nearest = vault().fetch("zones", (study.fingerprint, grid), lambda: _find_nearest_people(study, grid))
    return cutoffs[nearest].reshape(grid.rows, grid.columns)


def _find_nearest_people(study: Study, grid: Grid) -> IntArray:
    people = to_geocentric(study.demand["lon"].to_numpy(float), study.demand["lat"].to_numpy(float))
    found: IntArray = np.asarray(cKDTree(people).query(to_geocentric(*grid.centres()))[1], np.int32)
    return found
