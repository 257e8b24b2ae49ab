"""Cached candidates, plans and checks of the Sites page, by what was asked."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.progress import Progress, ignore_progress
from coverage.siting.model.solver_progress import SolveReport
from coverage.siting.plan.solve import SitingQuestion
from coverage.siting.plan.stress import stress_plan
from geodata.answers.run_siting import Suggestion, choose_plan
from geodata.answers.siting_bundle import list_bundles
from geodata.answers.siting_candidates import CandidateList, SitingOptions, list_candidates
from geodata.answers.siting_job import suggest_in_job
from geodata.intake.read_places import read_places
from pages.ui.memo.cached import ask, vault
from pages.ui.siting import siting_form
from pages.ui.siting.siting_form import SitingForm
from pages.ui.siting.siting_jobs import Job, desk

# Fingerprint of the study; question; objective; candidates and limits.
Key = tuple[str, Question, SitingQuestion, SitingOptions]


def fetch_candidates(
    study: Study,
    question: Question,
    options: SitingOptions,
    progress: Progress = ignore_progress,
    *,
    services: tuple[str, ...] = (),
) -> CandidateList:
    """List the candidates; who must or may not open is ticked in this list and does not change it.

    For several services at once a candidate is what could give any of them.
    """
    asked = replace(options, required=(), forbidden=(), quotas=(), per_year=None, first_year=1, time_limit_s=None)
    key = (study.fingerprint, question.for_whole_week(), asked, services)
    basis = ask(study, question).basis

    def build() -> CandidateList:
        if services:
            return list_bundles(basis, question, services, asked, progress=progress)
        return list_candidates(basis, question, asked, progress=progress)

    return vault().fetch("candidates", key, build)


def fetch_places(path: Path) -> pd.DataFrame:
    """Return the places of an uploaded file of OpenStreetMap, which has a name of its own."""
    return vault().fetch("osm_places", path, lambda: read_places(path))


def make_key(study: Study, question: Question, form: SitingForm) -> Key:
    """Return what a proposal depends on."""
    options = siting_form.build_options(form, study, question)
    return (study.fingerprint, question.for_whole_week(), siting_form.build_question(form), options)


def start(path: Path, study: Study, question: Question, form: SitingForm) -> Job:
    """Begin the proposal that is asked for, or return the one that is there."""
    basis = ask(study, question).basis
    asked, siting = question.for_whole_week(), siting_form.build_question(form)
    options = siting_form.build_options(form, study, question)

    def work(progress: Progress, watch: SolveReport) -> Suggestion:
        return suggest_in_job(path, study, asked, siting, options, basis=basis, progress=progress, watch=watch)

    return desk().start(make_key(study, question, form), work)


def fetch_plan(key: Hashable, found: Suggestion, row: int | None) -> Suggestion:
    """Return the plan behind a row of the curve; that of the objective itself for None."""
    if row is None:
        return found
    return vault().fetch("plan", (key, row), lambda: choose_plan(found, row))


def fetch_stress(
    key: Hashable, row: int | None, found: Suggestion, progress: Progress = ignore_progress
) -> pd.DataFrame:
    """Count whom the sites reach at other thresholds and speeds."""
    answer = found.solved.answer

    def build() -> pd.DataFrame:
        return stress_plan(
            found.basis,
            found.question.choice,
            found.asked,
            answer.opened,
            answer.closed,
            found.minutes_after,
            progress=progress,
        )

    return vault().fetch("stress", (key, row), build)


def has_stress(key: Hashable, row: int | None) -> bool:
    """Tell whether other thresholds and speeds were looked at."""
    return vault().has("stress", (key, row))
