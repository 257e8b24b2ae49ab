"""A generated study of all Xinjiang: real counties and their census population, all else made with a seed.

Counties and people are those of the 2020 census (outlines simplified); townships, villages, roads and stations are
generated in the numbers that are known: about 1,090 townships, 12,000 villages, 96 county centres, a station in nine
of ten townships, a room in nineteen of twenty villages.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import cKDTree

from benchmarks.measure import ROOT

COUNTIES = ROOT.parent / "shared" / "data" / "xinjiang" / "counties.geojson"
TOWNSHIPS, VILLAGES = 1090, 12_000
_NEIGHBOURS = 4
_DETOUR_DEG = 0.08  # of a road's length, by which its middle lies aside
_STUDY = """format = 1
id = "xinjiang-generated"
schematic = true
attribution = "2020 census by county, outlines after CTAmap; townships, villages, roads and stations are generated"
[name]
zh = "新疆（生成数据）"
en = "Xinjiang (generated)"
[inputs]
roads = "roads.gpkg"
population = "population.csv"
stations = "stations.csv"
districts = "districts.gpkg"
[assessment]
cutoff_min = 30
[snap]
max_access_m = 5000
"""


def write_xinjiang(folder: Path, *, counties: Path = COUNTIES, seed: int = 1) -> Path:
    """Write the study and return its ``study.toml``; the same seed gives the same study."""
    rng = np.random.default_rng(seed)
    known = gpd.read_file(counties).sort_values("code", ignore_index=True)
    people = known["population"].to_numpy(float)
    area = np.sqrt(shapely.area(known.geometry.to_numpy()))
    # Large counties have more townships than their people alone would ask for.
    weight = people / people.sum() + area / area.sum()
    towns = np.maximum(2, np.round(TOWNSHIPS * weight / weight.sum()).astype(int))
    villages = np.maximum(6, np.round(VILLAGES * weight / weight.sum()).astype(int))
    places, units = [], []
    for row, county in enumerate(known.itertuples()):
        seats, found = _lay_county(rng, county, int(towns[row]), int(villages[row]))
        places.append(seats)
        units.append(found)
    settled = pd.concat(places, ignore_index=True)
    folder.mkdir(parents=True, exist_ok=True)
    _write_districts(folder, known, pd.concat(units, ignore_index=True))
    _write_people(folder, settled, rng)
    _write_stations(folder, settled, rng)
    _write_roads(folder, settled, rng)
    (folder / "study.toml").write_text(_STUDY, encoding="utf-8")
    return folder / "study.toml"


def _lay_county(
    rng: np.random.Generator, county: object, towns: int, villages: int
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Lay seats of townships and villages in a county, and part it among its townships."""
    code, shape, people = str(county.code), county.geometry, float(county.population)  # type: ignore[attr-defined]
    seats = _scatter(rng, shape, towns)
    # Villages lie around seats, the first of which is the county's centre and largest.
    share = rng.dirichlet(np.full(towns, 0.8))
    owner = rng.choice(towns, villages, p=0.5 * share + 0.5 / towns)
    spread = rng.exponential(0.06, (villages, 1)) * _circle(rng, villages)
    homes = seats[owner] + spread
    outside = ~shapely.contains_xy(shape, homes)
    homes[outside] = seats[owner[outside]] + rng.normal(0.0, 0.004, (int(outside.sum()), 2))
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(seats), extend_to=shape.envelope.buffer(1.0), ordered=True)
    )
    parts = shapely.intersection(shapely.make_valid(cells), shape)
    units = gpd.GeoDataFrame(
        {
            "district_id": [f"{code}{number:03d}" for number in range(1, towns + 1)],
            "name": [f"{county.name}第{number}乡" for number in range(1, towns + 1)],  # type: ignore[attr-defined]
            "level": "township",
            "parent_id": code,
        },
        geometry=parts,
        crs="EPSG:4326",
    )
    lived = np.concatenate(
        (rng.gamma(2.0, 6.0, towns) * (1 + 20 * (np.arange(towns) == 0)), rng.gamma(2.0, 1.0, villages))
    )
    table = pd.DataFrame(
        {
            "lon": np.concatenate((seats[:, 0], homes[:, 0])),
            "lat": np.concatenate((seats[:, 1], homes[:, 1])),
            "county": code,
            "name": county.name,  # type: ignore[attr-defined]
            "rank": np.concatenate((np.where(np.arange(towns) == 0, 0, 1), np.full(villages, 2))),
            "population": np.round(lived / lived.sum() * people),
        }
    )
    return table, units


