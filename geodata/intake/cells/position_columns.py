"""Which columns of a table say where a row is, and what they say their positions refer to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from geodata.intake.cells.column_names import find_columns, find_datum, fits
from geodata.intake.cells.datum import DATUMS, Datum


@dataclass(frozen=True, slots=True)
class PositionColumns:
    """Where longitude and latitude stand: two columns, or one that holds both.

    Parameters
    ----------
    lon, lat
        Names of the columns; the same one where both stand in one cell.
    datum
        What the names say the positions refer to; None where they say nothing.
    """

    lon: str
    lat: str
    datum: Datum | None

    @property
    def is_pair(self) -> bool:
        """Tell whether one column holds both."""
        return self.lon == self.lat

    @property
    def label(self) -> str:
        """Return the names as a person reads them."""
        return self.lon if self.is_pair else f"{self.lon}, {self.lat}"


def find_position_columns(columns: Iterable[str]) -> list[PositionColumns]:
    """Return every pair of columns that may hold positions, the best first.

    Positions that are called WGS-84 go before those of which nothing is said, and those before positions of a web
    map; two columns go before one that holds both.

    Examples
    --------
    >>> [(one.label, one.datum) for one in find_position_columns(["lng", "lat", "wgs84_lng", "wgs84_lat"])]
    [('wgs84_lng, wgs84_lat', 'wgs84'), ('lng, lat', None)]
    """
    names = list(columns)
    unmarked = [name for name in names if not find_datum(name)[0]]
    found = [(1, 0, PositionColumns(lon, lat, None)) for lon, lat in _match(unmarked)]
    found += [(1, 1, PositionColumns(name, name, None)) for name in find_columns("pair", unmarked)]
    for datum in DATUMS:
        rank = 0 if datum == "wgs84" else 2
        marked = {name: flat for name in names for mark, flat in [find_datum(name)] if mark == datum}
        bare = {flat: name for name, flat in reversed(marked.items())}
        found += [(rank, 0, PositionColumns(bare[lon], bare[lat], datum)) for lon, lat in _match(list(bare))]
        found += [(rank, 1, PositionColumns(bare[flat], bare[flat], datum)) for flat in bare if fits("pair", flat)]
    return [one for _, _, one in sorted(found, key=lambda entry: entry[:2])]


def _match(names: list[str]) -> list[tuple[str, str]]:
    """Pair columns of longitude with columns of latitude, the best of both first."""
    return list(zip(find_columns("lon", names), find_columns("lat", names), strict=False))
