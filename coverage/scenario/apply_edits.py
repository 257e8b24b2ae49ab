"""What a study becomes by edits: a new value, and the money they take."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from coverage.errors import InputError
from coverage.inputs.districts import DEFAULT_TOLERANCE_M, find_districts
from coverage.inputs.schema import DISTRICT_LEVELS
from coverage.inputs.site_costs import SiteCosts
from coverage.inputs.study import Study
from coverage.scenario.edit_checks import check_edits
from coverage.scenario.edits import (
    AddStation,
    ChangeStation,
    CloseRoads,
    CloseStation,
    Edit,
    MoveStation,
    ReopenStation,
    SlowRoads,
    find_threshold,
)
from coverage.units import LEAST_METRES_PER_DEGREE

# Of these nothing stands yet that could be moved or closed at a cost.
_UNBUILT = ("planned", "candidate")


def apply_edits(study: Study, edits: tuple[Edit, ...]) -> Study:
    """Apply edits to a study.

    Parameters
    ----------
    study
        The study; it stays as it is.
    edits
        Edits in order.

    Returns
    -------
    A new study. Its stations are those of the old one in their order, closed ones too, then the new ones
    by id: the order in which stations were added changes nothing. Its fingerprint follows from the old one
    and from what has changed in the end; if nothing has, it is the old one.

    Raises
    ------
    InputError
        ``edits.refused`` if `check_edits` finds a fault; nothing is applied then.
    """
    faults = check_edits(study, edits)
    if faults:
        raise InputError("edits.refused", faults=faults)
    stations, touched = _apply_to_stations(study, edits)
    closed = tuple(edit.closure for edit in edits if isinstance(edit, CloseRoads))
    slowed = tuple((edit.place, float(edit.factor)) for edit in edits if isinstance(edit, SlowRoads))
    minutes = find_threshold(edits)
    changed = _list_changed(study.stations, stations, touched)
    recipe: dict[str, Any] = {"stations": changed, "closed": [asdict(one) for one in closed], "minutes": minutes}
    recipe["slowed"] = [[asdict(place), factor] for place, factor in slowed]
    if not changed and not closed and not slowed and minutes is None:
        return replace(study, stations=stations)
    text = json.dumps([study.fingerprint, recipe], sort_keys=True, ensure_ascii=False)
    return replace(
        study,
        stations=stations,
        settings=study.settings if minutes is None else replace(study.settings, cutoff_min=minutes),
        thresholds=study.thresholds if minutes is None else None,
        closed_now=(*study.closed_now, *closed),
        slowed_now=(*study.slowed_now, *slowed),
        fingerprint=hashlib.sha256(text.encode()).hexdigest()[:32],
    )


def _apply_to_stations(study: Study, edits: tuple[Edit, ...]) -> tuple[pd.DataFrame, list[str]]:
    """Return the table of stations after edits that were checked, and the stations that were touched."""
    fresh: dict[str, dict[str, object]] = {}
    changes: dict[str, dict[str, object]] = {}
    for edit in edits:
        if isinstance(edit, AddStation):
            fresh[edit.station_id] = _build_row(study, edit)
            continue
        if not isinstance(edit, MoveStation | CloseStation | ReopenStation | ChangeStation):
            continue
        row = fresh.get(edit.station_id)
        (changes.setdefault(edit.station_id, {}) if row is None else row).update(_list_values(edit))
    touched = sorted([*fresh, *changes])
    moved = {one: row for one, row in (fresh | changes).items() if "lon" in row}
    for row, district in zip(moved.values(), _find_districts(study, list(moved.values())), strict=True):
        row["district_id"] = district
    table = study.stations
    for name in sorted({name for values in changes.values() for name in values}):
        column = table[name].tolist()
        rows = table.index.get_indexer(pd.Index(list(changes)))
        for place, values in zip(rows.tolist(), changes.values(), strict=True):
            column[place] = values.get(name, column[place])
        table = table.assign(**{name: pd.Series(column, index=table.index, dtype=table[name].dtype)})
    if fresh:
        table = _append(table, {station: fresh[station] for station in sorted(fresh)})
    return table, touched


def _list_values(edit: MoveStation | CloseStation | ReopenStation | ChangeStation) -> dict[str, object]:
    """Return the columns an edit of a known station sets."""
    if isinstance(edit, MoveStation):
        return {"lon": float(edit.lon), "lat": float(edit.lat)}
    if isinstance(edit, CloseStation):
        return {"status": "closed"}
    if isinstance(edit, ReopenStation):
        return {"status": "existing"}
    named = {name: getattr(edit, name) for name in ("services", "hours", "capacity", "status")}
    return {name: value for name, value in named.items() if value is not None}


def _build_row(study: Study, edit: AddStation) -> dict[str, object]:
    kind = study.catalogue.kind(edit.kind)
    return {
        "name": edit.name or edit.station_id,
        "kind": kind.id,
        "level": edit.level or kind.level,
        "services": kind.services if edit.services is None else edit.services,
        "hours": edit.hours,
        "capacity": np.nan if edit.capacity is None else float(edit.capacity),
        "status": "existing",
        "operator": "local",
        "code": edit.code,
        "open_date": "",
        "cost": np.nan if edit.cost is None else float(edit.cost),
        "lon": float(edit.lon),
        "lat": float(edit.lat),
        "district_id": "",
    }


def _append(table: pd.DataFrame, rows: Mapping[str, Mapping[str, object]]) -> pd.DataFrame:
    """Append stations; columns beyond the contract are empty for them."""
    index = pd.Index(list(rows), name="station_id", dtype=table.index.dtype)
    columns: dict[Hashable, Any] = {}
    for name, kind in table.dtypes.items():
        empty = np.nan if pd.api.types.is_numeric_dtype(kind) else ""
        values = np.empty(len(rows), object)
        values[:] = [row.get(str(name), empty) for row in rows.values()]
        columns[name] = values if pd.api.types.is_object_dtype(kind) else pd.array(values, dtype=kind)
    added = pd.DataFrame(columns, index=index)
    return pd.concat([table, added]) if len(table) else added


def _find_districts(study: Study, rows: list[dict[str, object]]) -> list[str]:
    """Find the districts that new and moved stations lie in.

    Of all districts only those near a station have to be put in order; their index of places is kept with the table.
    """
    if not rows or study.districts.empty:
        return [""] * len(rows)
    districts = study.districts
    lon, lat = (np.array([row[name] for row in rows], float) for name in ("lon", "lat"))
    reach = 1.1 * DEFAULT_TOLERANCE_M / LEAST_METRES_PER_DEGREE
    wide = reach / np.cos(np.radians(lat))
    boxes = shapely.box(lon - wide, lat - reach, lon + wide, lat + reach)
    near = np.unique(districts.sindex.query(boxes)[1])
    levels = districts["level"].to_numpy(object)
    # Outside all polygons only the finest level counts; where it is not near, a coarser one must not stand in.
    present = set(levels.tolist())
    finest = next((level for level in reversed(DISTRICT_LEVELS) if level in present), "")
    found = find_districts(
        lon,
        lat,
        ids=districts.index.to_numpy(object)[near],
        levels=levels[near],
        shapes=np.asarray(districts.geometry.to_numpy(), object)[near],
        tolerance_m=DEFAULT_TOLERANCE_M if (levels[near] == finest).any() else 0.0,
    )
    return [str(district) for district in found]


def _list_changed(before: pd.DataFrame, after: pd.DataFrame, touched: list[str]) -> list[list[str]]:
    """List the stations that are not as they were, with all they are now."""
    found = []
    place, was = (table.index.get_indexer(pd.Index(touched)).tolist() for table in (after, before))
    for station, row, old in zip(touched, place, was, strict=True):
        now = [repr(value) for value in after.iloc[row].tolist()]
        if old < 0 or now != [repr(value) for value in before.iloc[old].tolist()]:
            found.append([station, *now])
    return found


def compute_cost(study: Study, edits: tuple[Edit, ...], costs: SiteCosts) -> float:
    """Compute the money that edits take [yuan]: the sum of `list_costs`."""
    return sum(list_costs(study, edits, costs))


def list_costs(study: Study, edits: tuple[Edit, ...], costs: SiteCosts) -> tuple[float, ...]:
    """List the money that each edit takes [yuan]: what the scenario costs with it, less what it costs without.

    Parameters
    ----------
    study
        The study before the edits.
    edits
        Edits that it takes.
    costs
        Class costs, where an edit does not say what it costs itself: a new station, or one that stands elsewhere in
        the end, costs what founding its kind does; an item that is added costs what adding it does; closing costs
        (or, negative, sets free) what its kind does.

    Returns
    -------
    One sum for each edit; they add up to what is there at the end. A station that the scenario itself added, or that
    was not built yet, is moved free of charge, a second move of another one is free, and what is taken back (a new
    station that closes, a closed one that opens again) gives back what it took. Roads and thresholds cost nothing
    here.
    """
    touched = {edit.station_id for edit in edits if hasattr(edit, "station_id")}
    bills = {
        str(station): _Bill(
            str(row["kind"]), tuple(row["services"]), str(row["status"]), place=(row["lon"], row["lat"])
        )
        for station, row in study.stations.loc[study.stations.index.isin(list(touched))].iterrows()
    }
    spent = []
    for edit in edits:
        bill = bills.get(edit.station_id) if hasattr(edit, "station_id") else None
        before = 0.0 if bill is None else bill.sum_up(costs)
        if isinstance(edit, AddStation):
            usual = study.catalogue.kind(edit.kind).services
            offers = usual if edit.services is None else edit.services
            bill = _Bill(edit.kind, offers, "", (edit.lon, edit.lat))
            bill.founding = costs.find_kind_cost(edit.kind) if edit.cost is None else edit.cost
            bills[edit.station_id] = bill
        elif bill is not None:
            bill.take(edit)
        spent.append(0.0 if bill is None else bill.sum_up(costs) - before)
    return tuple(spent)


@dataclass(slots=True)
class _Bill:
    """What one station costs at a moment of a scenario.

    Parameters
    ----------
    kind, offers, status, place
        As it was before the scenario, or as it was added; the status of an added one is empty.
    founding
        Money for building it [yuan]; None for a station that was there.
    """

    kind: str
    offers: tuple[str, ...]
    status: str
    place: tuple[float, float]
    founding: float | None = None
    is_closed: bool = False
    closing: float | None = None
    stands_at: tuple[float, float] | None = None
    added: dict[str, None] = field(default_factory=dict)
    said: float = 0.0

    def take(self, edit: Edit) -> None:
        """Follow an edit of the station."""
        if isinstance(edit, MoveStation):
            self.stands_at = (float(edit.lon), float(edit.lat))
        elif isinstance(edit, CloseStation):
            self.is_closed, self.closing = True, edit.cost
        elif isinstance(edit, ReopenStation):
            self.is_closed = False
        elif isinstance(edit, ChangeStation):
            if edit.status is not None:
                self.is_closed = edit.status == "closed" and self.status != "closed"
            if edit.cost is not None:
                self.said += edit.cost
                self.offers += edit.services or ()
            if edit.services is not None:
                self.added = {item: None for item in edit.services if item not in self.offers}

    def sum_up(self, costs: SiteCosts) -> float:
        """Return what the station costs as it is now [yuan]."""
        if self.founding is not None:
            return 0.0 if self.is_closed else self.founding + self.said + self._sum_items(costs)
        if self.is_closed and self.status not in _UNBUILT:
            return costs.find_closing_cost(self.kind) if self.closing is None else self.closing
        is_elsewhere = self.stands_at not in (None, self.place) and self.status not in _UNBUILT
        moving = costs.find_kind_cost(self.kind) if is_elsewhere else 0.0
        return moving + self.said + self._sum_items(costs)

    def _sum_items(self, costs: SiteCosts) -> float:
        return float(sum(costs.find_item_cost(item) for item in self.added))
