"""The button that begins a proposal, its progress with a button to stop it, and whether what is shown still holds."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import streamlit as st

from coverage.errors import CancelledError, PlannerError, SettingsError
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.siting.plan.solve import check_siting_question
from geodata.answers.siting_candidates import CandidateList
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import markup, state
from pages.ui.failures import show_empty, show_failure
from pages.ui.memo import cached, cached_siting
from pages.ui.memo.cached_siting import Key
from pages.ui.siting import siting_form, siting_progress, siting_quotas, siting_words
from pages.ui.siting.siting_fields import get_form
from pages.ui.siting.siting_jobs import Job, desk

SHOWN, _ROW = "shown", "row"
_AT_ONCE_S = 0.4
_EVERY_S = 0.7
_SOLVED = ("siting_solve", "siting_curve")


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The proposal on screen: what was asked, its job and objective, and whether something else is filled in now."""

    key: Key
    job: Job
    method: str
    is_stale: bool


def find_row(key: Hashable) -> int | None:
    """Return the point of the curve that is looked at; None for the plan of the aim itself.

    A point is one of a proposal: what was picked in another curve says nothing of this one.
    """
    kept = state.siting(_ROW)
    return kept[1] if kept is not None and kept[0] == key else None


def keep_row(key: Hashable, row: int | None) -> None:
    """Keep the point of the curve that is looked at."""
    state.keep_siting(_ROW, (key, row))


def draw_run(
    study: Study, question: Question, listed: CandidateList, tr: Translator, *, saved_from: Hashable
) -> Shown | None:
    """Draw the button, and while a proposal is on its way its progress; return the proposal to show.

    Parameters
    ----------
    study, question, listed, tr
        What is asked of which study, and the candidates.
    saved_from
        What the proposal depended on whose sites were saved last: the study then differs by these sites only.
    """
    form = get_form()
    key = cached_siting.make_key(study, question, form)
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(tr("siting.run"), type="primary", key="w_siting_run", disabled=listed.table.empty)
        markup.note(_say_question(listed, tr))
    if pressed:
        try:
            check_siting_question(siting_form.build_question(form))
        except SettingsError as error:
            show_failure(error, tr)
            return None
        wrong = siting_quotas.say_contradiction(study, form, tr)
        if wrong:
            show_empty(tr("siting.quota_wrong"), wrong)
            return None
        cached_siting.start(state.study_path(), study, question, form)
        state.keep_siting(SHOWN, (key, form.method))
        state.keep_siting(_ROW, None)
    kept = state.siting(SHOWN)
    job = None if kept is None else desk().find(kept[0])
    if kept is None or job is None:
        return None
    if not job.wait(_AT_ONCE_S if pressed else 0.0):
        people = float(cached.ask(study, question).assessment.demand["weight"].sum())
        _draw_progress(job, kept[0], people, tr)
        return None
    same_study = kept[0][0] == key[0] or kept[0] == saved_from
    return Shown(kept[0], job, kept[1], is_stale=not same_study or kept[0][1:] != key[1:])


def _say_question(listed: CandidateList, tr: Translator) -> str:
    form, count = get_form(), len(listed.table)
    if not count:
        return tr("siting.no_candidates")
    asked = siting_form.build_question(form)
    facts: dict[str, str | int] = {
        "candidates": number_format.number(count),
        "sites": form.sites,
        "money": siting_words.say_money(form.budget_wan * siting_form.YUAN_PER_WAN, tr),
        "percent": f"{form.percent:g}",
    }
    how = "_money" if asked.budget is not None else ""
    said = tr(f"siting.asks.{form.method}{how}", **facts)
    return said + tr("siting.asks_moves", count=asked.moves) if asked.moves else said


@st.fragment(run_every=_EVERY_S)
def _draw_progress(job: Job, key: Key, people: float, tr: Translator) -> None:
    """Draw how far a proposal is; runs again by itself, and the page with it once it is done."""
    if job.is_done:
        st.rerun()
    step, limit_s = tr(f"progress.{job.step}") if job.step else tr("siting.begins"), key[3].time_limit_s
    step = step[:1].upper() + step[1:]
    seconds, share = f"{job.elapsed_s:.0f}", job.share
    told = tr("siting.progress", step=step, seconds=seconds)
    if job.step in _SOLVED and limit_s:
        # How near the answer is to the bound says nothing of the time it takes: the bar is the time that is allowed.
        share = job.elapsed_s / limit_s
        told = tr("siting.progress_limited", step=step, seconds=seconds, most=f"{limit_s:.0f}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(max(share, 0.0), 1.0), text=told)
        if job.is_stopped:
            markup.note(tr("siting.stopping"))
        else:
            st.button(tr("siting.stop"), key="w_siting_stop", on_click=job.stop, help=tr("siting.stop_help"))
    if job.seen is not None and job.step in _SOLVED:
        markup.note(siting_progress.say_seen(job.seen, key[2], job.step, people, tr))


def draw_state(shown: Shown, tr: Translator) -> bool:
    """Say what failed, or that the inputs have changed since; return whether there is a proposal to show."""
    error = shown.job.error
    if isinstance(error, CancelledError):
        show_empty(tr("siting.stopped.what"), tr("siting.stopped.why"))
        return False
    if isinstance(error, PlannerError):
        show_failure(error, tr)
        return False
    if error is not None:
        raise error
    if shown.is_stale:
        markup.put(markup.element("div", markup.words(tr("siting.stale")), look="p-box"))
    return True
