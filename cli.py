"""The planner on the command line: the same jobs without a browser. Progress on stderr, results in files."""

from __future__ import annotations

import datetime as dt
import gc
import locale
import math
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from coverage.errors import InputError, PlannerError
from coverage.explain import explain_place
from coverage.matrix import compute_matrix
from coverage.model import Study
from coverage.question import Question, check_question, find_place_cutoff
from coverage.settings import MODES, Mode, SnapSettings, TravelDirection
from coverage.snapping import build_snap_index
from coverage.stations import StationChoice
from coverage.travel_time import build_timed_network
from geodata.demo import write_demo
from geodata.explain_words import explain_text
from geodata.folders import downloads_folder, network_cache_folder
from geodata.i18n import Language, Translator, resolve_language
from geodata.locate import LOCATE_METHODS, LocateQuestion, locate
from geodata.new_study import add_margin, create_pack
from geodata.pack import find_study
from geodata.read_boundaries import read_districts
from geodata.read_closures import read_closures
from geodata.read_dates import parse_date
from geodata.read_hours import parse_moment
from geodata.read_points import read_points
from geodata.read_speeds import default_speeds_path, read_speeds
from geodata.read_thresholds import read_thresholds
from geodata.roads.download_roads import NOMINATIM_URL, OVERPASS_URL, download_roads
from geodata.roads.network_cache import open_network, write_network
from geodata.roads.network_report import describe_network
from geodata.run_assessment import answer_question, build_question_basis
from geodata.safe_files import explain_os_error
from geodata.study import open_study
from geodata.write_assessment import describe_run, write_assessment
from geodata.write_tables import write_bytes, write_csv, write_json

_FILE = click.Path(path_type=Path)


def _language() -> Language:
    chosen = os.environ.get("PLANNER_LANG") or locale.getlocale()[0] or ""
    if chosen.startswith("English"):  # as Windows calls it
        return "en"
    return resolve_language(chosen)  # Chinese for all it does not know


class _Number(click.FloatRange):
    """A number within bounds; ``nan``, which is within all of them, is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


class _StderrProgress:
    """Tells each step and every tenth of it on stderr."""

    def __init__(self, translator: Translator) -> None:
        self._t = translator
        self._told = ("", -1)

    def __call__(self, share: float, step: str) -> bool:
        now = (step, int(share * 10))
        if now != self._told:
            self._told = now
            click.echo(f"{share:4.0%} {self._t(f'progress.{step}')}", err=True)
        return True


def _command(function: Callable[..., None]) -> Callable[..., None]:
    """Turn the planner's errors into what, why and how to fix it, and exit code 2."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        translator = Translator(_language())
        try:
            function(*args, translator=translator, **kwargs)
        except (PlannerError, OSError) as error:
            words = translator.describe(error if isinstance(error, PlannerError) else explain_os_error(error))
            for line in (words.what, words.why, words.fix):
                if line:
                    click.echo(line, err=True)
            sys.exit(2)

    return run


@click.group()
def main() -> None:
    """半小时服务圈规划 · Half-hour service circle planner."""
    # A command ends before garbage in cycles matters; looking for it took a tenth of the time.
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


@main.command()
@click.argument("folder", type=_FILE)
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
@_command
def demo(folder: Path, force: bool, translator: Translator) -> None:
    """Write the schematic demo study into FOLDER."""
    for path in write_demo(folder, force=force):
        click.echo(path)


@main.command()
@click.argument("study", type=_FILE)
@click.option("--out", required=True, type=_FILE, help="Folder for the results.")
@click.option("--service", default="", help="Service item; all existing stations if not given.")
@click.option("--family", default="", help="Family of stations: legal, police, traffic, …")
@click.option("--level", default="", help="Level of stations: county, township, village, …")
@click.option("--services", default="", help="Items reported one by one, separated by commas; all if not given.")
@click.option("--minutes", type=_Number(0, 1440), help="Threshold [min]; the study's if not given.")
@click.option("--thresholds", help="Table of thresholds: a TOML file, or half_hour, town_30_country_60, circle_15.")
@click.option("--at", "moment", help='Only stations open at this moment, e.g. "Wed 10:30" or "周三 10:30".')
@click.option("--direction", type=click.Choice(["to", "from"]), help="Residents travel to (default) or from stations.")
@click.option("--season", help="A season of the speed table, e.g. winter.")
@click.option("--speeds", type=_FILE, help="Speed table (TOML) instead of the study's.")
@click.option("--mode", type=click.Choice(MODES), help="How people travel; the study's mode if not given.")
@click.option("--date", "on_date", default="", help="Planned stations that open until this day count too.")
@click.option("--own/--free", "own", default=None, help="Residents use stations of their own unit only, or any.")
@click.option("--closed", type=_FILE, help="Closed roads: points, lines or areas, or a CSV with lon, lat.")
@_command
def assess(
    study: Path, out: Path, speeds: Path | None, mode: Mode | None, translator: Translator, **asked: Any
) -> None:
    """Assess STUDY (study.toml, its folder, or a pack): who reaches a station in time."""
    started = dt.datetime.now(dt.UTC)
    progress = _StderrProgress(translator)
    cache, path = network_cache_folder(), find_study(study)
    opened = open_study(path, cache=cache, speeds=speeds, mode=mode, progress=progress)
    question = _read_question(opened, translator, **asked)
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


