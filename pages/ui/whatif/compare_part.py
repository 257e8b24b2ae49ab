"""Two scenarios side by side: chosen, drawn on maps that move together, and their difference in numbers and tables."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from coverage.scenario.edit_checks import check_edits
from coverage.scenario.edits import Edit
from geodata.store.scenarios import open_scenario
from geodata.words import number_format
from pages.ui import markup, scenario_store, state, terms
from pages.ui.failures import show_failure
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached_compare, cached_whatif
from pages.ui.memo.cached_whatif import Outcome
from pages.ui.whatif import compare_maps, whatif_numbers, whatif_tables
from pages.ui.whatif.whatif_acts import Work

_TABLES = ("units", "services", "winners")


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of the two: its letter and name, and its edits; none for the study as it is."""

    letter: str
    name: str
    edits: tuple[Edit, ...]


def draw_compare(work: Work, _: Outcome) -> None:
    """Draw the choice of two scenarios, their maps, and the difference from the first to the second."""
    one, other = _choose(work)
    for side in (one, other):
        faults = check_edits(work.study, side.edits)
        if faults:
            markup.note(work.tr("compare.not_taken", name=side.name))
            show_failure(faults[0], work.tr)
            return
    with shown_progress(work.tr, "doing.whatif") as progress:
        for side in (one, other):
            cached_whatif.fetch_outcome(work.study, work.question, side.edits, progress)
        found = cached_compare.fetch_difference(work.study, work.question, one.edits, other.edits)
    _draw_numbers(work, one, other, found)
    compare_maps.draw_maps(work, one.edits, other.edits, (_title(one), _title(other)))
    _draw_tables(work, one, other, found)


def _title(side: Side) -> str:
    return f"{side.letter} · {side.name}"


def _choose(work: Work) -> tuple[Side, Side]:
    """Draw the two lists and the button that turns them round."""
    tr = work.tr
    heads = {head.id: head for head in scenario_store.list_heads(work.study)}
    shown = "" if work.shown is None else work.shown.head.id
    usual = {"a": "", "b": shown or next(iter(heads), "")}

    def name(scenario: str) -> str:
        if not scenario:
            return tr("scenario.base")
        head = heads[scenario]
        return head.name if head.status == "draft" else f"{head.name}（{tr(f'whatif.status.{head.status}')}）"

    def take(letter: str) -> None:
        state.keep_whatif(**{f"compare_{letter}": state.widget_value(f"w_compare_{letter}")})

    chosen = {}
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_bar"):
        for letter in ("a", "b"):
            kept = str(state.whatif(f"compare_{letter}", usual[letter]))
            chosen[letter] = kept if kept in heads or not kept else usual[letter]
            state.preset_widget(f"w_compare_{letter}", chosen[letter])
            st.selectbox(
                letter.upper(),
                ["", *heads],
                key=f"w_compare_{letter}",
                format_func=name,
                width=280,
                on_change=take,
                args=(letter,),
            )
        st.button(
            tr("compare.turn"),
            key="w_compare_turn",
            on_click=lambda: state.keep_whatif(compare_a=chosen["b"], compare_b=chosen["a"]),
        )
        compare_maps.draw_choice(work)
    sides = []
    for letter, scenario in chosen.items():
        edits = open_scenario(scenario_store.fetch_store(), scenario).edits if scenario else ()
        sides.append(Side(letter.upper(), name(scenario), edits))
    return sides[0], sides[1]


def _draw_numbers(work: Work, one: Side, other: Side, found: Outcome) -> None:
    tr, delta = work.tr, found.comparison
    unit = terms.unit_suffix(found.assessment.weight_column, tr)
    if one.edits == other.edits:
        said = tr("compare.same", one=one.name, other=other.name)
    else:
        said = tr(
            "compare.sentence_both" if delta.newly_lost >= 0.5 else "compare.sentence",
            one=_title(one),
            other=_title(other),
            gained=number_format.people(delta.newly_covered) + unit,
            lost=number_format.people(delta.newly_lost) + unit,
            circle=terms.standard_name(found.question, tr),
            target=terms.target_name(work.study, work.question, tr),
        )
    figures = whatif_numbers.list_figures(work, found, unit, cost_label="compare.cost")
    markup.put(markup.element("p", markup.words(said), look="p-sentence"), figures)


def _draw_tables(work: Work, one: Side, other: Side, found: Outcome) -> None:
    tr, key = work.tr, "w_compare_table"
    state.preset_widget(key, state.whatif("compare_table", "units"))
    picked = st.segmented_control(
        tr("whatif.parts"),
        _TABLES,
        key=key,
        format_func=lambda part: tr(f"whatif.part.{part}"),
        label_visibility="collapsed",
        required=True,
        on_change=lambda: state.keep_whatif(compare_table=state.widget_value(key)),
    )
    if picked != "units":
        markup.note(tr("compare.tables_note", one=_title(one), other=_title(other)))
    if picked == "services":
        with shown_progress(tr, "doing.whatif") as progress:
            compared = cached_compare.fetch_services(work.study, work.question, one.edits, other.edits, progress)
        whatif_tables.draw_services(work, compared.services)
    elif picked == "winners":
        whatif_tables.draw_winners(work, found)
    else:
        whatif_tables.draw_units(work, found, "compare")
