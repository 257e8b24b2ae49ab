"""Cached answers about one place or one gap of the Coverage page."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.access.explain import Explanation, explain_place
from coverage.access.remedies import find_remedies
from coverage.inputs.question import Question, find_place_cutoff
from coverage.inputs.study import Study
from coverage.progress import Progress, ignore_progress
from coverage.travel.place_to_stations import turn_around
from pages.ui.memo.cached import ask, vault


def find_gap_at(gaps: gpd.GeoDataFrame, lon: float, lat: float) -> int:
    """Return the gap that holds a place [degrees], 0 if none does."""
    inside = np.flatnonzero(shapely.intersects_xy(gaps.geometry.to_numpy(), lon, lat))
    return int(gaps.index[inside[0]]) if len(inside) else 0


def fetch_remedies(study: Study, question: Question, gap_id: int, progress: Progress = ignore_progress) -> pd.DataFrame:
    """Compute what each remedy would change for one gap, whatever its rank."""

    def build() -> pd.DataFrame:
        answer = ask(study, question)
        alone = (answer.get("gap_members")[1] == gap_id).astype(np.int32)
        return find_remedies(answer.basis, answer.assessment, alone, top=1, progress=progress).assign(gap_id=gap_id)

    return vault().fetch("gap_remedies", (study.fingerprint, question, gap_id), build)


def fetch_explanation(study: Study, question: Question, lon: float, lat: float) -> Explanation:
    """Explain one place [degrees]; the network is turned round once for all places of the same rules of travel."""
    answer = ask(study, question)
    outward = vault().fetch("turned", answer.key("basis"), lambda: turn_around(answer.basis))

    def build() -> Explanation:
        return explain_place(
            answer.basis,
            lon,
            lat,
            question.choice,
            cutoff_min=find_place_cutoff(study, question, lon, lat),
            outward=outward,
            wanted=answer.is_open,
        )

    return vault().fetch("explained", (study.fingerprint, question, lon, lat), build)
