"""The sentence at the head of the Overview: people, share, threshold and service, with its denominator."""

from __future__ import annotations

from coverage.access.assessment import Assessment
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from geodata.maps.labels import Markup
from geodata.words import number_format
from geodata.words.i18n import Translator
from geodata.words.question_words import name_conditions
from pages.ui import markup, terms

_HOLE = "\x01"  # where the emphasised number goes


def draw_sentence(study: Study, question: Question, assessment: Assessment, tr: Translator) -> None:
    """Draw the sentence (22 px) and beneath it whom it counts."""
    totals = assessment.totals
    outside = totals.uncovered
    said = tr(
        "overview.sentence" if outside >= 0.5 else "overview.sentence_all",
        study=terms.say(study.name, tr),
        total=number_format.people_short(totals.total, tr.language),
        whom=tr(f"whom.{assessment.weight_column}"),
        outside=_HOLE,
        circle=terms.standard_name(question, tr),
        target=terms.target_name(study, question, tr),
        conditions=terms.say(name_conditions(study, question), tr),
    )
    number = tr(
        "overview.outside",
        people=number_format.people_short(outside, tr.language),
        unit=terms.unit_suffix(assessment.weight_column, tr),
        share=number_format.percent(outside / totals.total if totals.total else 0.0),
    )
    before, _, after = said.partition(_HOLE)
    middle = markup.element("em", markup.words(number)) if after else Markup("")
    markup.put(markup.element("p", markup.words(before), middle, markup.words(after), look="p-sentence"))
    markup.note(
        tr(
            "overview.denominator",
            whom=tr(f"whom.{assessment.weight_column}"),
            total=number_format.people(totals.total),
            beyond=number_format.people(totals.beyond),
            no_route=number_format.people(totals.no_route),
            unconnected=number_format.people(totals.unconnected),
            median=number_format.minutes(totals.median_min, tr.language),
            p90=number_format.minutes(totals.p90_min, tr.language),
        )
    )
