"""Builders of toy road networks near the equator, where a metre east is as long as a metre north.

Places are given in metres east and north of a corner; roads as strings of place names, so that a
drawing in a test's docstring can be read off into code::

    world = ToyWorld({"a": (0, 0), "b": (1000, 0)})
    world.road("a b", "secondary")
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from coverage.inputs.bilingual_names import Name
from coverage.inputs.study import Catalogue, Family, Kind, Level, ServiceItem, Study
from coverage.network.contraction import build_network
from coverage.network.model import DELAY_KINDS, PROFILE_COLUMNS, RoadLines, RoadNetwork
from coverage.network.settings import AssessmentSettings, SnapSettings
from coverage.network.speeds import SpeedTable
from coverage.travel.snapping import Snapped, build_snap_index, snap_points
from coverage.travel.travel_time import Places, TimedNetwork, build_timed_network, place_points

LON_0 = 10.0
_RADIUS_EAST_M = 6_378_137.0
_RADIUS_NORTH_M = 6_335_439.327  # meridian radius of curvature at the equator
BLANK_PROFILE: dict[str, object] = dict(
    zip(PROFILE_COLUMNS, ("", "", "", "", "", "", "", np.nan, np.nan, np.nan, False), strict=True)
)

# 60 km/h is one kilometre a minute.
PLAIN_SPEEDS = SpeedTable("toy", (("motorway", 120.0), ("residential", 30.0), ("secondary", 60.0), ("track", 15.0)))
EVERYWHERE = SnapSettings(min_component_km=0.0, junction_tolerance_m=0.5)


def to_degrees(east_m: float, north_m: float) -> tuple[float, float]:
    """Turn metres from the corner of the toy world into lon and lat."""
    return LON_0 + float(np.degrees(east_m / _RADIUS_EAST_M)), float(np.degrees(north_m / _RADIUS_NORTH_M))


def lon_lat(places: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Turn a list of places in metres into arrays of lon and lat."""
    degrees = np.array([to_degrees(*place) for place in places], float).reshape(-1, 2)
    return degrees[:, 0].copy(), degrees[:, 1].copy()


@dataclass
class ToyWorld:
    """Places by name and the roads between them, in the order they are laid."""

    places: dict[str, tuple[float, float]]
    delays: dict[str, tuple[str, int]] = field(default_factory=dict)
    pieces: list[tuple[int, int, bool, int]] = field(default_factory=list)
    profiles: list[dict[str, object]] = field(default_factory=list)
    bans: list[tuple[int, int, int, bool]] = field(default_factory=list)

    def road(self, route: str, highway: str = "secondary", *, oneway: bool = False, **tags: object) -> list[int]:
        """Lay a road over named places; return the numbers of its pieces."""
        profile = BLANK_PROFILE | {"highway": highway} | tags
        self.profiles.append(profile)
        names = list(self.places)
        stops = [names.index(name) for name in route.split()]
        laid = []
        for start, end in itertools.pairwise(stops):
            self.pieces.append((start, end, oneway, len(self.profiles) - 1))
            laid.append(len(self.pieces) - 1)
        return laid

    def ban(self, from_piece: int, via: str, to_piece: int, *, only: bool = False) -> None:
        """Forbid a turn, or with `only` every other one."""
        self.bans.append((from_piece, list(self.places).index(via), to_piece, only))

    def lines(self) -> RoadLines:
        """Build the noded lines."""
        lon, lat = lon_lat(list(self.places.values()))
        kind, way = np.zeros(len(lon), np.uint8), np.zeros(len(lon), np.uint8)
        for name, (what, whom) in self.delays.items():
            at = list(self.places).index(name)
            kind[at], way[at] = DELAY_KINDS.index(what), whom
        pieces = np.array([piece[:2] for piece in self.pieces], np.int32).reshape(-1, 2)
        bans = np.array([ban[:3] for ban in self.bans], np.int32).reshape(-1, 3)
        return RoadLines(
            mode="drive",
            lon=lon,
            lat=lat,
            delay_kind=kind,
            delay_way=way,
            piece_from=pieces[:, 0].copy(),
            piece_to=pieces[:, 1].copy(),
            piece_oneway=np.array([piece[2] for piece in self.pieces], bool),
            piece_profile=np.array([piece[3] for piece in self.pieces], np.int32),
            profiles=pd.DataFrame(self.profiles, columns=list(PROFILE_COLUMNS)),
            ban_from=bans[:, 0].copy(),
            ban_via=bans[:, 1].copy(),
            ban_to=bans[:, 2].copy(),
            ban_only=np.array([ban[3] for ban in self.bans], bool),
        )

    def network(self) -> RoadNetwork:
        """Build the routable network."""
        return build_network(self.lines())

    def timed(self, speeds: SpeedTable = PLAIN_SPEEDS, **choices: str) -> TimedNetwork:
        """Build the priced network."""
        return build_timed_network(self.network(), speeds, **choices)  # type: ignore[arg-type]


