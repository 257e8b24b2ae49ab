"""Rendering reports in a process of its own, where a typesetter holds nobody up; merged ones are computed there too."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from coverage.progress import Progress
from coverage.tables.report_value import Report
from geodata.documents.content.word_report import word_report
from geodata.documents.render import render_report
from geodata.documents.replay import Replayed, replay
from geodata.documents.run_report import MadeReport, make_report, open_for_report
from geodata.documents.runs.run_file import Recipe, RunFile
from geodata.files.folders import network_cache_folder
from geodata.jobs.job_pool import run_job
from geodata.jobs.tasks import ORDER, Answer, Request
from geodata.jobs.values import pack, unpack
from geodata.words.i18n import resolve_language

PICTURES = "png"
# Share of a merged report's progress that opening its studies takes, and how many of them are kept.
_OPENING = 0.3
_MOST_KEPT = 2


@dataclass(frozen=True, slots=True, eq=False)
class RenderedReport:
    """A file of a report, the run file that is in it, and whether its data are made up."""

    content: bytes
    run: dict[str, Any]
    is_schematic: bool


# ── what the server asks for ────────────────────────────────────────────────────────────────────
def render_page(report: Report, language: str, progress: Progress) -> str:
    """Return the page of a report to look at."""
    plain, arrays = pack(report)
    return str(_ask({"do": "page", "asked": plain, "language": language}, arrays, progress).head["page"])


def render_in_job(made: MadeReport, language: str, kind: str, progress: Progress) -> RenderedReport:
    """Make a report into a format, or ``png`` for its pictures."""
    plain, arrays = pack(made)
    request = {"do": "file", "asked": plain, "language": language, "kind": kind}
    return _read_file(_ask(request, arrays, progress))


def merge_page(paths: Sequence[Path], recipe: Recipe, key: str, progress: Progress) -> str:
    """Put studies together, keep the report under a key in the other process, and return its page."""
    plain, arrays = pack((tuple(paths), recipe))
    return str(_ask({"do": "merge", "asked": plain, "key": key, "kind": ""}, arrays, progress).head["page"])


def render_merged(paths: Sequence[Path], recipe: Recipe, key: str, kind: str, progress: Progress) -> RenderedReport:
    """Make the merged report of studies into a format."""
    plain, arrays = pack((tuple(paths), recipe))
    return _read_file(_ask({"do": "merge", "asked": plain, "key": key, "kind": kind}, arrays, progress))


def replay_in_job(run: RunFile, studies: Sequence[Path], progress: Progress) -> Replayed:
    """Compute a report again, see `geodata.documents.replay.replay`."""
    plain, arrays = pack((run, tuple(studies)))
    answer = _ask({"do": "replay", "asked": plain}, arrays, progress)
    found: Replayed = unpack(answer.head["found"], answer.arrays)
    return found


def _ask(request: Request, arrays: dict[str, Any], progress: Progress) -> Answer:
    return run_job("report", request, arrays, progress=progress)


def _read_file(answer: Answer) -> RenderedReport:
    return RenderedReport(answer.arrays["content"].tobytes(), answer.head["run"], answer.head["is_schematic"])


# ── the other process ───────────────────────────────────────────────────────────────────────────
_kept: OrderedDict[Hashable, MadeReport] = OrderedDict()


def do_in_process(request: Request, progress: Progress) -> Answer:
    """Do what one of the functions above asks for."""
    arrays = ORDER.get().arrays
    asked = unpack(request["asked"], arrays)
    if request["do"] == "page":
        return Answer({"page": _draw_page(asked, request["language"])})
    if request["do"] == "file":
        return _render(asked, request["language"], request["kind"], progress)
    if request["do"] == "replay":
        plain, back = pack(replay(*asked, cache=network_cache_folder(), progress=progress))
        return Answer({"found": plain}, back)
    paths, recipe = asked
    made = _keep(request["key"], lambda: _merge(paths, recipe, progress))
    language = recipe.options.language
    if not request["kind"]:
        return Answer({"page": _draw_page(made.report, language)})
    return _render(made, language, request["kind"], progress)


def _keep(key: Hashable, make: Callable[[], MadeReport]) -> MadeReport:
    if key not in _kept:
        made = make()
        while len(_kept) >= _MOST_KEPT:
            _kept.popitem(last=False)
        _kept[key] = made
    _kept.move_to_end(key)
    return _kept[key]


def _merge(paths: tuple[Path, ...], recipe: Recipe, progress: Progress) -> MadeReport:
    opened = []
    for number, path in enumerate(paths):

        def later(share: float, step: str, done: int = number) -> bool:
            return progress(_OPENING * (done + share) / len(paths), step)

        opened.append(open_for_report(path, name=path.parent.name, cache=network_cache_folder(), progress=later))
    return make_report(opened, recipe, progress=lambda share, step: progress(_OPENING + (1.0 - _OPENING) * share, step))


def _draw_page(report: Report, language: str) -> str:
    from geodata.documents.web.html import render_html

    return render_html(word_report(report, resolve_language(language)), is_preview=True).decode()


def _render(made: MadeReport, language: str, kind: str, progress: Progress) -> Answer:
    if kind == PICTURES:
        from geodata.documents.paper.picture_pack import pack_pictures

        content = pack_pictures(word_report(made.report, resolve_language(language)), progress=progress)
    else:
        content = render_report(made.report, made.layers, kind, language=language, progress=progress)
    return Answer(
        {"run": made.report.run, "is_schematic": made.report.is_schematic},
        {"content": np.frombuffer(content, np.uint8)},
    )
