"""What one study gives to a merged report, and its counties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from coverage.access.assessment import Assessment
from coverage.inputs.districts import district_at_level
from coverage.inputs.question import Question
from coverage.inputs.schema import STATUSES
from coverage.inputs.scope import Scope
from coverage.inputs.study import Study
from coverage.tables.bingtuan import find_bingtuan


@dataclass(frozen=True, slots=True, eq=False)
class MergePart:
    """What one study gives to a merged report.

    Parameters
    ----------
    study, question
        The study and what was asked of it.
    assessment, indicators
        Its answer.
    scope
        What the study is about.
    """

    study: Study
    question: Question
    assessment: Assessment
    indicators: pd.DataFrame
    scope: Scope


def list_counties(part: MergePart) -> pd.DataFrame:
    """List the counties of a study by id, the study itself where it has none or people live outside all."""
    study, demand = part.study, part.assessment.demand
    owner = find_counties(study, demand["district_id"])
    corps = set(study.districts.index[find_bingtuan(study.districts)].astype(str))
    is_corps = demand["district_id"].astype(str).isin(corps).to_numpy(bool)
    weight = demand["weight"].to_numpy(float)
    status = demand["status"].astype(str).to_numpy(object)
    columns = {"people": weight, **{name: weight * (status == name) for name in STATUSES}}
    columns |= {"people_bingtuan": weight * is_corps, "covered_bingtuan": columns["covered"] * is_corps}
    people = pd.DataFrame(columns).groupby(owner).sum()
    stations = study.stations.iloc[part.assessment.chosen]
    inside, home = find_homes(study, stations)
    operator = (stations["operator"] == "bingtuan").to_numpy(bool)[inside]
    counts = pd.DataFrame({"stations": 1.0, "stations_bingtuan": operator.astype(float)}).groupby(home).sum()
    names = {str(one): str(name) for one, name in study.districts["name"].items()}
    table = people.join(counts, how="left").fillna(0.0)
    return table.assign(name=[names.get(str(one), study.name.zh) for one in table.index])


def list_populated(part: MergePart) -> set[str]:
    """List the counties of a study where people live."""
    rows = list_counties(part)
    return set(rows.index[rows["people"] > 0].astype(str))


def find_counties(study: Study, districts: pd.Series) -> np.ndarray:
    """Find the county of each district, the study itself where there is none."""
    itself = f"study {study.id}"
    if study.districts.empty:
        return np.full(len(districts), itself, object)
    above = district_at_level(study.districts, "county").to_dict()
    return np.array([above.get(str(one), "") or itself for one in districts], object)


def find_homes(study: Study, stations: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Mark the stations within the border of a study, shape (s,), and find the county of each of those.

    Stations beyond it are counted where they stand: by the study of that county.
    """
    inside = (stations["district_id"].astype(str) != "").to_numpy(bool) | study.districts.empty
    return inside, find_counties(study, stations["district_id"])[inside]


def list_bingtuan(study: Study) -> frozenset[str]:
    """List the districts of a study that belong to the corps."""
    return frozenset(study.districts.index[find_bingtuan(study.districts)].astype(str))
