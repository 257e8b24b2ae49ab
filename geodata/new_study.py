"""Making a study in four steps: area, people, roads, stations, each cut to what the area needs."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import geopandas as gpd
import pandas as pd
import shapely
import tomli_w
from shapely.geometry.base import BaseGeometry

from coverage.errors import DataIssue, InputError
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.schema import LoadedTable
from geodata.crs import find_equal_area_crs
from geodata.datum import Datum
from geodata.pack import write_pack
from geodata.read_boundaries import read_districts
from geodata.read_catalogue import read_catalogue
from geodata.read_population import read_population
from geodata.read_population_polygons import DEFAULT_CELL_M
from geodata.read_stations import read_stations
from geodata.roads.cut_roads import Area, choose_cut_name, cut_roads
from geodata.study_file import FORMAT
from geodata.worker import one_worker
from geodata.write_layers import write_gpkg
from geodata.write_tables import explain_refusal, write_bytes, write_csv

DEFAULT_MARGIN_KM = 60.0

# The licence of OpenStreetMap asks for it on every map and report.
_OSM_ATTRIBUTION = (
    "区划、人口、站点为导入的文件，道路 © OpenStreetMap contributors（ODbL） / "
    "Districts, people and stations: imported files; roads © OpenStreetMap contributors (ODbL)"
)


@dataclass(frozen=True, slots=True)
class NewStudy:
    """What a new study is made of.

    Parameters
    ----------
    area
        Polygons of the districts, or one polygon.
    population
        Table, raster or polygons with people.
    roads, stations
        Road file and station table; either may come later.
    name
        Shown name; the area file's name if empty.
    margin_km
        How far beyond the area roads and stations are kept [km].
    cell_m
        Size of the cells a raster or polygons are turned into [m].
    population_datum, stations_datum
        What the positions of these files refer to; they are stored in WGS-84.
    items
        Ids of the service items the study is about; () takes those of every family that has a point.
    """

    area: Path
    population: Path
    roads: Path | None = None
    stations: Path | None = None
    name: str = ""
    margin_km: float = DEFAULT_MARGIN_KM
    cell_m: float = DEFAULT_CELL_M
    population_datum: Datum = "wgs84"
    stations_datum: Datum = "wgs84"
    items: tuple[str, ...] = ()


@one_worker()
def create_study(
    target: Path, made_of: NewStudy, *, progress: Progress = ignore_progress
) -> tuple[Path, tuple[DataIssue, ...]]:
    """Make the folder of a new study.

    People are kept inside the area; roads and stations also within the margin around it, because
    residents near the border travel across it.

    Parameters
    ----------
    target
        Folder to create; must not exist or be empty.
    made_of
        Its area, people, roads and stations.
    progress
        Told the share done.

    Returns
    -------
    The path of ``study.toml``, and every finding of the readers.

    Raises
    ------
    MissingInputError, InputError
        As the readers do; the folder is then left as it was.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError("study.folder_not_empty", file=str(target))
    with explain_refusal(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        made = tempfile.TemporaryDirectory(dir=target.parent)
    with made as place:
        folder = Path(place) / "study"
        folder.mkdir()
        issues = _fill(folder, made_of, progress)
        with explain_refusal(target):
            if target.exists():
                target.rmdir()
            folder.rename(target)
    return target / "study.toml", issues


def create_pack(target: Path, made_of: NewStudy, *, progress: Progress = ignore_progress) -> tuple[DataIssue, ...]:
    """Make a new study and pack it into one file, see `create_study`; without a name it has that of the file."""
    named = replace(made_of, name=made_of.name or target.stem)
    with tempfile.TemporaryDirectory() as made:
        study, issues = create_study(Path(made) / "study", named, progress=progress)
        write_pack(study.parent, target)
    return issues


def _fill(folder: Path, made_of: NewStudy, progress: Progress) -> tuple[DataIssue, ...]:
    catalogue = read_catalogue()
    for item in made_of.items:
        catalogue.item(item)
    report_progress(progress, 0.0, "districts")
    districts, found = read_districts(made_of.area)
    issues = list(found)
    inputs = {"districts": "districts.gpkg", "population": "population.csv"}
    write_gpkg(folder / "districts.gpkg", districts, "districts")
    outline = districts.geometry.union_all()
    wide = add_margin(outline, made_of.margin_km)

    def reading(share: float, step: str) -> bool:
        return progress(0.05 + 0.45 * share, step)

    people = read_population(
        made_of.population,
        area=outline,
        cell_m=made_of.cell_m,
        datum=made_of.population_datum,
        progress=reading,
    )
    issues.extend(people.issues)
    kept, outside = _keep_inside(people, outline, made_of.population.name)
    issues.extend(outside)
    write_csv(folder / "population.csv", kept.drop(columns="district_id"))
    _keep_rejected(folder / "rejected_population.csv", people)
    report_progress(progress, 0.5, "stations")
    if made_of.stations is not None:
        inputs["stations"] = "stations.csv"
        issues.extend(_write_stations(folder, made_of.stations, outline, wide, made_of.stations_datum))
    report_progress(progress, 0.6, "roads")
    if made_of.roads is not None:
        inputs["roads"] = choose_cut_name(made_of.roads)

        def cutting(share: float, step: str) -> bool:
            return progress(0.6 + 0.35 * share, step)

        issues.extend(cut_roads(made_of.roads, wide, folder / inputs["roads"], progress=cutting))
    report_progress(progress, 0.95, "study")
    shown = made_of.name or made_of.area.stem
    from_osm = inputs.get("roads", "").endswith((".osm.pbf", ".osm"))
    content = {
        "format": FORMAT,
        "id": _to_id(shown),
        "schematic": False,
        **({"attribution": _OSM_ATTRIBUTION} if from_osm else {}),
        **({"items": list(made_of.items)} if made_of.items else {}),
        "name": {"zh": shown, "en": shown},
        "inputs": inputs,
        "population": {"source": made_of.population.name, "reconcile": _is_reconcilable(people, districts)},
        "roads": {"margin_km": made_of.margin_km},
        "assessment": {"mode": "drive", "direction": "to", "cutoff_min": 30.0, "season": "summer"},
    }
    write_bytes(folder / "study.toml", tomli_w.dumps(content).encode())
    return tuple(issues)


def _keep_inside(people: LoadedTable, outline: BaseGeometry, source: str) -> tuple[pd.DataFrame, tuple[DataIssue, ...]]:
    """Keep the people who live in the area (its border included), and report the others.

    A raster is cut pixel by pixel while it is read; the centre of a cell's people may then lie a little
    outside, as around a bay, and they stay.
    """
    table = people.table
    inside = shapely.intersects_xy(outline, table["lon"].to_numpy(float), table["lat"].to_numpy(float))
    if inside.all() or _is_from_raster(people):
        return table, ()
    if not inside.any():
        raise InputError("demand.none_in_area", file=source, count=len(table))
    beyond = table.loc[~inside, "population"]
    facts = (("people", float(beyond.sum())),)
    issue = DataIssue("demand.outside_area", "rejected", source, len(beyond), value=str(beyond.index[0]), facts=facts)
    return table[inside], (issue,)


def _is_from_raster(people: LoadedTable) -> bool:
    return any(issue.code == "raster.gathered" for issue in people.issues)


def _is_reconcilable(people: LoadedTable, districts: gpd.GeoDataFrame) -> bool:
    """Tell whether people are an estimate (cells of a raster) that official totals should correct."""
    return _is_from_raster(people) and bool(districts["population_official"].notna().any())


def _to_id(name: str) -> str:
    return re.sub(r"[^\w-]+", "-", name).strip("-")[:60] or "study"


def add_margin(outline: BaseGeometry, margin_km: float) -> Area:
    """Widen an area in WGS-84 by a distance on the ground [km]."""
    west, south, east, north = outline.bounds
    flat = gpd.GeoSeries([outline], crs="EPSG:4326").to_crs(find_equal_area_crs((west, south, east, north)))
    wide = flat.simplify(100.0).buffer(margin_km * 1000.0 + 100.0).to_crs("EPSG:4326").iloc[0]
    return cast(Area, wide)


def _write_stations(folder: Path, path: Path, outline: BaseGeometry, wide: Area, datum: Datum) -> tuple[DataIssue, ...]:
    read = read_stations(path, read_catalogue(), area=outline, datum=datum)
    near = shapely.contains_xy(wide, read.table["lon"].to_numpy(float), read.table["lat"].to_numpy(float))
    kept = read.table[near]
    write_csv(folder / "stations.csv", kept.assign(services=kept["services"].map(";".join)))
    _keep_rejected(folder / "rejected_stations.csv", read)
    far = int((~near).sum())
    if far == 0:
        return read.issues
    beyond = read.table[~near]
    issue = DataIssue("stations.beyond_margin", "rejected", path.name, far, value=str(beyond["name"].iloc[0]))
    return (*read.issues, issue)


def _keep_rejected(path: Path, read: LoadedTable) -> None:
    """Keep rows that were left out beside the study, so that they can be mended."""
    if len(read.rejected):
        write_csv(path, pd.DataFrame(read.rejected))
