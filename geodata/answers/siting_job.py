"""Suggesting sites in a process of its own: what goes there, and the suggestion that comes back."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from coverage.errors import InputError
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.progress import Progress, ignore_progress
from coverage.siting.model.solver_progress import SolveProgress, SolveReport, ignore_solve
from coverage.siting.plan.solve import SitingQuestion
from coverage.travel.travel_basis import TravelBasis
from geodata.answers.run_siting import Suggestion, suggest_sites
from geodata.answers.siting_candidates import SitingOptions
from geodata.files.folders import network_cache_folder
from geodata.jobs.job_pool import run_job
from geodata.jobs.tasks import ORDER, Answer, Request
from geodata.jobs.values import pack, unpack
from geodata.jobs.worker import one_worker
from geodata.studies.open_study import open_study


def suggest_in_job(
    path: Path,
    study: Study,
    question: Question,
    siting: SitingQuestion,
    options: SitingOptions,
    *,
    basis: TravelBasis,
    progress: Progress = ignore_progress,
    watch: SolveReport = ignore_solve,
) -> Suggestion:
    """Propose sites as `suggest_sites` does, in another process that opens the study itself.

    Parameters
    ----------
    path, study
        The ``study.toml``, and the study as it was opened from it.
    question, siting, options, basis, progress, watch
        As for `suggest_sites`; `watch` is only told, progress stops.

    Raises
    ------
    InputError
        ``job.study_changed`` if the files changed meanwhile; else as `suggest_sites` and
        `geodata.jobs.job_pool.run_job`.
    """
    asked, arrays = pack((question, siting, options))
    request = {"study": str(path), "fingerprint": study.fingerprint, "asked": asked}

    def tell(seen: dict[str, Any]) -> None:
        watch(SolveProgress(**seen))

    answer = run_job("suggest", request, arrays, progress=progress, aside=tell)
    return load_suggestion(answer.head["found"], answer.arrays, basis)


def suggest_in_process(request: Request, progress: Progress) -> Answer:
    """Do the job: open the study, suggest, and pack what was found."""
    order = ORDER.get()
    question, siting, options = unpack(request["asked"], order.arrays)
    study = open_unchanged(Path(request["study"]), request["fingerprint"], progress)
    found = suggest_sites(
        study, question, siting, options, progress=progress, watch=lambda seen: order.tell_aside(asdict(seen))
    )
    plain, arrays = pack_suggestion(found)
    return Answer({"found": plain}, arrays)


def pack_suggestion(found: Suggestion) -> tuple[Any, dict[str, Any]]:
    """Pack a suggestion without the study it is about."""
    return pack({one.name: getattr(found, one.name) for one in fields(Suggestion) if one.name != "basis"})


def load_suggestion(plain: Any, arrays: dict[str, Any], basis: TravelBasis) -> Suggestion:
    """Turn back what `pack_suggestion` made, about a study that was joined to its roads by the same rules."""
    return Suggestion(basis=basis, **unpack(plain, arrays))


# The study of the last job stays open for the next one; a process of jobs works for one at a time.
_opened: dict[tuple[Path, str], Study] = {}


def open_unchanged(path: Path, fingerprint: str, progress: Progress) -> Study:
    """Open a study that must be the one a job was asked about; ``job.study_changed`` if it is not."""
    if (path, fingerprint) not in _opened:
        with one_worker():
            study = open_study(path, cache=network_cache_folder(), progress=progress)
        if study.fingerprint != fingerprint:
            raise InputError("job.study_changed", file=path.parent.name)
        _opened.clear()
        _opened[path, fingerprint] = study
    return _opened[path, fingerprint]
