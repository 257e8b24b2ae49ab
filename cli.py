"""The planner on the command line: the same jobs without a browser. Progress on stderr, results in files."""

from __future__ import annotations

import datetime as dt
import gc
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from coverage.errors import SettingsError
from coverage.explain import explain_place
from coverage.matrix import compute_matrix
from coverage.question import check_question, find_place_cutoff
from coverage.scenario_checks import check_edits
from coverage.settings import MODES, Mode, SnapSettings
from coverage.siting.solve import SITING_METHODS, SitingQuestion
from coverage.snapping import build_snap_index
from coverage.travel_time import build_timed_network
from geodata.command_line import (
    FILE,
    Number,
    Place,
    StderrProgress,
    asks,
    command,
    name_files,
    read_question,
    split_amounts,
    split_list,
    split_quotas,
    take,
    tell_issues,
)
from geodata.demo import write_demo
from geodata.edits_json import read_edits
from geodata.explain_words import explain_text
from geodata.folders import downloads_folder, network_cache_folder
from geodata.i18n import Translator
from geodata.locate import LOCATE_METHODS, LocateQuestion, locate
from geodata.new_study import add_margin, create_pack
from geodata.pack import find_study
from geodata.read_boundaries import read_districts
from geodata.read_points import read_points
from geodata.read_speeds import default_speeds_path, read_speeds
from geodata.report_commands import replay_command, report_command
from geodata.roads.download_roads import NOMINATIM_URL, OVERPASS_URL, download_roads
from geodata.roads.network_cache import open_network, write_network
from geodata.roads.network_report import describe_network
from geodata.run_assessment import answer_question, build_question_basis
from geodata.run_siting import suggest_sites
from geodata.run_whatif import run_whatif
from geodata.siting_candidates import GENERATED_SOURCES, SitingOptions
from geodata.study import open_study
from geodata.write_assessment import describe_run, write_assessment
from geodata.write_suggestion import write_suggestion
from geodata.write_tables import write_bytes, write_csv, write_json
from geodata.write_whatif import write_whatif


@click.group()
def main() -> None:
    """半小时服务圈规划 · Half-hour service circle planner."""
    # A command ends before garbage in cycles matters; looking for it took a tenth of the time.
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


@main.command()
@click.argument("folder", type=FILE)
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
@command
def demo(folder: Path, force: bool, translator: Translator) -> None:
    """Write the schematic demo study into FOLDER."""
    for path in write_demo(folder, force=force):
        click.echo(path)


@main.command()
@click.argument("study", type=FILE)
@click.option("--out", required=True, type=FILE, help="Folder for the results.")
@asks
@click.option("--services", default="", help="Items reported one by one, separated by commas; all if not given.")
@click.option("--at", "moment", help='Only stations open at this moment, e.g. "Wed 10:30" or "周三 10:30".')
@click.option("--direction", type=click.Choice(["to", "from"]), help="Residents travel to (default) or from stations.")
@click.option("--speeds", type=FILE, help="Speed table (TOML) instead of the study's.")
@click.option("--mode", type=click.Choice(MODES), help="How people travel; the study's mode if not given.")
@click.option("--date", "on_date", default="", help="Planned stations that open until this day count too.")
@command
def assess(
    study: Path, out: Path, speeds: Path | None, mode: Mode | None, translator: Translator, **asked: Any
) -> None:
    """Assess STUDY (study.toml, its folder, or a pack): who reaches a station in time."""
    started = dt.datetime.now(dt.UTC)
    progress = StderrProgress(translator)
    cache, path = network_cache_folder(), find_study(study)
    opened = open_study(path, cache=cache, speeds=speeds, mode=mode, progress=progress)
    question = read_question(opened, translator, **asked)
    check_question(opened, question)
    other = None
    if opened.mode_mix is not None and opened.network is not None:
        other = open_study(path, cache=cache, mode=opened.mode_mix.other, progress=progress)
    answer = None if opened.network is None else answer_question(opened, question, other=other, progress=progress)
    settings = opened.settings
    options = asdict(question) | {
        "direction": question.direction or settings.direction,
        "season": question.season or settings.season,
        "mode": settings.mode,
        "speeds": speeds.name if speeds else "",
    }
    run = describe_run(opened, options, started)
    written = write_assessment(out, opened, question, answer, run=run, language=translator.language)
    if answer is None:
        click.echo(translator("cli.established_only"), err=True)
    elif answer.assessment.station_count == 0:
        click.echo(translator("cli.no_station"), err=True)
    for path in written:
        click.echo(path)


