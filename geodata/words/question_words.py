"""A question in words: what the bar on top and the sentence at the head say it holds for, in both languages."""

from __future__ import annotations

from coverage.access.season_changes import SUMMER
from coverage.inputs.bilingual_names import Name
from coverage.inputs.question import Question, find_own_level
from coverage.inputs.study import Study
from coverage.network.settings import AssessmentSettings
from geodata.words.i18n import Language, Translator

_CHINESE, _ENGLISH = Translator("zh_CN"), Translator("en")
_TRANSLATORS = (_CHINESE, _ENGLISH)
_USUAL = AssessmentSettings()


def list_strip(study: Study, question: Question, *, scenario: Name | None = None) -> dict[str, Name]:
    """List what an answer holds for, in the order of the bar on top; its labels are ``strip.<id>``.

    Parameters
    ----------
    study, question
        The study and what is asked.
    scenario
        Name of the scenario that is shown or compared; None for the study as it is.

    Returns
    -------
    Always study, service (with the level), standard, mode, season and scenario; direction, moment, own, date and
    closed only where they are not the usual ones.
    """
    usual = {
        "study": study.name,
        "service": name_service(study, question),
        "standard": name_standard(question),
        "mode": name_message(f"mode.{study.settings.mode}"),
        "season": name_season(question.season or study.settings.season),
    }
    return {**usual, **_list_rules(study, question), "scenario": scenario or name_message("scenario.base")}


def _list_rules(study: Study, question: Question) -> dict[str, Name]:
    found: dict[str, Name] = {}
    direction = question.direction or study.settings.direction
    if direction != _USUAL.direction:
        found["direction"] = name_message(f"condition.direction_{direction}")
    if question.moment_min is not None:
        found["moment"] = Name(*(_say_moment(question.moment_min, tr) for tr in _TRANSLATORS))
    own_level = find_own_level(study, question)
    if own_level:
        found["own"] = name_message(f"condition.own_{own_level}")
    if question.choice.on_date:
        found["date"] = Name(question.choice.on_date, question.choice.on_date)
    if question.closures:
        found["closed"] = Name(*(tr("condition.roads", count=len(question.closures)) for tr in _TRANSLATORS))
    return found


def name_conditions(study: Study, question: Question) -> Name:
    """Name what is not usual about a question, in brackets, as it follows the standard in a sentence; "" if nothing."""
    rules = _list_rules(study, question)
    season = question.season or study.settings.season
    mode = study.settings.mode
    said: list[Name] = []
    if mode != _USUAL.mode:
        said.append(name_message(f"condition.mode_{mode}"))
    if season != SUMMER:
        known = name_season(season)
        said.append(Name(*(tr("condition.season", season=one) for tr, one in _pair(known))))
    if "direction" in rules:
        said.append(rules["direction"])
    if "moment" in rules:
        said.append(Name(*(tr("condition.moment", moment=one) for tr, one in _pair(rules["moment"]))))
    if "own" in rules:
        said.append(rules["own"])
    if "date" in rules:
        said.append(Name(*(tr("condition.date", day=one) for tr, one in _pair(rules["date"]))))
    if "closed" in rules:
        said.append(Name(*(tr("condition.closed", count=len(question.closures)) for tr in _TRANSLATORS)))
    if not said:
        return Name("", "")
    joined = Name("，".join(one.zh for one in said), ", ".join(one.en for one in said))
    return Name(*(tr("condition.bracket", conditions=one) for tr, one in _pair(joined)))


def _say_moment(moment_min: int, tr: Translator) -> str:
    day, minute = divmod(moment_min, 1440)
    time = f"{minute // 60:02d}:{minute % 60:02d}"
    return tr("condition.day_time", day=tr(f"report.day.{day}"), time=time)


def _pair(name: Name) -> tuple[tuple[Translator, str], tuple[Translator, str]]:
    return (_CHINESE, name.zh), (_ENGLISH, name.en)


def name_service(study: Study, question: Question) -> Name:
    """Name what is asked about: item, family and level, as far as they are given, else any service."""
    catalogue = study.catalogue
    named = [catalogue.item(question.service).name] if question.service else []
    if question.family:
        named.append(catalogue.family(question.family).name)
    elif not named:
        named.append(name_message("choice.any_family"))
    if question.level:
        named.append(catalogue.level(question.level).name)
    return Name(" · ".join(one.zh for one in named), " · ".join(one.en for one in named))


def name_standard(question: Question) -> Name:
    """Name the thresholds in force: their table, or the one threshold for all."""
    if question.thresholds is not None:
        return question.thresholds.name
    if question.cutoff_min in (30.0, 60.0):
        return name_message(f"circle.{question.cutoff_min:.0f}")
    return Name(*(tr("circle.n", minutes=f"{question.cutoff_min:g}") for tr in _TRANSLATORS))


def name_season(season: str) -> Name:
    """Name a season; one that a user's speed table adds shows its own id."""
    return Name(*(tr.word(f"season.{season}", season) for tr in _TRANSLATORS))


def name_target(study: Study, question: Question) -> Name:
    """Name the stations a question is about, as they stand in a sentence."""
    return Name(_say_target(study, question, "zh_CN"), _say_target(study, question, "en"))


def _say_target(study: Study, question: Question, language: Language) -> str:
    tr, catalogue = Translator(language), study.catalogue

    def say(name: Name) -> str:
        # Inside an English sentence names begin small.
        return name.zh if language == "zh_CN" else name.en[:1].lower() + name.en[1:]

    level = say(catalogue.level(question.level).name) if question.level else ""
    if question.service:
        item = catalogue.item(question.service).name
        named = item.zh if language == "zh_CN" else item.en
        return tr("target.service_level", item=named, level=level) if level else tr("target.service", item=named)
    if not question.family:
        return level or tr("target.any")
    family = say(catalogue.family(question.family).name)
    return tr("target.family_level", family=family, level=level) if level else tr("target.family", family=family)


def name_message(message_id: str) -> Name:
    """Return a message of the catalogues in both languages."""
    return Name(_CHINESE(message_id), _ENGLISH(message_id))
