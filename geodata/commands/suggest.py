"""The command that proposes new sites."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import click

from coverage.errors import SettingsError
from coverage.network.settings import MODES, Mode
from coverage.siting.model.from_study import SiteQuota
from coverage.siting.plan.solve import SITING_METHODS, SitingQuestion
from geodata.answers.run_siting import suggest_sites
from geodata.answers.siting_candidates import GENERATED_SOURCES, SitingOptions
from geodata.answers.write_assessment import describe_run
from geodata.answers.write_suggestion import write_suggestion
from geodata.commands.command_line import FILE, Number, StderrProgress, command, split_list, tell_issues
from geodata.commands.command_question import asks, read_question
from geodata.files.folders import network_cache_folder
from geodata.studies.open_study import open_study
from geodata.studies.pack import find_study
from geodata.words.i18n import Translator

_MOST_YUAN = 1e12


def _take(given: dict[str, Any], kind: type[Any]) -> dict[str, Any]:
    """Take the options that are fields of a dataclass out of those given."""
    return {name: given.pop(name) for name in [each.name for each in fields(kind)] if name in given}


def _name_files(options: dict[str, Any]) -> dict[str, Any]:
    """Return options with files by their name alone, so that a result does not tell where it was made."""
    return {name: value.name if isinstance(value, Path) else value for name, value in options.items()}


def split_quotas(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[SiteQuota, ...]:
    """Read limits by county: ``2`` at most, ``1:3`` at least and at most, ``650102=1:2`` for one county."""
    quotas = []
    for text in value:
        county, _, numbers = text.rpartition("=")
        least, _, most = numbers.rpartition(":")
        try:
            quotas.append(SiteQuota(county.strip(), int(least or 0), int(most) if most.strip() else None))
        except ValueError as error:
            raise click.BadParameter(f"{text!r}: 2, 1:3, 650102=1:2", ctx, param) from error
    return tuple(quotas)


def split_amounts(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """Read amounts by id: ``notarisation=30000``."""
    amounts = {}
    for text in value:
        name, _, number = text.replace("＝", "=").partition("=")
        try:
            amounts[name.strip()] = float(number)
        except ValueError:
            amounts[name.strip()] = math.nan
        if not name.strip() or not 0.0 <= amounts[name.strip()] <= _MOST_YUAN:
            raise click.BadParameter(f"{text!r}: notarisation=30000", ctx, param)
    return tuple(sorted(amounts.items()))


@click.command()
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
@click.option("--any-family", is_flag=True, help="Stations of every service category may add the item.")
@click.option("--min-distance-km", default=0.0, type=Number(0), help="Not nearer to stations of the choice than this.")
@click.option("--exclude", type=FILE, help="Polygons in which nothing is founded.")
@click.option("--require", "required", default="", callback=split_list, help="Ids of sites that must open.")
@click.option("--forbid", "forbidden", default="", callback=split_list, help="Ids of sites that stay shut.")
@click.option("--relocatable", default="", callback=split_list, help="Ids of stations that may close; usually all.")
@click.option("--quota", "quotas", multiple=True, callback=split_quotas, help="Sites by county: 2, 1:3, 650102=1:2.")
@click.option("--costs", type=FILE, help="Class costs (TOML) instead of the planner's assumptions.")
@click.option(
    "--limit-minutes", "limit_min", type=Number(0, 1440), help="Longest route looked at by p-median, p-center."
)
@click.option("--per-year", type=click.IntRange(1), help="Sites a year: writes plan.csv.")
@click.option("--first-year", default=1, show_default=True, help="Year in which building begins.")
@click.option("--time-limit", "time_limit_s", type=Number(0), help="Seconds for the whole; until proved if not given.")
@command
def suggest(
    study: Path, out: Path, speeds: Path | None, mode: Mode | None, translator: Translator, **given: Any
) -> None:
    """Propose new sites for STUDY: where, in which order, for whom, at what cost, and how good that is."""
    started = dt.datetime.now(dt.UTC)
    asked = SitingQuestion(**_take(given, SitingQuestion))
    options = SitingOptions(**_take(given, SitingOptions))
    progress = StderrProgress(translator)
    cache = network_cache_folder()
    opened = open_study(find_study(study), cache=cache, speeds=speeds, mode=mode, progress=progress)
    question = read_question(opened, translator, **given)
    if asked.services and question.service:
        raise SettingsError("siting.service_or_services")
    found = suggest_sites(opened, question, asked, options, progress=progress)
    told = asdict(question) | asdict(asked) | _name_files(asdict(options) | {"speeds": speeds})
    run = describe_run(opened, told | {"mode": opened.settings.mode, "season": found.basis.season}, started)
    written = write_suggestion(out, opened, found, run=run, language=translator.language)
    tell_issues(found.issues, translator)
    answer, left_out = found.solved.answer, float(found.unserved["people"].sum())
    words = translator(f"suggest.status.{answer.status}", gap=answer.gap, people=left_out)
    click.echo(words, err=True)
    for path in written:
        click.echo(path)
