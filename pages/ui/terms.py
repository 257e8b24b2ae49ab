"""Names of the things on screen in the language of the visit."""

from __future__ import annotations

from coverage.inputs.bilingual_names import Name
from coverage.inputs.question import Question
from coverage.inputs.study import Catalogue, Study
from geodata.words import number_format
from geodata.words.i18n import Translator
from geodata.words.question_words import name_standard, name_target


def say(name: Name, tr: Translator) -> str:
    """Return a name in the language of the visit."""
    return name.zh if tr.language == "zh_CN" else name.en


def family_name(catalogue: Catalogue, family: str, tr: Translator) -> str:
    """Name a family, "" being any."""
    return say(catalogue.family(family).name, tr) if family else tr("choice.any_family")


def level_name(catalogue: Catalogue, level: str, tr: Translator) -> str:
    """Name a level of stations, "" being any."""
    return say(catalogue.level(level).name, tr) if level else tr("choice.any_level")


def target_name(study: Study, question: Question, tr: Translator) -> str:
    """Name the stations a question is about, for a sentence."""
    return say(name_target(study, question), tr)


def unit_suffix(weight_column: str, tr: Translator) -> str:
    """Return the measure word of what is counted, "" where the language has none."""
    return tr(f"unit.{weight_column}_suffix")


def season_name(season: str, tr: Translator) -> str:
    """Name a season; one that a user's speed table adds shows its own id."""
    return tr.word(f"season.{season}", season)


def place_verdict(study: Study, status: str, minutes: float, station_id: str, tr: Translator) -> list[str]:
    """Say the class of a place and, where one is reached, the minutes to the nearest station and its name."""
    if status in ("unconnected", "no_route"):
        return [tr(f"status.{status}")]
    side = tr("place.inside") if status == "covered" else tr("place.outside")
    nearest = tr("place.nearest", station=str(study.stations["name"][station_id]))
    return [f"{number_format.minutes(minutes, tr.language)} {side}", nearest]


def road_name(road_class: str, tr: Translator) -> str:
    """Name a road class; one that a user's speed table adds shows its own id."""
    return tr.word(f"road.{road_class}", road_class)


def standard_name(question: Question, tr: Translator) -> str:
    """Name the thresholds in force: their table, or the one threshold for all."""
    return say(name_standard(question), tr)