def _read_question(
    opened: Study,
    translator: Translator,
    *,
    service: str,
    family: str,
    level: str,
    minutes: float | None,
    season: str | None,
    services: str = "",
    thresholds: str | None = None,
    moment: str | None = None,
    direction: TravelDirection | None = None,
    on_date: str = "",
    own: bool | None = None,
    closed: Path | None = None,
) -> Question:
    """Put the options of a command into a question; what is not given is the study's."""
    settings = opened.settings
    day = parse_date(on_date)
    if day is None:
        raise InputError("date.invalid", value=on_date)
    closures, found = ((), ()) if closed is None else read_closures(closed)
    _tell_issues(found, translator)
    own_table = opened.thresholds if minutes is None else None
    return Question(
        choice=StationChoice(service=service, family=family, level=level, on_date=day),
        cutoff_min=settings.cutoff_min if minutes is None else minutes,
        thresholds=read_thresholds(thresholds, opened.catalogue) if thresholds else own_table,
        direction=direction,
        season=season or "",
        moment_min=parse_moment(moment) if moment else None,
        own_jurisdiction=settings.own_jurisdiction if own is None else own,
        closures=closures,
        services=tuple(filter(None, services.replace(" ", "").split(","))),
    )


class _Place(click.ParamType[tuple[float, float]]):
    """Longitude and latitude, separated by a comma [degrees]."""

    name = "LON,LAT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, float]:
        """Read the pair; anything else is a usage error."""
        try:
            lon, lat = (float(part) for part in str(value).replace("，", ",").split(","))
        except ValueError:
            self.fail(f"{value!r}: LON,LAT", param, ctx)
        return lon, lat


@main.command()
@click.argument("study", type=_FILE)
@click.option("--at", "place", required=True, type=_Place(), help="The place [degrees].")
@click.option("--service", default="", help="Service item; all existing stations if not given.")
@click.option("--family", default="", help="Family of stations.")
@click.option("--level", default="", help="Level of stations.")
@click.option("--minutes", type=_Number(0, 1440), help="Threshold [min]; the study's if not given.")
@click.option("--thresholds", help="Table of thresholds: a TOML file, or half_hour, town_30_country_60, circle_15.")
@click.option("--season", help="A season of the speed table.")
@click.option("--own/--free", "own", default=None, help="Residents use stations of their own unit only, or any.")
@click.option("--closed", type=_FILE, help="Closed roads: points, lines or areas, or a CSV with lon, lat.")
@_command
def explain(study: Path, place: tuple[float, float], translator: Translator, **asked: Any) -> None:
    """Print why a place of STUDY is or is not inside the circle, and what would change it."""
    progress = _StderrProgress(translator)
    opened = open_study(find_study(study), cache=network_cache_folder(), progress=progress)
    question = _read_question(opened, translator, **asked)
    check_question(opened, question)
    basis = build_question_basis(opened, question, progress=progress)
    cutoff = find_place_cutoff(opened, question, *place)
    found = explain_place(basis, *place, question.choice, cutoff_min=cutoff)
    names = {str(station): str(name) for station, name in opened.stations["name"].items()}
    for line in explain_text(found, translator, names=names):
        click.echo(line)


@main.command()
@click.option("--network", required=True, type=_FILE, help="Road file: OSM, GraphML or line layer.")
@click.option("--origins", required=True, type=_FILE, help="CSV with id, lon, lat.")
@click.option("--destinations", required=True, type=_FILE, help="CSV with id, lon, lat.")
@click.option("--mode", type=click.Choice(MODES), default="drive", show_default=True)
@click.option("--speeds", type=_FILE, help="Speed table (TOML); the default for China if not given.")
@click.option("--season", default="summer", show_default=True)
@click.option("--out", required=True, type=_FILE, help="CSV to write: origin_id, destination_id, minutes.")
@_command
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
    progress = _StderrProgress(translator)
    table = read_speeds(speeds or default_speeds_path(mode))
    start, end = read_points(origins), read_points(destinations)
    _tell_issues((*start.issues, *end.issues), translator)
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


