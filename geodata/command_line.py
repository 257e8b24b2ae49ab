"""What every command of the command line shares: kinds of values, progress and errors in words, the question."""

from __future__ import annotations

import locale
import math
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import Any

import click

from coverage.errors import DataIssue, InputError, PlannerError
from coverage.model import Study
from coverage.question import Question
from coverage.settings import TravelDirection
from coverage.siting.from_study import SiteQuota
from coverage.stations import StationChoice
from geodata.i18n import Language, Translator, resolve_language
from geodata.read_closures import read_closures
from geodata.read_dates import parse_date
from geodata.read_hours import parse_moment
from geodata.read_thresholds import read_thresholds
from geodata.safe_files import explain_os_error

FILE = click.Path(path_type=Path)
_MOST_YUAN = 1e12


def choose_language() -> Language:
    """Return the language of the environment, Chinese when in doubt."""
    chosen = os.environ.get("PLANNER_LANG") or locale.getlocale()[0] or ""
    if chosen.startswith("English"):  # as Windows calls it
        return "en"
    return resolve_language(chosen)  # Chinese for all it does not know


class Number(click.FloatRange):
    """A number within bounds; ``nan``, which is within all of them, is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the number; anything else is a usage error."""
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


class Place(click.ParamType[tuple[float, float]]):
    """Longitude and latitude, separated by a comma [degrees]."""

    name = "LON,LAT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, float]:
        """Read the pair; anything else is a usage error."""
        try:
            lon, lat = (float(part) for part in str(value).replace("，", ",").split(","))
        except ValueError:
            self.fail(f"{value!r}: LON,LAT", param, ctx)
        return lon, lat


class StderrProgress:
    """Tells each step and every tenth of it on stderr."""

    def __init__(self, translator: Translator) -> None:
        self._t = translator
        self._told = ("", -1)

    def __call__(self, share: float, step: str) -> bool:
        """Tell it, and go on."""
        now = (step, int(share * 10))
        if now != self._told:
            self._told = now
            click.echo(f"{share:4.0%} {self._t(f'progress.{step}')}", err=True)
        return True


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Turn the planner's errors into what, why and how to fix it, and exit code 2."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        translator = Translator(choose_language())
        try:
            function(*args, translator=translator, **kwargs)
        except (PlannerError, OSError) as error:
            words = translator.describe(error if isinstance(error, PlannerError) else explain_os_error(error))
            for line in (words.what, words.why, words.fix):
                if line:
                    click.echo(line, err=True)
            sys.exit(2)

    return run


def tell_issues(issues: Iterable[DataIssue], translator: Translator) -> None:
    """Tell findings on stderr, each with its cure."""
    for issue in issues:
        words = translator.describe(issue)
        click.echo(f"{words.what} {words.fix}".strip(), err=True)


ASKED: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
    click.option("--service", default="", help="Service item; all existing stations if not given."),
    click.option("--family", default="", help="Family of stations: legal, police, traffic, …"),
    click.option("--level", default="", help="Level of stations: county, township, village, …"),
    click.option("--minutes", type=Number(0, 1440), help="Threshold [min]; the study's if not given."),
    click.option("--thresholds", help="Table of thresholds: a TOML file, or half_hour, town_30_country_60, circle_15."),
    click.option("--season", help="A season of the speed table, e.g. winter."),
    click.option("--own/--free", "own", default=None, help="Residents use stations of their own unit only, or any."),
    click.option("--closed", type=FILE, help="Closed roads: points, lines or areas, or a CSV with lon, lat."),
)


def asks(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that every question to a study has."""
    for option in reversed(ASKED):
        function = option(function)
    return function


def take(given: dict[str, Any], kind: type[Any]) -> dict[str, Any]:
    """Take the options that are fields of a dataclass out of those given."""
    return {name: given.pop(name) for name in [each.name for each in fields(kind)] if name in given}


def name_files(options: dict[str, Any]) -> dict[str, Any]:
    """Return options with files by their name alone, so that a result does not tell where it was made."""
    return {name: value.name if isinstance(value, Path) else value for name, value in options.items()}


def split_list(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """Split what is separated by commas, Chinese ones too; None where the option is not given."""
    if value is None:
        return None
    return tuple(part.strip() for part in value.replace("，", ",").split(",") if part.strip())


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


def read_question(
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
    tell_issues(found, translator)
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
