"""Files to take away: tables as CSV that spreadsheets open rightly, the study as one pack."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import streamlit as st

from coverage.inputs.schema import STATION_COLUMNS
from coverage.inputs.study import Study
from geodata.answers.write_assessment import name_download
from geodata.files.write_tables import encode_csv
from geodata.studies.pack import write_pack
from geodata.words.i18n import Translator


def to_csv_bytes(table: pd.DataFrame) -> bytes:
    """Write a table as CSV: UTF-8 with a byte order mark, texts that look like formulas defused."""
    return encode_csv(table)


def to_pack_bytes(folder: Path) -> bytes:
    """Write a study's folder as one pack."""
    with tempfile.TemporaryDirectory(prefix="pack-") as place:
        path = Path(place) / "study.zip"
        write_pack(folder, path)
        return path.read_bytes()


def draw_download(study: Study, table: pd.DataFrame, stem: str, label: str) -> None:
    """Draw the button that takes a table away."""
    st.download_button(
        label,
        data=lambda: encode_csv(table),
        file_name=name_download(study, f"{stem}.csv"),
        mime="text/csv",
        on_click="ignore",
        key=f"w_csv_{stem}",
    )


def list_issues(study: Study, tr: Translator) -> pd.DataFrame:
    """Put the findings into words, one row each: severity, input, how many, rows, what, and how to fix."""
    rows = []
    for issue in study.issues:
        said = tr.describe(issue)
        rows.append(
            {
                tr("column.severity"): tr(f"severity.{issue.severity}"),
                tr("column.source"): issue.source,
                tr("column.count"): issue.count,
                tr("column.what"): said.what,
                tr("column.fix"): said.fix,
                tr("column.rows"): ", ".join(map(str, issue.rows)),
            }
        )
    return pd.DataFrame(rows)


def list_rejected(study: Study, tr: Translator) -> pd.DataFrame:
    """List the rows that were left out, with the problem in words."""
    roles = pd.Series([tr(f"role.{role}") for role in study.rejected["role"]], name=tr("column.source"), dtype=str)
    return pd.concat([roles, list_rejected_rows(study.rejected, tr)], axis=1)


def list_rejected_rows(table: pd.DataFrame, tr: Translator) -> pd.DataFrame:
    """List rows that a reader left out: row of the sheet, problem in words, column and what stood there."""
    return pd.DataFrame(
        {
            tr("column.row"): table["row"].to_numpy(),
            tr("column.problem"): [_name_problem(problem, tr) for problem in table["problem"]],
            tr("column.field"): table["field"].astype(str).to_numpy(),
            tr("column.value"): table["value"].astype(str).to_numpy(),
        }
    )


def say_left_out(file: Path, tr: Translator) -> bytes:
    """Return rows that were left out when the study was made, whole, with the problem in words."""
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    return to_csv_bytes(table.assign(problem=[_name_problem(problem, tr) for problem in table["problem"]]))


def _name_problem(problem: object, tr: Translator) -> str:
    return tr.word(f"fact.problem.{problem}", str(problem))


def station_template() -> pd.DataFrame:
    """Return the columns of a station table with one example row."""
    example = {
        "name": "示例：某某司法所",
        "kind": "justice_office",
        "level": "township",
        "services": "legal_consultation;mediation",
        "hours": "周一至周五 10:00-14:00,15:30-19:30",
        "capacity": 3000,
        "status": "existing",
        "operator": "local",
        "code": "650121100",
        "lon": 87.4321,
        "lat": 43.5678,
    }
    columns = ["station_id", *STATION_COLUMNS]
    return pd.DataFrame([{"station_id": "S001", **example}], columns=columns)


def population_template() -> pd.DataFrame:
    """Return the columns of a table of people with one example row."""
    return pd.DataFrame(
        [
            {
                "demand_id": "D001",
                "lon": 87.4321,
                "lat": 43.5678,
                "population": 860,
                "drivers": 240,
                "vehicles": 190,
                "children": 70,
                "aged": 110,
                "zone": "rural",
            }
        ]
    )