@main.command()
@click.argument("study", type=FILE)
@click.option("--at", "place", required=True, type=Place(), help="The place [degrees].")
@asks
@command
def explain(study: Path, place: tuple[float, float], translator: Translator, **asked: Any) -> None:
    """Print why a place of STUDY is or is not inside the circle, and what would change it."""
    progress = StderrProgress(translator)
    opened = open_study(find_study(study), cache=network_cache_folder(), progress=progress)
    question = read_question(opened, translator, **asked)
    check_question(opened, question)
    basis = build_question_basis(opened, question, progress=progress)
    cutoff = find_place_cutoff(opened, question, *place)
    found = explain_place(basis, *place, question.choice, cutoff_min=cutoff)
    names = {str(station): str(name) for station, name in opened.stations["name"].items()}
    for line in explain_text(found, translator, names=names):
        click.echo(line)


@main.command()
@click.option("--network", required=True, type=FILE, help="Road file: OSM, GraphML or line layer.")
@click.option("--origins", required=True, type=FILE, help="CSV with id, lon, lat.")
@click.option("--destinations", required=True, type=FILE, help="CSV with id, lon, lat.")
@click.option("--mode", type=click.Choice(MODES), default="drive", show_default=True)
@click.option("--speeds", type=FILE, help="Speed table (TOML); the default for China if not given.")
@click.option("--season", default="summer", show_default=True)
@click.option("--out", required=True, type=FILE, help="CSV to write: origin_id, destination_id, minutes.")
@command
def matrix(
    network: Path,
    origins: Path,
    destinations: Path,
    mode: Mode,
    speeds: Path | None,
    season: str,
    out: Path,
    translator: Translator,
) -> None:
    """Travel times between two lists of places; minutes are empty where there is no way."""
    progress = StderrProgress(translator)
    table = read_speeds(speeds or default_speeds_path(mode))
    start, end = read_points(origins), read_points(destinations)
    tell_issues((*start.issues, *end.issues), translator)
    roads, _ = open_network(network, mode, table.classes, folder=network_cache_folder(), progress=progress)
    # A place of the list that lies on a motorway is a place on the motorway.
    snap = SnapSettings(motorway_within_m=1.0)
    timed = build_timed_network(roads, table, season=season)
    places = [(read.table["lon"].to_numpy(float), read.table["lat"].to_numpy(float)) for read in (start, end)]
    minutes = compute_matrix(timed, build_snap_index(roads, snap), snap, *places, progress=progress)
    rows, columns = minutes.shape
    result = pd.DataFrame(
        {
            "origin_id": np.repeat(start.table.index.to_numpy(object), columns),
            "destination_id": np.tile(end.table.index.to_numpy(object), rows),
            "minutes": minutes.ravel(),
        }
    )
    write_csv(out, result, with_mark=False)
    click.echo(out)


@main.command()
@click.argument("file", type=FILE)
@click.option("--mode", type=click.Choice(MODES), default="drive", show_default=True)
@click.option("--speeds", type=FILE, help="Speed table; its classes are the roads that are kept.")
@click.option("--ferries", is_flag=True, help="Use ferry lines.")
@click.option("--out", required=True, type=FILE, help="Folder for network.json and network.npz.")
@command
def network(file: Path, mode: Mode, speeds: Path | None, ferries: bool, out: Path, translator: Translator) -> None:
    """Build the road network of FILE and print its counts."""
    table = read_speeds(speeds or default_speeds_path(mode))
    folder = network_cache_folder()
    progress = StderrProgress(translator)
    built, issues = open_network(file, mode, table.classes, folder=folder, ferries=ferries, progress=progress)
    report = describe_network(built)
    write_network(built, issues, out / "network.npz")
    write_json(out / "network.json", report)
    tell_issues(issues, translator)
    for name, value in report.items():
        click.echo(f"{name}: {value}")


@main.command()
@click.option("--place", default="", help="Name of a place with an outline, e.g. a county.")
@click.option("--area", type=FILE, help="Polygons of the study area instead of a name.")
@click.option("--margin-km", type=Number(0, 500), default=60.0, show_default=True, help="Around the area of a file.")
@click.option("--mode", type=click.Choice(MODES), default="drive", show_default=True)
@click.option("--overpass", default=OVERPASS_URL, show_default=True, help="Server that gives the roads.")
@click.option("--nominatim", default=NOMINATIM_URL, show_default=True, help="Server that knows names of places.")
@click.option("--out", required=True, type=FILE, help="Road file to write (.osm.pbf).")
@command
def download(
    place: str,
    area: Path | None,
    margin_km: float,
    mode: Mode,
    overpass: str,
    nominatim: str,
    out: Path,
    translator: Translator,
) -> None:
    """Download roads from OpenStreetMap. The only command that uses the internet: it sends the name or outline."""
    if bool(place) == (area is not None):
        raise click.UsageError("--place, --area")
    wanted = place if area is None else add_margin(read_districts(area)[0].geometry.union_all(), margin_km)
    found = download_roads(
        wanted,
        mode,
        folder=downloads_folder(),
        progress=StderrProgress(translator),
        overpass_url=overpass,
        nominatim_url=nominatim,
    )
    write_bytes(out, found.read_bytes())
    click.echo(out)


