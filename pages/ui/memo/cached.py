"""Every cached number of the screens, keyed by the study's fingerprint and what is asked."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st
from shapely.geometry.base import BaseGeometry

from coverage.access.established import EstablishedRate, compute_established_rate
from coverage.answer.answer import Answer
from coverage.answer.parts import PARTS
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.network.closures import Closure, find_closed_roads
from coverage.network.model import BoolArray
from coverage.network.settings import Mode
from coverage.progress import Progress, ignore_progress
from geodata.documents.history import HISTORY_FILE
from geodata.files.folders import network_cache_folder
from geodata.studies.open_study import open_study
from pages.ui.memo.shared_results import Vault
from pages.ui.memo.step_checks import StepResult, Told, check_step


@st.cache_resource(show_spinner=False)
def vault() -> Vault:
    """Return the one place where results of this process are kept."""
    return Vault(
        {
            **dict.fromkeys(PARTS, 24),
            "joined": 3,
            "basis": 8,
            "hours": 8,
            "searched": 6,
            "scenario_times": 6,  # of people and of the cells of the picture
            "nearest": 200,
            "first": 60,
            "assessment": 60,
            "reach": 1,  # the largest of all: every station in reach of everybody
            "item_cutoffs": 8,
            "other_mode": 2,
            "gap_members": 60,
            "gap_list": 60,
            "area_cells": 1,
            "areas": 4,
            "station_areas": 1,
            "far_from_roads": 8,
            "edited": 60,  # studies after edits
            "comparison": 60,
            # of the screens
            "study": 4,
            "closed": 8,
            "gap_remedies": 200,
            "turned": 4,
            "explained": 200,
            "shapes": 120,
            "rate": 400,
            "places": 3,
            "place_names": 4,
            "field": 24,
            "zones": 3,
            "bands": 48,
            "stations": 60,
            "base": 6,
            "check": 24,
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
            "changes": 60,
            "bands_after": 24,
            "field_after": 12,
            "gains": 24,
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


def ask(study: Study, question: Question) -> Answer:
    """Ask a study a question; every part is computed once for all visitors."""
    asked = question if question.season else replace(question, season=study.settings.season)
    return Answer(study, asked, vault())


def fetch_established(study: Study, choice: StationChoice, level: str) -> EstablishedRate:
    """Compute an established rate; needs no roads."""
    key = (study.fingerprint, choice, level)
    return vault().fetch("rate", key, lambda: compute_established_rate(study, choice, level))


def peek_indicators(study: Study, question: Question) -> pd.DataFrame | None:
    """Return the indicators of a question if they were computed already; None computes nothing."""
    answer = ask(study, question)
    return answer.indicators if answer.has("indicators") else None


def fetch_closed_roads(study: Study, closures: tuple[Closure, ...]) -> tuple[BoolArray, tuple[int, ...]]:
    """Find the roads that closures close, and how many each."""
    network = study.network
    if network is None:
        return np.zeros(0, bool), (0,) * len(closures)
    return vault().fetch("closed", (study.fingerprint, closures), lambda: find_closed_roads(network, closures))


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
