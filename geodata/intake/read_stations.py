"""Reads stations: where a service is given, of what kind, and what can be done there."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from coverage.inputs.schema import OPERATORS, STATION_COLUMNS, STATION_STATUSES, LoadedTable, check_stations
from coverage.inputs.study import Catalogue
from geodata.files.reading_border import reads_file
from geodata.intake.cells.datum import Datum
from geodata.intake.cells.read_dates import parse_date
from geodata.intake.cells.read_table import read_table
from geodata.intake.cells.row_checks import FloatColumn, RowChecker
from geodata.intake.station_kinds import read_kinds

_FIELDS = (
    *("id", "name", "kind", "level", "services", "hours"),
    *("capacity", "status", "operator", "code", "cost", "open_date"),
)
# Columns a list of today's stations does without; nothing is assumed for them.
_PLANS = ("open_date", "cost")
_LISTED = re.compile(r"[;|；、]")
_OPERATOR_WORDS = {"local": "local", "地方": "local", "bingtuan": "bingtuan", "兵团": "bingtuan"}
_STATUS_WORDS = {"已建": "existing", "现有": "existing", "规划": "planned", "关闭": "closed", "候选": "candidate"}


@reads_file
def read_stations(
    path: str | Path,
    catalogue: Catalogue,
    *,
    default_kind: str | None = None,
    area: BaseGeometry | None = None,
    datum: Datum | None = "wgs84",
    assumed_crs: str | None = None,
) -> LoadedTable:
    """Read stations from CSV, a workbook (.xlsx, .xls, .et, .ods), GeoJSON, GeoPackage, Shapefile or KML.

    Columns ``station_id, name, kind, level, services, hours, capacity, status, operator, code, open_date, cost``
    are used where the file has them, with ``lon, lat`` or a geometry; everything that is missing is
    filled from the catalogue and noted. `services` lists item ids separated by ``;`` or ``|``.

    Parameters
    ----------
    path
        The file.
    catalogue
        Kinds, levels and items.
    default_kind
        Kind of stations that do not say it; a layer without a column `kind` has this one throughout. None if the user
        has named none: then what the type and the name say counts, see `geodata.intake.station_kinds`.
    area
        Study area in WGS-84, used to recognise swapped coordinates.
    datum
        What the positions refer to; they are turned into WGS-84. None if the user has not said.
    assumed_crs
        Coordinate system of a layer that declares none.

    Returns
    -------
    A table after ``coverage.inputs.schema.STATION_COLUMNS``, indexed by station id, and its account. A row is
    left out only without a usable position or with an id that is taken; an unknown kind becomes
    ``other`` and offers nothing but what its row lists, unknown items are left out of the list, both with a warning.
    """
    standard = None if default_kind is None else catalogue.kind(default_kind).id
    raw = read_table(path, assumed_crs=assumed_crs)
    checker = RowChecker(raw)
    kinds, is_known = read_kinds(checker, catalogue, standard)
    remote = kinds.isin({kind.id for kind in catalogue.kinds if kind.layer == "remote"}).to_numpy(dtype=bool)
    lon, lat = checker.read_positions(area, datum, needs_none=remote)
    cells = {field: _find_cells(checker, field) for field in _FIELDS}
    ids = checker.read_ids("stations.id_twice")
    table = pd.DataFrame(
        {
            "name": cells["name"] if cells["name"] is not None else ids,
            "kind": kinds,
            "level": _read_levels(checker, cells["level"], kinds, catalogue),
            "services": _read_services(checker, cells["services"], kinds.where(is_known, ""), catalogue),
            "hours": cells["hours"] if cells["hours"] is not None else "",
            "capacity": _read_amounts(checker, cells["capacity"], "stations.capacity_invalid"),
            "cost": _read_amounts(checker, cells["cost"], "stations.cost_invalid"),
            "status": _read_choice(checker, "status", cells["status"], STATION_STATUSES, _STATUS_WORDS),
            "operator": _read_choice(checker, "operator", cells["operator"], OPERATORS, _OPERATOR_WORDS),
            "code": cells["code"] if cells["code"] is not None else "",
            "open_date": _read_dates(checker, cells["open_date"]),
            "lon": lon,
            "lat": lat,
        },
        columns=list(STATION_COLUMNS),
    )
    table["name"] = table["name"].where(table["name"] != "", ids)
    _remark_twins(checker, table)
    checker.remark(remote & checker.accepted, "stations.remote_no_place", "note")
    checker.remark_columns(
        "stations.columns_filled", [field for field, values in cells.items() if values is None and field not in _PLANS]
    )
    table = table[checker.accepted].set_axis(pd.Index(ids[checker.accepted], dtype=str, name="station_id"))
    loaded = checker.build(table)
    check_stations(table)
    return loaded


def _find_cells(checker: RowChecker, field: str) -> pd.Series | None:
    column = checker.find_column(field)
    return None if column is None else checker.raw.table[column]


def _read_levels(checker: RowChecker, cells: pd.Series | None, kinds: pd.Series, catalogue: Catalogue) -> pd.Series:
    usual = kinds.map({kind.id: kind.level for kind in catalogue.kinds})
    if cells is None:
        return usual
    by_word = {level.name.zh: level.id for level in catalogue.levels} | {
        level.id: level.id for level in catalogue.levels
    }
    levels = cells.map(by_word)
    unknown = (levels.isna() & (cells != "")).to_numpy(dtype=bool)
    checker.remark(unknown, "stations.level_unknown", "warning", str(cells.name))
    return levels.astype(object).where(levels.notna(), usual).astype(str)


def _read_services(checker: RowChecker, cells: pd.Series | None, kinds: pd.Series, catalogue: Catalogue) -> pd.Series:
    usual = {kind.id: kind.services for kind in catalogue.kinds} | {"": ()}
    if cells is None:
        return kinds.map(usual)
    by_word = {item.name.zh: item.id for item in catalogue.items} | {item.id: item.id for item in catalogue.items}
    answer: list[tuple[str, ...]] = []
    strange: list[str] = []
    for listed, kind in zip(cells, kinds, strict=True):
        words = [word.strip() for word in _LISTED.split(listed) if word.strip()]
        known = dict.fromkeys(by_word[word] for word in words if word in by_word)
        strange.append(next((word for word in words if word not in by_word), ""))
        answer.append(tuple(known) if words else usual[kind])
    unknown = np.array([word != "" for word in strange], dtype=bool)
    if unknown.any():
        checker.remark(
            unknown, "stations.service_unknown", "warning", str(cells.name), strange[int(np.argmax(unknown))]
        )
    return pd.Series(answer, index=cells.index, dtype=object)


def _read_amounts(checker: RowChecker, cells: pd.Series | None, invalid: str) -> FloatColumn:
    """Read numbers that are not negative; NaN where there is none."""
    if cells is None:
        return np.full(len(checker.raw.table), np.nan)
    numbers, unreadable = checker.parse_column(str(cells.name))
    bad = unreadable | np.isinf(numbers) | (numbers < 0.0)
    checker.remark(bad, invalid, "warning", str(cells.name))
    return np.where(bad, np.nan, numbers)


def _read_choice(
    checker: RowChecker, field: str, cells: pd.Series | None, known: tuple[str, ...], words: dict[str, str]
) -> pd.Series:
    """Read a column of few values; the first of `known` stands in for empty and unknown cells."""
    if cells is None:
        return pd.Series(known[0], index=checker.raw.table.index, dtype=str)
    choice = cells.str.casefold().map({word: word for word in known} | words)
    unknown = (choice.isna() & (cells != "")).to_numpy(dtype=bool)
    checker.remark(
        unknown, f"stations.{field}_unknown", "warning", str(cells.name), known=", ".join(known), used=known[0]
    )
    return choice.astype(object).where(choice.notna(), known[0]).astype(str)


def _read_dates(checker: RowChecker, cells: pd.Series | None) -> pd.Series:
    """Read days as ``2027-06-30``; a month or a year stands for its last day, so that nothing opens too early."""
    if cells is None:
        return pd.Series("", index=checker.raw.table.index, dtype=str)
    found = {cell: parse_date(cell) for cell in cells.unique()}
    bad = cells.map(lambda cell: found[cell] is None).to_numpy(dtype=bool)
    checker.remark(bad, "stations.open_date_invalid", "warning", str(cells.name))
    return cells.map(lambda cell: found[cell] or "").astype(str)


def _remark_twins(checker: RowChecker, table: pd.DataFrame) -> None:
    known = table[checker.accepted]
    place = pd.DataFrame(
        {"name": known["name"], "kind": known["kind"], "x": known["lon"].round(4), "y": known["lat"].round(4)}
    )
    twins = place.duplicated().reindex(table.index, fill_value=False).to_numpy(dtype=bool)
    if twins.any():
        checker.remark(twins, "stations.same_place", "warning", value=str(table["name"][twins].iloc[0]))
