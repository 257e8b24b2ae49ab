"""What a report hides, and the stations this concerns: they are shown as their township, never at their place."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from coverage.errors import SettingsError
from coverage.inputs.districts import assign_districts
from coverage.inputs.schema import DISTRICT_LEVELS
from coverage.inputs.study import Study
from coverage.network.model import FloatArray

# Coarser than this is shown where a study has no townships; finer never.
FINEST_LEVEL = "township"
# Two places closer than this are one place: an exported coordinate may have been rounded [degrees].
SAME_PLACE_DEG = 1e-4
MAX_SUPPRESSED = 10_000.0
# A shorter name is not searched within longer texts: it may be a part of any word.
_SHORTEST_WITHIN = 4
_SEPARATORS = re.compile(r"([;；,，、/|\s]+)")


@dataclass(frozen=True, slots=True)
class Redaction:
    """What a report hides.

    Parameters
    ----------
    families, kinds
        Families and kinds of stations whose exact places are hidden.
    suppress_under
        Cells with fewer people than this, but more than nobody, are left empty; 0 leaves none.
    fields
        By id of a table or layer the only columns it keeps; those not named keep all.

    Raises
    ------
    SettingsError
        ``settings.out_of_range``.
    """

    families: tuple[str, ...] = ("police",)
    kinds: tuple[str, ...] = ()
    suppress_under: float = 0.0
    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.suppress_under <= MAX_SUPPRESSED:
            raise SettingsError(
                "settings.out_of_range",
                name="suppress_under",
                value=self.suppress_under,
                low=0.0,
                high=MAX_SUPPRESSED,
            )

    @property
    def hides_nothing(self) -> bool:
        """Tell whether a report stays as it is."""
        return not (self.families or self.kinds or self.suppress_under or self.fields)


NO_REDACTION = Redaction(families=())


@dataclass(frozen=True, slots=True, eq=False)
class HiddenStations:
    """The stations that are hidden, and what is shown instead.

    Parameters
    ----------
    stations
        Indexed by station_id: name, kind, family, lon, lat, and instead of them shown_id, shown_name, unit_id,
        shown_lon, shown_lat; the last three are "" and NaN where the study has no unit around the station.
    families, kinds
        Ids of what is hidden.
    finer
        By station the ids and names of the units around it that are finer than what is shown.
    kept_ids
        Ids and names of districts: a station that shares one is not searched by it.
    public
        Ids and names of the stations that are not hidden: one of them may stand at the same place.
    """

    stations: pd.DataFrame
    families: frozenset[str]
    kinds: frozenset[str]
    finer: dict[str, frozenset[str]]
    kept_ids: frozenset[str]
    public: frozenset[str]

    def __bool__(self) -> bool:
        """Tell whether any station is hidden."""
        return len(self.stations) > 0

    def find_places(self, lon: FloatArray, lat: FloatArray) -> npt.NDArray[np.int64]:
        """Find which hidden station lies at each place, shape (n,): its row, -1 for none."""
        found = np.full(len(lon), -1)
        if not self or not len(lon):
            return found
        # Few stations are hidden and few places lie at one: a sorted look-up by latitude finds the pairs to compare.
        order = np.argsort(self.stations["lat"].to_numpy(float), kind="stable")
        sorted_lat = self.stations["lat"].to_numpy(float)[order]
        own_lon = self.stations["lon"].to_numpy(float)
        first = np.searchsorted(sorted_lat, lat - SAME_PLACE_DEG, side="left")
        last = np.searchsorted(sorted_lat, lat + SAME_PLACE_DEG, side="right")
        for row in np.flatnonzero(last > first):
            for station in order[first[row] : last[row]]:
                if abs(own_lon[station] - lon[row]) <= SAME_PLACE_DEG:
                    found[row] = station
                    break
        return found

    def build_text_rule(self) -> Callable[[str], tuple[str, frozenset[int]]]:
        """Build the function that takes hidden ids and names out of a text and tells whose they were."""
        ids = {str(one): row for row, one in enumerate(self.stations.index) if str(one) not in self.kept_ids}
        # A unit may have a station of the same name; it tells no more than the unit.
        rows_by_name: dict[str, int] = {}
        for row, name in enumerate(self.stations["name"].astype(str)):
            if name and name not in self.kept_ids:
                rows_by_name.setdefault(name, row)
        lengths = sorted({len(name) for name in rows_by_name if len(name) >= _SHORTEST_WITHIN}, reverse=True)
        shown = self.stations["shown_name"].astype(str).tolist()

        def rule(text: str) -> tuple[str, frozenset[int]]:
            if text in rows_by_name:
                return shown[rows_by_name[text]], frozenset({rows_by_name[text]})
            found: set[int] = set()
            parts = _SEPARATORS.split(text)
            for number, part in enumerate(parts):
                if part in ids:
                    found.add(ids[part])
                    parts[number] = ""
                elif part in rows_by_name:
                    found.add(rows_by_name[part])
                    parts[number] = shown[rows_by_name[part]]
            joined = "".join(parts).strip(";；,，、/| ") if found else text
            replaced, at = [], 0
            while at < len(joined):
                name = next((joined[at : at + n] for n in lengths if joined[at : at + n] in rows_by_name), "")
                if name:
                    found.add(rows_by_name[name])
                    replaced.append(shown[rows_by_name[name]])
                else:
                    replaced.append(joined[at])
                at += max(len(name), 1)
            return "".join(replaced), frozenset(found)

        return rule


def find_hidden(study: Study, redaction: Redaction) -> HiddenStations:
    """Find the stations a redaction hides, whatever their status, and what is shown instead of each.

    Raises
    ------
    InputError
        ``catalogue.unknown_id`` for a family or kind the study does not know.
    """
    catalogue = study.catalogue
    families = frozenset(catalogue.family(one).id for one in redaction.families)
    kinds = frozenset(catalogue.kind(one).id for one in redaction.kinds)
    kinds |= {kind.id for kind in catalogue.kinds if kind.family in families}
    family = {kind.id: kind.family for kind in catalogue.kinds}
    is_hidden = study.stations["kind"].isin(kinds)
    rows, others = study.stations.loc[is_hidden], study.stations.loc[~is_hidden]
    unit, finer = find_shown_units(study, rows["district_id"].astype(str).tolist())
    points = find_unit_points(study)
    names = {str(one): str(name) for one, name in study.districts["name"].items()}
    table = pd.DataFrame(
        {
            "name": rows["name"].astype(str),
            "kind": rows["kind"].astype(str),
            "family": rows["kind"].map(family).astype(str),
            "lon": rows["lon"].astype(float),
            "lat": rows["lat"].astype(float),
            "unit_id": pd.Series(unit, rows.index, dtype=str),
            "shown_name": pd.Series([names.get(one, "") for one in unit], rows.index, dtype=str),
            "shown_lon": [points.get(one, (np.nan, np.nan))[0] for one in unit],
            "shown_lat": [points.get(one, (np.nan, np.nan))[1] for one in unit],
        },
        index=pd.Index(rows.index.astype(str), name="station_id"),
    )
    # Numbers by unit and kind say nothing about the order of the original ids.
    ordered = table.assign(position=range(len(table))).sort_values(["unit_id", "kind", "shown_name"], kind="stable")
    number = pd.Series([f"hidden-{one}" for one in range(1, len(table) + 1)], ordered.index, dtype=str)
    return HiddenStations(
        stations=table.assign(shown_id=number.reindex(table.index)),
        families=families,
        kinds=kinds,
        finer={str(station): inner for station, inner in zip(rows.index, finer, strict=True)},
        kept_ids=frozenset({*map(str, study.districts.index), *names.values()}),
        public=frozenset({*others.index.astype(str), *others["name"].astype(str)}) - {"", *table["name"]},
    )


def find_shown_units(study: Study, districts: list[str]) -> tuple[list[str], list[frozenset[str]]]:
    """Find the unit that is shown for each district, and the ids and names of what is finer.

    Returns
    -------
    Ids of the township around each district, of the next coarser unit where there is none, "" outside all;
    and the ids and names of the units passed on the way.
    """
    table = study.districts
    levels, parents, names = (
        {str(one): str(value) for one, value in table[column].items()} for column in ("level", "parent_id", "name")
    )
    coarse_enough = DISTRICT_LEVELS[: DISTRICT_LEVELS.index(FINEST_LEVEL) + 1]

    def climb(district: str) -> tuple[str, frozenset[str]]:
        inner: set[str] = set()
        here = district
        while here in levels and levels[here] not in coarse_enough and here not in inner:
            inner |= {here, names[here]}
            here = parents[here]
        return (here if here in levels and here not in inner else ""), frozenset(inner - {""})

    found = {district: climb(district) for district in set(districts)}
    return [found[one][0] for one in districts], [found[one][1] for one in districts]


def find_unit_points(study: Study) -> dict[str, tuple[float, float]]:
    """Find a place within each unit that stands for it, lon and lat [degrees]."""
    shapes = np.asarray(study.districts.geometry.to_numpy(), object)
    places = shapely.get_coordinates(shapely.point_on_surface(shapes[~shapely.is_empty(shapes)]))
    ids = study.districts.index.astype(str)[~shapely.is_empty(shapes)]
    return {one: (round(lon, 4), round(lat, 4)) for one, (lon, lat) in zip(ids, places.tolist(), strict=True)}


def find_shown_places(study: Study, lon: FloatArray, lat: FloatArray) -> pd.DataFrame:
    """Find what is shown instead of places that are no station: shown_name, shown_lon, shown_lat by row.

    Returns
    -------
    Index 0, 1, …; "" and NaN outside all units.
    """
    places = assign_districts(pd.DataFrame({"lon": lon, "lat": lat}), study.districts)
    units = find_shown_units(study, places["district_id"].astype(str).tolist())[0]
    points = find_unit_points(study)
    names = {str(one): str(name) for one, name in study.districts["name"].items()}
    moved = np.array([points.get(one, (np.nan, np.nan)) for one in units], float).reshape(-1, 2)
    return pd.DataFrame(
        {
            "shown_name": pd.Series([names.get(one, "") for one in units], dtype=str),
            "shown_lon": moved[:, 0],
            "shown_lat": moved[:, 1],
        }
    )
