"""Opening a study: every input read by its reader, joined, hashed; nothing is dropped silently."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import geopandas as gpd
import pandas as pd

from coverage.districts import assign_districts
from coverage.errors import DataIssue
from coverage.model import Catalogue, Source, Study
from coverage.network import RoadNetwork
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.reconcile import reconcile_population
from coverage.schema import (
    DISTRICT_COLUMNS,
    STATION_COLUMNS,
    LoadedTable,
    check_demand,
    check_districts,
    check_stations,
)
from coverage.speeds import SpeedTable
from coverage.zones import compute_zones
from geodata.read_boundaries import read_districts
from geodata.read_catalogue import DEFAULT_CATALOGUE, read_catalogue
from geodata.read_population import read_population
from geodata.read_speeds import default_speeds_path, read_speeds
from geodata.read_stations import read_stations
from geodata.roads.network_cache import hash_file, open_network
from geodata.study_file import StudyFile, read_study_file


def open_study(
    path: Path, *, cache: Path | None = None, speeds: Path | None = None, progress: Progress = ignore_progress
) -> Study:
    """Open a study from its ``study.toml``.

    Parameters
    ----------
    path
        The file or its folder.
    cache
        Folder where built networks are kept; None keeps none.
    speeds
        A speed table to use instead of the study's own.
    progress
        Told the share done.

    Raises
    ------
    MissingInputError, InputError, SettingsError, NetworkError
        As the readers do, with the file, row and column where there is one.
    """
    named = read_study_file(path)
    report_progress(progress, 0.0, "catalogue")
    catalogue = read_catalogue(named.find_input("catalogue") or DEFAULT_CATALOGUE)
    table = read_speeds(speeds or named.find_input("speeds") or default_speeds_path(named.settings.mode))
    report_progress(progress, 0.02, "districts")
    districts, district_issues = _read_districts(named)
    check_districts(districts)
    report_progress(progress, 0.1, "population")
    people = _read_people(named, districts, progress)
    demand = assign_districts(people.table, districts)
    outside = _find_outside(demand, districts, dict(named.inputs)["population"].name)
    issues = [*district_issues, *people.issues, *outside]
    reconciliation = pd.DataFrame()
    if named.reconcile:
        demand, reconciliation = reconcile_population(demand, districts)
    zoned = int((demand["zone"] == "").sum())
    demand = demand.assign(zone=compute_zones(demand))
    if zoned:
        issues.append(DataIssue("demand.zones_by_density", "note", dict(named.inputs)["population"].name, zoned))
    check_demand(demand)
    report_progress(progress, 0.35, "stations")
    sites = _read_stations(named, catalogue)
    stations = assign_districts(sites.table, districts)
    check_stations(stations)
    issues.extend(sites.issues)
    network, road_issues = _open_roads(named, table, cache, progress)
    issues.extend(road_issues)
    tables = {"population": people, "stations": sites}
    sources = _list_sources(named, tables)
    report_progress(progress, 1.0, "open")
    return Study(
        id=named.id,
        name=named.name,
        schematic=named.schematic,
        settings=named.settings,
        speeds=table,
        catalogue=catalogue,
        network=network,
        demand=demand,
        stations=stations,
        districts=districts,
        sources=sources,
        issues=tuple(issues),
        rejected=_gather_rejected(tables),
        reconciliation=reconciliation,
        attribution=named.attribution,
        fingerprint=_fingerprint(named, table, sources),
    )


def _read_districts(named: StudyFile) -> tuple[gpd.GeoDataFrame, tuple[DataIssue, ...]]:
    path = named.find_input("districts")
    if path is not None:
        return read_districts(path)
    empty = gpd.GeoDataFrame({name: [] for name in DISTRICT_COLUMNS}, geometry="geometry", crs="EPSG:4326")
    empty.index = pd.Index([], name="district_id", dtype=str)
    return empty, ()


def _read_people(named: StudyFile, districts: gpd.GeoDataFrame, progress: Progress) -> LoadedTable:
    path = dict(named.inputs)["population"]

    def share(done: float, step: str) -> bool:
        return progress(0.1 + 0.25 * done, step)

    area = districts.geometry.union_all() if len(districts) else None
    return read_population(path, area=area, cell_m=named.cell_m, progress=share)


def _read_stations(named: StudyFile, catalogue: Catalogue) -> LoadedTable:
    path = named.find_input("stations")
    if path is not None:
        return read_stations(path, catalogue, default_kind=named.default_kind)
    empty = pd.DataFrame({name: pd.Series([], dtype=object) for name in STATION_COLUMNS})
    empty = empty.astype({"lon": float, "lat": float, "capacity": float})
    empty.index = pd.Index([], name="station_id", dtype=str)
    issue = DataIssue("study.no_stations", "warning", named.path.name)
    return LoadedTable(empty, pd.DataFrame(), rows_in=0, rows_accepted=0, issues=(issue,))


def _gather_rejected(tables: dict[str, LoadedTable]) -> pd.DataFrame:
    columns = ["role", "row", "problem", "field", "value"]
    parts = [read.rejected.assign(role=role)[columns] for role, read in tables.items() if len(read.rejected)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _find_outside(demand: pd.DataFrame, districts: gpd.GeoDataFrame, source: str) -> tuple[DataIssue, ...]:
    """Report people who live in none of the districts; they stay in every total, under no district."""
    outside = demand["district_id"] == ""
    if districts.empty or not outside.any():
        return ()
    people = float(demand.loc[outside, "population"].sum())
    return (DataIssue("demand.outside_districts", "warning", source, int(outside.sum()), facts=(("people", people),)),)


def _open_roads(
    named: StudyFile, speeds: SpeedTable, cache: Path | None, progress: Progress
) -> tuple[RoadNetwork | None, tuple[DataIssue, ...]]:
    path = named.find_input("roads")
    if path is None:
        return None, (DataIssue("study.no_roads", "warning", named.path.name),)

    def share(done: float, step: str) -> bool:
        return progress(0.4 + 0.58 * done, step)

    return open_network(path, named.settings.mode, speeds.classes, folder=cache, ferries=named.ferries, progress=share)


def _list_sources(named: StudyFile, tables: dict[str, LoadedTable]) -> tuple[Source, ...]:
    sources = []
    for role, path in (("study", named.path), *named.inputs):
        relative = path.relative_to(named.path.parent).as_posix()
        source = Source(role, relative, hash_file(path), path.stat().st_size)
        if role in tables:
            read = tables[role]
            account = (read.rows_in, read.rows_accepted, read.rows_rejected)
            source = Source(role, relative, source.sha256, source.size_bytes, *account)
        sources.append(source)
    return tuple(sources)


def _fingerprint(named: StudyFile, speeds: SpeedTable, sources: tuple[Source, ...]) -> str:
    content = [[source.role, source.sha256] for source in sources]
    recipe = json.dumps([content, asdict(named.settings), asdict(speeds)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(recipe.encode()).hexdigest()[:32]
