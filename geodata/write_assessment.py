"""The files of an assessment: summary, districts, demand, issues and how they were computed."""

from __future__ import annotations

import datetime as dt
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from coverage.assessment import Assessment, TravelBasis, compute_service_totals, find_weight_column
from coverage.errors import DataIssue
from coverage.established import compute_established_rate
from coverage.model import Study
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.schema import DISTRICT_LEVELS, STATUSES
from coverage.stations import StationChoice, select_stations
from coverage.totals import Totals
from geodata.i18n import Language, describe
from geodata.write_tables import write_csv, write_json

VERSION = "0.1.0"
_LIBRARIES = ("numpy", "scipy", "pandas", "geopandas", "shapely", "pyogrio", "osmium")
_SCHEMATIC = "示意"


def name_download(study: Study, name: str) -> str:
    """Return the name of a file a person downloads; those of schematic data end in ``_示意``."""
    stem, _, suffix = name.rpartition(".")
    return f"{stem}_{_SCHEMATIC}.{suffix}" if study.schematic else name


def summarise(totals: Totals, weight_column: str, stations: int) -> dict[str, object]:
    """Return totals under the names of ``summary.json``."""
    return {
        **{f"population_{name}": getattr(totals, name) for name in ("total", *STATUSES)},
        "share_covered": totals.share_covered,
        "mean_min": totals.mean_min,
        "median_min": totals.median_min,
        "p90_min": totals.p90_min,
        "weight": weight_column,
        "stations": stations,
    }


def find_offered_services(study: Study) -> list[str]:
    """List the service items at least one existing station offers, in the order of the catalogue."""
    return [
        item.id
        for item in study.catalogue.items
        if select_stations(study.stations, study.catalogue, StationChoice(service=item.id)).any()
    ]


def summarise_services(
    basis: TravelBasis, cutoff_min: float, *, progress: Progress = ignore_progress
) -> dict[str, dict[str, object]]:
    """Assess every offered service item by itself."""
    services = find_offered_services(basis.study)
    result = {}
    for number, service in enumerate(services):
        report_progress(progress, number / len(services), "services")
        choice = StationChoice(service=service)
        totals, stations = compute_service_totals(basis, choice, cutoff_min)
        result[service] = summarise(totals, find_weight_column(basis.study, choice), stations)
    return result


def tabulate_established(study: Study, choice: StationChoice) -> list[dict[str, object]]:
    """Return the established rate of every district level the study has."""
    levels = [level for level in DISTRICT_LEVELS if (study.districts["level"] == level).any()]
    rates = [compute_established_rate(study, choice, level) for level in levels]
    return [asdict(rate) | {"rate": rate.rate} for rate in rates]


def tabulate_demand(assessment: Assessment) -> pd.DataFrame:
    """Return the table of ``demand.csv``; minutes are empty where there is no finite time."""
    columns = ["lon", "lat", "population", "district_id", "minutes", "station_id", "access_m", "status"]
    return assessment.demand[columns].rename_axis("demand_id")


def tabulate_issues(issues: tuple[DataIssue, ...], language: Language) -> pd.DataFrame:
    """Return the table of ``issues.csv``: one line for each finding, with what it means and how to fix it."""
    rows = []
    for issue in issues:
        words = describe(issue, language)
        shown = ";".join(map(str, issue.rows)) + (";…" if len(issue.rows) < issue.count and issue.rows else "")
        rows.append(
            (
                issue.severity,
                issue.code,
                issue.source,
                issue.count,
                shown,
                issue.column,
                issue.value,
                words.what,
                words.fix,
            )
        )
    names = ["severity", "code", "source", "count", "rows", "column", "value", "what", "fix"]
    return pd.DataFrame(rows, columns=names)


def tabulate_rejected(study: Study, language: Language) -> pd.DataFrame:
    """Return rows that were left out, each with what is wrong and how to mend it."""
    words = {
        code: describe(DataIssue(code, "rejected", ""), language)
        for code in study.rejected["problem"].unique().tolist()
    }
    return study.rejected.assign(suggestion=[words[code].fix for code in study.rejected["problem"]])


def describe_run(study: Study, options: dict[str, object], started: dt.datetime) -> dict[str, object]:
    """Return how a result was computed: inputs and their hashes, settings, versions, time."""
    network = study.network
    return {
        "planner": VERSION,
        "study": {"id": study.id, "schematic": study.schematic, "fingerprint": study.fingerprint},
        "options": options,
        "inputs": [asdict(source) for source in study.sources],
        "network": None if network is None else {"fingerprint": network.fingerprint, **dict(network.counts)},
        "settings": asdict(study.settings),
        "speeds": asdict(study.speeds),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}},
        "attribution": study.attribution,
        "started": started.isoformat(timespec="seconds"),
        "seconds": round((dt.datetime.now(dt.UTC) - started).total_seconds(), 3),
    }


def write_assessment(
    folder: Path,
    study: Study,
    assessment: Assessment | None,
    *,
    choice: StationChoice,
    cutoff_min: float,
    services: dict[str, dict[str, object]],
    run: dict[str, object],
    language: Language,
) -> list[Path]:
    """Write ``summary.json``, ``districts.csv``, ``demand.csv``, ``issues.csv`` and ``run.json``.

    Rows that were left out, if any, go to ``rejected.csv`` with the way to mend them; where
    people were scaled to official totals, ``reconciliation.csv`` says how. The names are fixed,
    because other programs look for them; schematic data are marked inside.

    Parameters
    ----------
    folder
        Created if needed; files of the same names are replaced.
    study, assessment
        The study and its answer; None where there are no roads: then only the established rate is
        given, and the summary says so.
    choice, cutoff_min
        Which stations were counted, and the threshold [min].
    services
        Summaries by service item.
    run
        As `describe_run` returns.
    language
        Language of the findings.

    Returns
    -------
    The files written.
    """
    summary: dict[str, object] = {
        "study": study.id,
        "schematic": study.schematic,
        "cutoff_min": cutoff_min,
        "choice": asdict(choice),
        "has_roads": study.network is not None,
        "population_total": float(study.demand["population"].sum()),
    }
    if assessment is not None:
        summary |= summarise(assessment.totals, assessment.weight_column, assessment.station_count)
        summary["population_double_covered"] = assessment.double_covered
    summary |= {"established": tabulate_established(study, choice), "services": services}
    paths = {name: folder / name for name in ("summary.json", "issues.csv", "run.json")}
    write_json(paths["summary.json"], summary)
    write_csv(paths["issues.csv"], tabulate_issues(study.issues, language))
    write_json(paths["run.json"], run)
    if len(study.rejected):
        paths["rejected.csv"] = folder / "rejected.csv"
        write_csv(paths["rejected.csv"], tabulate_rejected(study, language))
    if len(study.reconciliation):
        paths["reconciliation.csv"] = folder / "reconciliation.csv"
        write_csv(paths["reconciliation.csv"], study.reconciliation)
    if assessment is not None:
        paths |= {name: folder / name for name in ("districts.csv", "demand.csv")}
        write_csv(paths["districts.csv"], assessment.districts)
        write_csv(paths["demand.csv"], tabulate_demand(assessment))
    return list(paths.values())
