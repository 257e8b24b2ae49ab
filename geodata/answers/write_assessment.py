"""The files of an assessment: summary, districts, demand, issues and how they were computed."""

from __future__ import annotations

import datetime as dt
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from coverage.access.established import compute_established_rate
from coverage.access.layer_coverage import count_unknown_hours, tabulate_uncounted
from coverage.access.rebin import tabulate_within
from coverage.access.suspicion import find_far_from_roads
from coverage.access.totals import Totals
from coverage.answer.answer import Answer
from coverage.errors import DataIssue
from coverage.inputs.question import Question, find_own_level
from coverage.inputs.schema import DISTRICT_LEVELS, STATUSES
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from geodata.files.write_areas import hide_police_places, leave_out_police, write_geojson
from geodata.files.write_tables import write_bytes, write_csv, write_json
from geodata.words.i18n import LANGUAGES, Language, Translator, describe
from geodata.words.unit_names import name_units

VERSION = "0.1.0"
_LIBRARIES = ("numpy", "scipy", "pandas", "geopandas", "shapely", "pyogrio", "osmium")
_SCHEMATIC = "示意"
# Files that not every answer has.
_AT_TIMES = (
    "rejected.csv", "reconciliation.csv", "targets.csv", "station_loads.csv", "station_areas.geojson",
)  # fmt: skip
# What is of a usual week, a year or a plan, and left out of an answer for a moment.
NOT_AT_A_MOMENT = ("B9", "B14", "B17", "station_loads.csv", "targets.csv")


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


def describe_question(study: Study, question: Question) -> dict[str, object]:
    """Return every part of a question but its thresholds, as ``summary.json`` and ``delta.json`` name them."""
    return {
        "choice": asdict(question.choice),
        "period": question.period,
        "mode": study.settings.mode,
        "season": question.season or study.settings.season,
        "direction": question.direction or study.settings.direction,
        "own_level": find_own_level(study, question),
        "closures": len(question.closures),
    }


def tabulate_established(study: Study, choice: StationChoice) -> list[dict[str, object]]:
    """Return the established rate of every district level the study has."""
    levels = [level for level in DISTRICT_LEVELS if (study.districts["level"] == level).any()]
    rates = [compute_established_rate(study, choice, level) for level in levels]
    return [asdict(rate) | {"rate": rate.rate} for rate in rates]


def tabulate_demand(answer: Answer) -> pd.DataFrame:
    """Return the table of ``demand.csv``; minutes are empty where there is no finite time.

    ``access_m`` is the walk to the road that is used, empty beyond the snap limit; ``road_m`` the straight distance to
    the nearest road of any kind, also of those who are not connected. ``reason`` says why there is no station for
    people of the class ``no_route``; ``elsewhere_min`` how far one outside the own unit is, where that is why.
    """
    columns = ["lon", "lat", "population", "district_id", "minutes", "station_id", "access_m", "status"]
    road_m = find_far_from_roads(answer.basis).road_m.round(1)
    why = answer.reasons
    return (
        answer.assessment.demand[columns]
        .assign(road_m=road_m, reason=why.of_point, elsewhere_min=why.elsewhere_min)
        .rename_axis("demand_id")
    )


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


def describe_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that numbers depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}


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
        "versions": describe_versions(),
        "attribution": study.attribution,
        "started": started.isoformat(timespec="seconds"),
        "seconds": round((dt.datetime.now(dt.UTC) - started).total_seconds(), 3),
    }


