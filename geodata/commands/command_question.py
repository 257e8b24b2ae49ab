"""The question of a command: the options that every question to a study has, and how they are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from coverage.errors import InputError
from coverage.inputs.question import Question, find_least_hours
from coverage.inputs.read_hours import parse_moment
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.network.settings import TravelDirection
from geodata.commands.command_line import FILE, Number, tell_issues
from geodata.intake.cells.read_dates import parse_date
from geodata.intake.read_closures import read_closures
from geodata.intake.read_thresholds import read_thresholds
from geodata.words.i18n import Translator

ASKED: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
    click.option("--service", default="", help="Service item; all fixed services if not given."),
    click.option("--family", default="", help="Service category of stations: legal, police, traffic, …"),
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
        choice=StationChoice(
            service=service, family=family, level=level, on_date=day, least_hours_week=find_least_hours(opened)
        ),
        cutoff_min=settings.cutoff_min if minutes is None else minutes,
        thresholds=read_thresholds(thresholds, opened.catalogue) if thresholds else own_table,
        direction=direction,
        season=season or settings.season,
        moment_min=parse_moment(moment) if moment else None,
        own_jurisdiction=settings.own_jurisdiction if own is None else own,
        closures=closures,
        services=tuple(filter(None, services.replace(" ", "").split(","))),
    )
