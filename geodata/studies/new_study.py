"""Making a study in four steps: area, people, roads, stations, each cut to what the area needs."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import tomli_w
from shapely.geometry.base import BaseGeometry

from coverage.errors import DataIssue, InputError
from coverage.inputs.schema import LoadedTable
from coverage.progress import Progress, ignore_progress, report_progress
from geodata.files.crs import find_equal_area_crs
from geodata.files.own_files import hash_file
from geodata.files.write_layers import write_gpkg
from geodata.files.write_tables import explain_refusal, write_bytes, write_csv
from geodata.intake.cells.datum import Datum
from geodata.intake.cells.row_checks import BoolColumn
from geodata.intake.measured_regions import Region, find_region, propose_region
from geodata.intake.read_boundaries import read_districts
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_population import read_population
from geodata.intake.read_population_polygons import DEFAULT_CELL_M
from geodata.intake.read_stations import read_stations
from geodata.jobs.worker import one_worker
from geodata.roads.cut_roads import Area, choose_cut_name, cut_roads
from geodata.studies.import_account import REJECTED_KEPT, ImportedInput, write_account
from geodata.studies.pack import write_pack
from geodata.studies.study_file import DEFAULT_MARGIN_KM, FORMAT

_NAMES_SHOWN = 5
_ROWS_NAMED = 20

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
    area_datum, population_datum, stations_datum
        What the positions of these files refer to; they are stored in WGS-84. None if the user has not said: they count
        as WGS-84, and files of web maps raise the question.
    area_crs, population_crs, stations_crs
        Coordinate systems of layers that declare none, e.g. ``"EPSG:4490"``.
    province
        Whose measured car speeds are driven, see `geodata.intake.measured_regions.find_region`; the one the area
        lies in if empty.
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
    area_datum: Datum | None = None
    population_datum: Datum | None = None
    stations_datum: Datum | None = None
    area_crs: str | None = None
    population_crs: str | None = None
    stations_crs: str | None = None
    province: str = ""
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
    wanted = find_region(made_of.province) if made_of.province else None
    districts, found = read_districts(made_of.area, datum=made_of.area_datum, assumed_crs=made_of.area_crs)
    region = wanted or propose_area_region(districts)
    lost = sum(issue.count for issue in found if issue.severity == "rejected")
    account = _Account(folder, [])
    inputs = {"districts": "districts.gpkg", "population": "population.csv"}
    write_gpkg(folder / "districts.gpkg", districts, "districts")
    account.add("districts", made_of.area, "districts.gpkg", found, (len(districts) + lost, lost, len(districts)))
    outline = districts.geometry.union_all()
    wide = add_margin(outline, made_of.margin_km)

    def reading(share: float, step: str) -> bool:
        return progress(0.05 + 0.45 * share, step)

    people = read_population(
        made_of.population,
        area=outline,
        cell_m=made_of.cell_m,
        datum=made_of.population_datum,
        assumed_crs=made_of.population_crs,
        progress=reading,
    )
    inside, outside = _find_inside(people, outline, made_of.population.name)
    write_csv(folder / "population.csv", people.table[inside].drop(columns="district_id"))
    account.add_table("population", made_of.population, people, inside, outside)
    report_progress(progress, 0.5, "stations")
    if made_of.stations is not None:
        inputs["stations"] = "stations.csv"
        _write_stations(folder, made_of.stations, made_of, outline, wide, account)
    report_progress(progress, 0.6, "roads")
    if made_of.roads is not None:
        inputs["roads"] = choose_cut_name(made_of.roads)

        def cutting(share: float, step: str) -> bool:
            return progress(0.6 + 0.35 * share, step)

        found = cut_roads(made_of.roads, wide, folder / inputs["roads"], progress=cutting)
        account.add("roads", made_of.roads, inputs["roads"], found, (0, 0, 0))
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
        "speeds": {"province": region.id},
        "assessment": {"mode": "drive", "direction": "to", "cutoff_min": 30.0, "season": "summer"},
    }
    write_account(folder, account.inputs)
    write_bytes(folder / "study.toml", tomli_w.dumps(content).encode())
    return tuple(issue for one in account.inputs for issue in one.issues)


def propose_area_region(districts: gpd.GeoDataFrame) -> Region:
    """Propose whose measured speeds are driven in an area, by the codes of its districts or by its middle."""
    middle = districts.geometry.union_all().representative_point()
    return propose_region(districts.index.astype(str), np.array([middle.x]), np.array([middle.y]))


@dataclass(slots=True)
class _Account:
    """The account of the import while the study is made."""

    folder: Path
    inputs: list[ImportedInput]

    def add(
        self, role: str, source: Path, name: str, issues: tuple[DataIssue, ...], rows: tuple[int, int, int]
    ) -> None:
        """Add an input that is no table of rows: rows found, left out and written."""
        self.inputs.append(ImportedInput(role, source.name, name, hash_file(self.folder / name), *rows, issues=issues))

    def add_table(
        self, role: str, source: Path, read: LoadedTable, kept: BoolColumn, beyond: tuple[DataIssue, ...]
    ) -> None:
        """Add a table with the rows it lost: those the reader left out, and those beyond the area."""
        name = f"{role}.csv"
        parts = [read.rejected]
        numbers = read.rows if read.rows is not None else np.zeros(len(kept), dtype=np.int64)
        parts += [
            pd.DataFrame({"row": numbers[~kept], "problem": issue.code, "field": "", "value": read.table.index[~kept]})
            for issue in beyond
        ]
        rejected = pd.concat(
            [part for part in parts if len(part)] or [pd.DataFrame(columns=list(REJECTED_KEPT))]
        ).fillna("")
        if len(rejected):
            write_csv(self.folder / f"rejected_{name}", rejected)
        self.inputs.append(
            ImportedInput(
                role=role,
                source=source.name,
                path=name,
                sha256=hash_file(self.folder / name),
                rows_in=read.rows_in,
                rows_rejected=read.rows_rejected + (int((~kept).sum()) if read.rows is not None else 0),
                rows_written=int(kept.sum()),
                issues=(*read.issues, *beyond),
                rejected=rejected,
            )
        )


def _find_inside(people: LoadedTable, outline: BaseGeometry, source: str) -> tuple[BoolColumn, tuple[DataIssue, ...]]:
    """Tell which people live in the area (its border included), shape (n,), and report the others.

    A raster is cut pixel by pixel while it is read; the centre of a cell's people may then lie a little
    outside, as around a bay, and they stay.
    """
    table = people.table
    inside = shapely.intersects_xy(outline, table["lon"].to_numpy(float), table["lat"].to_numpy(float))
    if inside.all() or _is_from_raster(people):
        return np.ones(len(table), dtype=bool), ()
    if not inside.any():
        raise InputError("demand.none_in_area", file=source, count=len(table))
    facts = (("people", float(table.loc[~inside, "population"].sum())),)
    return inside, (_name_rows("demand.outside_area", source, people, ~inside, table.index.to_series(), facts),)


def _name_rows(
    code: str,
    source: str,
    read: LoadedTable,
    mask: BoolColumn,
    names: pd.Series,
    facts: tuple[tuple[str, float], ...] = (),
) -> DataIssue:
    """Make the finding about rows that are left out for their place; it names the first of them."""
    rows = () if read.rows is None else tuple(int(row) for row in read.rows[mask][:_ROWS_NAMED])
    value = ", ".join(map(str, names[mask].head(_NAMES_SHOWN)))
    return DataIssue(code, "rejected", source, int(mask.sum()), rows, value=value[:200], facts=facts)


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


def _write_stations(
    folder: Path, path: Path, made_of: NewStudy, outline: BaseGeometry, wide: Area, account: _Account
) -> None:
    datum, crs = made_of.stations_datum, made_of.stations_crs
    read = read_stations(path, read_catalogue(), area=outline, datum=datum, assumed_crs=crs)
    near = shapely.contains_xy(wide, read.table["lon"].to_numpy(float), read.table["lat"].to_numpy(float))
    kept = read.table[near]
    write_csv(folder / "stations.csv", kept.assign(services=kept["services"].map(";".join)))
    beyond = () if near.all() else (_name_rows("stations.beyond_margin", path.name, read, ~near, read.table["name"]),)
    account.add_table("stations", path, read, near, beyond)
