"""Cached answers of the Coverage page: gaps, remedies, explanations, people far from roads, referrals."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.access.explain import Explanation, explain_place
from coverage.access.gap_table import tabulate_gaps
from coverage.access.referral import compute_referrals
from coverage.access.remedies import find_remedies
from coverage.access.service_area import find_service_areas, join_area_grid
from coverage.access.suspicion import Suspicion, find_far_from_roads, tabulate_suspicion
from coverage.inputs.question import Question, find_place_cutoff, find_question_cutoffs
from coverage.inputs.study import Study
from coverage.network.model import BoolArray
from coverage.progress import Progress, ignore_progress
from coverage.travel.place_to_stations import turn_around
from pages.ui.memo.cached import fetch_assessment, fetch_basis, fetch_gap_members, find_open_stations, rules_of, vault

_AREA_CELLS = 160_000  # as fine as the areas that the command line writes


def fetch_gap_list(study: Study, question: Question, progress: Progress = ignore_progress) -> gpd.GeoDataFrame:
    """List the gaps of a question with names, shapes and what is missing; what would help is not computed here."""

    def build() -> gpd.GeoDataFrame:
        basis, assessment = fetch_basis(study, question), fetch_assessment(study, question)
        return tabulate_gaps(basis, assessment, top=0, progress=progress)[0]

    return vault().fetch("gap_list", (study.fingerprint, question), build)


def has_gap_table(study: Study, question: Question) -> bool:
    """Tell whether remedies of the largest gaps have been computed."""
    return vault().has("gap_table", (study.fingerprint, question))


def find_gap_at(gaps: gpd.GeoDataFrame, lon: float, lat: float) -> int:
    """Return the gap that holds a place [degrees], 0 if none does."""
    inside = np.flatnonzero(shapely.intersects_xy(gaps.geometry.to_numpy(), lon, lat))
    return int(gaps.index[inside[0]]) if len(inside) else 0


def fetch_remedies(study: Study, question: Question, gap_id: int, progress: Progress = ignore_progress) -> pd.DataFrame:
    """Compute what each remedy would change for one gap, whatever its rank."""

    def build() -> pd.DataFrame:
        basis, assessment = fetch_basis(study, question), fetch_assessment(study, question)
        alone = (fetch_gap_members(study, question)[1] == gap_id).astype(np.int32)
        return find_remedies(basis, assessment, alone, top=1, progress=progress).assign(gap_id=gap_id)

    return vault().fetch("gap_remedies", (study.fingerprint, question, gap_id), build)


def fetch_explanation(study: Study, question: Question, lon: float, lat: float) -> Explanation:
    """Explain one place [degrees]; the network is turned round once for all places of the same rules of travel."""
    basis = fetch_basis(study, question)
    outward = vault().fetch("turned", rules_of(study, question), lambda: turn_around(basis))

    def build() -> Explanation:
        return explain_place(
            basis,
            lon,
            lat,
            question.choice,
            cutoff_min=find_place_cutoff(study, question, lon, lat),
            outward=outward,
            wanted=find_open_stations(study, question),
        )

    return vault().fetch("explained", (study.fingerprint, question, lon, lat), build)


def fetch_suspicion(study: Study, question: Question) -> tuple[Suspicion, pd.DataFrame]:
    """Find people far from any road, and count them by district."""

    def build() -> tuple[Suspicion, pd.DataFrame]:
        basis = fetch_basis(study, question)
        found = find_far_from_roads(basis)
        return found, tabulate_suspicion(basis, found)

    return vault().fetch("suspicion", rules_of(study, question), build)


def fetch_referrals(study: Study, question: Question) -> pd.DataFrame:
    """Compute the way from every chosen station to the next level up."""
    key = (rules_of(study, question), question.choice, question.cutoff_min, question.moment_min)
    basis = fetch_basis(study, question)
    wanted = find_open_stations(study, question)
    return vault().fetch(
        "referrals", key, lambda: compute_referrals(basis, question.choice, question.cutoff_min, wanted=wanted)
    )


def has_area_file(study: Study, question: Question) -> bool:
    """Tell whether the areas for a file have been drawn."""
    return vault().has("area_files", (study.fingerprint, question))


def fetch_area_file(study: Study, question: Question, progress: Progress = ignore_progress) -> gpd.GeoDataFrame:
    """Draw the areas for a file, all stations together: the class limits of the study and the thresholds in force."""

    def build() -> gpd.GeoDataFrame:
        basis = fetch_basis(study, question)
        cutoffs = np.unique(find_question_cutoffs(study, question)).tolist()
        places = vault().fetch(
            "area_places",
            rules_of(study, question),
            lambda: join_area_grid(basis, cells=_AREA_CELLS, progress=progress),
        )
        wanted = sorted({*study.settings.cutoffs_min, *cutoffs})
        is_open = find_open_stations(study, question)
        return find_service_areas(basis, places, question.choice, cutoffs_min=wanted, wanted=is_open)

    return vault().fetch("area_files", (study.fingerprint, question), build)


def find_far(study: Study, question: Question) -> BoolArray:
    """Mark the demand points far from any road, shape (p,)."""
    return fetch_suspicion(study, question)[0].is_far
