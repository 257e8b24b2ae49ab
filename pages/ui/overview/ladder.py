"""The ladder: families and levels with the established rate, the reachable rate, and the difference."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from coverage.inputs.question import Question, find_question_cutoffs
from coverage.inputs.scope import find_scope, has_level
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study
from coverage.units import is_within
from geodata.maps.labels import Markup
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import markup, terms
from pages.ui.memo import cached

_FAMILIES: tuple[str, ...] = ("legal", "police", "traffic")
_LEVELS: tuple[str, ...] = ("village", "township", "county")


@dataclass(frozen=True, slots=True)
class Rung:
    """One line of the ladder; NaN where a rate cannot be given."""

    family: str
    level: str
    established: float
    units_with_station: int
    units: int
    reachable: float


def compute_ladder(study: Study, question: Question) -> list[Rung]:
    """Compute both rates for every family and level that has stations or should have one."""
    every = find_scope(study, question.choice).families
    families = [family for family in every if family in _FAMILIES or family == question.family] or list(every)
    levels = [level.id for level in study.catalogue.levels if level.id in _LEVELS]
    levels.sort(key=_LEVELS.index)
    rungs = []
    for family in families:
        for level in levels:
            choice = replace(question.choice, service="", family=family, level=level)
            if select_stations(study.stations, study.catalogue, choice).any() or has_level(study, choice):
                rungs.append(_compute_rung(study, question, choice))
    return rungs


def _compute_rung(study: Study, question: Question, choice: StationChoice) -> Rung:
    rate = cached.fetch_established(study, choice, choice.level)
    reachable = math.nan
    if study.network is not None:
        weight = study.demand["population"].to_numpy(float)
        asked = replace(question, choice=choice)
        minutes = cached.ask(study, asked).get("nearest")[0].minutes
        total = float(weight.sum())
        cutoffs = find_question_cutoffs(study, asked)
        reachable = float(weight[is_within(minutes, cutoffs)].sum()) / total if total else math.nan
    return Rung(choice.family, choice.level, rate.rate, rate.units_with_station, rate.units, reachable)


def draw_ladder(study: Study, question: Question, tr: Translator) -> None:
    """Draw the ladder as a table; the line of the question is marked."""
    rungs = compute_ladder(study, question)
    if not rungs:
        markup.note(tr("ladder.none"))
        return
    head = [tr("ladder.level"), tr("ladder.established"), tr("ladder.reachable")]
    rows = [markup.element("tr", *(markup.element("th", markup.words(title)) for title in head))]
    family = None
    for rung in rungs:
        if rung.family != family:
            family = rung.family
            name = markup.words(terms.family_name(study.catalogue, family, tr))
            cell = Markup('<td colspan="3">') + name + "</td>"
            rows.append(markup.element("tr", Markup(cell), look="p-group"))
        cells = [
            markup.words(tr(f"ladder.{rung.level}")),
            markup.words(number_format.percent(rung.established)),
            markup.words(number_format.percent(rung.reachable)),
        ]
        now = rung.family == question.family and rung.level == question.level
        rows.append(markup.element("tr", *(markup.element("td", cell) for cell in cells), look="p-now" if now else ""))
    markup.put(markup.element("table", *rows, look="p-table"))
    markup.note(tr("ladder.note", standard=terms.standard_name(question, tr)))