@main.command()
@click.option("--area", required=True, type=FILE, help="Polygons of the study area or its districts.")
@click.option("--population", required=True, type=FILE, help="Table, GeoTIFF or polygons with people.")
@click.option("--roads", type=FILE, help="Road file; without it only the established rate can be given.")
@click.option("--stations", type=FILE, help="Table or layer of stations.")
@click.option("--name", default="", help="Name of the study.")
@click.option("--margin-km", type=Number(0, 500), default=60.0, show_default=True)
@click.option("--cell-m", type=Number(50, 20_000), default=500.0, show_default=True)
@click.option("--out", required=True, type=FILE, help="Pack to write (.zip).")
@command
def new(
    area: Path,
    population: Path,
    roads: Path | None,
    stations: Path | None,
    name: str,
    margin_km: float,
    cell_m: float,
    out: Path,
    translator: Translator,
) -> None:
    """Make a study of one area and pack it into one file that others can open."""
    issues = create_pack(
        out,
        area=area,
        population=population,
        roads=roads,
        stations=stations,
        name=name,
        margin_km=margin_km,
        cell_m=cell_m,
        progress=StderrProgress(translator),
    )
    tell_issues(issues, translator)
    if roads is None:
        click.echo(translator("cli.established_only"), err=True)
    click.echo(out)


@main.command()
@click.argument("study", type=FILE)
@click.option("--out", required=True, type=FILE, help="Folder for the results.")
@asks
@click.option("--direction", type=click.Choice(["to", "from"]), help="Residents travel to (default) or from stations.")
@click.option("--speeds", type=FILE, help="Speed table (TOML) instead of the study's.")
@click.option("--mode", type=click.Choice(MODES), help="How people travel; the study's mode if not given.")
@click.option("--date", "on_date", default="", help="Planned stations that open until this day count too.")
@click.option("--method", required=True, type=click.Choice(SITING_METHODS))
@click.option("--sites", type=click.IntRange(0), help="New sites at most; lscp and lscp-b find the number.")
@click.option("--budget", type=Number(0), help="Money at most [yuan].")
@click.option("--share", type=Number(0, 1), help="Share of the people to cover (lscp), floor of every county (fair).")
@click.option("--by-county", is_flag=True, help="The share holds in every county (lscp).")
@click.option("--least-money", is_flag=True, help="lscp and lscp-b add up money instead of counting sites.")
@click.option("--moves", default=0, type=click.IntRange(0), help="Existing stations that may close for a new site.")
@click.option("--services", default="", callback=split_list, help="Several items at once, a site gives all (mclp).")
@click.option("--item-cost", "item_costs", multiple=True, callback=split_amounts, help="Of adding an item: ID=YUAN.")
@click.option("--candidates", type=FILE, help="Table or layer of sites: site_id, name, lon, lat, kind, cost, role, …")
@click.option("--places", type=FILE, help="OpenStreetMap file whose post offices, town halls, … are candidates.")
@click.option("--sources", callback=split_list, help=f"Generated candidates: {','.join(GENERATED_SOURCES)}.")
@click.option("--spacing-km", default=5.0, type=Number(0.01, 1000), help="Of clusters and junctions.")
@click.option("--any-family", is_flag=True, help="Stations of every family may add the item.")
@click.option("--min-distance-km", default=0.0, type=Number(0), help="Not nearer to stations of the choice than this.")
@click.option("--exclude", type=FILE, help="Polygons in which nothing is founded.")
@click.option("--require", "required", default="", callback=split_list, help="Ids of sites that must open.")
@click.option("--forbid", "forbidden", default="", callback=split_list, help="Ids of sites that stay shut.")
@click.option("--relocatable", default="", callback=split_list, help="Ids of stations that may close; usually all.")
@click.option("--quota", "quotas", multiple=True, callback=split_quotas, help="Sites by county: 2, 1:3, 650102=1:2.")
@click.option("--costs", type=FILE, help="Class costs (TOML) instead of the planner's assumptions.")
@click.option("--limit-minutes", "limit_min", type=Number(0, 1440), help="Longest way looked at by p-median, p-center.")
@click.option("--per-year", type=click.IntRange(1), help="Sites a year: writes plan.csv.")
@click.option("--first-year", default=1, show_default=True, help="Year in which building begins.")
@click.option("--time-limit", "time_limit_s", type=Number(0), help="Seconds for the whole; until proved if not given.")
@command
def suggest(
    study: Path, out: Path, speeds: Path | None, mode: Mode | None, translator: Translator, **given: Any
) -> None:
    """Propose new sites for STUDY: where, in which order, for whom, at what cost, and how good that is."""
    started = dt.datetime.now(dt.UTC)
    asked = SitingQuestion(**take(given, SitingQuestion))
    options = SitingOptions(**take(given, SitingOptions))
    progress = StderrProgress(translator)
    cache = network_cache_folder()
    opened = open_study(find_study(study), cache=cache, speeds=speeds, mode=mode, progress=progress)
    question = read_question(opened, translator, **given)
    if asked.services and question.service:
        raise SettingsError("siting.service_or_services")
    found = suggest_sites(opened, question, asked, options, progress=progress)
    told = asdict(question) | asdict(asked) | name_files(asdict(options) | {"speeds": speeds})
    run = describe_run(opened, told | {"mode": opened.settings.mode, "season": found.basis.season}, started)
    written = write_suggestion(out, opened, found, run=run, language=translator.language)
    tell_issues(found.issues, translator)
    answer, left_out = found.solved.answer, float(found.unserved["people"].sum())
    words = translator(f"suggest.status.{answer.status}", gap=answer.gap, people=left_out)
    click.echo(words, err=True)
    for path in written:
        click.echo(path)


