"""The command that compares a study before and after edits."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from coverage.scenario.edit_checks import check_edits
from geodata.answers.run_whatif import run_whatif
from geodata.answers.write_assessment import describe_run
from geodata.answers.write_whatif import write_whatif
from geodata.commands.command_line import FILE, StderrProgress, command, tell_issues
from geodata.commands.command_question import asks, read_question
from geodata.files.folders import network_cache_folder
from geodata.studies.edits_json import read_edits
from geodata.studies.open_study import open_study
from geodata.studies.pack import find_study
from geodata.words.i18n import Translator


@click.command()
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
    for path in write_whatif(out, found, run=run, language=translator.language):
        click.echo(path)
