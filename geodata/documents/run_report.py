"""A report from studies and a recipe to a file: the same work for the command line, the page and a replay."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from coverage.answer.answer import Answer
from coverage.errors import InputError, NetworkError, SettingsError
from coverage.inputs.bilingual_names import Name
from coverage.inputs.question import Question, settle_question
from coverage.inputs.scope import find_scope
from coverage.inputs.study import Study
from coverage.network.settings import Mode
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.report.merge import merge_parts, name_merged
from coverage.report.merge_part import MergePart
from coverage.report.redact_report import redact_report
from coverage.tables.report_value import Report
from geodata.answers.run_assessment import answer_question
from geodata.answers.run_siting import Suggestion, choose_plan, suggest_sites
from geodata.answers.run_whatif import run_whatif
from geodata.documents.build import build_report
from geodata.documents.content.merged_map import build_merged_map
from geodata.documents.content.names_in_both_languages import build_strip, list_names
from geodata.documents.gis.layer_tables import ReportLayers, build_layers
from geodata.documents.gis.merged_layers import keep_own_stations, merge_layers
from geodata.documents.gis.redact_layers import redact_layers
from geodata.documents.render import FORMATS, render_report
from geodata.documents.runs.run_file import Recipe, StudyRun, describe_study, embed_run
from geodata.documents.runs.siting_json import AskedSites, lay_out_files
from geodata.files.write_tables import write_bytes
from geodata.jobs.worker import one_worker
from geodata.studies.open_study import open_study


@dataclass(frozen=True, slots=True, eq=False)
class OpenedStudy:
    """A study that was opened for a report, and how the run file names it."""

    study: Study
    run: StudyRun


@dataclass(frozen=True, slots=True, eq=False)
class MadeReport:
    """A report that may be published as it is, and its layers."""

    report: Report
    layers: ReportLayers


@one_worker()
def open_for_report(
    path: Path,
    *,
    name: str = "",
    mode: Mode | None = None,
    speeds: str = "",
    cache: Path | None = None,
    progress: Progress = ignore_progress,
) -> OpenedStudy:
    """Open a study for a report.

    Parameters
    ----------
    path
        Its ``study.toml``.
    name
        What the user opened, as the run file names it; the name of the file if not given.
    mode, speeds
        Another way to travel, and the content of another speed table, "" for the study's own.
    cache
        Folder of built networks.
    progress
        Told the share done.

    Raises
    ------
    NetworkError
        ``report.no_roads``, and what `geodata.studies.open_study.open_study` raises.
    """
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        table = Path(folder) / "speeds.toml"
        table.write_text(speeds, encoding="utf-8")
        study = open_study(path, cache=cache, speeds=table if speeds else None, mode=mode, progress=progress)
    if study.network is None:
        raise NetworkError("report.no_roads", study=study.id)
    return OpenedStudy(study, describe_study(study, name or path.name, speeds=speeds))


def make_report(opened: Sequence[OpenedStudy], recipe: Recipe, *, progress: Progress = ignore_progress) -> MadeReport:
    """Compute a report: of one study, or the merged one of several.

    Parameters
    ----------
    opened
        The studies.
    recipe
        What is asked, chosen and hidden.
    progress
        Told the share of each step done.

    Returns
    -------
    The report and its layers after redaction, with the run file in `Report.run`.

    Raises
    ------
    SettingsError, InputError, NetworkError
        As the question's checks, the scenario and the siting problem do; ``report.not_merged`` for what only a report
        of one study can have, ``report.sites_at_a_moment`` for sites, which are suggested for the whole week.
    """
    if not opened:
        raise SettingsError("merge.too_few", count=0)
    if len(opened) > 1:
        return _merge(opened, recipe, progress)
    study = opened[0].study
    question = settle_question(study, recipe.question)
    if recipe.suggestion is not None and question.moment_min is not None:
        raise SettingsError("report.sites_at_a_moment", period=question.period)
    answer = answer_question(study, question, progress=progress)
    suggestion = None
    if recipe.suggestion is not None:
        suggestion = _suggest_again(study, question, recipe.suggestion, answer, progress)
    comparison = None
    if recipe.edits:
        comparison = run_whatif(study, question, recipe.edits, progress=progress).comparison
    built = build_report(
        study,
        question,
        answer,
        recipe.options,
        suggestion=suggestion,
        comparison=comparison,
        scenario=Name(recipe.scenario, recipe.scenario) if comparison is not None else None,
        progress=progress,
    )
    report_progress(progress, 0.0, "redaction")
    return finish_report(opened[0], recipe, built, build_layers(answer, suggestion))


def _suggest_again(
    study: Study, question: Question, asked: AskedSites, answer: Answer, progress: Progress
) -> Suggestion:
    """Suggest the sites a recipe asks for; candidates are those of the whole week, as on the page."""
    with tempfile.TemporaryDirectory(prefix="sites-") as folder:
        options = lay_out_files(asked, Path(folder))
        found = suggest_sites(study, question, asked.siting, options, basis=answer.basis, progress=progress)
    if asked.row is None:
        return found
    if asked.row >= len(found.frontier):
        raise InputError("replay.no_such_plan", row=asked.row + 1, count=len(found.frontier))
    return choose_plan(found, asked.row)


def finish_report(opened: OpenedStudy, recipe: Recipe, built: Report, layers: ReportLayers) -> MadeReport:
    """Hide what is to be hidden in a report of one study that was built, and embed its run file.

    Parameters
    ----------
    opened, recipe
        What it was built from, and how.
    built, layers
        As `build_report` and `build_layers` return them.
    """
    study = opened.study
    shown = redact_report(built, recipe.redaction, (study,), settle_question(study, recipe.question).choice)
    hidden = redact_layers(layers, recipe.redaction, study)
    return MadeReport(embed_run(shown, recipe, ((opened.run, study),)), hidden)


def _merge(opened: Sequence[OpenedStudy], recipe: Recipe, progress: Progress) -> MadeReport:
    for name, value in (("scenario", recipe.edits), ("suggestion", recipe.suggestion)):
        if value:
            raise SettingsError("report.not_merged", value=name)
    question = settle_question(opened[0].study, recipe.question)
    parts, answers = [], []
    also = {item for each in opened for item in find_scope(each.study, question.choice).items}
    for number, each in enumerate(opened):
        report_progress(progress, number / len(opened), "report_merge")
        answer = answer_question(each.study, question, also=also, progress=progress)
        parts.append(MergePart(each.study, question, answer.assessment, answer.indicators, answer.scope))
        answers.append(answer)
    options = recipe.options
    report = merge_parts(
        parts,
        maps=(build_merged_map(answers),),
        title=options.title,
        department=options.department,
        date=options.date,
    )
    report_progress(progress, 0.0, "redaction")
    report = redact_report(report, recipe.redaction, [each.study for each in opened], question.choice)
    layers = []
    for part, answer in zip(parts, answers, strict=True):
        own = keep_own_stations(build_layers(answer), part.study)
        layers.append((part.study, redact_layers(own, recipe.redaction, part.study)))
    names = list_names(parts[0].study, question) | {"strip.study": name_merged(parts)}
    report = replace(report, strip=build_strip(parts[0].study, question), names=names)
    return MadeReport(embed_run(report, recipe, tuple((each.run, each.study) for each in opened)), merge_layers(layers))


def find_format(path: Path) -> str:
    """Find the format of a report file by its ending.

    Raises
    ------
    InputError
        ``report.unknown_format``.
    """
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        raise InputError("report.unknown_format", value=path.suffix[:20] or path.name[:50], known=", ".join(FORMATS))
    return suffix


def write_report(path: Path, made: MadeReport, recipe: Recipe, *, progress: Progress = ignore_progress) -> bytes:
    """Write a report in the format of the file's ending, whole or not at all, and return its content.

    Raises
    ------
    InputError
        ``report.unknown_format``, ``file.cannot_write``.
    """
    kind = find_format(path)
    content = render_report(made.report, made.layers, kind, language=recipe.options.language, progress=progress)
    write_bytes(path, content)
    return content
