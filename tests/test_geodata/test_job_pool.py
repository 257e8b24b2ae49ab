"""Siting and reports in a process of their own: the same answer, progress, a stop with what there is, and an end."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from grid_study import write_grid
from tiny_world import write_tiny_world

from coverage.answer.answer import ask
from coverage.errors import CancelledError, InputError, SettingsError
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.progress import ignore_progress
from coverage.report.options import ReportOptions
from coverage.siting.model.solver_progress import SolveProgress
from coverage.siting.plan.solve import SitingQuestion
from geodata.answers.run_siting import suggest_sites
from geodata.answers.siting_candidates import SitingOptions
from geodata.answers.siting_job import suggest_in_job
from geodata.documents.render import render_report
from geodata.documents.report_job import render_in_job, render_page, replay_in_job
from geodata.documents.run_report import make_report, open_for_report
from geodata.documents.runs.run_file import Recipe, parse_run
from geodata.jobs import job_pool
from geodata.jobs.job_pool import run_job
from geodata.jobs.values import pack, unpack
from geodata.studies.open_study import open_study

QUESTION = Question(StationChoice())
SITING = SitingQuestion("p-median", sites=1)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the tiny world, with processes of its own for jobs."""
    folder = tmp_path_factory.mktemp("jobs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLANNER_HOME", str(folder / "home"))
        job_pool.close_all()  # those of other tests have another home
        yield write_tiny_world(folder / "tiny")
        job_pool.close_all()


@pytest.fixture(scope="module")
def study(path: Path) -> Study:
    """Return the tiny world, open."""
    return open_study(path)


def check_same(one: Any, other: Any) -> None:
    """Compare two suggestions part by part."""
    for name in ("sites", "frontier", "unserved", "years", "services", "stations_after", "rejected"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert np.array_equal(one.minutes_after, other.minutes_after)
    assert one.solved.answer.opened.tolist() == other.solved.answer.opened.tolist()
    assert one.question == other.question
    assert one.issues == other.issues


def test_sites_are_those_suggested_in_place(path: Path, study: Study) -> None:
    """The other process opens the study, tells its steps, and its answer is equal in every part."""
    basis = ask(study, QUESTION).basis
    steps: list[str] = []

    def note(_: float, step: str) -> bool:
        steps.append(step)
        return True

    found = suggest_in_job(path, study, QUESTION, SITING, SitingOptions(), basis=basis, progress=note)
    check_same(found, suggest_sites(study, QUESTION, SITING, SitingOptions(), basis=basis))
    assert {"candidates", "siting_check"} <= set(steps)
    with pytest.raises(SettingsError, match="negative_limit"):
        suggest_in_job(path, study, QUESTION, SitingQuestion("mclp", sites=-1), SitingOptions(), basis=basis)


@pytest.mark.slow
def test_a_report_is_that_made_in_place_and_is_computed_again(path: Path, study: Study) -> None:
    """Page and run file are those of this process, alone and merged; replay finds the report equal."""
    recipe = Recipe(question=QUESTION, options=ReportOptions(date="2026-11-30", sections=("summary", "situation")))
    steps: list[str] = []
    here = make_report([open_for_report(path)], recipe)
    made = render_in_job(here, "zh_CN", "html", lambda _, step: steps.append(step) is None)
    assert made.content == render_report(here.report, here.layers, "html", language="zh_CN")
    assert render_page(here.report, "en", ignore_progress).startswith("<!DOCTYPE html>")
    assert made.run["numbers"] == here.report.run["numbers"]
    assert "report_html" in steps
    assert replay_in_job(parse_run(json.dumps(made.run), source="run.json"), [path], ignore_progress).is_identical


def test_a_stop_is_heard_and_a_process_that_died_is_replaced(path: Path, study: Study) -> None:
    """Stopped before there is anything, a job is cancelled; one whose process is killed says so, and the next works."""
    basis = ask(study, QUESTION).basis
    with pytest.raises(CancelledError):
        suggest_in_job(path, study, QUESTION, SITING, SitingOptions(), basis=basis, progress=lambda *_: False)

    def kill(_: float, step: str) -> bool:
        if step == "candidates":
            for worker in job_pool._lanes["suggest"]._all:
                if worker.is_busy and worker._process is not None:
                    os.kill(worker._process.pid, signal.SIGKILL)
        return True

    with pytest.raises(InputError) as died:
        suggest_in_job(path, study, QUESTION, SITING, SitingOptions(), basis=basis, progress=kill)
    assert died.value.code in ("job.failed", "job.needs_memory")
    found = suggest_in_job(path, study, QUESTION, SITING, SitingOptions(), basis=basis)
    assert len(found.sites) == 1


def test_a_long_search_that_is_stopped_returns_its_best_plan(path: Path, tmp_path: Path) -> None:
    """Eleven sites on an even grid take far longer to prove than the second after which this search is stopped."""
    grid = write_grid(tmp_path / "grid", side=12, classes=("primary", "primary", "primary"))
    grid.places.rename_axis("site_id").drop(columns="population").to_csv(tmp_path / "sites.csv")
    even = open_study(grid.path)
    asked = SitingQuestion("p-median", sites=11)
    seen: list[SolveProgress] = []
    steps: list[str] = []
    running: set[int] = set()

    def watch(now: SolveProgress) -> bool:
        seen.append(now)
        return True

    def go_on(_: float, step: str) -> bool:
        steps.append(step)
        running.update(
            worker._process.pid
            for worker in job_pool._lanes["suggest"]._all
            if worker.is_busy and worker._process is not None
        )
        return len(seen) < 20

    found = suggest_in_job(
        grid.path,
        even,
        QUESTION,
        asked,
        SitingOptions(candidates=tmp_path / "sites.csv"),
        basis=ask(even, QUESTION).basis,
        progress=go_on,
        watch=watch,
    )
    answer = found.solved.answer
    assert steps[-1] == "siting_solve"  # nothing is asked any more once it was told to stop
    assert answer.status == "cancelled"
    assert answer.bound < answer.objective <= seen[19].incumbent + 1e-6
    assert len(found.sites) == len(answer.opened) == 11
    assert found.curve.is_cut
    assert np.isfinite(found.minutes_after).all()
    (number,) = running
    (kept,) = (one for one in job_pool._lanes["suggest"]._all if one._process and one._process.pid == number)
    assert kept._process is not None
    assert kept._process.poll() is None  # it has come to its end by itself and waits for the next job
    assert not kept.is_busy


def test_a_study_that_changed_is_refused(path: Path, study: Study) -> None:
    """A job about data that are no longer on disk says so instead of answering for others."""
    plain, arrays = pack((QUESTION, SITING, SitingOptions()))
    request = {"study": str(path), "fingerprint": "0" * 32, "asked": plain}
    with pytest.raises(InputError, match=r"job\.study_changed"):
        run_job("suggest", request, arrays, progress=ignore_progress)


def test_only_values_of_ours_are_carried() -> None:
    """Objects of other packages are refused on the way in, and names of others on the way back."""
    with pytest.raises(TypeError, match="not carried"):
        pack(object())
    for name in ("os:system", "coverage.errors:InputError", "geodata.jobs.worker:Worker"):
        with pytest.raises(TypeError):
            unpack({"new": 0, "class": name, "fields": {}}, {})
