"""The commands of the command line that make reports and compute them again.

What a report is made with is loaded when one is made: no other command waits for its libraries.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import click

from coverage.errors import InputError
from coverage.network.settings import MODES, Mode
from coverage.report.merge import check_same_question
from coverage.report.options import SECTIONS, ReportOptions
from coverage.report.redaction import Redaction
from coverage.scenario.edits import Edit
from coverage.siting.plan.solve import SitingQuestion
from geodata.commands.command_line import FILE, StderrProgress, choose_language, command, split_list
from geodata.commands.command_question import asks, read_question
from geodata.documents.render import FORMATS
from geodata.documents.replay_words import tell_replayed
from geodata.documents.runs.find_run import read_run
from geodata.documents.runs.read_redaction import read_redaction
from geodata.documents.runs.run_file import Recipe
from geodata.documents.runs.siting_json import ask_sites
from geodata.files.folders import network_cache_folder, store_folder
from geodata.files.safe_files import check_input_file
from geodata.studies.edits_json import read_edits
from geodata.studies.pack import find_study
from geodata.words.i18n import Translator

_MOST_TOLD = 50
_MOST_SPEEDS_MB = 5.0


@click.command(name="report")
@click.argument("studies", type=FILE, nargs=-1, required=True)
@click.option("--out", required=True, type=FILE, help=f"File to write; its ending is the format: {', '.join(FORMATS)}.")
@asks
@click.option("--services", default="", help="Items reported one by one, separated by commas; all if not given.")
@click.option("--at", "moment", help='Only stations open at this moment, e.g. "Wed 10:30" or "周三 10:30".')
@click.option("--direction", type=click.Choice(["to", "from"]), help="Residents travel to (default) or from stations.")
@click.option("--speeds", type=FILE, help="Speed table (TOML) instead of the study's.")
@click.option("--mode", type=click.Choice(MODES), help="How people travel; the study's mode if not given.")
@click.option("--on", "on_date", default="", help="Planned stations that open until this day count too.")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of the report; the system's if not given.")
@click.option("--sections", callback=split_list, help=f"In this order; all if not given: {','.join(SECTIONS)}.")
@click.option("--title", default="", help="Title; the usual title if not given.")
@click.option("--department", default="", help="Department on the cover.")
@click.option("--date", help="Date on the cover, 2026-11-22; today if not given.")
@click.option("--scenario", help="Scenario to compare: its id in the store, or a file of edits (JSON).")
@click.option("--suggest", "sites", type=click.IntRange(1), help="Propose so many new sites.")
@click.option("--redact", type=FILE, help="What is redacted (TOML or JSON); the places of police if not given.")
@command
def report_command(
    studies: tuple[Path, ...],
    out: Path,
    speeds: Path | None,
    mode: Mode | None,
    lang: str | None,
    sections: tuple[str, ...] | None,
    title: str,
    department: str,
    date: str | None,
    scenario: str | None,
    sites: int | None,
    redact: Path | None,
    translator: Translator,
    **asked: Any,
) -> None:
    """Make the report of STUDIES; several of different counties are merged into one (汇总)."""
    from geodata.documents.run_report import find_format, make_report, open_for_report, write_report

    find_format(out)
    options = ReportOptions(
        sections=SECTIONS if sections is None else sections,
        title=title,
        department=department,
        date=dt.date.today().isoformat() if date is None else date,
        language={"zh": "zh_CN", "en": "en", None: choose_language()}[lang],
    )
    edits = () if scenario is None else _find_edits(scenario)
    table = "" if speeds is None else _read_speed_text(speeds)
    progress = StderrProgress(translator)
    cache = network_cache_folder()
    opened = [
        open_for_report(
            find_study(path), name=path.resolve().name, mode=mode, speeds=table, cache=cache, progress=progress
        )
        for path in studies
    ]
    questions = [read_question(each.study, translator, **asked) for each in opened]
    check_same_question([(each.study, question) for each, question in zip(opened, questions, strict=True)])
    recipe = Recipe(
        question=questions[0],
        options=options,
        edits=edits,
        scenario="" if scenario is None else Path(scenario).stem,
        suggestion=None if sites is None else ask_sites(SitingQuestion(sites=sites)),
        redaction=Redaction() if redact is None else read_redaction(redact, opened[0].study.catalogue),
    )
    write_report(out, make_report(opened, recipe, progress=progress), recipe, progress=progress)
    click.echo(out)


def _find_edits(scenario: str) -> tuple[Edit, ...]:
    """Find the edits of a scenario by the name of a file or the id in the store."""
    path = Path(scenario)
    if path.suffix.lower() == ".json" or path.is_file():
        return read_edits(path)
    from geodata.store.database import open_store
    from geodata.store.scenarios import open_scenario

    with open_store(store_folder()) as store:
        return open_scenario(store, scenario).edits


def _read_speed_text(path: Path) -> str:
    file = check_input_file(path, max_mb=_MOST_SPEEDS_MB)
    try:
        return file.read_text(encoding="utf-8-sig")
    except ValueError as error:
        raise InputError("file.not_toml", file=file.name, reason=str(error)[:300]) from error


@click.command(name="replay")
@click.argument("run", type=FILE)
@click.option("--study", "studies", type=FILE, multiple=True, help="Its study; next to the report if not given.")
@click.option("--scenario", type=FILE, help="Its edits (JSON), where the report withholds them.")
@click.option("--all", "tell_all", is_flag=True, help=f"List every number that differs, not only {_MOST_TOLD}.")
@command
def replay_command(
    run: Path, studies: tuple[Path, ...], scenario: Path | None, tell_all: bool, translator: Translator
) -> None:
    """Compute a report again from RUN, its run file or the report itself: identical, or what differs and why."""
    from geodata.documents.replay import locate_studies, replay

    read = read_run(run)
    found = replay(
        read,
        locate_studies(read, studies, run.resolve().parent),
        edits=None if scenario is None else read_edits(scenario),
        cache=network_cache_folder(),
        progress=StderrProgress(translator),
    )
    for line in tell_replayed(found, translator, most=None if tell_all else _MOST_TOLD):
        click.echo(line)
    if not found.is_identical:
        sys.exit(1)