def _scatter(rng: np.random.Generator, shape: shapely.Geometry, count: int) -> np.ndarray:
    """Scatter points within a shape, nearer to its middle than chance would."""
    middle = np.array(shapely.get_coordinates(shapely.point_on_surface(shape)))
    west, south, east, north = shape.bounds
    found = middle
    while len(found) < count:
        tried = rng.uniform((west, south), (east, north), (4 * count, 2))
        tried = middle + (tried - middle) * rng.uniform(0.3, 1.0, (len(tried), 1))
        found = np.concatenate((found, tried[shapely.contains_xy(shape, tried)]))
    return found[:count]


def _circle(rng: np.random.Generator, count: int) -> np.ndarray:
    angle = rng.uniform(0.0, 2 * np.pi, count)
    return np.column_stack((np.cos(angle), 0.75 * np.sin(angle)))


def _write_districts(folder: Path, known: gpd.GeoDataFrame, townships: gpd.GeoDataFrame) -> None:
    prefecture = known["code"].str[:4]
    upper = known.dissolve(by=prefecture)
    tables = [
        gpd.GeoDataFrame(
            {"district_id": upper.index, "name": [f"地区{one}" for one in upper.index], "level": "prefecture"},
            geometry=upper.geometry.to_numpy(),
            crs="EPSG:4326",
        ).assign(parent_id=""),
        gpd.GeoDataFrame(
            {"district_id": known["code"], "name": known["name"], "level": "county", "parent_id": prefecture},
            geometry=known.geometry.to_numpy(),
            crs="EPSG:4326",
        ).assign(population_official=known["population"]),
        townships,
    ]
    whole = pd.concat(tables, ignore_index=True)
    pyogrio.write_dataframe(whole, folder / "districts.gpkg", layer="districts", geometry_type="MultiPolygon",
                            promote_to_multi=True)  # fmt: skip


def _write_people(folder: Path, settled: pd.DataFrame, rng: np.random.Generator) -> None:
    """Write the people: villages as one point, seats as a cluster of cells."""
    cells = np.where(settled["rank"] == 0, 60, np.where(settled["rank"] == 1, 9, 1))
    row = np.repeat(np.arange(len(settled)), cells)
    spread = np.where(settled["rank"].to_numpy()[row] == 0, 0.02, 0.008) * (cells[row] > 1)
    share = rng.gamma(2.0, 1.0, len(row))
    share /= np.bincount(row, weights=share)[row]
    people = settled["population"].to_numpy()[row] * share
    table = pd.DataFrame(
        {
            "demand_id": [f"D{number}" for number in range(len(row))],
            "lon": np.round(settled["lon"].to_numpy()[row] + rng.normal(0, 1, len(row)) * spread, 5),
            "lat": np.round(settled["lat"].to_numpy()[row] + rng.normal(0, 1, len(row)) * spread, 5),
            "population": np.round(people),
            "aged": np.round(people * 0.11),
            "drivers": np.round(people * 0.28),
            "zone": np.where(settled["rank"].to_numpy()[row] == 0, "urban", "rural"),
        }
    )
    table.to_csv(folder / "population.csv", index=False)


# Kind, level, rank of the place it stands at, share of those places that have one, services.
_KINDS = (
    ("legal_centre", "county", 0, 0.9, "legal_consultation;legal_aid;mediation;notarisation"),
    ("legal_station", "township", 1, 0.92, "legal_consultation;mediation"),
    ("legal_room", "village", 2, 0.95, "legal_consultation;mediation"),
    ("police_station", "township", 1, 0.8, "household_certificate;identity_card"),
    ("police_room", "village", 2, 0.3, "household_certificate"),
    ("vehicle_office_county", "county", 0, 0.95, "licence_renewal;inspection_mark"),
    ("postal_agent", "township", 1, 0.5, "licence_renewal"),
    ("court", "county", 0, 1.0, ""),
)