@main.command()
@click.argument("study", type=FILE)
@click.option("--edits", required=True, type=FILE, help="Edits (JSON): add, move, close, change stations, roads, …")
@click.option("--out", required=True, type=FILE, help="Folder for the results.")
@asks
@click.option("--services", default="", help="Items compared one by one, separated by commas; all if not given.")
@click.option("--at", "moment", help='Only stations open at this moment, e.g. "Wed 10:30" or "周三 10:30".')
@click.option("--direction", type=click.Choice(["to", "from"]), help="Residents travel to (default) or from stations.")
@click.option("--costs", type=FILE, help="Class costs (TOML) instead of the planner's assumptions.")
@command
def whatif(study: Path, edits: Path, out: Path, costs: Path | None, translator: Translator, **asked: Any) -> None:
    """Compare STUDY before and after edits: who is newly covered, who is lost, what it costs."""
    started = dt.datetime.now(dt.UTC)
    progress = StderrProgress(translator)
    wanted = read_edits(edits)
    opened = open_study(find_study(study), cache=network_cache_folder(), progress=progress)
    question = read_question(opened, translator, **asked)
    tell_issues(check_edits(opened, wanted), translator)
    found = run_whatif(opened, question, wanted, costs=costs, progress=progress)
    tell_issues(found.issues, translator)
    run = describe_run(opened, asdict(question) | {"edits": edits.name, "costs": costs.name if costs else ""}, started)
    for path in write_whatif(out, found, run=run):
        click.echo(path)


@main.command(name="locate")
@click.option("--costs", required=True, type=FILE, help="CSV with demand_id, site_id, cost.")
@click.option("--demand", required=True, type=FILE, help="CSV with demand_id, weight.")
@click.option("--method", required=True, type=click.Choice(LOCATE_METHODS))
@click.option("--cutoff", type=Number(0), help="Largest cost, included; mclp and lscp need it.")
@click.option("--sites", type=click.IntRange(0), help="Sites to open; lscp finds the number itself.")
@click.option("--time-limit", "time_limit_s", type=Number(0), help="Seconds; until proved if not given.")
@click.option("--out", required=True, type=FILE, help="Folder for the results.")
@command
def locate_sites(costs: Path, demand: Path, out: Path, translator: Translator, **asked: Any) -> None:
    """Choose sites for any cost matrix: most people, fewest sites, least mean or least worst cost."""
    files, plan = locate(costs, demand, LocateQuestion(**asked), out=out, progress=StderrProgress(translator))
    tell_issues(plan.matrix.issues, translator)
    click.echo(translator(f"locate.status.{plan.answer.status}", gap=plan.answer.gap, points=plan.unserved), err=True)
    for path in files:
        click.echo(path)


main.add_command(report_command)
main.add_command(replay_command)


if __name__ == "__main__":
    main()
