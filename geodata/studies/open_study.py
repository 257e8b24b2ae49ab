"""Opening a study: every input read by its reader, joined, hashed; nothing is dropped silently."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd

from coverage.errors import DataIssue
from coverage.inputs.districts import assign_districts
from coverage.inputs.far_away import find_far, name_far
from coverage.inputs.reconcile import reconcile_population
from coverage.inputs.schema import (
    DISTRICT_COLUMNS,
    OTHER_POPULATION,
    STATION_COLUMNS,
    LoadedTable,
    check_demand,
    check_districts,
    check_stations,
)
from coverage.inputs.study import Catalogue, Source, Study
from coverage.inputs.targets import Target
from coverage.inputs.zones import compute_zones
from coverage.network.closures import Closure
from coverage.network.model import RoadNetwork
from coverage.network.settings import Mode
from coverage.network.speeds import SpeedTable
from coverage.progress import Progress, ignore_progress, report_progress
from geodata.files.own_files import hash_file
from geodata.files.reading_border import reads_file
from geodata.intake.measured_regions import find_region, propose_region, read_default_speeds, read_speed_bounds
from geodata.intake.read_boundaries import read_districts
from geodata.intake.read_catalogue import DEFAULT_CATALOGUE, list_old_layers, read_catalogue
from geodata.intake.read_closures import read_closures
from geodata.intake.read_population import read_population
from geodata.intake.read_speeds import read_speeds
from geodata.intake.read_stations import read_stations
from geodata.intake.read_targets import read_targets
from geodata.intake.read_thresholds import read_thresholds
from geodata.intake.read_zones import read_zones
from geodata.jobs.worker import one_worker
from geodata.roads.network_cache import open_network
from geodata.studies.import_account import ImportedInput, read_account
from geodata.studies.study_file import StudyFile, read_study_file


@reads_file
@one_worker()
def open_study(
    path: Path,
    *,
    cache: Path | None = None,
    speeds: Path | None = None,
    mode: Mode | None = None,
    progress: Progress = ignore_progress,
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
    mode
        Another way to travel than the study's own, at the default speeds of that mode.
    progress
        Told the share done.

    Raises
    ------
    MissingInputError, InputError, SettingsError, NetworkError
        As the readers do, with the file, row and column where there is one.
    """
    named = read_study_file(path)
    if mode is not None and mode != named.settings.mode:
        inputs = tuple((role, file) for role, file in named.inputs if role != "speeds")
        named = replace(named, settings=replace(named.settings, mode=mode), inputs=inputs)
    report_progress(progress, 0.0, "catalogue")
    catalogue_file = named.find_input("catalogue") or DEFAULT_CATALOGUE
    catalogue = read_catalogue(catalogue_file)
    own_speeds = speeds or named.find_input("speeds")
    own_table = None if own_speeds is None else read_speeds(own_speeds)
    for item in named.items:
        catalogue.item(item)
    report_progress(progress, 0.02, "districts")
    districts, district_issues = _read_districts(named)
    check_districts(districts)
    report_progress(progress, 0.1, "population")
    people = _read_people(named, districts, progress)
    demand = assign_districts(people.table, districts)
    outside = _find_outside(demand, districts, dict(named.inputs)["population"].name)
    issues = [*list_old_layers(catalogue_file), *district_issues, *people.issues, *outside]
    demand, reconciliation = _reconcile(demand, districts, is_wanted=named.reconcile)
    zones, zone_issues = read_zones(named.find_input("zones"), demand, districts)
    issues.extend(zone_issues)
    demand = demand.assign(zone=zones)
    zoned = int((demand["zone"] == "").sum())
    demand = demand.assign(zone=compute_zones(demand))
    if zoned:
        issues.append(DataIssue("demand.zones_by_density", "note", dict(named.inputs)["population"].name, zoned))
    check_demand(demand)
    province = _find_province(named, districts, demand)
    bounds = read_speed_bounds(named.settings.mode, province) if own_table is None else None
    table = own_table or read_default_speeds(named.settings.mode, province)
    report_progress(progress, 0.35, "stations")
    sites = _read_stations(named, catalogue, districts)
    issues.extend(_find_idle_capacity(named, sites.table))
    stations = assign_districts(sites.table, districts)
    check_stations(stations)
    issues.extend(sites.issues)
    network, road_issues = _open_roads(named, table, cache, progress)
    issues.extend(road_issues)
    tables = {"population": people, "stations": sites}
    closures, closure_issues = _read_closures(named)
    issues.extend(closure_issues)
    targets = _read_targets(named, tables)
    issues.extend(tables["targets"].issues if "targets" in tables else ())
    thresholds = named.find_input("thresholds")
    imported = _read_imported(named)
    sources = _list_sources(named, tables, imported)
    known = {issue.code for issue in issues}
    issues.extend(issue for one in imported.values() for issue in one.issues if issue.code not in known)
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
        rejected=_gather_rejected(tables, imported),
        reconciliation=reconciliation,
        attribution=named.attribution,
        thresholds=None if thresholds is None else read_thresholds(thresholds, catalogue),
        closures=closures,
        targets=targets,
        mode_mix=named.mode_mix,
        remote=named.remote,
        capacity_use=named.capacity_use,
        items=named.items,
        fingerprint=_fingerprint(named, table, sources),
        province=province,
        speed_bounds=bounds,
        open_mode=lambda other: open_study(path, cache=cache, mode=other),
    )


