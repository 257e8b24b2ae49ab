"""The strip on every page, the tag of made-up data, and the footer."""

from __future__ import annotations

from coverage.inputs.bilingual_names import Name
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from geodata.maps.labels import Markup
from geodata.words.i18n import Translator, choose_half
from geodata.words.question_words import list_strip
from pages.ui import markup, terms
from pages.ui.frame import older_data


def draw_strip(study: Study, question: Question, tr: Translator, *, scenario: str = "") -> None:
    """Draw what the page holds for, see `question_words.list_strip`; `scenario` "" is the study as it is."""
    tag = markup.element("span", markup.words(tr("strip.schematic")), look="p-tag") if study.schematic else Markup("")
    fields = list_strip(study, question, scenario=Name(scenario, scenario) if scenario else None)
    cells = [
        markup.element(
            "span",
            markup.words(tr(f"strip.{name}")),
            Markup(" "),
            markup.element("b", markup.words(terms.say(value, tr), 60)),
            tag if name == "study" else Markup(""),
        )
        for name, value in fields.items()
    ]
    markup.put(markup.element("div", *cells, look="p-strip"))
    older_data.draw_way_back(tr)


def draw_footer(tr: Translator) -> None:
    """Draw the line at the foot of every page."""
    markup.put(markup.element("div", markup.words(tr("footer")), look="p-footer"))


def source_line(study: Study, tr: Translator) -> str:
    """Return the words on where the figures come from, for beneath a figure."""
    if study.attribution:
        return tr("source.line", source=choose_half(study.attribution, tr.language))
    files = ", ".join(source.path for source in study.sources if source.role != "study")
    return tr("source.line", source=files)
