"""Saving what was edited, discarding it, and taking the last saving back."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from coverage.errors import PlannerError
from geodata.studies.demo import write_demo
from geodata.studies.edit_study import Saving, is_embedded, save_inputs, undo_saving
from geodata.studies.edit_toml import Section
from geodata.words.i18n import Translator
from pages.ui import drafts, markup, state, uploads
from pages.ui.drafts import Draft
from pages.ui.failures import show_failure

_MOST_FAULTS = 12


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be saved: inputs by role (None takes one out) and settings by section."""

    changes: Mapping[str, bytes | None]
    sections: Mapping[str, Section | None]


@dataclass(frozen=True, slots=True)
class Saved:
    """The last saving: in which part of the page, what it did, and whether the demo was copied for it."""

    part: str
    saving: Saving
    is_copy: bool


def draw_bar(
    draft: Draft, base: object, faults: list[str], below: DeltaGenerator, build: Callable[[], Edit], tr: Translator
) -> None:
    """Draw the state of a part, the buttons, and all faults.

    Parameters
    ----------
    draft, base
        What is edited, and what the study holds now.
    faults
        Everything that is wrong, in words; nothing can be saved then.
    below
        Where the faults are drawn: beneath the table, which must not move while people type.
    build
        Gives what is to be saved; called only when it is.
    """
    changed = draft.is_changed
    last: Saved | None = state.last_saving()
    here = last is not None and last.part == draft.part
    with st.container(horizontal=True, vertical_alignment="center", key="standards_bar"):
        sent = st.button(
            tr("standards.save"), type="primary", key="w_standards_save", disabled=not changed or bool(faults)
        )
        st.button(
            tr("standards.discard"),
            key="w_standards_discard",
            disabled=not changed,
            on_click=lambda: drafts.discard(draft.part),
        )
        if here and not changed:
            st.button(tr("standards.undo"), key="w_standards_undo", on_click=_undo)
        markup.note(_say_state(changed, faults, last if here else None, tr))
    refused = state.take_refusal()
    if refused is not None:
        show_failure(refused, tr)
    if faults:
        with below:
            _draw_faults(faults, tr)
    elif changed and drafts.is_stale(draft, base):
        markup.put(markup.element("div", markup.words(tr("standards.stale")), look="p-box"))
    if sent:
        try:
            _save(draft.part, build())
        except PlannerError as error:
            show_failure(error, tr)
            return
        st.rerun()


def _say_state(changed: bool, faults: list[str], last: Saved | None, tr: Translator) -> str:
    if faults:
        return tr("standards.state.faults", count=len(faults))
    if changed:
        demo = is_embedded(state.study_path())
        return tr("standards.state.changed_demo" if demo else "standards.state.changed")
    if last is None:
        return tr("standards.state.same")
    return tr("standards.state.copied" if last.is_copy else "standards.state.saved")


def _draw_faults(faults: list[str], tr: Translator) -> None:
    said = [markup.element("p", markup.element("b", markup.words(tr("standards.faults", count=len(faults)))))]
    said += [markup.element("p", markup.words(fault)) for fault in faults[:_MOST_FAULTS]]
    if len(faults) > _MOST_FAULTS:
        said.append(markup.element("p", markup.words(tr("faults.more", count=len(faults) - _MOST_FAULTS))))
    markup.put(markup.element("div", *said, look="p-box"))


def _save(part: str, edit: Edit) -> None:
    """Save; the demo is copied first and never written."""
    path = state.study_path()
    is_copy = is_embedded(path)
    if is_copy:
        path = write_demo(uploads.new_study_folder())[0]
    try:
        saving = save_inputs(path, edit.changes, edit.sections)
    except PlannerError:
        if is_copy:
            shutil.rmtree(path.parent, ignore_errors=True)
        raise
    if is_copy:
        state.turn_to_copy(path)
    drafts.discard(part)
    state.keep_saving(Saved(part, saving, is_copy))


def _undo() -> None:
    last: Saved | None = state.last_saving()
    if last is None:
        return
    state.keep_saving(None)
    drafts.discard(last.part)
    try:
        undo_saving(last.saving)
    except PlannerError as error:
        state.keep_refusal(error)