def snap(network: RoadNetwork, places: list[tuple[float, float]], settings: SnapSettings = EVERYWHERE) -> Snapped:
    """Join places in metres to the roads."""
    return snap_points(build_snap_index(network, settings), *lon_lat(places))


def put(timed: TimedNetwork, places: list[tuple[float, float]], settings: SnapSettings = EVERYWHERE) -> Places:
    """Join places in metres to the roads and price them."""
    return place_points(timed, snap(timed.network, places, settings), settings)


def crossroads() -> ToyWorld:
    """Return four roads of 1 km that meet in the middle.

    ::

              n
              |
        w --- m --- e
              |
              s
    """
    world = ToyWorld({"m": (0, 0), "n": (0, 1000), "e": (1000, 0), "s": (0, -1000), "w": (-1000, 0)})
    for arm in "nesw":
        world.road(f"m {arm}")
    return world


CATALOGUE = Catalogue(
    families=(Family("legal", Name("法律", "Legal")), Family("police", Name("警务", "Police"))),
    levels=(Level("county", Name("县级", "County"), 1), Level("village", Name("村级", "Village"), 2)),
    kinds=(
        Kind("office", Name("所", "Office"), "legal", "county", ("advice", "notary")),
        Kind("window", Name("窗口", "Window"), "police", "village", ("licence",)),
    ),
    items=(
        ServiceItem("advice", Name("咨询", "Advice"), "legal"),
        ServiceItem("notary", Name("公证", "Notary"), "legal"),
        ServiceItem("licence", Name("驾驶证", "Licence"), "police", weight="drivers"),
    ),
    bundles=(),
)


def demand_table(places: list[tuple[float, float]], population: list[float], district: list[str]) -> pd.DataFrame:
    """Build a table of demand points d0, d1, … after the contract."""
    lon, lat = lon_lat(places)
    index = pd.Index([f"d{number}" for number in range(len(places))], name="demand_id", dtype=str)
    return pd.DataFrame(
        {
            "lon": lon,
            "lat": lat,
            "population": np.array(population, float),
            "district_id": pd.Series(district, index=index, dtype=str),
            "zone": pd.Series("urban", index=index, dtype=str),
        },
        index=index,
    )


def station_table(places: list[tuple[float, float]], district: list[str], **columns: list[object]) -> pd.DataFrame:
    """Build a table of stations s0, s1, … after the contract; columns given replace the usual ones."""
    lon, lat = lon_lat(places)
    count = len(places)
    index = pd.Index([f"s{number}" for number in range(count)], name="station_id", dtype=str)
    table = pd.DataFrame(
        {
            "name": [f"示意点{number:02d}" for number in range(count)],
            "kind": ["office"] * count,
            "level": ["county"] * count,
            "services": [("advice", "notary")] * count,
            "hours": [""] * count,
            "capacity": np.full(count, np.nan),
            "status": ["existing"] * count,
            "operator": ["local"] * count,
            "code": [""] * count,
            "open_date": [""] * count,
            "cost": np.full(count, np.nan),
            "lon": lon,
            "lat": lat,
            "district_id": district,
        },
        index=index,
    )
    return table.assign(**columns)


def district_table(rows: list[tuple[str, str, str]]) -> gpd.GeoDataFrame:
    """Build districts from (id, level, parent id); outlines do not matter here."""
    return gpd.GeoDataFrame(
        {
            "name": [f"区{row[0]}" for row in rows],
            "level": [row[1] for row in rows],
            "parent_id": [row[2] for row in rows],
            "population_official": np.full(len(rows), np.nan),
        },
        geometry=[box(LON_0, 0, LON_0 + 1, 1) for _ in rows],
        index=pd.Index([row[0] for row in rows], name="district_id", dtype=str),
        crs="EPSG:4326",
    )


def build_study(
    network: RoadNetwork | None,
    demand: pd.DataFrame,
    stations: pd.DataFrame,
    districts: gpd.GeoDataFrame | None = None,
    settings: AssessmentSettings | None = None,
    speeds: SpeedTable = PLAIN_SPEEDS,
) -> Study:
    """Build a study of a toy world."""
    return Study(
        id="toy",
        name=Name("示意", "Toy"),
        schematic=True,
        settings=settings or AssessmentSettings(snap=EVERYWHERE),
        speeds=speeds,
        catalogue=CATALOGUE,
        network=network,
        demand=demand,
        stations=stations,
        districts=district_table([]) if districts is None else districts,
        sources=(),
        issues=(),
        rejected=pd.DataFrame(columns=["role", "row", "problem", "field", "value"]),
        reconciliation=pd.DataFrame(),
        attribution="",
        fingerprint="toy",
    )
