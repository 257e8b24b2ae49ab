"""The words of threshold rules: every id a rule may name, and how it is called."""

from __future__ import annotations

from coverage.inputs.schema import ZONES
from coverage.inputs.study import Study
from coverage.inputs.thresholds import ANY
from coverage.network.settings import MODES
from geodata.intake.rule_sheet import Words
from geodata.words.i18n import LANGUAGES, Translator
from pages.ui import terms

FIELDS: tuple[str, ...] = ("service", "zone", "level", "mode", "season")


def list_words(study: Study, tr: Translator) -> Words:
    """List for each field and id its words: the one of this language first, then the other's."""
    first = [tr, *(Translator(language) for language in LANGUAGES if language != tr.language)]
    catalogue = study.catalogue

    def said(message: str) -> tuple[str, ...]:
        return tuple(one(message) for one in first)

    seasons = dict.fromkeys((*study.speeds.season_names, "winter", "heavy_snow"))
    return {
        "service": {one.id: tuple(terms.say(one.name, each) for each in first) for one in catalogue.items},
        "zone": {zone: said(f"standards.zone.{zone}") for zone in ZONES},
        "level": {one.id: tuple(terms.say(one.name, each) for each in first) for one in catalogue.levels},
        "mode": {mode: said(f"mode.{mode}") for mode in MODES},
        "season": {season: tuple(terms.season_name(season, each) for each in first) for season in seasons},
    }


def say_field(words: Words, field: str, identity: str, tr: Translator) -> str:
    """Call the value of a field by its name; "*" is any."""
    if identity == ANY:
        return tr("standards.any")
    return words[field].get(identity, (identity,))[0]


def list_titles(tr: Translator) -> dict[str, str]:
    """Return the title of each column of a table of rules."""
    return {field: tr(f"fact.key.{field}") for field in (*FIELDS, "minutes")}
