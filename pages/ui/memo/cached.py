"""Every cached number of the screens, keyed by the study's fingerprint and what is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st
from shapely.geometry.base import BaseGeometry

from coverage.access.assessment import Assessment, assess, find_nearest, find_reach
from coverage.access.established import EstablishedRate, compute_established_rate
from coverage.access.established_reachable import EstablishedReachable, compare_assessment
from coverage.access.gap_table import tabulate_gaps
from coverage.access.gaps import find_gaps
from coverage.access.headline_range import HeadlineRange
from coverage.access.indicator_table import IndicatorExtras, compute_indicators
from coverage.access.rebin import change_cutoff
from coverage.access.season_changes import compare_seasons, list_season_cases
from coverage.inputs.hours import WeekHours, find_open
from coverage.inputs.question import Question, find_own_level, find_question_closed, find_question_cutoffs
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study
from coverage.network.closures import Closure, find_closed_roads
from coverage.network.model import BoolArray
from coverage.network.settings import Mode
from coverage.progress import Progress, ignore_progress
from coverage.travel.reach import ReachMatrix
from coverage.travel.travel_basis import TravelBasis, build_travel_basis, change_basis
from coverage.travel.travel_time import Nearest, StationSearch, search_stations
from geodata.answers.run_assessment import (
    WINTER,
    compute_headline_range,
    find_layers,
    find_mix,
    find_planned,
    find_weekly_hours,
)
from geodata.documents.history import HISTORY_FILE
from geodata.files.folders import network_cache_folder
from geodata.intake.read_hours import find_open_in_seasons, read_hours
from geodata.studies.open_study import open_study
from pages.ui.memo.chart_tables import tabulate_curve, tabulate_lorenz
from pages.ui.memo.shared_results import Vault
from pages.ui.memo.step_checks import StepResult, Told, check_step


@st.cache_resource(show_spinner=False)
def vault() -> Vault:
    """Return the one place where results of this process are kept."""
    return Vault(
        {
            "study": 4,
            "joined": 3,
            "basis": 8,
            "hours": 8,
            "search": 6,
            "closed": 8,
            "nearest": 200,
            "assessment": 60,
            "cutoff": 60,
            "gaps": 60,
            "gap_table": 24,
            "gap_list": 60,
            "gap_remedies": 200,
            "turned": 4,
            "explained": 200,
            "suspicion": 8,
            "referrals": 24,
            "area_places": 1,
            "area_files": 4,
            "shapes": 120,
            "established": 400,
            "places": 3,
            "place_names": 4,
            "field": 24,
            "zones": 3,
            "bands": 48,
            "stations": 60,
            "base": 6,
            "check": 24,
            "reach": 1,  # the largest of all: every station in reach of everybody
            "indicators": 24,
            "seasons": 24,
            "range": 24,
            "comparison": 24,
            "curves": 24,
            "candidates": 16,
            "plan": 48,
            "osm_places": 4,
            "stress": 24,
            "asked_sites": 8,
            "search_names": 8,
            "villages": 24,
            "answer": 2,
            "preview": 12,
            "stored_study": 16,
            "outcome": 48,
            "whatif": 12,
            "changes": 60,
            "bands_after": 24,
            "field_after": 12,
            "scenario_times": 6,  # of people and of the cells of the picture
            "gains": 24,
            "compared": 24,
            "changed_roads": 4,
            "snapped_cells": 1,
            "changed_places": 2,
        }
    )


def fetch_study(path: Path, progress: Progress = ignore_progress, *, mode: Mode | None = None) -> Study:
    """Open a study; it is opened again when one of the files in its folder has changed."""
    folder = path.parent if path.suffix == ".toml" else path
    listed = folder.iterdir() if folder.is_dir() else ()
    # The list of reports made is no input.
    files = sorted(file for file in listed if file.is_file() and file.name != HISTORY_FILE)
    state = tuple((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files)
    key = (str(path.resolve()), state, mode)

    def build() -> Study:
        return open_study(path, cache=network_cache_folder(), mode=mode, progress=progress)

    return vault().fetch("study", key, build)


def rules_of(study: Study, question: Question) -> Hashable:
    """Return what travel times depend on besides the stations: season, direction, responsibility, closed roads."""
    season = question.season or study.settings.season
    direction = question.direction or study.settings.direction
    return (study.fingerprint, season, direction, find_own_level(study, question), question.closures)


def fetch_basis(study: Study, question: Question, progress: Progress = ignore_progress) -> TravelBasis:
    """Join a study to its roads under the rules of a question; people meet the roads once for all of them."""
    joined = vault().fetch("joined", study.fingerprint, lambda: build_travel_basis(study, progress=progress))

    def build() -> TravelBasis:
        return change_basis(
            joined,
            season=question.season or study.settings.season,
            direction=question.direction or study.settings.direction,
            own_level=find_own_level(study, question),
            closed=find_question_closed(study, question),
        )

    return vault().fetch("basis", rules_of(study, question), build)


def fetch_hours(study: Study, season: str) -> list[WeekHours | None]:
    """Read the opening hours of all stations, None where they are not known."""
    return vault().fetch(
        "hours", (study.fingerprint, season), lambda: list(read_hours(study.stations["hours"], season=season)[0])
    )


def find_open_stations(study: Study, question: Question) -> BoolArray | None:
    """Mark the stations that are open at the moment of a question, shape (s,); None if it asks for none."""
    if question.moment_min is None:
        return None
    return find_open(fetch_hours(study, question.season or study.settings.season), question.moment_min)


def fetch_search(study: Study, question: Question) -> StationSearch | None:
    """Search from the stations of a question once, for the numbers and for the picture; None where units are apart."""
    if find_own_level(study, question):
        return None  # each unit is searched on its own

    def build() -> StationSearch:
        mask = select_stations(study.stations, study.catalogue, question.choice)
        is_open = find_open_stations(study, question)
        chosen = np.flatnonzero(mask if is_open is None else mask & is_open)
        basis = fetch_basis(study, question)
        return search_stations(basis.timed, basis.stations.subset(chosen))

    return vault().fetch("search", (rules_of(study, question), question.choice, question.moment_min), build)


def fetch_nearest(study: Study, question: Question) -> Nearest:
    """Search the nearest of the chosen stations for everybody."""
    key = (rules_of(study, question), question.choice, question.moment_min)

    def build() -> Nearest:
        wanted = find_open_stations(study, question)
        basis = fetch_basis(study, question)
        return find_nearest(basis, question.choice, wanted=wanted, searched=fetch_search(study, question))[0]

    return vault().fetch("nearest", key, build)


def fetch_assessment(study: Study, question: Question) -> Assessment:
    """Assess a question; other thresholds only re-bin the times that are there."""
    key = (rules_of(study, question), question.choice, question.moment_min)

    def build() -> Assessment:
        return assess(
            fetch_basis(study, question),
            question.choice,
            cutoff_min=question.cutoff_min,
            cutoffs_min=find_question_cutoffs(study, question),
            wanted=find_open_stations(study, question),
            searched=fetch_search(study, question),
        )

    # What was built first answers any threshold once it is re-binned.
    first, thresholds = vault().fetch("assessment", key, lambda: (build(), question.thresholds))
    if (first.cutoff_min, thresholds) == (question.cutoff_min, question.thresholds):
        return first
    return vault().fetch(
        "cutoff",
        (*key, question.cutoff_min, question.thresholds),
        lambda: change_cutoff(first, question.cutoff_min, cutoffs_min=find_question_cutoffs(study, question)),
    )


def fetch_gaps(study: Study, question: Question) -> pd.DataFrame:
    """Find the gaps of a question."""
    return fetch_gap_members(study, question)[0]


def fetch_gap_members(study: Study, question: Question) -> tuple[pd.DataFrame, npt.NDArray[np.int32]]:
    """Find the gaps of a question, and which of them each demand point belongs to."""
    key = (study.fingerprint, question)
    return vault().fetch("gaps", key, lambda: find_gaps(fetch_assessment(study, question)))


def fetch_gap_table(
    study: Study, question: Question, progress: Progress = ignore_progress
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Tabulate the gaps of a question with their shapes and what would help, and every remedy that was recomputed."""

    def build() -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
        return tabulate_gaps(fetch_basis(study, question), fetch_assessment(study, question), progress=progress)

    return vault().fetch("gap_table", (study.fingerprint, question), build)


