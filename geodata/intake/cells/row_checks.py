"""Checks rows of a raw table one rule after the other and keeps the account of what is left out, and why."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from coverage.errors import DataIssue, InputError, Severity
from coverage.inputs.schema import LoadedTable
from geodata.intake.cells.column_names import find_columns, find_unit
from geodata.intake.cells.datum import Datum, is_shifted, to_wgs84
from geodata.intake.cells.position_columns import PositionColumns, find_position_columns
from geodata.intake.cells.read_angle import read_angle
from geodata.intake.cells.read_table import RawTable

MAX_LATITUDE = 85.0
_ROWS_SHOWN = 20
_LONGEST_LIST = 2000  # characters of names of columns
_AREA_MARGIN_DEG = 2.0
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")

FloatColumn = npt.NDArray[np.float64]
BoolColumn = npt.NDArray[np.bool_]


def parse_numbers(cells: pd.Series) -> tuple[FloatColumn, BoolColumn]:
    """Read numbers from text cells; full-width digits and grouped thousands are understood.

    Returns
    -------
    The numbers, NaN where a cell is empty or unreadable, and True where a cell holds no number.
    """
    text = cells.fillna("").astype(str)
    if not text.str.isascii().all():
        text = text.map(lambda cell: unicodedata.normalize("NFKC", cell))
    text = text.str.strip()
    grouped = text.str.fullmatch(_GROUPED).to_numpy(dtype=bool)
    if grouped.any():
        text = text.where(~grouped, text.str.replace(",", "", regex=False))
    numbers = pd.to_numeric(text.where(text != "", "nan"), errors="coerce").to_numpy(dtype=np.float64)
    unreadable = np.isnan(numbers) & (text != "").to_numpy(dtype=bool)
    return numbers, unreadable


REJECTED_COLUMNS = ("row", "problem", "field", "value")


class RowChecker:
    """The account of one table while it is read: which rows are left out, and every finding.

    The first problem of a row is the one that is reported.
    """

    def __init__(self, raw: RawTable) -> None:
        self.raw = raw
        self.issues: list[DataIssue] = list(raw.issues)
        self._used: set[str] = set()
        count = len(raw.table)
        self._problem = np.full(count, "", dtype=object)
        self._field = np.full(count, "", dtype=object)
        self._value = np.full(count, "", dtype=object)
        self.reject(raw.too_long, "table.row_too_long", "")

    @property
    def accepted(self) -> BoolColumn:
        """Return which rows have no problem so far, shape (n,)."""
        answer: BoolColumn = self._problem == ""
        return answer

    def find_column(self, *fields: str) -> str | None:
        """Return the column that a field of the book of names stands in, the first field first; None if none does.

        A column that is found counts as used: `build` names the others.
        """
        found = (column for field in fields for column in find_columns(field, map(str, self.raw.table.columns)))
        column = next(found, None)
        if column is not None:
            self._used.add(column)
        return column

    def release_column(self, column: str) -> None:
        """Take back that a column is used."""
        self._used.discard(column)

    def list_columns(self) -> str:
        """Return the names of all columns, as messages show them."""
        return ", ".join(map(str, self.raw.table.columns))[:_LONGEST_LIST]

    def reject(self, mask: BoolColumn, problem: str, field: str, values: pd.Series | None = None) -> None:
        """Leave out the rows of a mask that are still in, with the reason, the column and what stood there."""
        fresh = mask & self.accepted
        if not fresh.any():
            return
        if values is None and field in self.raw.table.columns:
            values = self.raw.table[field]
        cells = np.full(len(mask), "", dtype=object) if values is None else values.astype(str).to_numpy(dtype=object)
        self._problem[fresh] = problem
        self._field[fresh] = field
        self._value[fresh] = cells[fresh]
        self._note(problem, "rejected", fresh, field, str(cells[int(np.argmax(fresh))]))

    def remark(
        self,
        mask: BoolColumn,
        code: str,
        severity: Severity,
        field: str = "",
        value: str | None = None,
        **facts: str | int | float,
    ) -> None:
        """Note a finding about rows that stay in; nothing happens if the mask is empty."""
        shown = mask & self.accepted
        if shown.any():
            if value is None:
                value = (
                    str(self.raw.table[field].iloc[int(np.argmax(shown))]) if field in self.raw.table.columns else ""
                )
            self._note(code, severity, shown, field, value, **facts)

    def remark_columns(self, code: str, columns: list[str]) -> None:
        """Note a finding about whole columns, by name; nothing happens if there are none."""
        if columns:
            self.issues.append(
                DataIssue(code, "note", self.raw.source, len(columns), value=", ".join(columns)[:_LONGEST_LIST])
            )

    def remark_unused(self) -> None:
        """Name the columns that nothing was read from."""
        columns = map(str, self.raw.table.columns)
        self.remark_columns("table.columns_unused", [column for column in columns if column not in self._used])

    def _note(
        self, code: str, severity: Severity, mask: BoolColumn, field: str, value: str, **facts: str | int | float
    ) -> None:
        rows = tuple(int(row) for row in self.raw.rows[mask][:_ROWS_SHOWN])
        self.issues.append(
            DataIssue(code, severity, self.raw.source, int(mask.sum()), rows, field, value[:200], tuple(facts.items()))
        )

    def read_ids(self, twice: str, *fields: str) -> pd.Series:
        """Read the id of every row; rows without one are numbered by their place in the file (``row12``).

        Parameters
        ----------
        twice
            Problem as which rows are rejected whose id is taken by an earlier one.
        fields
            Fields of the book of names that may hold it, ``"id"`` if not given.
        """
        by_row = pd.Series([f"row{row}" for row in self.raw.rows], dtype=str)
        column = self.find_column(*(fields or ("id",)))
        if column is None:
            return by_row
        cells = self.raw.table[column]
        ids = cells.where(cells != "", by_row)
        self.reject_repeats(ids, column, twice)
        return ids

    def reject_repeats(self, ids: pd.Series, column: str, problem: str) -> None:
        """Leave out the rows whose id stands in an earlier row that is still in."""
        taken = ids[self.accepted].duplicated().reindex(ids.index, fill_value=False).to_numpy(dtype=bool)
        self.reject(taken, problem, column, ids)

    def read_numbers(self, column: str, prefix: str) -> FloatColumn:
        """Read a column of numbers; unreadable and infinite cells are rejected as ``<prefix>_not_a_number``."""
        numbers, unreadable = self.parse_column(column)
        self.reject(unreadable | np.isinf(numbers), f"{prefix}_not_a_number", column)
        return numbers

    def parse_column(self, column: str) -> tuple[FloatColumn, BoolColumn]:
        """Read a column of numbers in the unit that its name gives in brackets, as `parse_numbers` does."""
        numbers, unreadable = parse_numbers(self.raw.table[column])
        unit = find_unit(column)
        if unit != 1.0:
            self.remark(self.accepted, "table.unit_applied", "note", column, factor=unit)
        return numbers * unit, unreadable

    def read_positions(
        self,
        area: BaseGeometry | None = None,
        datum: Datum | None = "wgs84",
        *,
        needs_none: BoolColumn | None = None,
    ) -> tuple[FloatColumn, FloatColumn]:
        """Read the position of every row [degrees, WGS-84] and reject the rows that have none.

        Polygons and lines count with a point inside them. Nothing is changed: swapped columns are
        reported as such, not swapped back.

        Parameters
        ----------
        area
            The study area in WGS-84, which makes swapped coordinates easier to tell.
        datum
            What the positions of the file refer to; they are turned into WGS-84. None if the user has not said: they
            count as WGS-84, and a list of a web map raises the question.
        needs_none
            Rows of what has no place by its nature; without a position they are left out for that reason.
        """
        if self.raw.geometry is not None:
            lon, lat, missing = self._positions_of_geometry()
            both = "geometry"
        else:
            columns = self._choose_position_columns()
            both = columns.label
            if columns.is_pair:
                lon, lat, missing = self._positions_of_pairs(columns.lon)
            else:
                lon, lat = self._read_angles(columns.lon), self._read_angles(columns.lat)
                missing = np.isnan(lon) | np.isnan(lat)
            if columns.datum is not None and columns.datum != (datum or "wgs84"):
                self.remark(self.accepted, "position.datum_by_name", "warning", both, both, datum=columns.datum)
            datum = columns.datum or datum
        pairs = pd.Series([f"{x:.6f}, {y:.6f}" for x, y in zip(lon, lat, strict=True)])
        if needs_none is not None:
            self.reject(missing & needs_none, "stations.remote_without_place", both, pairs)
        self.reject(missing, "position.missing", both, pairs)
        self.reject(~(np.isfinite(lon) & np.isfinite(lat)), "position.not_finite", both, pairs)
        self.reject((lon == 0.0) & (lat == 0.0), "position.zero", both, pairs)
        self.reject(find_swapped(lon, lat, area), "position.swapped", both, pairs)
        self.reject((np.abs(lon) > 180.0) | (np.abs(lat) > MAX_LATITUDE), "position.out_of_range", both, pairs)
        if datum is None and self._is_from_web_map():
            self.remark(self.accepted, "position.datum_question", "warning", both)
        elif datum is None and self.raw.geometry is None:
            self.remark(self.accepted & is_shifted(lon, lat), "position.datum_assumed", "note", both)
        if datum is not None and datum != "wgs84":
            self.remark(self.accepted, "position.datum_moved", "note", value=datum)
        return to_wgs84(lon, lat, datum or "wgs84")

    def _is_from_web_map(self) -> bool:
        """Tell whether a list has the columns in which Amap exports places."""
        columns = {str(column).casefold() for column in self.raw.table.columns}
        return "typecode" in columns or {"pname", "cityname", "adname"} <= columns

    def _choose_position_columns(self) -> PositionColumns:
        """Choose the columns of positions; where there are several, the choice is said."""
        found = find_position_columns(map(str, self.raw.table.columns))
        if not found:
            raise InputError("table.no_position", file=self.raw.source, found=self.list_columns())
        chosen = found[0]
        self._used |= {chosen.lon, chosen.lat}
        others = [one.label for one in found[1:] if {one.lon, one.lat} != {chosen.lon, chosen.lat}]
        if others:
            value = " · ".join(others)
            self.remark(self.accepted, "position.columns_chosen", "warning", chosen.label, value, used=chosen.label)
        return chosen

    def _read_angles(self, column: str) -> FloatColumn:
        """Read a column of degrees, as numbers or with minutes and seconds; reject what is neither."""
        cells = self.raw.table[column]
        numbers, unreadable = parse_numbers(cells)
        if unreadable.any():
            angles = cells.where(unreadable, "").map(read_angle).astype(float).to_numpy()
            numbers = np.where(unreadable, angles, numbers)
            self.remark(unreadable & ~np.isnan(numbers), "position.from_minutes", "note", column)
            spelled = cells.str.casefold().isin(("nan", "null", "none", "na")).to_numpy(dtype=bool)
            self.reject(unreadable & np.isnan(numbers) & ~spelled, "position.not_a_number", column)
        self.reject(np.isinf(numbers), "position.not_finite", column)
        return numbers

    def _positions_of_pairs(self, column: str) -> tuple[FloatColumn, FloatColumn, BoolColumn]:
        """Read positions that stand in one column, longitude first: ``87.61, 43.82``."""
        halves = self.raw.table[column].str.strip("()[]（）【】 ").str.split(r"[,;，；、\s]+", n=1, regex=True)
        angles = np.array([self._read_pair(pair) for pair in halves], dtype=np.float64).reshape(-1, 2)
        empty = (self.raw.table[column] == "").to_numpy(dtype=bool)
        self.reject(np.isnan(angles).any(axis=1) & ~empty, "position.not_a_pair", column)
        return angles[:, 0], angles[:, 1], empty

    @staticmethod
    def _read_pair(halves: list[str]) -> tuple[float | None, float | None]:
        return (read_angle(halves[0]), read_angle(halves[1])) if len(halves) == 2 else (None, None)

    def _positions_of_geometry(self) -> tuple[FloatColumn, FloatColumn, BoolColumn]:
        geometry = self.raw.geometry
        if geometry is None:
            raise InputError("file.no_geometry", file=self.raw.source)
        shapes = geometry.to_numpy()
        missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
        shaped = ~missing & (shapely.get_type_id(shapes) != shapely.GeometryType.POINT)
        if shaped.any():
            shapes = shapes.copy()
            shapes[shaped] = shapely.point_on_surface(shapes[shaped])
            self.remark(shaped, "table.points_from_shapes", "note")
        lon, lat = shapely.get_x(shapes), shapely.get_y(shapes)
        return lon, lat, missing

    def build(self, table: pd.DataFrame) -> LoadedTable:
        """Close the account.

        Parameters
        ----------
        table
            The accepted rows, in the order of the file.

        Raises
        ------
        InputError
            ``table.all_rejected`` if no row is left.
        """
        self.remark_unused()
        left_out = ~self.accepted
        if left_out.all():
            first = int(np.argmax(left_out))
            raise InputError(
                "table.all_rejected",
                file=self.raw.source,
                count=len(left_out),
                problem=str(self._problem[first]),
                row=int(self.raw.rows[first]),
                column=str(self._field[first]),
                value=str(self._value[first])[:200],
            )
        rejected = self.raw.table[left_out].copy()
        for name, values in (
            ("row", self.raw.rows),
            ("problem", self._problem),
            ("field", self._field),
            ("value", self._value),
        ):
            rejected[name] = values[left_out]
        return LoadedTable(
            table=table,
            rejected=rejected.reset_index(drop=True),
            rows_in=len(left_out),
            rows_accepted=int((~left_out).sum()),
            issues=tuple(self.issues),
            rows=self.raw.rows[~left_out] if len(table) == int((~left_out).sum()) else None,
        )


def find_swapped(lon: FloatColumn, lat: FloatColumn, area: BaseGeometry | None = None) -> BoolColumn:
    """Tell which positions have longitude and latitude exchanged, shape (n,).

    True where the latitude cannot be one but would be a longitude, where both are typical of China the
    other way round (longitude 73..136, latitude 18..54), or where only the exchanged position lies in
    or near the study area.
    """
    impossible = (np.abs(lat) > MAX_LATITUDE) & (np.abs(lat) <= 180.0) & (np.abs(lon) <= MAX_LATITUDE)
    chinese = (lat >= 73.0) & (lat <= 136.0) & (lon >= 18.0) & (lon <= 54.0)
    answer: BoolColumn = impossible | chinese
    if area is not None and not area.is_empty:
        west, south, east, north = area.bounds
        near_area = _is_inside(lon, lat, west, south, east, north)
        answer = (answer | _is_inside(lat, lon, west, south, east, north)) & ~near_area
    return answer


def _is_inside(lon: FloatColumn, lat: FloatColumn, west: float, south: float, east: float, north: float) -> BoolColumn:
    margin = _AREA_MARGIN_DEG
    answer: BoolColumn = (
        (lon >= west - margin) & (lon <= east + margin) & (lat >= south - margin) & (lat <= north + margin)
    )
    return answer
