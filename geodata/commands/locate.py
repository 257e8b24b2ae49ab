"""The command that chooses sites for any cost matrix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from geodata.answers.locate import LOCATE_METHODS, LocateQuestion, locate
from geodata.commands.command_line import FILE, Number, StderrProgress, command, tell_issues
from geodata.words.i18n import Translator


@click.command(name="locate")
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
