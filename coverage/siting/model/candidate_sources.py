"""Where candidates come from: existing places, lists of places, and sites generated from people and roads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from coverage.access.remedies import POLICE_FAMILY
from coverage.errors import DataIssue, SettingsError
from coverage.inputs.schema import DISTRICT_LEVELS
from coverage.inputs.site_costs import SiteCosts, find_new_kind
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Kind, Study
from coverage.inputs.unit_levels import build_unit_levels
from coverage.network.model import FloatArray, RoadNetwork
from coverage.siting.model.candidates import POSITION_DECIMALS, build_candidates
from coverage.units import METRES_PER_DEGREE, to_geocentric

_GENERAL_FAMILY = "general"


def list_item_hosts(study: Study, choice: StationChoice, costs: SiteCosts, *, any_family: bool = False) -> pd.DataFrame:
    """List the existing stations that lack the item asked for and could add it.

    Parameters
    ----------
    study, choice
        The study, and what is asked. Without an item there is nothing to add: no rows.
    costs
        Class costs.
    any_family
        Stations of every family; otherwise those of the item's own family and the general ones. Where the
        choice names a family, only its stations count, so only they are listed.

    Returns
    -------
    Candidates with the source ``item``: points that count in the layer and by the hours of the choice.
    """
    if not choice.service:
        return build_candidates([], name="", lon=np.zeros(0), lat=np.zeros(0), kind="", source="item", cost=0.0)
    catalogue, stations = study.catalogue, study.stations
    item = catalogue.item(choice.service)
    families = {item.family, _GENERAL_FAMILY}
    kinds = {kind.id for kind in catalogue.kinds if any_family or choice.family or kind.family in families}
    able = select_stations(stations, catalogue, replace(choice, service="", status=("existing",)))
    able = able & (stations["status"] == "existing").to_numpy(bool) & stations["kind"].isin(kinds).to_numpy(bool)
    able = able & ~np.fromiter((item.id in offered for offered in stations["services"]), bool, len(stations))
    rows = stations[able]
    return build_candidates(
        [f"item-{one}" for one in rows.index],
        name=rows["name"].to_numpy(object),
        lon=rows["lon"].to_numpy(float),
        lat=rows["lat"].to_numpy(float),
        kind=rows["kind"].to_numpy(object),
        source="item",
        cost=costs.find_item_cost(item.id),
        station_id=rows.index.to_numpy(object),
        capacity=rows["capacity"].to_numpy(float),
    )


def list_places(
    study: Study, choice: StationChoice, places: pd.DataFrame, costs: SiteCosts, *, any_kind: bool = False
) -> tuple[pd.DataFrame, tuple[DataIssue, ...]]:
    """Turn a list of places that are no stations yet (post offices, drawn points, …) into candidates.

    Parameters
    ----------
    study, choice
        The study, and what is asked.
    places
        Indexed by id: name, lon, lat [degrees] and `kind`: a kind of the catalogue, a class of ``[place]`` in
        `costs`, or "" for the usual kind of the family. Where it has the columns `cost` [yuan] and `capacity`,
        numbers in them count instead of the class's; `role` is taken over.
    costs
        Class costs, and what each class of place can become.
    any_kind
        Also places whose kind does not usually offer the item.

    Returns
    -------
    Candidates with the source ``place``; and what was left out: unknown
    kinds, kinds of the police family (never a new post), and those that would not count for the choice.
    """
    words = _name_kinds(study, costs)
    if (places["kind"] == "").any():
        words[""] = find_new_kind(study.catalogue, choice, costs)
    found = [words.get(str(word)) for word in places["kind"]]
    reasons = np.array([_find_reason(kind, choice, any_kind) for kind in found], object)
    issues = []
    for code in sorted(set(reasons) - {""}):
        rows = np.flatnonzero(reasons == code)
        value = str(places["kind"].iloc[rows[0]]) or str(places.index[rows[0]])
        issues.append(DataIssue(code, "note", "places", len(rows), value=value))
    kept = places[reasons == ""]
    kinds = [kind.id for kind in found if kind is not None and not _find_reason(kind, choice, any_kind)]
    usual = np.array([costs.find_kind_cost(kind) for kind in kinds], float)
    own = kept["cost"].to_numpy(float) if "cost" in kept.columns else np.full(len(kept), np.nan)
    table = build_candidates(
        [str(one) for one in kept.index],
        name=kept["name"].to_numpy(object),
        lon=_round(kept["lon"].to_numpy(float)),
        lat=_round(kept["lat"].to_numpy(float)),
        kind=np.array(kinds, object),
        source="place",
        cost=np.where(np.isnan(own), usual, own),
        capacity=kept["capacity"].to_numpy(float) if "capacity" in kept.columns else np.nan,
        role=kept["role"].to_numpy(object) if "role" in kept.columns else "candidate",
    )
    return table, tuple(issues)


def _name_kinds(study: Study, costs: SiteCosts) -> dict[str, Kind]:
    """Return the kinds by every word that stands for one."""
    kinds = study.catalogue.kinds
    named = {kind.name.zh: kind for kind in kinds} | {kind.id: kind for kind in kinds}
    classes = {word: named[kind] for word, kind in costs.place if kind in named}
    return classes | named


def _find_reason(kind: Kind | None, choice: StationChoice, any_kind: bool) -> str:
    """Tell why a place of a kind is no candidate, "" where it is one."""
    if kind is None:
        return "candidates.kind_unknown"
    if kind.family == POLICE_FAMILY or choice.family == POLICE_FAMILY:
        return "candidates.police_post"
    if choice.family and kind.family != choice.family:
        return "candidates.kind_unable"
    return "" if any_kind or not choice.service or choice.service in kind.services else "candidates.kind_unable"


def find_village_seats(study: Study, choice: StationChoice, weight: FloatArray, costs: SiteCosts) -> pd.DataFrame:
    """Find a seat for each unit of the finest district level: its heaviest demand point, the first of equals.

    Parameters
    ----------
    study, choice
        The study, and what is asked.
    weight
        People of each demand point, shape (p,).
    costs
        Class costs.

    Returns
    -------
    Candidates with the source ``village``, one for each unit with people; none without districts.
    """
    present = [level for level in DISTRICT_LEVELS if (study.districts["level"] == level).any()]
    rows, names, ids = np.zeros(0, np.int64), np.zeros(0, object), np.zeros(0, object)
    if present:
        level = build_unit_levels(study, (present[-1],))[0]
        order = np.lexsort((np.arange(len(weight)), -weight, level.group))
        group, first = np.unique(level.group[order], return_index=True)
        heaviest = order[first]
        good = (group < level.unit_count) & (weight[heaviest] > 0)
        rows, ids = heaviest[good], np.array(level.ids, object)[group[good]]
        names = np.array(level.names, object)[group[good]]
    return _found_at(study, choice, costs, rows, [f"village-{one}" for one in ids], names, "village")


def find_clusters(
    study: Study, choice: StationChoice, weight: FloatArray, costs: SiteCosts, *, spacing_km: float = 5.0
) -> pd.DataFrame:
    """Find the demand points nearest to the weighted centres of a grid of cells, heaviest cell first.

    Parameters
    ----------
    study, choice, weight, costs
        As for `find_village_seats`.
    spacing_km
        Side of a cell, above 0 [km]; square on the ground at the middle latitude.

    Returns
    -------
    Candidates with the source ``cluster``, one for each cell with people; O(p log p), the same every time.
    """
    lon, lat = study.demand["lon"].to_numpy(float), study.demand["lat"].to_numpy(float)
    _check_spacing(spacing_km)
    people = np.flatnonzero(weight > 0)
    if not len(people):
        return _found_at(study, choice, costs, people, [], np.zeros(0, object), "cluster")
    lon, lat, heavy = lon[people], lat[people], weight[people]
    high = spacing_km * 1000.0 / METRES_PER_DEGREE
    scale = np.cos(np.radians((lat.min() + lat.max()) / 2.0))
    cells = np.column_stack((np.floor(lat / high), np.floor(lon * scale / high)))
    cell = np.unique(cells, axis=0, return_inverse=True)[1].ravel()
    mass = np.bincount(cell, weights=heavy)
    east = np.bincount(cell, weights=heavy * lon) / mass
    north = np.bincount(cell, weights=heavy * lat) / mass
    away = ((lon - east[cell]) * scale) ** 2 + (lat - north[cell]) ** 2
    order = np.lexsort((np.arange(len(cell)), away, cell))
    seat = order[np.unique(cell[order], return_index=True)[1]]
    ranked = np.argsort(-mass, kind="stable")
    ids = [f"cluster-{number}" for number in range(1, len(ranked) + 1)]
    return _found_at(study, choice, costs, people[seat[ranked]], ids, np.array(ids, object), "cluster")


def find_junctions(
    study: Study, choice: StationChoice, network: RoadNetwork, costs: SiteCosts, *, spacing_km: float = 5.0
) -> pd.DataFrame:
    """Find road junctions where three roads or more meet, at least a spacing apart.

    Parameters
    ----------
    study, choice, costs
        As for `find_village_seats`.
    network
        The roads; motorways and ferries do not count.
    spacing_km
        Least straight distance between two of them, above 0 [km].

    Returns
    -------
    Candidates with the source ``junction``. Junctions of more roads are taken first, of equals the first in
    the order of the network: the same every time.
    """
    _check_spacing(spacing_km)
    usable = ~(network.road_motorway | network.road_ferry)
    ends = np.concatenate((network.road_start[usable], network.road_end[usable]))
    degree = np.bincount(ends, minlength=network.node_count)
    nodes = np.flatnonzero(degree >= 3)
    nodes = nodes[np.argsort(-degree[nodes], kind="stable")]
    kept = nodes[thin_out(network.node_lon[nodes], network.node_lat[nodes], spacing_km * 1000.0)]
    ids = [f"junction-{number}" for number in range(1, len(kept) + 1)]
    return _found(study, choice, costs, network.node_lon[kept], network.node_lat[kept], ids, ids, "junction")


def thin_out(lon: FloatArray, lat: FloatArray, spacing_m: float) -> npt.NDArray[np.int64]:
    """Keep points in their order while they are at least a spacing from all kept before, ascending rows [m]."""
    place = to_geocentric(lon, lat)
    tree = cKDTree(place) if len(place) else None
    is_near = np.zeros(len(place), bool)
    kept = []
    for row in range(len(place)):
        if not is_near[row] and tree is not None:
            kept.append(row)
            # Just below the spacing: points exactly that far apart both stay.
            is_near[tree.query_ball_point(place[row], spacing_m * (1.0 - 1e-9))] = True
    return np.array(kept, np.int64)


def list_drawn(
    study: Study, choice: StationChoice, costs: SiteCosts, places: list[tuple[float, float]]
) -> pd.DataFrame:
    """Turn positions a user has drawn (lon, lat) [degrees] into candidates with the source ``drawn``."""
    at = np.array(places, float).reshape(-1, 2)
    ids = [f"drawn-{number}" for number in range(1, len(at) + 1)]
    return _found(study, choice, costs, at[:, 0], at[:, 1], ids, ids, "drawn")


def _check_spacing(spacing_km: float) -> None:
    if not 0.01 <= spacing_km <= 1000.0:
        raise SettingsError("settings.out_of_range", name="spacing_km", value=spacing_km, low=0.01, high=1000.0)


def _found_at(
    study: Study,
    choice: StationChoice,
    costs: SiteCosts,
    rows: npt.NDArray[np.int64],
    ids: list[str],
    names: object,
    source: str,
) -> pd.DataFrame:
    lon, lat = study.demand["lon"].to_numpy(float)[rows], study.demand["lat"].to_numpy(float)[rows]
    return _found(study, choice, costs, lon, lat, ids, names, source)


def _found(
    study: Study,
    choice: StationChoice,
    costs: SiteCosts,
    lon: FloatArray,
    lat: FloatArray,
    ids: list[str],
    names: object,
    source: str,
) -> pd.DataFrame:
    """Found sites of the usual kind at some positions; all that this is not allowed for is left out later."""
    kind = find_new_kind(study.catalogue, choice, costs)
    cost = costs.find_kind_cost(kind.id)
    return build_candidates(ids, name=names, lon=_round(lon), lat=_round(lat), kind=kind.id, source=source, cost=cost)


def _round(degrees: FloatArray) -> FloatArray:
    answer: FloatArray = np.round(degrees, POSITION_DECIMALS)
    return answer
