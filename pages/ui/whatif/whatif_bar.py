"""The scenarios of a study: choosing, making, copying and naming them, locking and approving, and files of edits."""

from __future__ import annotations

import streamlit as st

from coverage.errors import PlannerError
from coverage.scenario.edit_checks import check_edits
from geodata.answers.write_assessment import name_download
from geodata.store.changes import LONGEST_NAME, LONGEST_NOTE, SCENARIO_STATUSES, Change
from geodata.store.scenarios import Saved, Scenario, ScenarioHead
from geodata.studies.edits_json import MAX_JSON_MB, parse_edits, write_edits
from pages.ui import markup, scenario_store, state
from pages.ui.failures import show_failure
from pages.ui.whatif import whatif_acts, whatif_words
from pages.ui.whatif.whatif_acts import Work

_CHOICE = "w_whatif_scenario"


def draw_bar(work: Work) -> None:
    """Draw the list of scenarios and what can be done with the one that is chosen."""
    tr, shown = work.tr, work.shown
    _draw_trial(work)
    heads = {head.id: head for head in scenario_store.list_heads(work.study)}
    with st.container(horizontal=True, vertical_alignment="bottom", key="whatif_bar"):
        _draw_choice(work, heads)
        is_present = state.older() is None
        if is_present:
            st.button(tr("whatif.new"), key="w_whatif_new", on_click=lambda: _begin(work))
        if is_present and shown is not None:
            st.button(tr("whatif.duplicate"), key="w_whatif_duplicate", on_click=lambda: _duplicate(work, shown))
            with st.popover(tr("whatif.manage")):
                _draw_names(work, shown.head)
                _draw_status(work, shown.head)
        with st.popover(tr("whatif.files")):
            _draw_files(work)
        with st.popover(tr("whatif.author") if not state.author() else state.author()):
            _draw_author(work)
    imported = next((entry for entry in (shown.entries if shown else ()) if entry.change.kind == "imported"), None)
    if imported is not None:
        when = whatif_words.say_moment(imported.made_at)
        markup.note(tr("whatif.imported", file=imported.change.text, when=when))
    if shown is not None and shown.head.note:
        markup.note(tr("whatif.note_line", note=shown.head.note[:400]))


def _draw_trial(work: Work) -> None:
    """Say that what is tried cannot be saved, and offer to save it once the disk takes it."""
    trial = state.trial()
    if trial is None:
        return
    show_failure(trial[1], work.tr)
    with st.container(horizontal=True, vertical_alignment="center"):
        markup.note(work.tr("whatif.unsaved"))
        st.button(
            work.tr("whatif.save_again"),
            key="w_whatif_save_again",
            on_click=lambda: _try(lambda: scenario_store.save_trial(work.study)),
        )


def _draw_choice(work: Work, heads: dict[str, ScenarioHead]) -> None:
    tr = work.tr
    state.preset_widget(_CHOICE, "" if work.shown is None else work.shown.head.id)

    def name(scenario: str) -> str:
        if not scenario:
            return tr("scenario.base")
        head = heads[scenario]
        return head.name if head.status == "draft" else f"{head.name}（{tr(f'whatif.status.{head.status}')}）"

    def take() -> None:
        whatif_acts.leave()
        state.set_scenario(state.widget_value(_CHOICE))

    st.selectbox(tr("whatif.scenario"), ["", *heads], key=_CHOICE, format_func=name, width=300, on_change=take)


def _begin(work: Work) -> None:
    whatif_acts.leave()
    _try(lambda: scenario_store.create(work.study, work.tr))


def _duplicate(work: Work, shown: Scenario) -> None:
    _try(lambda: scenario_store.duplicate(work.study, shown, work.tr))


def _try(act: object) -> None:
    try:
        act()  # type: ignore[operator]  # one of the two above
    except PlannerError as error:
        state.keep_refusal(error)


def _draw_names(work: Work, head: ScenarioHead) -> None:
    tr = work.tr
    name_key, note_key = f"w_whatif_name_{head.id}", f"w_whatif_note_{head.id}"
    is_closed = head.status != "draft"

    def rename() -> None:
        name = str(state.widget_value(name_key)).strip()
        if name and name != head.name:
            whatif_acts.change_scenario(work, Change("rename", text=name))

    def note() -> None:
        text = str(state.widget_value(note_key)).strip()
        if text != head.note:
            whatif_acts.change_scenario(work, Change("note", text=text))

    state.preset_widget(name_key, head.name)
    state.preset_widget(note_key, head.note)
    st.text_input(tr("whatif.rename"), key=name_key, max_chars=LONGEST_NAME, on_change=rename, disabled=is_closed)
    st.text_area(tr("whatif.note"), key=note_key, max_chars=LONGEST_NOTE, height=80, on_change=note, disabled=is_closed)


