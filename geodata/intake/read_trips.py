"""Reads trips whose minutes are known, from a navigation app or a driver's log, for calibrating speeds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from coverage.errors import InputError
from coverage.inputs.schema import LoadedTable
from coverage.inputs.study import Study
from geodata.intake.cells.datum import Datum, to_wgs84
from geodata.intake.cells.read_table import read_table
from geodata.intake.cells.row_checks import MAX_LATITUDE, FloatColumn, RowChecker, find_swapped

MOST_TRIPS = 1000
_ENDS = ("from", "to")
_SEASONS = {"夏": "summer", "夏季": "summer", "冬": "winter", "冬季": "winter"}
_LONGEST_MIN = 1440.0
TEMPLATE = {
    "zh_CN": "起点,终点,起点经度,起点纬度,终点经度,终点纬度,分钟,季节\n",
    "en": "from,to,from_lon,from_lat,to_lon,to_lat,minutes,season\n",
}


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Places of a study that trips may name: positions by id or name; a name with two positions is NaN."""

    lon: dict[str, float]
    lat: dict[str, float]


def read_trips(path: Path, study: Study, *, datum: Datum = "wgs84") -> LoadedTable:
    """Read a table of trips.

    Parameters
    ----------
    path
        Columns ``from, to`` (ids or names of stations, demand points or districts) or ``from_lon, from_lat,
        to_lon, to_lat``, ``minutes`` and, where wanted, ``season``; Chinese names are understood.
    study
        Gives the places that names stand for, and its seasons.
    datum
        What the positions of the file refer to; those of Chinese navigation apps are ``gcj02``.

    Returns
    -------
    Table indexed by the row of the file: from, to (texts), from_lon, from_lat, to_lon, to_lat [degrees,
    WGS-84], minutes, season; and the account of rows left out.

    Raises
    ------
    InputError
        ``trips.columns_missing``, ``trips.too_many``, ``table.all_rejected``, or as `read_table` does.
    """
    raw = read_table(path)
    checker = RowChecker(raw)
    minutes_column = checker.find_column("trip_minutes", "minutes")
    if minutes_column is None or not all(_has_end(checker, end) for end in _ENDS):
        raise InputError("trips.columns_missing", file=raw.source, found=checker.list_columns())
    if len(raw.table) > MOST_TRIPS:
        raise InputError("trips.too_many", file=raw.source, count=len(raw.table), most=MOST_TRIPS)
    minutes = checker.read_numbers(minutes_column, "trips.minutes")
    checker.reject(~((minutes > 0) & (minutes <= _LONGEST_MIN)), "trips.minutes_out_of_range", minutes_column)
    places = list_places(study)
    columns: dict[str, pd.Series | FloatColumn] = {}
    for end in _ENDS:
        label, lon, lat = _read_end(checker, end, places, datum)
        columns |= {end: label, f"{end}_lon": lon, f"{end}_lat": lat}
    table = pd.DataFrame(columns).assign(minutes=minutes, season=_read_seasons(checker, study))
    same = (table["from_lon"] == table["to_lon"]) & (table["from_lat"] == table["to_lat"])
    checker.reject(same.to_numpy(bool), "trips.same_place", checker.find_column("trip_to") or "to")
    table = table.set_axis(pd.Index(raw.rows, name="row"))
    return checker.build(table[checker.accepted])


def list_places(study: Study) -> Places:
    """List the places that a trip may name, by id and by name."""
    lon: dict[str, float] = {}
    lat: dict[str, float] = {}

    def add(keys: pd.Index | pd.Series, xs: np.ndarray, ys: np.ndarray) -> None:
        for key, x, y in zip(keys.astype(str).str.strip(), xs, ys, strict=True):
            if not key:
                continue
            is_other = key in lon and (lon[key], lat[key]) != (x, y)
            lon[key], lat[key] = (np.nan, np.nan) if is_other else (float(x), float(y))

    for table in (study.stations, study.demand):
        xs, ys = table["lon"].to_numpy(float), table["lat"].to_numpy(float)
        add(table.index, xs, ys)
        if "name" in table.columns:
            add(table["name"], xs, ys)
    if len(study.districts):
        middle = study.districts.geometry.representative_point()
        for keys in (study.districts.index, study.districts["name"]):
            add(keys, middle.x.to_numpy(np.float64), middle.y.to_numpy(np.float64))
    return Places(lon, lat)


def _has_end(checker: RowChecker, end: str) -> bool:
    names = (f"trip_{end}_lon", f"trip_{end}_lat")
    return checker.find_column(f"trip_{end}") is not None or all(map(checker.find_column, names))


def _read_end(
    checker: RowChecker, end: str, places: Places, datum: Datum
) -> tuple[pd.Series, FloatColumn, FloatColumn]:
    """Read one end of every trip: its coordinates, and where they are empty the place it names."""
    raw, count = checker.raw, len(checker.raw.table)
    lon, lat = np.full(count, np.nan), np.full(count, np.nan)
    lon_column, lat_column = (checker.find_column(f"trip_{end}_{axis}") for axis in ("lon", "lat"))
    if lon_column and lat_column:
        lon, lat = (checker.read_numbers(column, "trips.position") for column in (lon_column, lat_column))
        checker.reject(find_swapped(lon, lat), "position.swapped", lon_column)
        checker.reject((np.abs(lon) > 180.0) | (np.abs(lat) > MAX_LATITUDE), "position.out_of_range", lon_column)
        lon, lat = to_wgs84(lon, lat, datum)
    name_column = checker.find_column(f"trip_{end}")
    names = pd.Series("", index=raw.table.index, dtype=str)
    if name_column:
        names = raw.table[name_column].str.strip()
    named = np.isnan(lon) | np.isnan(lat)
    known = names.isin(list(places.lon)).to_numpy(bool)
    field = name_column or str(lon_column)
    checker.reject(named & (names == "").to_numpy(bool), "trips.end_missing", field)
    checker.reject(named & ~known, "trips.place_unknown", field)
    lon = np.where(named, names.map(places.lon).to_numpy(float), lon)
    lat = np.where(named, names.map(places.lat).to_numpy(float), lat)
    checker.reject(named & known & np.isnan(lon), "trips.place_ambiguous", field)
    written = pd.Series([f"{x:.5f}, {y:.5f}" for x, y in zip(lon, lat, strict=True)], index=names.index, dtype=str)
    return names.where(names != "", written), lon, lat


def _read_seasons(checker: RowChecker, study: Study) -> pd.Series:
    """Read the season of every trip; the study's own where none is given."""
    column, own = checker.find_column("season"), study.settings.season
    if column is None:
        return pd.Series(own, index=checker.raw.table.index, dtype=str)
    cells = checker.raw.table[column].str.strip()
    seasons = cells.replace(_SEASONS).where(cells != "", own)
    checker.reject(~seasons.isin(study.speeds.season_names).to_numpy(bool), "trips.season_unknown", column)
    return seasons
