"""What is chosen for a report: kept for the visit and with the study, and found there again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from coverage.errors import PlannerError
from coverage.report.options import LONGEST_TITLE, SECTIONS, ReportOptions
from coverage.report.redaction import Redaction
from geodata.documents.history import read_history, save_options
from geodata.words.i18n import Translator
from pages.ui import state

_FORM = "form"


@dataclass(frozen=True, slots=True)
class ReportForm:
    """The fields of the page.

    Parameters
    ----------
    order
        Every section, in the order chosen.
    off
        Those left out.
    title, department, date, language
        As in `coverage.report.options.ReportOptions`.
    redaction
        What is hidden.
    scenario
        Id of the scenario to compare, "" for none.
    takes_sites
        Whether the sites that were suggested in this visit go into it.
    """

    order: tuple[str, ...] = SECTIONS
    off: tuple[str, ...] = ()
    title: str = ""
    department: str = ""
    date: str = ""
    language: str = "zh_CN"
    redaction: Redaction = field(default_factory=Redaction)
    scenario: str = ""
    takes_sites: bool = True

    def build_options(self) -> ReportOptions:
        """Return the choices as the report takes them."""
        return ReportOptions(
            sections=tuple(one for one in self.order if one not in self.off),
            title=self.title.strip()[:LONGEST_TITLE],
            department=self.department.strip()[:LONGEST_TITLE],
            date=self.date,
            language=self.language,
        )


def restore_form(options: ReportOptions, redaction: Redaction | None, *, today: str) -> ReportForm:
    """Return the form of saved choices; sections left out stand again where they usually do.

    A report is dated the day it is made: the date is not restored.
    """
    order = list(options.sections)
    for number, section in enumerate(SECTIONS):
        if section not in order:
            before = order.index(SECTIONS[number - 1]) + 1 if number else 0
            order.insert(before, section)
    return ReportForm(
        order=tuple(order),
        off=tuple(one for one in SECTIONS if one not in options.sections),
        title=options.title,
        department=options.department,
        date=today,
        language=options.language,
        redaction=redaction or Redaction(),
    )


def get_form(tr: Translator) -> ReportForm:
    """Return what is filled in; at first what was saved with the study."""
    form = state.report_kept().get(_FORM)
    if form is None:
        saved = read_history(state.study_path())
        usual = ReportOptions(language=tr.language)
        form = restore_form(saved.options or usual, saved.redaction, today=dt.date.today().isoformat())
        state.report_kept()[_FORM] = form
    return form


def put(tr: Translator, **changes: Any) -> None:
    """Change what is filled in, and save it with the study."""
    form = replace(get_form(tr), **changes)
    state.report_kept()[_FORM] = form
    try:
        save_options(state.study_path(), form.build_options(), form.redaction)
    except PlannerError as error:
        state.keep_refusal(error)


def bind(name: str, tr: Translator, *, take: Callable[[Any], Any] | None = None, value: object = None) -> Any:
    """Return key and callback of the widget of a field; a change is kept before the page runs again.

    Parameters
    ----------
    name
        Field of `ReportForm`.
    tr
        The words.
    take
        From the widget's value to the field's, where they differ.
    value
        The widget's value now; the field's if not given.
    """
    key = f"w_report_{name}"
    state.preset_widget(key, getattr(get_form(tr), name) if value is None else value)

    def change() -> None:
        now = state.widget_value(key)
        put(tr, **{name: take(now) if take else now})

    return {"key": key, "on_change": change}


def move(form: ReportForm, section: str, by: int) -> tuple[str, ...]:
    """Return the order with a section moved up (-1) or down (+1); at an end it stays."""
    order = list(form.order)
    here = order.index(section)
    there = min(max(here + by, 0), len(order) - 1)
    order[here], order[there] = order[there], order[here]
    return tuple(order)