def _draw_status(work: Work, head: ScenarioHead) -> None:
    tr, key = work.tr, f"w_whatif_status_{head.id}"
    state.preset_widget(key, head.status)
    st.segmented_control(
        tr("whatif.scenario_status"),
        SCENARIO_STATUSES,
        key=key,
        format_func=lambda one: tr(f"whatif.status.{one}"),
        required=True,
        on_change=lambda: whatif_acts.change_scenario(work, Change("status", text=state.widget_value(key))),
    )
    markup.note(tr("whatif.status_note"))


def _draw_author(work: Work) -> None:
    key = "w_whatif_author"
    state.preset_widget(key, state.author())
    st.text_input(
        work.tr("whatif.author"),
        key=key,
        max_chars=60,
        on_change=lambda: state.set_author(str(state.widget_value(key)).strip()),
    )
    markup.note(work.tr("whatif.author_note"))


def _draw_files(work: Work) -> None:
    tr, key = work.tr, "w_whatif_upload"
    edits = work.edits
    st.download_button(
        tr("whatif.download"),
        data=lambda: write_edits(edits).encode(),
        file_name=name_download(work.study, "edits.json"),
        mime="application/json",
        on_click="ignore",
        disabled=not edits,
        key="w_whatif_download",
    )
    st.download_button(
        tr("whatif.download_study"),
        data=lambda: scenario_store.encode_study(work.study),
        file_name=name_download(work.study, "study_scenarios.zip"),
        mime="application/zip",
        on_click="ignore",
        key="w_whatif_download_study",
    )
    markup.note(tr("whatif.download_study_note"))

    def take() -> None:
        upload = state.widget_value(key)
        if upload is None:
            return
        try:
            found = parse_edits(upload.getvalue(), source=upload.name[:100])
        except PlannerError as error:
            state.keep_refusal(error)
            return
        faults = check_edits(work.study, found)
        if faults:
            state.keep_whatif(fault=faults[0])
            return
        # A file is a scenario of its own: what is on screen stays as it is.
        whatif_acts.leave()
        try:
            made = scenario_store.create(work.study, tr)
            scenario_store.record(work.study, made, tuple(Change("edit", edit) for edit in found), tr)
        except PlannerError as error:
            state.keep_refusal(error)

    st.file_uploader(tr("whatif.upload"), type=["json"], key=key, max_upload_size=int(MAX_JSON_MB), on_change=take)
    markup.note(tr("whatif.upload_note"))


def draw_told(work: Work) -> None:
    """Draw what went wrong with the last act, and what others did meanwhile."""
    refused = state.take_refusal()
    if refused is not None:
        show_failure(refused, work.tr)
    saved: Saved | None = state.whatif("conflict")
    if saved is None or saved.conflict is None:
        return
    tr, conflict = work.tr, saved.conflict
    who = sorted({entry.author or tr("whatif.nobody") for entry in conflict.entries})
    edits = tuple(entry.change.edit for entry in conflict.entries if entry.change.edit is not None)
    said = whatif_words.say_edits(work.study, edits, tr)
    said += [tr(f"whatif.did.{entry.change.kind}") for entry in conflict.entries if entry.change.edit is None]
    what = tr(
        "whatif.conflict",
        who=tr("list.comma").join(who),
        name=conflict.head.name,
        what=tr("list.semicolon").join(said),
        copy=saved.scenario.head.name,
    )
    markup.put(markup.element("div", markup.element("p", markup.words(what)), look="p-box"))
    with st.container(horizontal=True):
        st.button(
            tr("whatif.see_other", name=conflict.head.name),
            key="w_whatif_see_other",
            on_click=lambda: _see(conflict.head.id),
        )
        st.button(tr("whatif.understood"), key="w_whatif_understood", on_click=lambda: state.keep_whatif(conflict=None))


def _see(scenario: str) -> None:
    state.keep_whatif(conflict=None, whole=True)
    state.set_scenario(scenario)
