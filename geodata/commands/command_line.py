"""What every command of the command line shares: kinds of values, progress and errors in words."""

from __future__ import annotations

import locale
import math
import os
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from coverage.errors import DataIssue, PlannerError
from geodata.files.safe_files import explain_os_error
from geodata.words.i18n import Language, Translator, resolve_language

FILE = click.Path(path_type=Path)


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
            click.echo("\n".join(words.lines), err=True)
            sys.exit(2)

    return run


def tell_issues(issues: Iterable[DataIssue], translator: Translator) -> None:
    """Tell findings on stderr, each with its cure."""
    for issue in issues:
        words = translator.describe(issue)
        click.echo(f"{words.what} {words.fix}".strip(), err=True)


def split_list(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """Split what is separated by commas, Chinese ones too; None where the option is not given."""
    if value is None:
        return None
    return tuple(part.strip() for part in value.replace("，", ",").split(",") if part.strip())
