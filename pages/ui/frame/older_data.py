"""A scenario and data that went on since: what differs, and the ways on; and the way back from older data."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from coverage.errors import DataIssue, PlannerError
from coverage.scenario.edit_checks import check_edits
from geodata.answers.run_whatif import find_idle_edits
from geodata.maps.labels import Markup
from geodata.store.changes import LONGEST_NOTE, Change
from geodata.store.scenarios import Scenario
from geodata.store.versions import find_differences
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import markup, scenario_store, state
from pages.ui.whatif import whatif_acts, whatif_words
from pages.ui.whatif.whatif_acts import Work

_MOST_SHOWN = 8


def draw_way_back(tr: Translator) -> None:
    """Say, on every page, that older data are looked at, with the way back; nothing where they are not."""
    older = state.older()
    if older is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="older_data"):
        markup.put(
            markup.element(
                "div", markup.words(tr("older.looking", day=say_day(older.seen_at, tr))), look="p-box p-calm"
            )
        )
        st.button(tr("older.back"), key="w_older_back", on_click=scenario_store.leave_older)


def draw_notice(work: Work) -> bool:
    """Say what a scenario no longer finds in the data, and offer the ways on; tell whether all its edits hold."""
    shown = work.shown
    if shown is None or not work.edits or state.older() is not None:
        return True
    study_id, content = scenario_store.find_version(work.study)
    is_older = shown.head.content != content
    faults = check_edits(work.study, work.edits)
    if not is_older and not faults:
        return True
    tr = work.tr
    said: list[Markup] = []
    if is_older:
        store = scenario_store.fetch_store()
        roles = find_differences(store, study_id, content, shown.head.content)
        what = tr("list.comma").join(tr(f"role.{role}") for role in roles)
        day = say_day(scenario_store.find_made_at(shown), tr)
        head = markup.words(tr("older.what", name=shown.head.name, day=day, what=what))
        said.append(markup.element("p", markup.element("b", head)))
    idle = find_idle_edits(work.study, work.edits) if is_older else ()
    said += [markup.element("p", markup.words(line)) for line in _say_losses(work, faults, idle)]
    markup.put(markup.element("div", *said, look="p-box"))
    with st.container(horizontal=True):
        if is_older:
            st.button(tr("older.look"), key="w_older_look", on_click=_look, args=(shown,))
        st.button(
            tr("older.bring_fewer", count=len(_list_lost(faults))) if faults else tr("older.bring"),
            key="w_older_bring",
            type="primary",
            disabled=not work.is_open,
            on_click=_bring,
            args=(work, shown, faults),
        )
        if not work.is_open:
            markup.note(tr("older.closed"))
    return not faults


def say_day(moment: str, tr: Translator) -> str:
    """Write the day of a moment of the store."""
    return number_format.date(dt.datetime.fromisoformat(moment).astimezone().date(), tr.language)


def _say_losses(work: Work, faults: tuple[DataIssue, ...], idle: tuple[DataIssue, ...]) -> list[str]:
    tr = work.tr
    if not faults:
        said = [tr("older.all_hold", count=len(work.edits))]
    else:
        said = [tr("older.lost", count=len(_list_lost(faults)))]
        said += [tr.describe(fault).what for fault in faults[:_MOST_SHOWN]]
        if len(faults) > _MOST_SHOWN:
            said.append(tr("faults.more", count=len(faults) - _MOST_SHOWN))
    return said + [tr.describe(issue).what for issue in idle[:_MOST_SHOWN]]


def _list_lost(faults: tuple[DataIssue, ...]) -> list[int]:
    """List the numbers of the edits that no longer hold; an edit may have several faults."""
    return sorted({row for fault in faults for row in fault.rows})


def _look(shown: Scenario) -> None:
    try:
        scenario_store.look_at_older(shown)
    except PlannerError as error:
        state.keep_refusal(error)
        return
    state.keep_whatif(whole=True)


def _bring(work: Work, shown: Scenario, faults: tuple[DataIssue, ...]) -> None:
    """Turn the scenario to the present data; edits that no longer hold are left out and named in its note."""
    lost = _list_lost(faults)
    kept = tuple(place for place in range(len(shown.edits)) if place + 1 not in lost)
    changes = [Change("data", order=kept)]
    if lost:
        said = whatif_words.say_edits(work.study, shown.edits, work.tr)
        named = work.tr("list.semicolon").join(said[number - 1] for number in lost)
        today = number_format.date(dt.date.today(), work.tr.language)
        note = work.tr("older.note", day=today, count=len(lost), what=named)
        changes.append(Change("note", text=f"{shown.head.note}\n{note}".strip()[:LONGEST_NOTE]))
    if whatif_acts.change_edits(work, *changes):
        state.keep_whatif(whole=True)