def write_assessment(
    folder: Path,
    study: Study,
    question: Question,
    answer: Answer | None,
    *,
    run: dict[str, object],
    language: Language,
) -> list[Path]:
    """Write the files of an assessment.

    ``summary.json``, ``issues.csv`` and ``run.json`` always; with roads also ``districts.csv``,
    ``demand.csv``, ``indicators.csv``, ``established_vs_reachable.csv``, ``far_from_roads.csv``,
    ``seasons.csv``, ``referrals.csv``, ``targets.csv`` (if the study has any), ``station_loads.csv`` (if a
    capacity is known), both only for the whole week, ``gaps.geojson``, ``service_areas.geojson`` and, where asked for,
    ``station_areas.geojson``, which leaves police places out. Rows of the inputs that were left out, if any,
    go to ``rejected.csv`` with the way to mend them; where people were scaled to official totals,
    ``reconciliation.csv`` says how. Stations that are no fixed services, by their layer or hours, are in
    ``stations_not_counted.csv``. The names are fixed, because other programs look for them;
    results of schematic data have ``README_示意.txt`` beside them, which says so.

    Parameters
    ----------
    folder
        Created if needed; files of the same names are replaced, and those of an earlier answer removed.
    study, question, answer
        The study, what was asked, and what follows; None where there are no roads: then only the
        established rate is given, and the summary says so.
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
        "cutoff_min": question.cutoff_min if question.thresholds is None else None,
        "thresholds": None if question.thresholds is None else question.thresholds.id,
        **describe_question(study, question),
        "has_roads": study.network is not None,
        "population_total": float(study.demand["population"].sum()),
    }
    if answer is not None:
        found = answer.assessment
        summary |= summarise(found.totals, found.weight_column, found.station_count)
        summary["population_no_route_by_reason"] = answer.reasons.people.to_dict()
        summary["population_double_covered"] = answer.double_covered
        within = tabulate_within(found, study.settings.cutoffs_min)
        summary["items_in_scope"] = list(answer.scope.items)
        summary["not_at_a_moment"] = [] if answer.is_open is None else list(NOT_AT_A_MOMENT)
        summary["population_within"] = {
            f"{minutes:g}": people for minutes, people in zip(within["cutoff_min"], within["people"], strict=True)
        }
    services = {} if answer is None else answer.services
    uncounted = tabulate_uncounted(study, question.choice)
    summary["stations_not_counted"] = len(uncounted)
    summary["stations_with_unknown_hours"] = count_unknown_hours(study, question.choice)
    summary["established"] = tabulate_established(study, question.choice)
    summary["services"] = {
        service: summarise(each.totals, each.weight_column, each.stations) for service, each in services.items()
    }
    issues = study.issues if answer is None else (*study.issues, *answer.issues)
    written = [folder / name for name in ("summary.json", "issues.csv", "run.json")]
    write_json(written[0], summary)
    write_csv(written[1], tabulate_issues(issues, language))
    write_json(written[2], run)
    tables = {"rejected.csv": tabulate_rejected(study, language), "reconciliation.csv": study.reconciliation}
    tables["stations_not_counted.csv"] = uncounted.rename_axis("station_id")
    written += _write_tables(folder, {name: table for name, table in tables.items() if len(table)})
    if answer is not None:
        written += _write_answer(folder, study, question, answer, language)
    written += write_schematic_note(folder, study)
    for name in _AT_TIMES:
        if folder / name not in written:
            (folder / name).unlink(missing_ok=True)  # of another question: two answers in one folder would differ
    return written


def write_schematic_note(folder: Path, study: Study) -> list[Path]:
    """Write beside the tables of schematic data that they are; nothing for others."""
    if not study.schematic:
        return []
    # The tables cannot say it themselves without breaking the programs that read them.
    words = "\n".join(Translator(each)("export.schematic", study=study.name.zh) for each in LANGUAGES)
    path = folder / f"README_{_SCHEMATIC}.txt"
    write_bytes(path, f"{words}\n\n{study.attribution}\n".encode("utf-8-sig"))
    return [path]


def _write_tables(folder: Path, tables: dict[str, pd.DataFrame]) -> list[Path]:
    for name, table in tables.items():
        write_csv(folder / name, table)
    return [folder / name for name in tables]


def _write_answer(folder: Path, study: Study, question: Question, answer: Answer, language: Language) -> list[Path]:
    tables = {
        "districts.csv": answer.assessment.districts,
        "demand.csv": tabulate_demand(answer),
        "indicators.csv": answer.indicators,
        "established_vs_reachable.csv": answer.established.mismatches,
        "far_from_roads.csv": answer.far_from_roads,
        "seasons.csv": answer.seasons,
        "referrals.csv": answer.referrals,
    }
    by_need = {"targets.csv": answer.targets, "station_loads.csv": answer.loads.rename_axis("station_id")}
    tables |= {name: table for name, table in by_need.items() if len(table)}
    written = _write_tables(folder, {name: name_units(table, language, study.name) for name, table in tables.items()})
    gaps = name_units(hide_police_places(answer.gaps, study), language, study.name)
    layers = {"gaps.geojson": gaps, "service_areas.geojson": answer.areas}
    if answer.has("station_areas"):
        layers["station_areas.geojson"] = leave_out_police(answer.station_areas, study)
    members = {"schematic": study.schematic, "attribution": study.attribution, "period": question.period}
    return written + [write_geojson(folder / name, layer, members=members) for name, layer in layers.items()]
