"""Where a site could open: one table for every source, and the rules that no candidate may break."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from coverage.access.remedies import POLICE_FAMILY
from coverage.errors import DataIssue, InputError
from coverage.inputs.districts import assign_districts
from coverage.inputs.schema import WHOLE_STUDY
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Catalogue, Study
from coverage.inputs.unit_levels import UnitLevel, build_unit_levels, number_districts
from coverage.network.model import BoolArray
from coverage.units import compute_lengths_m, to_geocentric

# candidates: index site_id (str, unique)
CANDIDATE_COLUMNS: tuple[str, ...] = (
    "name",
    "lon",
    "lat",  # [degrees]
    "kind",  # of the catalogue: what is founded, or what the station that adds the item is
    "source",  # one of CANDIDATE_SOURCES
    "cost",  # of opening it [yuan]
    "capacity",  # as of stations: what the study says they count, NaN where not limited
    "role",  # one of CANDIDATE_ROLES
    "station_id",  # the existing station that adds the item, "" for a new site
    "county",  # id of the county (the coarsest unit, where there are no counties), "" outside
)
CANDIDATE_SOURCES: tuple[str, ...] = ("item", "place", "village", "cluster", "junction", "drawn")
CANDIDATE_ROLES: tuple[str, ...] = ("candidate", "required", "forbidden")
# Positions of new sites are kept to the centimetre, so that a file read back holds the same ones to the bit.
POSITION_DECIMALS = 7


@dataclass(frozen=True, slots=True)
class CandidateRules:
    """Which candidates may not be used.

    Parameters
    ----------
    excluded
        Areas in which nothing is founded; existing stations there may still add an item. A boundary counts
        as inside.
    min_distance_m
        Candidates nearer than this to a station of the choice are left out, in a straight line [m].
    required, forbidden
        Ids of sites that must open, and of sites that must stay shut.
    """

    excluded: tuple[shapely.Geometry, ...] = ()
    min_distance_m: float = 0.0
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


def build_candidates(
    site_id: Sequence[str] | npt.NDArray[np.object_],
    *,
    name: object,
    lon: npt.NDArray[np.floating],
    lat: npt.NDArray[np.floating],
    kind: object,
    source: object,
    cost: object,
    station_id: object = "",
    capacity: object = np.nan,
    role: object = "candidate",
) -> pd.DataFrame:
    """Build a table after `CANDIDATE_COLUMNS`; its counties are found by `gather_candidates`."""
    index = pd.Index([str(one) for one in site_id], name="site_id", dtype=str)
    values = {"name": name, "lon": lon, "lat": lat, "kind": kind, "source": source, "cost": cost}
    values |= {"capacity": capacity, "role": role, "station_id": station_id, "county": ""}
    table = pd.DataFrame(values, index=index, columns=list(CANDIDATE_COLUMNS))
    return table.astype({"lon": float, "lat": float, "cost": float, "capacity": float})


def is_police_question(catalogue: Catalogue, choice: StationChoice) -> bool:
    """Tell whether a choice is about the police family, for which no new post is proposed."""
    family = choice.family or (catalogue.item(choice.service).family if choice.service else "")
    return family == POLICE_FAMILY


def find_police_posts(catalogue: Catalogue, choice: StationChoice, candidates: pd.DataFrame) -> BoolArray:
    """Mark candidates that would be new police posts, shape (n,): those that are no existing station."""
    is_new = (candidates["station_id"] == "").to_numpy(bool)
    if is_police_question(catalogue, choice):
        return is_new
    police = {kind.id for kind in catalogue.kinds if kind.family == POLICE_FAMILY}
    return is_new & candidates["kind"].isin(police).to_numpy(bool)


def check_candidates(study: Study, choice: StationChoice, candidates: pd.DataFrame) -> None:
    """Check a table of candidates against its contract and the rules that hold whatever is asked.

    Raises
    ------
    InputError
        ``table.columns_missing``, ``table.id_not_unique``, ``candidates.values_invalid``; and
        ``candidates.police_post`` for a new post of the police family: items at existing places only.
    """
    missing = [column for column in CANDIDATE_COLUMNS if column not in candidates.columns]
    if missing:
        raise InputError("table.columns_missing", table="candidates", columns=", ".join(missing))
    if candidates.index.has_duplicates:
        twice = candidates.index[candidates.index.duplicated()].unique()
        raise InputError("table.id_not_unique", table="candidates", count=len(twice), value=str(twice[0]))
    lon, lat = candidates["lon"].to_numpy(float), candidates["lat"].to_numpy(float)
    cost, capacity = candidates["cost"].to_numpy(float), candidates["capacity"].to_numpy(float)
    bad = ~(np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180.0) & (np.abs(lat) <= 85.0))
    bad |= ~(np.isfinite(cost) & (cost >= 0.0)) | (capacity < 0.0)
    bad |= ~candidates["role"].isin(CANDIDATE_ROLES).to_numpy(bool)
    if bad.any():
        raise InputError(
            "candidates.values_invalid", count=int(bad.sum()), value=str(candidates.index[int(np.argmax(bad))])
        )
    posts = find_police_posts(study.catalogue, choice, candidates)
    if posts.any():
        raise InputError(
            "candidates.police_post", count=int(posts.sum()), value=str(candidates.index[int(np.argmax(posts))])
        )


def gather_candidates(
    study: Study, choice: StationChoice, parts: Sequence[pd.DataFrame], rules: CandidateRules | None = None
) -> tuple[pd.DataFrame, tuple[DataIssue, ...]]:
    """Put the candidates of all sources into one table and leave out those that may not be used.

    Parameters
    ----------
    study, choice
        The study, and which stations count.
    parts
        Tables of `build_candidates`; of generated sites at one position the first is kept.
    rules
        Exclusions; none if not given. Required sites are exempt from them.

    Returns
    -------
    The table with counties and roles, and what was left out and why. New sites without a capacity have the
    median of existing stations of their kind. An id that a station has already, or
    an earlier candidate, gets a number behind it.

    Raises
    ------
    InputError
        ``candidates.unknown_id`` if a required or forbidden site is not among them.

    Notes
    -----
    No new post of the police family comes through, whatever its source: only items at existing places.
    """
    rule = rules or CandidateRules()
    filled = [part for part in parts if len(part)]
    table = pd.concat(filled) if filled else build_candidates([], name="", **_nowhere(), kind="", source="", cost=0.0)
    table = table.assign(role=_set_roles(table, rule))
    issues: list[DataIssue] = []

    def leave_out(mask: BoolArray, code: str) -> None:
        nonlocal table
        if mask.any():
            first = str(table.index[int(np.argmax(mask))])
            issues.append(DataIssue(code, "note", "candidates", int(mask.sum()), value=first))
            table = table[~mask]

    leave_out(find_police_posts(study.catalogue, choice, table), "candidates.police_post")
    generated = table["source"].isin(("village", "cluster", "junction")).to_numpy(bool)
    leave_out(generated & table.duplicated(["lon", "lat", "kind"]).to_numpy(bool), "candidates.same_place")
    free = (table["role"] != "required").to_numpy(bool)
    new = (table["station_id"] == "").to_numpy(bool)
    leave_out(free & new & find_inside(table, rule.excluded), "candidates.excluded_area")
    free = (table["role"] != "required").to_numpy(bool)
    leave_out(free & find_too_near(study, choice, table, rule.min_distance_m), "candidates.too_near")
    table = table.assign(capacity=_fill_capacity(study, table))
    table = table.set_axis(_number_ids(table.index, study.stations.index), axis=0)
    county = find_county_level(study)
    if county is not None and len(table):
        number = number_districts(study, assign_districts(table, study.districts)["district_id"])
        table = table.assign(county=np.array(county.ids, object)[county.of_district[number]])
    check_candidates(study, choice, table)
    return table, tuple(issues)


def _fill_capacity(study: Study, table: pd.DataFrame) -> pd.Series:
    """Give a new site without a capacity the usual one of existing stations of its kind: their median."""
    stations = study.stations[study.stations["status"] == "existing"]
    usual = stations.groupby("kind")["capacity"].median()
    return table["capacity"].where(table["capacity"].notna() | (table["station_id"] != ""), table["kind"].map(usual))


def _nowhere() -> dict[str, npt.NDArray[np.floating]]:
    return {"lon": np.zeros(0), "lat": np.zeros(0)}


def _set_roles(table: pd.DataFrame, rules: CandidateRules) -> pd.Series:
    known = set(table.index)
    unknown = [one for one in (*rules.required, *rules.forbidden) if one not in known]
    if unknown:
        raise InputError("candidates.unknown_id", count=len(unknown), value=unknown[0])
    role = table["role"].where(~table.index.isin(rules.required), "required")
    return role.where(~table.index.isin(rules.forbidden), "forbidden")


def _number_ids(wanted: pd.Index, taken: Collection[str]) -> pd.Index:
    """Return ids that nobody has yet: a number is put behind those that are taken."""
    used = set(taken)
    answer = []
    for one in map(str, wanted):
        name, number = one, 1
        while name in used:
            number += 1
            name = f"{one}-{number}"
        used.add(name)
        answer.append(name)
    return pd.Index(answer, name="site_id", dtype=str)


def find_county_level(study: Study) -> UnitLevel | None:
    """Find the units by which quotas and fairness are counted: counties, else the coarsest; None without any."""
    levels = [level for level in build_unit_levels(study) if level.level != WHOLE_STUDY]
    counties = [level for level in levels if level.level == "county"]
    return next(iter((*counties, *levels)), None)


def find_inside(candidates: pd.DataFrame, areas: Sequence[shapely.Geometry]) -> BoolArray:
    """Mark candidates inside any of the areas, boundary included, shape (n,)."""
    inside = np.zeros(len(candidates), bool)
    if len(candidates) and len(areas):
        points = shapely.points(candidates["lon"].to_numpy(float), candidates["lat"].to_numpy(float))
        tree = shapely.STRtree(np.asarray(points, object))
        inside[tree.query(np.asarray(areas, object), predicate="intersects")[1]] = True
    return inside


def find_too_near(study: Study, choice: StationChoice, candidates: pd.DataFrame, limit_m: float) -> BoolArray:
    """Mark candidates nearer than a limit to a station of the choice, in a straight line on the ellipsoid [m]."""
    chosen = study.stations[select_stations(study.stations, study.catalogue, choice)]
    if limit_m <= 0.0 or chosen.empty or candidates.empty:
        return np.zeros(len(candidates), bool)
    lon, lat = candidates["lon"].to_numpy(float), candidates["lat"].to_numpy(float)
    there = chosen["lon"].to_numpy(float), chosen["lat"].to_numpy(float)
    nearest = np.asarray(cKDTree(to_geocentric(*there)).query(to_geocentric(lon, lat))[1])
    too_near: BoolArray = compute_lengths_m(lon, lat, there[0][nearest], there[1][nearest]) < limit_m
    return too_near
