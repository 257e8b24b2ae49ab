"""Names a report takes along in both languages: the study's own ids, and what the report holds for."""

from __future__ import annotations

import math

from coverage.access.assessment import find_weight_column
from coverage.inputs.bilingual_names import Name
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.tables.ladder import ITEM
from coverage.tables.report_value import Fact
from geodata.words.i18n import Translator
from geodata.words.question_words import list_strip, name_conditions, name_message, name_season, name_target

_CHINESE, _ENGLISH = Translator("zh_CN"), Translator("en")


def list_names(study: Study, question: Question, *, scenario: Name | None = None) -> dict[str, Name]:
    """List names by ``<words>.<id>``: families, levels, kinds, items, bundles, and the texts of the strip.

    Parameters
    ----------
    study, question
        What the report is about.
    scenario
        Name of a scenario that is compared; None for today's state.
    """
    catalogue = study.catalogue
    groups = (
        ("family", [(one.id, one.name) for one in catalogue.families]),
        ("level", [(one.id, one.name) for one in catalogue.levels]),
        ("kind", [(one.id, one.name) for one in catalogue.kinds]),
        ("item", [(one.id, one.name) for one in catalogue.items]),
        ("bundle", [(one.id, one.name) for one in catalogue.bundles]),
    )
    names = {f"{words}.{one}": name for words, group in groups for one, name in group}
    if question.service:
        names[f"family.{ITEM}{question.service}"] = catalogue.item(question.service).name
    compared = None if scenario is None else _name_compared(scenario)
    strip = list_strip(study, question, scenario=compared)
    if "moment" in strip:
        names[f"report.period.{question.period}"] = strip["moment"]
    return names | {
        **{f"strip.{one}": name for one, name in strip.items()},
        **({} if scenario is None else {"strip.compared": scenario}),
        "strip.subject": name_subject(study, question),
        "strip.target": name_target(study, question),
        "strip.conditions": name_conditions(study, question),
        "strip.whom": name_message(f"whom.{find_weight_column(study, question.choice)}"),
        "strip.seasons": _list([name_season(one) for one in study.speeds.season_names]),
    }


def build_strip(study: Study, question: Question) -> tuple[Fact, ...]:
    """Build the strip, see `geodata.words.question_words.list_strip`."""
    return tuple(Fact(name, name, "word", words="strip") for name in list_strip(study, question))


def name_subject(study: Study, question: Question) -> Name:
    """Name what a report is about, as it stands in its title."""
    if question.service:
        return study.catalogue.item(question.service).name
    return study.catalogue.family(question.family).name if question.family else name_message("report.subject")


def _name_compared(scenario: Name) -> Name:
    return Name(*(tr("report.compared", name=name) for tr, name in ((_CHINESE, scenario.zh), (_ENGLISH, scenario.en))))


def _list(names: list[Name]) -> Name:
    return Name(
        _CHINESE("list.comma").join(one.zh for one in names), _ENGLISH("list.comma").join(one.en for one in names)
    )


def say_number(value: float) -> str:
    """Write a setting as it was given."""
    return f"{value:g}" if math.isfinite(value) else ""
