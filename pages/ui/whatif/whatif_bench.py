"""The What-if page at work: numbers, map, panel and tables; whatever is done runs only this part again."""

from __future__ import annotations

import streamlit as st

from coverage.scenario.edit_checks import check_edits
from coverage.scenario.edits import Edit
from pages.ui import legend, markup, scenario_store, state
from pages.ui.failures import guard, show_failure, show_stopped
from pages.ui.frame import older_data
from pages.ui.frame.cpu_slots import DRAWING
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached_map, cached_whatif
from pages.ui.memo.cached_whatif import Outcome
from pages.ui.whatif import (
    change_legend,
    whatif_acts,
    whatif_add,
    whatif_bar,
    whatif_history,
    whatif_map,
    whatif_numbers,
    whatif_places,
    whatif_roads,
    whatif_sections,
    whatif_station,
)
from pages.ui.whatif.whatif_acts import Work

_ACTS = ("station", "road", "threshold")


@st.fragment
def draw_bench(work: Work) -> None:
    """Draw everything that follows from the edits."""
    with guard(work.tr):
        if state.was_stopped():
            show_stopped(work.tr)
            return
        if state.whatif("whole"):
            # The scenario is another one: the strip and the list of scenarios stand outside this part.
            state.keep_whatif(whole=False)
            st.rerun()
        shown = scenario_store.find_current(work.study)
        now = Work(work.study, work.question, shown, work.tr)
        whatif_bar.draw_told(now)
        if not older_data.draw_notice(now):
            return
        if cached_whatif.is_slow(now.tried):  # takes long, and others need not wait for it
            _draw(now)
            return
        with DRAWING.take():
            _draw(now)


def _draw(work: Work) -> None:
    tried = _find_tried(work)
    found = _answer(work, tried)
    left, right = st.columns([1.5, 1], gap="small")
    with left:
        _draw_left(work, found, tried)
    with right:
        _draw_panel(work, found)
        whatif_history.draw_history(work)
    whatif_sections.draw_sections(work, found if tried == work.edits else _fetch(work, work.edits))


def _find_tried(work: Work) -> tuple[Edit, ...]:
    """Return the edits with the station that is being placed; without it where the study would not take it."""
    faults = check_edits(work.study, work.tried) if work.draft is not None else ()
    if not faults:
        return work.tried
    state.keep_whatif(fault=faults[-1])
    return work.edits


def _fetch(work: Work, edits: tuple[Edit, ...]) -> Outcome:
    with shown_progress(work.tr, "doing.whatif") as progress:
        return cached_whatif.fetch_outcome(work.study, work.question, edits, progress)


def _answer(work: Work, tried: tuple[Edit, ...]) -> Outcome:
    """Compute what the edits do; while that takes long, the last answer stays on screen and is marked as such."""
    place = st.empty()
    last: tuple[Edit, ...] | None = state.whatif("answered")
    is_known = cached_whatif.has_outcome(work.study, work.question, tried)
    has_old = last is not None and cached_whatif.has_outcome(work.study, work.question, last)
    if last is not None and has_old and not is_known and cached_whatif.is_slow(tried):
        with place.container():
            old = cached_whatif.fetch_outcome(work.study, work.question, last)
            whatif_numbers.draw_numbers(work, old, is_stale=True)
    found = _fetch(work, tried)
    with shown_progress(work.tr, "doing.bands") as progress:
        cached_whatif.fetch_changes(work.study, work.question, tried, progress)
    state.keep_whatif(answered=tried)
    with place.container():
        whatif_numbers.draw_numbers(work, found, is_tried=tried != work.edits)
    return found


def _draw_left(work: Work, found: Outcome, tried: tuple[Edit, ...]) -> None:
    tr, key = work.tr, "w_whatif_layer"
    whatif_map.draw_map(work, found, tried)
    is_times = state.whatif("layer") == "times"
    with st.container(horizontal=True, vertical_alignment="center"):
        state.preset_widget(key, "times" if is_times else "changes")
        st.segmented_control(
            tr("whatif.layer"),
            ("changes", "times"),
            key=key,
            format_func=lambda one: tr(f"whatif.layer.{one}"),
            label_visibility="collapsed",
            required=True,
            on_change=lambda: state.keep_whatif(layer=state.widget_value(key)),
        )
    if is_times:
        legend.draw_legend(found.assessment, tr)
    else:
        change_legend.draw_change_legend(found, work.tr)
    markup.note(tr("map.notice"))


def _draw_panel(work: Work, found: Outcome) -> None:
    tr, key = work.tr, "w_whatif_act"
    state.preset_widget(key, state.whatif("act", "station"))
    st.segmented_control(
        tr("whatif.act"),
        _ACTS,
        key=key,
        format_func=lambda one: tr(f"whatif.act.{one}"),
        label_visibility="collapsed",
        required=True,
        on_change=lambda: state.keep_whatif(act=state.widget_value(key), draft=None, selected="", fault=None),
    )
    act, selected, draft = state.whatif("act", "station"), str(state.whatif("selected", "")), work.draft
    if act == "road":
        whatif_roads.draw_roads(work)
    elif act == "threshold":
        whatif_roads.draw_threshold(work, found.question.cutoff_min)
    elif selected in found.study.stations.index:
        whatif_station.draw_station(work, found, selected)
    elif draft is not None:
        whatif_add.draw_draft(work, draft)
    elif not work.is_open:
        markup.note(work.closed_note)
    else:
        fault = state.whatif("fault")
        if fault is not None:
            show_failure(fault, tr)
        if not whatif_acts.offer_kinds(work):
            markup.note(tr("whatif.police_only"))
        whatif_places.draw_places(work, found)


def prepare(work: Work) -> None:
    """Compute what takes long once, where the whole page can be stopped."""
    with shown_progress(work.tr, "doing.bands") as progress:
        cached_map.fetch_bands(work.study, work.question, progress)
