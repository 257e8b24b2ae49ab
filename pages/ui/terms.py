"""Names of the things on screen in the language of the visit."""

from __future__ import annotations

from coverage.model import Catalogue, Study
from coverage.names import Name
from coverage.question import Question
from geodata import number_words
from geodata.i18n import Translator


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
    catalogue = study.catalogue

    def within(name: str) -> str:  # inside an English sentence names begin small
        return name if tr.language == "zh_CN" else name[:1].lower() + name[1:]

    if question.service:
        item = say(catalogue.item(question.service).name, tr)
        return tr("target.service", item=item)
    if not question.family:
        return within(level_name(catalogue, question.level, tr)) if question.level else tr("target.any")
    family = within(family_name(catalogue, question.family, tr))
    if not question.level:
        return tr("target.family", family=family)
    return tr("target.family_level", family=family, level=within(level_name(catalogue, question.level, tr)))


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
    return [f"{number_words.minutes(minutes, tr.language)} {side}", nearest]


def road_name(road_class: str, tr: Translator) -> str:
    """Name a road class; one that a user's speed table adds shows its own id."""
    return tr.word(f"road.{road_class}", road_class)


def standard_name(question: Question, tr: Translator) -> str:
    """Name the thresholds in force: their table, or the one threshold for all."""
    return say(question.thresholds.name, tr) if question.thresholds else circle_name(question.cutoff_min, tr)


def circle_name(cutoff_min: float, tr: Translator) -> str:
    """Name a threshold within a sentence: half an hour, an hour, n minutes."""
    if cutoff_min in (30.0, 60.0):
        return tr(f"circle.{cutoff_min:.0f}")
    return tr("circle.n", minutes=f"{cutoff_min:g}")