def fetch_established(study: Study, choice: StationChoice, level: str) -> EstablishedRate:
    """Compute an established rate; needs no roads."""
    key = (study.fingerprint, choice, level)
    return vault().fetch("established", key, lambda: compute_established_rate(study, choice, level))


def whole_week(question: Question) -> Question:
    """Return a question without its moment: sites are suggested for the whole week."""
    return replace(question, moment_min=None)


def fetch_indicators(
    study: Study, question: Question, other: Study | None = None, progress: Progress = ignore_progress
) -> pd.DataFrame:
    """Compute every indicator of a question.

    Parameters
    ----------
    study, question
        What is asked.
    other
        The study opened for the other mode of its mix; None leaves the mix out.
    progress
        Told the share done.
    """

    def build() -> pd.DataFrame:
        basis, is_open = fetch_basis(study, question), find_open_stations(study, question)
        reach = _fetch_reach(study, question, lambda share, step: progress(0.5 * share, step))
        season = question.season or study.settings.season
        winter = None
        if season != WINTER and WINTER in study.speeds.season_names:
            winter = fetch_nearest(study, replace(question, season=WINTER)).minutes
        cutoffs = find_question_cutoffs(study, question)
        weekly = find_weekly_hours(
            basis,
            question.choice,
            reach,
            cutoffs,
            fetch_hours(study, season),
            progress=lambda share, step: progress(0.5 + 0.2 * share, step),
        )
        extras = IndicatorExtras(
            weekly_hours=weekly,
            winter_minutes=winter,
            winter_cutoff_min=find_question_cutoffs(study, question, season=WINTER),
            item_cutoffs=_find_item_cutoffs(study, question),
            headline_range=fetch_range(study, question),
            mix=find_mix(study, question, other, is_open),
            planned=find_planned(basis, question),
            layers=find_layers(basis, fetch_assessment(study, question), is_open),
        )
        return compute_indicators(
            basis,
            fetch_assessment(study, question),
            reach=reach,
            extras=extras,
            wanted=is_open,
            period=question.period,
            progress=lambda share, step: progress(0.7 + 0.3 * share, step),
        )

    return vault().fetch("indicators", (study.fingerprint, question), build)


