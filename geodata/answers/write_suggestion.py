"""Writes a suggestion: sites, the curve of budgets, who is left out, the stations afterwards, the numbers."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.access.remedies import POLICE_FAMILY
from coverage.access.totals import Totals, classify, compute_totals
from coverage.inputs.study import Study
from coverage.siting.model.candidates import is_police_question
from coverage.siting.plan.outcome import compute_doubles
from coverage.siting.plan.solve import TWICE_METHODS, compute_money
from geodata.answers.run_siting import Suggestion
from geodata.answers.write_assessment import tabulate_issues, write_schematic_note
from geodata.files.write_areas import write_geojson
from geodata.files.write_tables import write_csv, write_json
from geodata.words.i18n import Language

# A cell that names no item at all: an empty one would stand for what the kind usually offers.
_NO_ITEM = "none"


def write_suggestion(
    folder: Path, study: Study, found: Suggestion, *, run: dict[str, object], language: Language
) -> list[Path]:
    """Write the files of a suggestion.

    ``sites.csv``, ``frontier.csv``, ``unserved.csv``, ``stations_after.csv``, ``issues.csv``, ``summary.json``,
    ``run.json`` and ``sites.geojson`` always; ``services.csv`` for several services at once, ``plan.csv`` with a
    plan by years, ``rejected.csv`` where rows of the user's list were left out.

    Parameters
    ----------
    folder
        Created if needed; files of the same names are replaced.
    study, found
        The study and the suggestion.
    run
        As `geodata.answers.write_assessment.describe_run` returns.
    language
        Language of the findings.

    Returns
    -------
    The files. Two runs write the same, but for ``runtime_s``, ``started`` and ``seconds``, unless time ran out.
    """
    tables = {
        "sites.csv": found.sites,
        "frontier.csv": found.frontier,
        "unserved.csv": found.unserved,
        "stations_after.csv": to_station_file(study, found.stations_after),
        "issues.csv": tabulate_issues(found.issues, language),
    }
    if len(found.years.columns):
        tables["plan.csv"] = found.years
    if len(found.services.columns):
        tables["services.csv"] = found.services
    if len(found.rejected):
        tables["rejected.csv"] = found.rejected
    written = []
    for name, table in tables.items():
        write_csv(folder / name, table)
        written.append(folder / name)
    write_json(folder / "summary.json", summarise_suggestion(found))
    write_json(folder / "run.json", run)
    members = {"schematic": study.schematic, "attribution": study.attribution}
    layer = write_geojson(folder / "sites.geojson", draw_sites(study, found), members=members)
    return [*written, folder / "summary.json", folder / "run.json", layer, *write_schematic_note(folder, study)]


def to_station_file(study: Study, stations: pd.DataFrame) -> pd.DataFrame:
    """Return stations as a table that `geodata.intake.read_stations` reads back as they are."""
    usual = {kind.id: kind.services for kind in study.catalogue.kinds}
    cells = [
        ";".join(items) or (_NO_ITEM if usual.get(kind) else "")
        for items, kind in zip(stations["services"], stations["kind"], strict=True)
    ]
    return stations.assign(services=pd.Series(cells, stations.index, dtype=str))


def draw_sites(study: Study, found: Suggestion) -> gpd.GeoDataFrame:
    """Return the sites as points in WGS-84; exact positions of police places are hidden."""
    table = found.sites
    police = {kind.id for kind in study.catalogue.kinds if kind.family == POLICE_FAMILY}
    hidden = table["kind"].isin(police).to_numpy(bool) | is_police_question(study.catalogue, found.question.choice)
    points = gpd.points_from_xy(table["lon"], table["lat"])
    shown = gpd.GeoSeries(points, index=table.index, crs="EPSG:4326").where(~hidden, None)
    places = table.assign(lon=table["lon"].mask(hidden, np.nan), lat=table["lat"].mask(hidden, np.nan))
    return gpd.GeoDataFrame(places, geometry=shown, crs="EPSG:4326")


def summarise_suggestion(found: Suggestion) -> dict[str, object]:
    """Gather the numbers of the whole: what was asked, what was found, how good it is proved to be."""
    asked, answer, problem = found.asked, found.solved.answer, found.asked.problem
    after = _count(found, found.minutes_after)
    before = _count(found, asked.minutes_before)
    chosen = asked.candidates.iloc[answer.opened]
    ids = found.basis.study.stations.index.to_numpy(object)
    money = compute_money(problem, answer)
    gained = after.covered - before.covered
    twice = _count_twice(found)
    return {
        "method": answer.method,
        "status": answer.status,
        "objective": answer.objective,
        "bound": answer.bound,
        "gap": answer.gap,
        "runtime_s": round(found.runtime_s, 3),
        "sites": len(answer.opened),
        "sites_asked": found.siting.sites,
        "budget_asked": found.siting.budget,
        "share_asked": found.siting.share,
        "cost": money,
        "cost_per_person": money / gained if gained > 0 else None,
        "site_ids": [str(one) for one in chosen.index],
        "closed_stations": [str(ids[asked.station_row[row - len(asked.candidates)]]) for row in answer.closed],
        "weight": asked.weight_column,
        "population_total": after.total,
        "covered_before": before.covered,
        "covered_after": after.covered,
        "newly_covered": gained,
        "share_before": before.share_covered,
        "share_after": after.share_covered,
        "mean_min_before": before.mean_min,
        "mean_min_after": after.mean_min,
        "median_min_after": after.median_min,
        "p90_min_after": after.p90_min,
        "served": None if found.solved.served is None else float(problem.weight @ found.solved.served),
        "worst_county_share": found.solved.worst,
        "covered_twice_before": None if twice is None else twice[0],
        "covered_twice_after": None if twice is None else twice[1],
        "measure": found.curve.measure.id,
        "curve_points": len(found.frontier),
        "curve_cut_short": found.curve.is_cut,
        "services": _tell_services(found),
        "unserved_people": float(found.unserved["people"].sum()),
        "unserved_by_reason": {
            str(reason): float(people) for reason, people in found.unserved.groupby("reason")["people"].sum().items()
        },
        "candidates": len(asked.candidates),
        "candidates_by_source": {
            str(source): int(count) for source, count in asked.candidates["source"].value_counts().sort_index().items()
        },
        "demand_count": problem.demand_count,
        "pairs": len(problem.cost),
        "cutoff_min": asked.cutoff,
        "costs_are": "estimate / 估算",
    }


def _tell_services(found: Suggestion) -> dict[str, dict[str, object]] | None:
    """Return what a plan brings to each of several services; None where there is one question only."""
    if found.services.empty:
        return None
    table = found.services.set_index("service")
    return {str(one): {str(name): value for name, value in row.items()} for one, row in table.to_dict("index").items()}


def _count_twice(found: Suggestion) -> tuple[float, float] | None:
    """Count who has two places in reach today and afterwards; None where that is not asked for."""
    if found.siting.method not in TWICE_METHODS:
        return None
    gained, before = compute_doubles(found.asked, found.solved)
    return before, before + float(gained.sum())


def _count(found: Suggestion, minutes: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Totals:
    status = classify(minutes, found.asked.is_connected, found.asked.cutoffs_min)
    return compute_totals(minutes, status, found.asked.problem.weight)
