"""Coverage and gaps: who is outside and where, why a place has its colour, what would help, and files to hand over."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from coverage.inputs.question import Question
from coverage.inputs.study import Study
from geodata.words.i18n import Translator
from pages.ui import markup
from pages.ui.frame import banner
from pages.ui.frame.entry import enter_question
from pages.ui.gaps import cutoff_control, gap_sections, uncounted
from pages.ui.gaps.gap_map import draw_workbench
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached, cached_map
from pages.ui.overview.sentence import draw_sentence
from pages.ui.preconditions import meet_needs


def draw(study: Study, question: Question, head: DeltaGenerator, tr: Translator) -> None:
    """Draw the page."""
    if not meet_needs(study, question, tr):
        return
    assessment = cached.ask(study, question).assessment
    with head:
        draw_sentence(study, question, assessment, tr)
    cutoff_control.draw_cutoff(study, question, assessment, tr)
    # What takes long is done here, where the whole page can be stopped; the map then only reads it.
    with shown_progress(tr, "doing.bands") as progress:
        cached_map.fetch_bands(study, question, progress)
    with shown_progress(tr, "doing.gaps") as progress:
        cached.ask(study, question).get("gap_list", progress)
    draw_workbench(study, question, tr)
    uncounted.draw_count(study, question, tr)
    gap_sections.draw_sections(study, question, tr)
    markup.note(banner.source_line(study, tr))


enter_question(draw)