def _tell_issues(issues: tuple[Any, ...], translator: Translator) -> None:
    for issue in issues:
        words = translator.describe(issue)
        click.echo(f"{words.what} {words.fix}".strip(), err=True)


@main.command()
@click.argument("file", type=_FILE)
@click.option("--mode", type=click.Choice(MODES), default="drive", show_default=True)
@click.option("--speeds", type=_FILE, help="Speed table; its classes are the roads that are kept.")
@click.option("--ferries", is_flag=True, help="Use ferry lines.")
@click.option("--out", required=True, type=_FILE, help="Folder for network.json and network.npz.")
@_command
def network(file: Path, mode: Mode, speeds: Path | None, ferries: bool, out: Path, translator: Translator) -> None:
    """Build the road network of FILE and print its counts."""
    table = read_speeds(speeds or default_speeds_path(mode))
    folder = network_cache_folder()
    progress = _StderrProgress(translator)
    built, issues = open_network(file, mode, table.classes, folder=folder, ferries=ferries, progress=progress)
    report = describe_network(built)
    write_network(built, issues, out / "network.npz")
    write_json(out / "network.json", report)
    _tell_issues(issues, translator)
    for name, value in report.items():
        click.echo(f"{name}: {value}")


@main.command()
@click.option("--place", default="", help="Name of a place with an outline, e.g. a county.")
@click.option("--area", type=_FILE, help="Polygons of the study area instead of a name.")
@click.option("--margin-km", type=_Number(0, 500), default=60.0, show_default=True, help="Around the area of a file.")
@click.option("--mode", type=click.Choice(MODES), default="drive", show_default=True)
@click.option("--overpass", default=OVERPASS_URL, show_default=True, help="Server that gives the roads.")
@click.option("--nominatim", default=NOMINATIM_URL, show_default=True, help="Server that knows names of places.")
@click.option("--out", required=True, type=_FILE, help="Road file to write (.osm.pbf).")
@_command
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
        progress=_StderrProgress(translator),
        overpass_url=overpass,
        nominatim_url=nominatim,
    )
    write_bytes(out, found.read_bytes())
    click.echo(out)


@main.command()
@click.option("--area", required=True, type=_FILE, help="Polygons of the study area or its districts.")
@click.option("--population", required=True, type=_FILE, help="Table, GeoTIFF or polygons with people.")
@click.option("--roads", type=_FILE, help="Road file; without it only the established rate can be given.")
@click.option("--stations", type=_FILE, help="Table or layer of stations.")
@click.option("--name", default="", help="Name of the study.")
@click.option("--margin-km", type=_Number(0, 500), default=60.0, show_default=True)
@click.option("--cell-m", type=_Number(50, 20_000), default=500.0, show_default=True)
@click.option("--out", required=True, type=_FILE, help="Pack to write (.zip).")
@_command
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
        progress=_StderrProgress(translator),
    )
    _tell_issues(issues, translator)
    if roads is None:
        click.echo(translator("cli.established_only"), err=True)
    click.echo(out)


@main.command(name="locate")
@click.option("--costs", required=True, type=_FILE, help="CSV with demand_id, site_id, cost.")
@click.option("--demand", required=True, type=_FILE, help="CSV with demand_id, weight.")
@click.option("--method", required=True, type=click.Choice(LOCATE_METHODS))
@click.option("--cutoff", type=_Number(0), help="Largest cost, included; mclp and lscp need it.")
@click.option("--sites", type=click.IntRange(0), help="Sites to open; lscp finds the number itself.")
@click.option("--time-limit", "time_limit_s", type=_Number(0), help="Seconds; until proved if not given.")
@click.option("--out", required=True, type=_FILE, help="Folder for the results.")
@_command
def locate_sites(costs: Path, demand: Path, out: Path, translator: Translator, **asked: Any) -> None:
    """Choose sites for any cost matrix: most people, fewest sites, least mean or least worst cost."""
    files, plan = locate(costs, demand, LocateQuestion(**asked), out=out, progress=_StderrProgress(translator))
    _tell_issues(plan.matrix.issues, translator)
    click.echo(translator(f"locate.status.{plan.answer.status}", gap=plan.answer.gap, points=plan.unserved), err=True)
    for path in files:
        click.echo(path)


if __name__ == "__main__":
    main()