def peek_indicators(study: Study, question: Question) -> pd.DataFrame | None:
    """Return the indicators of a question if they were computed already; None computes nothing."""
    key = (study.fingerprint, question)
    return vault().fetch("indicators", key, pd.DataFrame) if vault().has("indicators", key) else None


def fetch_closed_roads(study: Study, closures: tuple[Closure, ...]) -> tuple[BoolArray, tuple[int, ...]]:
    """Find the roads that closures close, and how many each."""
    network = study.network
    if network is None:
        return np.zeros(0, bool), (0,) * len(closures)
    return vault().fetch("closed", (study.fingerprint, closures), lambda: find_closed_roads(network, closures))


def _find_item_cutoffs(study: Study, question: Question) -> dict[str, npt.NDArray[np.float32]] | None:
    """Return the thresholds of every item where a table may tell them apart; None where one holds for all."""
    if question.thresholds is None:
        return None
    found = {"": find_question_cutoffs(study, question)}
    for item in study.catalogue.items:
        choice = replace(question.choice, family="", level="", service=item.id)
        found[item.id] = find_question_cutoffs(study, question, choice=choice)
    return found


def _fetch_reach(study: Study, question: Question, progress: Progress) -> list[ReachMatrix]:
    """Search all stations within the largest threshold; another choice of stations reads the same times."""
    limit = question.thresholds.largest_cutoff_min if question.thresholds else question.cutoff_min
    basis = fetch_basis(study, question)
    key = (rules_of(study, question), limit)
    return vault().fetch("reach", key, lambda: find_reach(basis, limit, progress=progress))


def fetch_range(study: Study, question: Question, progress: Progress = ignore_progress) -> HeadlineRange:
    """Compute how far the headline moves with speeds, the snap limit and the source of people."""

    def build() -> HeadlineRange:
        basis = fetch_basis(study, question)
        return compute_headline_range(basis, fetch_assessment(study, question), progress=progress)

    return vault().fetch("range", (study.fingerprint, question), build)


def fetch_seasons(study: Study, question: Question, progress: Progress = ignore_progress) -> pd.DataFrame:
    """Compare coverage between the seasons and with closed roads (ΔC)."""

    def build() -> pd.DataFrame:
        basis = fetch_basis(study, replace(question, season="", closures=()))
        cases = list_season_cases(study, question.closures or study.closures)
        wanted = find_open_in_seasons(study, question.moment_min)
        return compare_seasons(basis, question, cases, wanted=wanted, progress=progress)

    return vault().fetch("seasons", (study.fingerprint, question), build)


def fetch_comparison(study: Study, question: Question) -> EstablishedReachable:
    """Put signs on doors and people who can get there side by side."""
    key = (study.fingerprint, question)
    return vault().fetch("comparison", key, lambda: compare_assessment(study, fetch_assessment(study, question)))


def fetch_curves(study: Study, question: Question) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tabulate people within every minute, and how evenly the minutes are spread."""

    def build() -> tuple[pd.DataFrame, pd.DataFrame]:
        assessment = fetch_assessment(study, question)
        return tabulate_curve(assessment), tabulate_lorenz(assessment)

    return vault().fetch("curves", (study.fingerprint, question), build)


def fetch_check(
    step: str, path: Path, area: BaseGeometry | None, told: Told, progress: Progress = ignore_progress
) -> StepResult:
    """Check an uploaded file of a new study; an upload never changes under its path."""
    key = _check_key(step, path, area, told)
    return vault().fetch("check", key, lambda: check_step(step, path, area=area, told=told, progress=progress))


def has_check(step: str, path: Path, area: BaseGeometry | None, told: Told) -> bool:
    """Tell whether an uploaded file has been checked already."""
    return vault().has("check", _check_key(step, path, area, told))


def _check_key(step: str, path: Path, area: BaseGeometry | None, told: Told) -> tuple[str, str, str, Told]:
    return step, str(path), "" if area is None else hashlib.sha256(area.wkb).hexdigest(), told
