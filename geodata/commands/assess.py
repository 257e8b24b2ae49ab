"""The command that tells who reaches a station in time."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from coverage.inputs.question import settle_question
from coverage.network.settings import MODES, Mode
from geodata.answers.run_assessment import answer_question
from geodata.answers.write_assessment import NOT_AT_A_MOMENT, describe_run, write_assessment
from geodata.commands.command_line import FILE, StderrProgress, command
from geodata.commands.command_question import asks, read_question
from geodata.files.folders import network_cache_folder
from geodata.studies.open_study import open_study
from geodata.studies.pack import find_study
from geodata.words.i18n import Translator


@click.command()
@click.argument("study", type=FILE)
@click.option("--out", required=True, type=FILE, help="Folder for the results.")
@asks
@click.option("--services", default="", help="Items reported one by one, separated by commas; all if not given.")
@click.option("--at", "moment", help='Only stations open at this moment, e.g. "Wed 10:30" or "周三 10:30".')
@click.option("--direction", type=click.Choice(["to", "from"]), help="Residents travel to (default) or from stations.")
@click.option("--speeds", type=FILE, help="Speed table (TOML) instead of the study's.")
@click.option("--mode", type=click.Choice(MODES), help="How people travel; the study's mode if not given.")
@click.option("--date", "on_date", default="", help="Planned stations that open until this day count too.")
@click.option("--station-areas", is_flag=True, help="Also the service areas of every station by itself.")
@command
def assess(
    study: Path,
    out: Path,
    speeds: Path | None,
    mode: Mode | None,
    station_areas: bool,
    translator: Translator,
    **asked: Any,
) -> None:
    """Assess STUDY (study.toml, its folder, or a pack): who reaches a station in time."""
    started = dt.datetime.now(dt.UTC)
    progress = StderrProgress(translator)
    cache = network_cache_folder()
    opened = open_study(find_study(study), cache=cache, speeds=speeds, mode=mode, progress=progress)
    question = read_question(opened, translator, **asked)
    question = settle_question(opened, question)
    answer = None
    if opened.network is not None:
        answer = answer_question(opened, question, each_station=station_areas, progress=progress)
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
        click.echo(translator("cli.no_station" if answer.is_open is None else "cli.none_open"), err=True)
    if answer is not None and answer.is_open is not None:
        click.echo(translator("cli.at_a_moment", codes=", ".join(NOT_AT_A_MOMENT)), err=True)
    for path in written:
        click.echo(path)