def _write_stations(folder: Path, settled: pd.DataFrame, rng: np.random.Generator) -> None:
    tables = []
    for kind, level, rank, share, services in _KINDS:
        mine = settled[(settled["rank"] == rank) & (rng.random(len(settled)) < share)]
        tables.append(
            pd.DataFrame(
                {
                    "name": [f"{name}{kind}{row}" for row, name in mine["name"].items()],
                    "kind": kind,
                    "level": level,
                    "services": services,
                    "hours": "周一至周五 10:00-14:00,15:30-19:30",
                    "capacity": "",
                    "status": "existing",
                    "operator": np.where(mine["county"].str.startswith("659"), "bingtuan", "local"),
                    "code": mine["county"],
                    "lon": np.round(mine["lon"] + rng.normal(0, 0.002, len(mine)), 5),
                    "lat": np.round(mine["lat"] + rng.normal(0, 0.002, len(mine)), 5),
                }
            )
        )
    whole = pd.concat(tables, ignore_index=True)
    whole.insert(0, "station_id", [f"S{number}" for number in range(len(whole))])
    whole.to_csv(folder / "stations.csv", index=False)


def _write_roads(folder: Path, settled: pd.DataFrame, rng: np.random.Generator) -> None:
    """Join neighbours by roads, larger places by larger ones, and all of them with each other."""
    lines: list[np.ndarray] = []
    classes: list[str] = []
    for ranks, highway in (((0,), "trunk"), ((0, 1), "secondary"), ((0, 1, 2), "unclassified")):
        points = settled.loc[settled["rank"].isin(ranks), ["lon", "lat"]].to_numpy(float)
        begin, end = _join(points)
        middle = (points[begin] + points[end]) / 2
        along = points[end] - points[begin]
        aside = np.column_stack((-along[:, 1], along[:, 0])) * rng.normal(0, _DETOUR_DEG, (len(begin), 1))
        stacked = np.stack((points[begin], middle + aside, points[end]), axis=1)
        lines.extend(shapely.linestrings(np.round(stacked, 5)))
        classes += [highway] * len(begin)
    table = gpd.GeoDataFrame({"highway": classes}, geometry=lines, crs="EPSG:4326")
    pyogrio.write_dataframe(table, folder / "roads.gpkg", layer="roads")


def _join(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Join each point with its nearest neighbours, and what is still apart by the shortest roads."""
    scaled = points * (0.72, 1.0)
    distance, near = cKDTree(scaled).query(scaled, k=min(25, len(points)))
    begin = np.repeat(np.arange(len(points)), near.shape[1] - 1)
    end, length = near[:, 1:].ravel(), np.maximum(distance[:, 1:].ravel(), 1e-9)
    whole = coo_array((length, (begin, end)), shape=(len(points), len(points))).tocsr()
    tree = minimum_spanning_tree(whole).tocoo()
    close = np.arange(len(begin)) % (near.shape[1] - 1) < _NEIGHBOURS - 1
    pairs = np.concatenate((np.column_stack((begin[close], end[close])), np.column_stack((tree.row, tree.col))))
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    count, label = connected_components(coo_array((np.ones(len(pairs)), pairs.T), shape=whole.shape), directed=False)
    extra = []
    for number in range(1, count):
        mine, others = np.flatnonzero(label == number), np.flatnonzero(label != number)
        away, nearest = cKDTree(scaled[others]).query(scaled[mine])
        best = int(np.argmin(away))
        extra.append((mine[best], others[nearest[best]]))
    joined = np.concatenate((pairs, np.array(extra, int).reshape(-1, 2)))
    return joined[:, 0], joined[:, 1]


def main() -> None:
    """Write the study to a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print(write_xinjiang(arguments.folder, seed=arguments.seed))


if __name__ == "__main__":
    main()
