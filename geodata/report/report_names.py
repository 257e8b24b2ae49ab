"""Names a report takes along in both languages: the study's own ids, and what the report holds for."""

from __future__ import annotations

import math

from coverage.assessment import find_weight_column
from coverage.model import Study
from coverage.names import Name
from coverage.question import Question
from coverage.report.ladder import ITEM
from coverage.report.value import Fact
from geodata.i18n import Language, Translator

_CHINESE, _ENGLISH = Translator("zh_CN"), Translator("en")
STRIP: tuple[str, ...] = ("study", "service", "standard", "mode", "season", "scenario")


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
    season = question.season or study.settings.season
    return names | {
        "strip.study": study.name,
        "strip.service": name_service(study, question),
        "strip.standard": name_standard(question),
        "strip.mode": _name(f"mode.{study.settings.mode}"),
        "strip.season": _name_season(season),
        "strip.scenario": _name("scenario.base") if scenario is None else _name_compared(scenario),
        **({} if scenario is None else {"strip.compared": scenario}),
        "strip.subject": name_subject(study, question),
        "strip.target": name_target(study, question),
        "strip.whom": _name(f"whom.{find_weight_column(study, question.choice)}"),
        "strip.seasons": _list([_name_season(one) for one in study.speeds.season_names]),
    }


def build_strip() -> tuple[Fact, ...]:
    """Build the strip: study, service, standard, mode, season, scenario."""
    return tuple(Fact(name, name, "word", words="strip") for name in STRIP)


def name_service(study: Study, question: Question) -> Name:
    """Name what is asked about: the item, else the family and level, else any."""
    if question.service:
        return study.catalogue.item(question.service).name
    family = study.catalogue.family(question.family).name if question.family else _name("choice.any_family")
    if not question.level:
        return family
    level = study.catalogue.level(question.level).name
    return Name(f"{family.zh} · {level.zh}", f"{family.en} · {level.en}")


def name_subject(study: Study, question: Question) -> Name:
    """Name what a report is about, as it stands in its title."""
    if question.service:
        return study.catalogue.item(question.service).name
    return study.catalogue.family(question.family).name if question.family else _name("report.subject")


def name_standard(question: Question) -> Name:
    """Name the thresholds in force: their table, or the one threshold for all."""
    if question.thresholds is not None:
        return question.thresholds.name
    if question.cutoff_min in (30.0, 60.0):
        return _name(f"circle.{question.cutoff_min:.0f}")
    return Name(*(tr("circle.n", minutes=f"{question.cutoff_min:g}") for tr in (_CHINESE, _ENGLISH)))


def name_target(study: Study, question: Question) -> Name:
    """Name the stations a question is about, as they stand in a sentence."""
    return Name(_say_target(study, question, "zh_CN"), _say_target(study, question, "en"))


def _say_target(study: Study, question: Question, language: Language) -> str:
    tr, catalogue = Translator(language), study.catalogue

    def say(name: Name) -> str:
        # Inside an English sentence names begin small.
        return name.zh if language == "zh_CN" else name.en[:1].lower() + name.en[1:]

    if question.service:
        item = catalogue.item(question.service).name
        return tr("target.service", item=item.zh if language == "zh_CN" else item.en)
    level = say(catalogue.level(question.level).name) if question.level else ""
    if not question.family:
        return level or tr("target.any")
    family = say(catalogue.family(question.family).name)
    return tr("target.family_level", family=family, level=level) if level else tr("target.family", family=family)


def _name(message_id: str) -> Name:
    return Name(_CHINESE(message_id), _ENGLISH(message_id))


def _name_compared(scenario: Name) -> Name:
    return Name(*(tr("report.compared", name=name) for tr, name in ((_CHINESE, scenario.zh), (_ENGLISH, scenario.en))))


def _name_season(season: str) -> Name:
    known = _name(f"season.{season}")
    return Name(season, season) if known.zh == f"season.{season}" else known


def _list(names: list[Name]) -> Name:
    return Name(
        _CHINESE("list.comma").join(one.zh for one in names), _ENGLISH("list.comma").join(one.en for one in names)
    )


def say_number(value: float) -> str:
    """Write a setting as it was given."""
    return f"{value:g}" if math.isfinite(value) else ""
