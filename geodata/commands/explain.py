"""The command that tells why a place is or is not inside the circle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from coverage.access.explain import explain_place
from coverage.answer.answer import ask
from coverage.inputs.question import find_place_cutoff, settle_question
from geodata.commands.command_line import FILE, Place, StderrProgress, command
from geodata.commands.command_question import asks, read_question
from geodata.files.folders import network_cache_folder
from geodata.studies.open_study import open_study
from geodata.studies.pack import find_study
from geodata.words.explain_words import explain_text
from geodata.words.i18n import Translator


@click.command()
@click.argument("study", type=FILE)
@click.option("--at", "place", required=True, type=Place(), help="The place [degrees].")
@asks
@command
def explain(study: Path, place: tuple[float, float], translator: Translator, **asked: Any) -> None:
    """Print why a place of STUDY is or is not inside the circle, and what would change it."""
    progress = StderrProgress(translator)
    opened = open_study(find_study(study), cache=network_cache_folder(), progress=progress)
    question = read_question(opened, translator, **asked)
    question = settle_question(opened, question)
    basis = ask(opened, question).get("basis", progress)
    cutoff = find_place_cutoff(opened, question, *place)
    found = explain_place(basis, *place, question.choice, cutoff_min=cutoff)
    names = {str(station): str(name) for station, name in opened.stations["name"].items()}
    for line in explain_text(found, translator, names=names):
        click.echo(line)
