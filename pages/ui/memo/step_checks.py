"""Checks of one uploaded file at once, before a study is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from shapely.geometry.base import BaseGeometry

from coverage.errors import DataIssue, Fact
from coverage.progress import Progress, ignore_progress
from geodata.intake.cells.datum import Datum
from geodata.intake.read_boundaries import read_districts
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_population import read_population
from geodata.intake.read_stations import read_stations

STEPS: tuple[str, ...] = ("area", "population", "roads", "stations")
REQUIRED_STEPS: tuple[str, ...] = ("area", "population")


class Told(NamedTuple):
    """What the user says of a file: the datum of its positions, and the coordinate system if it declares none."""

    datum: Datum | None = None
    crs: str | None = None


NOTHING_TOLD = Told()


@dataclass(frozen=True, slots=True, eq=False)
class StepResult:
    """What a file holds.

    Parameters
    ----------
    message, facts
        Message id of the sentence that says what was found, and its facts.
    issues
        Findings of the reader.
    area
        The outline, of the step `area` only.
    rejected
        The rows left out with their row number, problem, column and value; of people and stations only.
    told
        What the user said of the file.
    province
        Whose measured speeds are proposed, of the step `area` only.
    """

    message: str
    facts: tuple[tuple[str, Fact], ...]
    issues: tuple[DataIssue, ...]
    area: BaseGeometry | None = None
    rejected: pd.DataFrame | None = None
    told: Told = NOTHING_TOLD
    province: str = ""


def check_step(
    step: str,
    path: Path,
    *,
    area: BaseGeometry | None,
    told: Told = NOTHING_TOLD,
    progress: Progress = ignore_progress,
) -> StepResult:
    """Read the file of one step and count what it holds.

    Parameters
    ----------
    step
        One of `STEPS`.
    path
        The file.
    area
        The outline of the area, if it is known already.
    told
        What the user says of the file.
    progress
        Told the share done.

    Raises
    ------
    MissingInputError, InputError
        As the readers do.
    """
    if step == "area":
        districts, issues = read_districts(path, datum=told.datum, assumed_crs=told.crs)
        facts = (("count", len(districts)), ("levels", int(districts["level"].nunique())))
        # Making a study loads the readers of road files, which no other page waits for.
        from geodata.studies.new_study import propose_area_region

        outline, province = districts.geometry.union_all(), propose_area_region(districts).id
        return StepResult("step.area.found", facts, issues, outline, told=told, province=province)
    if step == "population":
        people = read_population(path, area=area, datum=told.datum, assumed_crs=told.crs, progress=progress)
        counted = (
            ("people", round(float(people.table["population"].sum()))),
            ("points", len(people.table)),
            ("rejected", people.rows_rejected),
        )
        return StepResult("step.population.found", counted, people.issues, None, people.rejected, told)
    if step == "roads":
        # Readers of every format come with large libraries: only who brings roads waits for them.
        from geodata.roads.read_network_source import read_road_lines

        lines, issues = read_road_lines(path, "drive", progress=progress)
        return StepResult("step.roads.found", (("vertices", len(lines.lon)), ("pieces", len(lines.piece_from))), issues)
    stations = read_stations(path, read_catalogue(), area=area, datum=told.datum, assumed_crs=told.crs)
    found = (
        ("count", len(stations.table)),
        ("kinds", int(stations.table["kind"].nunique())),
        ("rejected", stations.rows_rejected),
    )
    return StepResult("step.stations.found", found, stations.issues, None, stations.rejected, told)