def _find_province(named: StudyFile, districts: gpd.GeoDataFrame, demand: pd.DataFrame) -> str:
    """Find whose measured speeds are driven: what the study names, else where it lies."""
    if named.province:
        return find_region(named.province).id
    lon, lat = (demand[name].to_numpy(float) for name in ("lon", "lat"))
    return propose_region(districts.index.astype(str), lon, lat).id


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


def _read_stations(named: StudyFile, catalogue: Catalogue, districts: gpd.GeoDataFrame) -> LoadedTable:
    path = named.find_input("stations")
    if path is not None:
        read = read_stations(path, catalogue, default_kind=named.default_kind)
        far = _name_far(read, districts, named.margin_km, path.name)
        return replace(read, issues=(*read.issues, *far))
    empty = pd.DataFrame({name: pd.Series([], dtype=object) for name in STATION_COLUMNS})
    empty = empty.astype({"lon": float, "lat": float, "capacity": float, "cost": float})
    empty.index = pd.Index([], name="station_id", dtype=str)
    issue = DataIssue("study.no_stations", "warning", named.path.name)
    return LoadedTable(empty, pd.DataFrame(), rows_in=0, rows_accepted=0, issues=(issue,))


def _name_far(read: LoadedTable, districts: gpd.GeoDataFrame, margin_km: float, source: str) -> tuple[DataIssue, ...]:
    """Name the stations that lie far from the area: another province, or a wrong position."""
    far = find_far(read.table["lon"].to_numpy(float), read.table["lat"].to_numpy(float), districts, margin_km)
    rows = () if read.rows is None else tuple(int(row) for row in read.rows[far][:20])
    return name_far("stations.far_away", source, read.table["name"].astype(str)[far].tolist(), rows, margin_km)


def _reconcile(
    demand: pd.DataFrame, districts: gpd.GeoDataFrame, *, is_wanted: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scale people to official totals if that is wanted; keep the other count beside, for the range of the headline."""
    if not districts["population_official"].notna().any():
        return demand, pd.DataFrame()
    scaled, table = reconcile_population(demand, districts)
    if is_wanted:
        return scaled.assign(**{OTHER_POPULATION: demand["population"]}), table
    return demand.assign(**{OTHER_POPULATION: scaled["population"]}), pd.DataFrame()


def _read_closures(named: StudyFile) -> tuple[tuple[Closure, ...], tuple[DataIssue, ...]]:
    path = named.find_input("closures")
    return ((), ()) if path is None else read_closures(path)


def _read_targets(named: StudyFile, tables: dict[str, LoadedTable]) -> tuple[Target, ...]:
    path = named.find_input("targets")
    if path is None:
        return ()
    targets, tables["targets"] = read_targets(path)
    return targets


def _read_imported(named: StudyFile) -> dict[str, ImportedInput]:
    """Read the account of the import, as far as it still holds for the inputs."""
    inputs = {role: (path.relative_to(named.path.parent).as_posix(), hash_file(path)) for role, path in named.inputs}
    account = read_account(named.path.parent)
    return {role: one for role, one in account.items() if role in inputs and one.holds_for(*inputs[role])}


def _gather_rejected(tables: dict[str, LoadedTable], imported: dict[str, ImportedInput]) -> pd.DataFrame:
    """Gather the rows left out: first those of the import, then those of reading the study."""
    columns = ["role", "row", "problem", "field", "value"]
    lost = [(role, one.rejected) for role, one in imported.items()]
    lost += [(role, read.rejected) for role, read in tables.items()]
    parts = [rejected.assign(role=role)[columns] for role, rejected in lost if len(rejected)]
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


def _find_idle_capacity(named: StudyFile, stations: pd.DataFrame) -> tuple[DataIssue, ...]:
    """Say that capacities are compared with nobody where the study does not say what they count and how used."""
    known = int(stations["capacity"].notna().sum())
    path = named.find_input("stations")
    if not known or path is None or named.capacity_use is not None:
        return ()
    return (DataIssue("stations.capacity_unused", "note", path.name, known),)


def _list_sources(
    named: StudyFile, tables: dict[str, LoadedTable], imported: dict[str, ImportedInput]
) -> tuple[Source, ...]:
    sources = []
    for role, path in (("study", named.path), *named.inputs):
        relative = path.relative_to(named.path.parent).as_posix()
        account = _count_rows(tables.get(role), imported.get(role))
        sources.append(Source(role, relative, hash_file(path), path.stat().st_size, *account))
    return tuple(sources)


def _count_rows(read: LoadedTable | None, imported: ImportedInput | None) -> tuple[int, int, int]:
    """Return rows found, used and left out, from the user's own file on; 0 where an input is not a table."""
    found, lost = (0, 0) if read is None else (read.rows_in, read.rows_rejected)
    if imported is not None:
        found = imported.rows_in + (max(found - imported.rows_written, 0) if read is not None else 0)
        lost += imported.rows_rejected
    return found, found - lost, lost


def _fingerprint(named: StudyFile, speeds: SpeedTable, sources: tuple[Source, ...]) -> str:
    content = [[source.role, source.sha256] for source in sources]
    stated = (named.mode_mix, named.remote, named.capacity_use)
    mix, remote, use = (None if part is None else asdict(part) for part in stated)
    more = [*([list(named.items)] if named.items else []), *([remote] if remote else []), *([use] if use else [])]
    parts = [content, asdict(named.settings), asdict(speeds), mix, *more]
    recipe = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(recipe.encode()).hexdigest()[:32]
