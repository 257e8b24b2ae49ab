"""Column contracts of the tables that rooms hand to each other, and the checks that keep them."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.errors import DataIssue, InputError

# Further people a service item may count; a demand table carries those it has.
WEIGHT_COLUMNS: tuple[str, ...] = ("population", "drivers", "vehicles", "children", "aged", "disabled", "carless")

# People by another source than `population`: scaled to official totals if those are not, and the other way round.
OTHER_POPULATION = "population_other"

# demand: index demand_id (str, unique)
DEMAND_COLUMNS: tuple[str, ...] = ("lon", "lat", "population", "district_id", "zone")

# stations: index station_id (str, unique)
STATION_COLUMNS: tuple[str, ...] = (
    "name",
    "kind",
    "level",
    "services",  # tuple of service item ids
    "hours",
    "capacity",  # people or cases a year, NaN if not given
    "status",
    "operator",
    "code",  # administrative code of the unit it belongs to, "" if not given
    "open_date",  # day it opens or is to open (2027-06-30), "" if not given
    "cost",  # of building it [yuan], NaN if not given
    "lon",
    "lat",
)
STATION_STATUSES: tuple[str, ...] = ("existing", "planned", "closed", "candidate")
OPERATORS: tuple[str, ...] = ("local", "bingtuan")

# districts: GeoDataFrame in WGS-84, index district_id (str, unique)
DISTRICT_COLUMNS: tuple[str, ...] = ("name", "level", "parent_id", "population_official", "geometry")
DISTRICT_LEVELS: tuple[str, ...] = ("prefecture", "county", "township", "village")
# Level under which the figures of the whole study stand in tables.
WHOLE_STUDY = "study"

ZONES: tuple[str, ...] = ("urban", "rural", "pastoral")

# The four classes of people; their totals always sum to everybody.
STATUSES: tuple[str, ...] = ("covered", "beyond", "no_route", "unconnected")


@dataclass(frozen=True, slots=True, eq=False)
class LoadedTable:
    """A checked table with the account of how it was read: rows in = accepted + rejected.

    Parameters
    ----------
    table
        The accepted rows, following one of the contracts above.
    rejected
        Rows left out, with the columns of the file plus ``row``, ``problem`` (an issue code),
        ``field`` and ``value``.
    rows_in, rows_accepted
        Rows (or raster cells with people) found in the file, and those that went into `table`;
        several may share one row of the table where cells are aggregated.
    issues
        Findings, fatal for a row or not.
    rows
        Row numbers of the file that the rows of `table` come from, where each comes from one, shape (n,).
    """

    table: pd.DataFrame
    rejected: pd.DataFrame
    rows_in: int
    rows_accepted: int
    issues: tuple[DataIssue, ...]
    rows: npt.NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        if self.rows_in != self.rows_accepted + self.rows_rejected:
            raise InputError(
                "table.rows_lost", rows_in=self.rows_in, accepted=self.rows_accepted, rejected=self.rows_rejected
            )

    @property
    def rows_rejected(self) -> int:
        """Return the number of rows of the file that are left out."""
        return len(self.rejected)


def _check_columns(table: pd.DataFrame, wanted: tuple[str, ...], name: str) -> None:
    missing = [column for column in wanted if column not in table.columns]
    if missing:
        raise InputError("table.columns_missing", table=name, columns=", ".join(missing))
    if table.index.has_duplicates:
        twice = table.index[table.index.duplicated()].unique()
        raise InputError("table.id_not_unique", table=name, count=len(twice), value=str(twice[0]))


def _check_positions(table: pd.DataFrame, name: str) -> None:
    lon, lat = table["lon"].to_numpy(float), table["lat"].to_numpy(float)
    bad = ~(np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180.0) & (np.abs(lat) <= 85.0))
    if bad.any():
        raise InputError(
            "table.position_invalid", table=name, count=int(bad.sum()), value=str(table.index[int(np.argmax(bad))])
        )


def check_demand(demand: pd.DataFrame) -> None:
    """Check a table of demand points against its contract; raise `InputError` naming the first fault.

    Weights must be finite and not negative; positions finite; ids unique.
    """
    _check_columns(demand, DEMAND_COLUMNS, "demand")
    _check_positions(demand, "demand")
    for column in (name for name in WEIGHT_COLUMNS if name in demand.columns):
        weight = demand[column].to_numpy(float)
        bad = ~(np.isfinite(weight) & (weight >= 0.0))
        if bad.any():
            where = demand.index[int(np.argmax(bad))]
            raise InputError("demand.weight_invalid", column=column, count=int(bad.sum()), value=str(where))


def check_stations(stations: pd.DataFrame) -> None:
    """Check a table of stations against its contract; raise `InputError` naming the first fault."""
    _check_columns(stations, STATION_COLUMNS, "stations")
    _check_positions(stations, "stations")
    unknown = sorted(set(stations["status"]) - set(STATION_STATUSES))
    if unknown:
        raise InputError("stations.status_unknown", value=unknown[0], known=", ".join(STATION_STATUSES))


def check_districts(districts: gpd.GeoDataFrame) -> None:
    """Check a table of districts against its contract; raise `InputError` naming the first fault."""
    _check_columns(districts, DISTRICT_COLUMNS, "districts")
    unknown = sorted(set(districts["level"]) - set(DISTRICT_LEVELS))
    if unknown:
        raise InputError("districts.level_unknown", value=unknown[0], known=", ".join(DISTRICT_LEVELS))
    parents = set(districts["parent_id"]) - {""}
    orphans = sorted(parents - set(districts.index))
    if orphans:
        raise InputError("districts.parent_missing", value=orphans[0], count=len(orphans))
