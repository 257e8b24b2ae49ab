"""Every cached call of the screens, keyed by the study's fingerprint and frozen settings."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
import streamlit as st
from shapely.geometry.base import BaseGeometry

from coverage.assessment import Assessment, TravelBasis, assess, build_travel_basis, find_nearest, find_reach
from coverage.established import EstablishedRate, compute_established_rate
from coverage.established_reachable import EstablishedReachable, compare_assessment
from coverage.gaps import find_gaps
from coverage.indicator_table import IndicatorExtras, compute_indicators
from coverage.model import Study
from coverage.progress import Progress, ignore_progress
from coverage.reach import ReachMatrix
from coverage.rebin import change_cutoff
from coverage.stations import StationChoice, select_stations
from coverage.time_field import FieldPlaces, build_grid, compute_time_field, join_grid
from coverage.travel_time import Nearest
from geodata.folders import network_cache_folder
from geodata.i18n import Language
from geodata.maps.bands import classify_cells, draw_bands, picture_corners, to_data_url
from geodata.maps.base import BaseMap, encode_base, find_bounds
from geodata.maps.elements import Encoded
from geodata.maps.layers import encode_bands, encode_stations
from geodata.maps.palette import build_bands
from geodata.study import open_study
from pages.ui.charts import tabulate_curve, tabulate_lorenz
from pages.ui.state import Question
from pages.ui.step_checks import StepResult, check_step
from pages.ui.vault import Vault

_GRID_CELLS = 600_000


@st.cache_resource(show_spinner=False)
def _vault() -> Vault:
    return Vault(
        {
            "study": 4,
            "basis": 6,
            "nearest": 200,
            "assessment": 60,
            "cutoff": 60,
            "gaps": 60,
            "established": 400,
            "places": 3,
            "field": 24,
            "bands": 48,
            "stations": 60,
            "base": 6,
            "check": 24,
            "reach": 1,  # the largest of all: every station in reach of everybody
            "indicators": 24,
            "comparison": 24,
            "curves": 24,
        }
    )


def fetch_study(path: Path, progress: Progress = ignore_progress) -> Study:
    """Open a study; it is opened again when one of the files in its folder has changed."""
    folder = path.parent if path.suffix == ".toml" else path
    files = sorted(file for file in folder.iterdir() if file.is_file()) if folder.is_dir() else []
    state = tuple((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files)
    key = (str(path.resolve()), state)
    return _vault().fetch("study", key, lambda: open_study(path, cache=network_cache_folder(), progress=progress))


def fetch_basis(study: Study, season: str, progress: Progress = ignore_progress) -> TravelBasis:
    """Join a study to its roads in one season."""
    key = (study.fingerprint, season)
    return _vault().fetch("basis", key, lambda: build_travel_basis(study, season=season, progress=progress))


def fetch_nearest(study: Study, season: str, choice: StationChoice) -> Nearest:
    """Search the nearest of the chosen stations for everybody."""
    key = (study.fingerprint, season, choice)
    return _vault().fetch("nearest", key, lambda: find_nearest(fetch_basis(study, season), choice)[0])


def fetch_assessment(study: Study, question: Question) -> Assessment:
    """Assess a question; another threshold only re-bins the times that are there."""
    key = (study.fingerprint, question.season, question.choice)
    first = _vault().fetch("assessment", key, lambda: assess(fetch_basis(study, question.season), question.choice))
    if first.cutoff_min == question.cutoff_min:
        return first
    return _vault().fetch(
        "cutoff", (*key, question.cutoff_min), lambda: change_cutoff(study, first, question.cutoff_min)
    )


def fetch_gaps(study: Study, question: Question) -> pd.DataFrame:
    """Find the gaps of a question."""
    key = (study.fingerprint, question)
    return _vault().fetch("gaps", key, lambda: find_gaps(fetch_assessment(study, question)))


def fetch_established(study: Study, choice: StationChoice, level: str) -> EstablishedRate:
    """Compute an established rate; needs no roads."""
    key = (study.fingerprint, choice, level)
    return _vault().fetch("established", key, lambda: compute_established_rate(study, choice, level))


def fetch_indicators(study: Study, question: Question, progress: Progress = ignore_progress) -> pd.DataFrame:
    """Compute every indicator of a question; asked for the summer, also what the winter takes away."""

    def build() -> pd.DataFrame:
        basis, season = fetch_basis(study, question.season), question.season
        reach = _fetch_reach(study, question, lambda share, step: progress(0.7 * share, step))
        winter = None
        if season == "summer" and "winter" in study.speeds.season_names:
            winter = fetch_nearest(study, "winter", question.choice).minutes
        return compute_indicators(
            basis,
            fetch_assessment(study, question),
            reach=reach,
            extras=IndicatorExtras(winter_minutes=winter),
            progress=lambda share, step: progress(0.7 + 0.3 * share, step),
        )

    return _vault().fetch("indicators", (study.fingerprint, question), build)


def _fetch_reach(study: Study, question: Question, progress: Progress) -> list[ReachMatrix]:
    """Search all stations within the threshold; another choice of stations reads the same times."""
    key = (study.fingerprint, question.season, question.cutoff_min)
    basis = fetch_basis(study, question.season)
    return _vault().fetch("reach", key, lambda: find_reach(basis, question.cutoff_min, progress=progress))


def fetch_comparison(study: Study, question: Question) -> EstablishedReachable:
    """Put signs on doors and people who can get there side by side."""
    key = (study.fingerprint, question)
    return _vault().fetch("comparison", key, lambda: compare_assessment(study, fetch_assessment(study, question)))


def fetch_curves(study: Study, question: Question) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tabulate people within every minute, and how evenly the minutes are spread."""

    def build() -> tuple[pd.DataFrame, pd.DataFrame]:
        assessment = fetch_assessment(study, question)
        return tabulate_curve(assessment), tabulate_lorenz(assessment)

    return _vault().fetch("curves", (study.fingerprint, question), build)


