"""The strip on every page, the tag of made-up data, and the footer."""

from __future__ import annotations

from coverage.model import Study
from coverage.question import Question
from geodata.i18n import Translator, choose_half
from geodata.maps.labels import Markup
from pages.ui import looks, older_data, terms


def draw_strip(study: Study, question: Question, tr: Translator, *, scenario: str = "") -> None:
    """Draw study | service | standard | mode | season | scenario, by its name; "" for the study as it is."""
    tag = looks.element("span", looks.words(tr("strip.schematic")), look="p-tag") if study.schematic else Markup("")
    service = terms.family_name(study.catalogue, question.family, tr)
    if question.service:
        service = terms.say(study.catalogue.item(question.service).name, tr)
    fields = [
        ("strip.study", terms.say(study.name, tr), tag),
        ("strip.service", service, Markup("")),
        ("strip.standard", terms.standard_name(question, tr), Markup("")),
        ("strip.mode", tr(f"mode.{study.settings.mode}"), Markup("")),
        ("strip.season", terms.season_name(question.season, tr), Markup("")),
        ("strip.scenario", scenario or tr("scenario.base"), Markup("")),
    ]
    cells = [
        looks.element("span", looks.words(tr(label)), Markup(" "), looks.element("b", looks.words(value, 60)), mark)
        for label, value, mark in fields
    ]
    looks.put(looks.element("div", *cells, look="p-strip"))
    older_data.draw_way_back(tr)


def draw_footer(tr: Translator) -> None:
    """Draw the line at the foot of every page."""
    looks.put(looks.element("div", looks.words(tr("footer")), look="p-footer"))


def source_line(study: Study, tr: Translator) -> str:
    """Return the words on where the figures come from, for beneath a figure."""
    if study.attribution:
        return tr("source.line", source=choose_half(study.attribution, tr.language))
    files = ", ".join(source.path for source in study.sources if source.role != "study")
    return tr("source.line", source=files)
