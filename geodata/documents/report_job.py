"""Making reports in a process of its own: what is gathered stays there for the next format."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from coverage.errors import InputError
from coverage.inputs.bilingual_names import Name
from coverage.inputs.question import Question
from coverage.progress import Progress
from coverage.report.options import ReportOptions
from coverage.report.redact_report import redact_report
from coverage.scenario.edits import Edit
from coverage.tables.report_value import Table
from geodata.answers.run_assessment import answer_question
from geodata.answers.run_siting import Suggestion
from geodata.answers.run_whatif import run_whatif
from geodata.answers.siting_job import load_suggestion, pack_suggestion
from geodata.documents.build import ReportMaterial, compose_report, gather_material
from geodata.documents.content.word_report import word_report
from geodata.documents.gis.layer_tables import ReportLayers, build_layers
from geodata.documents.render import render_report
from geodata.documents.replay import Replayed, replay
from geodata.documents.run_report import MadeReport, OpenedStudy, finish_report, make_report, open_for_report
from geodata.documents.runs.run_file import Recipe, RunFile
from geodata.files.folders import network_cache_folder
from geodata.jobs.job_pool import run_job
from geodata.jobs.tasks import ORDER, Answer, Request
from geodata.jobs.values import pack, unpack
from geodata.words.i18n import resolve_language

PICTURES = "png"
# Shares of a file's progress: what it is made from, and its making.
_MATERIAL = 0.7
_OPENING = 0.3
_MOST_KEPT = 2


@dataclass(frozen=True, slots=True, eq=False)
class ReportAsked:
    """What reports are made from: studies, the question, and what is put beside today.

    Parameters
    ----------
    paths
        The ``study.toml`` of each study; several are put together.
    fingerprint
        Of the one study as it is open; "" for several.
    question, edits, scenario, suggestion
        What is asked; a scenario with its name, () and "" for none; sites that were suggested, None for none.
    """

    paths: tuple[Path, ...]
    fingerprint: str
    question: Question
    edits: tuple[Edit, ...] = ()
    scenario: str = ""
    suggestion: Suggestion | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RenderedReport:
    """A file of a report, the run file that is in it, and whether its data are made up."""

    content: bytes
    run: dict[str, Any]
    is_schematic: bool


# ── what the server asks for ────────────────────────────────────────────────────────────────────
def gather_tables(asked: ReportAsked, key: str, progress: Progress) -> dict[str, Table]:
    """Gather what reports are made from, kept under a key in the other process; return the tables."""
    answer = _ask("gather", asked, key, None, "", progress)
    tables: dict[str, Table] = unpack(answer.head["tables"], answer.arrays)
    return tables


def render_preview(asked: ReportAsked, key: str, recipe: Recipe, progress: Progress) -> str:
    """Return the page of a report to look at."""
    return str(_ask("preview", asked, key, recipe, "", progress).head["page"])


def render_in_job(asked: ReportAsked, key: str, recipe: Recipe, kind: str, progress: Progress) -> RenderedReport:
    """Make a report in a format, or ``png`` for its pictures."""
    answer = _ask("file", asked, key, recipe, kind, progress)
    return RenderedReport(answer.arrays["content"].tobytes(), answer.head["run"], answer.head["is_schematic"])


def replay_in_job(run: RunFile, studies: Sequence[Path], progress: Progress) -> Replayed:
    """Compute a report again, see `geodata.documents.replay.replay`."""
    plain, arrays = pack((run, tuple(studies)))
    answer = run_job("report", {"do": "replay", "asked": plain}, arrays, progress=progress)
    found: Replayed = unpack(answer.head["found"], answer.arrays)
    return found


def _ask(do: str, asked: ReportAsked, key: str, recipe: Recipe | None, kind: str, progress: Progress) -> Answer:
    suggestion = None if asked.suggestion is None else pack_suggestion(asked.suggestion)
    content = (asked.paths, asked.fingerprint, asked.question, asked.edits, asked.scenario, recipe)
    plain, arrays = pack(content)
    request = {"do": do, "key": key, "asked": plain, "kind": kind}
    if suggestion is not None:
        request["suggestion"] = suggestion[0]
        arrays |= {f"s{name}": array for name, array in suggestion[1].items()}
    return run_job("report", request, arrays, progress=progress)


# ── the other process ───────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True, eq=False)
class _Gathered:
    opened: OpenedStudy
    material: ReportMaterial
    layers: ReportLayers


_kept: OrderedDict[Hashable, Any] = OrderedDict()


def _keep(key: Hashable, make: Callable[[], Any]) -> Any:
    if key not in _kept:
        made = make()
        while len(_kept) >= _MOST_KEPT:
            _kept.popitem(last=False)
        _kept[key] = made
    _kept.move_to_end(key)
    return _kept[key]


def do_in_process(request: Request, progress: Progress) -> Answer:
    """Do what `_ask` or `replay_in_job` asks for."""
    arrays = ORDER.get().arrays
    if request["do"] == "replay":
        run, studies = unpack(request["asked"], arrays)
        plain, back = pack(replay(run, studies, cache=network_cache_folder(), progress=progress))
        return Answer({"found": plain}, back)
    paths, fingerprint, question, edits, scenario, recipe = unpack(request["asked"], arrays)
    asked = ReportAsked(paths, fingerprint, question, edits, scenario)
    if len(paths) > 1:
        return _do_merged(request, asked, recipe, progress)
    found: _Gathered = _keep(request["key"], lambda: _gather(asked, request, arrays, progress))
    if request["do"] == "gather":
        plain, back = pack({one.id: one for one in found.material.tables.values() if one is not None})
        return Answer({"tables": plain}, back)
    name = Name(scenario, scenario) if recipe.edits else None
    if request["do"] == "preview":
        built = compose_report(found.material, recipe.options, scenario=name)
        shown = redact_report(built, recipe.redaction, (found.opened.study,), question.choice)
        return Answer({"page": _render_page(shown, recipe.options)})
    later = _from(_MATERIAL, progress)
    built = compose_report(found.material, recipe.options, scenario=name, progress=later)
    return _render(finish_report(found.opened, recipe, built, found.layers), recipe, request["kind"], later)


def _gather(asked: ReportAsked, request: Request, arrays: dict[str, Any], progress: Progress) -> _Gathered:
    (path,) = asked.paths
    opened = open_for_report(path, cache=network_cache_folder(), progress=progress)
    study, question = opened.study, asked.question
    if study.fingerprint != asked.fingerprint:
        raise InputError("job.study_changed", file=path.parent.name)
    answer = answer_question(study, question, progress=progress)
    suggestion = None
    if "suggestion" in request:
        own = {name[1:]: array for name, array in arrays.items() if name.startswith("s")}
        suggestion = load_suggestion(request["suggestion"], own, answer.basis)
    comparison = run_whatif(study, question, asked.edits, progress=progress).comparison if asked.edits else None
    material = gather_material(study, question, answer, suggestion=suggestion, comparison=comparison, progress=progress)
    # The tables are built here once, so that every format has them at hand.
    compose_report(material, ReportOptions(), progress=progress)
    return _Gathered(opened, material, build_layers(answer, suggestion))


def _do_merged(request: Request, asked: ReportAsked, recipe: Recipe, progress: Progress) -> Answer:
    made: MadeReport = _keep(request["key"], lambda: _merge(asked.paths, recipe, progress))
    if request["do"] == "gather":
        return Answer({"tables": pack({})[0]})
    if request["do"] == "preview":
        return Answer({"page": _render_page(made.report, recipe.options)})
    return _render(made, recipe, request["kind"], progress)


def _merge(paths: tuple[Path, ...], recipe: Recipe, progress: Progress) -> MadeReport:
    opened = []
    for number, path in enumerate(paths):

        def later(share: float, step: str, done: int = number) -> bool:
            return progress(_OPENING * (done + share) / len(paths), step)

        opened.append(open_for_report(path, name=path.parent.name, cache=network_cache_folder(), progress=later))
    return make_report(opened, recipe, progress=_from(_OPENING, progress))


def _from(begin: float, progress: Progress) -> Progress:
    """Return progress that begins at a share."""
    return lambda share, step: progress(begin + (1.0 - begin) * share, step)


def _render_page(report: Any, options: ReportOptions) -> str:
    from geodata.documents.web.html import render_html

    return render_html(word_report(report, resolve_language(options.language)), is_preview=True).decode()


def _render(made: MadeReport, recipe: Recipe, kind: str, progress: Progress) -> Answer:
    language = recipe.options.language
    if kind == PICTURES:
        from geodata.documents.paper.picture_pack import pack_pictures

        content = pack_pictures(word_report(made.report, resolve_language(language)), progress=progress)
    else:
        content = render_report(made.report, made.layers, kind, language=language, progress=progress)
    return Answer(
        {"run": made.report.run, "is_schematic": made.report.is_schematic},
        {"content": np.frombuffer(content, np.uint8)},
    )