def fetch_base(study: Study) -> BaseMap:
    """Encode the base of a study's map."""
    return _vault().fetch("base", study.fingerprint, lambda: encode_base(study))


def fetch_stations(study: Study, choice: StationChoice, language: Language) -> Encoded:
    """Encode the symbols of the chosen stations."""
    key = (study.fingerprint, choice, language)

    def build() -> Encoded:
        chosen = select_stations(study.stations, study.catalogue, choice)
        name = f"{study.fingerprint} {choice.family} {choice.level} {choice.service} {language}".replace("_", " ")
        return encode_stations(study.stations, study.catalogue, language, chosen, name)

    return _vault().fetch("stations", key, build)


def fetch_check(step: str, path: Path, area: BaseGeometry | None, progress: Progress = ignore_progress) -> StepResult:
    """Check an uploaded file of a new study; an upload never changes under its path."""
    key = _check_key(step, path, area)
    return _vault().fetch("check", key, lambda: check_step(step, path, area=area, progress=progress))


def has_check(step: str, path: Path, area: BaseGeometry | None) -> bool:
    """Tell whether an uploaded file has been checked already."""
    return _vault().has("check", _check_key(step, path, area))


def _check_key(step: str, path: Path, area: BaseGeometry | None) -> tuple[str, str, str]:
    return step, str(path), "" if area is None else hashlib.sha256(area.wkb).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    places: FieldPlaces
    wanted: npt.NDArray[np.bool_]  # shape (rows * columns,)


def has_places(study: Study, season: str) -> bool:
    """Tell whether the grid of the map is joined to the roads already."""
    return _vault().has("places", (study.fingerprint, season))


def fetch_places(study: Study, season: str, progress: Progress = ignore_progress) -> _Places:
    """Join the grid of the map to the roads: once for a study and season."""

    def build() -> _Places:
        grid = build_grid(find_bounds(study), cells=_GRID_CELLS)
        lon, lat = grid.centres()
        wanted = np.ones(len(lon), bool)
        if len(study.districts):
            area = study.districts.geometry.union_all()
            shapely.prepare(area)
            wanted = shapely.contains_xy(area, lon, lat)
        return _Places(join_grid(fetch_basis(study, season), grid, wanted, progress=progress), wanted)

    return _vault().fetch("places", (study.fingerprint, season), build)


def fetch_bands(study: Study, question: Question, progress: Progress = ignore_progress) -> Encoded:
    """Draw the travel-time bands of a question; another threshold only colours the field again."""
    key = (study.fingerprint, question.season, question.choice)

    def build() -> Encoded:
        joined = fetch_places(study, question.season, progress)
        chosen = np.flatnonzero(select_stations(study.stations, study.catalogue, question.choice)).astype(np.int32)
        basis = fetch_basis(study, question.season)
        minutes, connected = _vault().fetch("field", key, lambda: compute_time_field(basis, joined.places, chosen))
        bands = build_bands(question.cutoff_min)
        classes = classify_cells(minutes, connected, joined.wanted.reshape(minutes.shape), bands)
        corners = picture_corners(joined.places.grid)
        parts = (study.fingerprint, question.season, question.family, question.level, question.service)
        name = " ".join([*parts, f"{question.cutoff_min:g}"]).replace("_", " ")
        return encode_bands(to_data_url(draw_bands(classes, bands)), corners, name)

    return _vault().fetch("bands", (*key, question.cutoff_min), build)
