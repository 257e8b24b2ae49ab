"""Computing a report again from its run file: identical, or every number that differs and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from coverage.errors import InputError
from coverage.network.settings import Mode
from coverage.progress import Progress, ignore_progress
from coverage.scenario.edits import Edit
from geodata.answers.write_assessment import VERSION, describe_versions
from geodata.documents.run_report import make_report, open_for_report
from geodata.documents.runs.report_numbers import Difference, find_differences
from geodata.documents.runs.run_file import RunFile, StudyRun, hash_edits
from geodata.files.own_files import hash_file
from geodata.studies.pack import find_study


@dataclass(frozen=True, slots=True)
class ChangedInput:
    """An input that is no longer what it was: study, file within it, whether it is still there."""

    study: str
    path: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class ChangedVersion:
    """A program whose version changed; "" where it was or is not there."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a report that was computed again.

    Parameters
    ----------
    differences
        Every number that differs.
    words
        Tables whose texts differ.
    inputs, versions
        What changed since.
    count
        Numbers of the report that was made.
    """

    differences: tuple[Difference, ...]
    words: tuple[str, ...]
    inputs: tuple[ChangedInput, ...]
    versions: tuple[ChangedVersion, ...]
    count: int

    @property
    def is_identical(self) -> bool:
        """Tell whether every number and every text is as it was."""
        return not self.differences and not self.words


def replay(
    run: RunFile,
    studies: Sequence[Path],
    *,
    edits: tuple[Edit, ...] | None = None,
    cache: Path | None = None,
    progress: Progress = ignore_progress,
) -> Replayed:
    """Compute a report again and compare.

    Parameters
    ----------
    run
        Its run file.
    studies
        Its studies in the order of the run file: files, folders or packs.
    edits
        Its scenario, where the run file withholds it.
    cache
        Folder of built networks.
    progress
        Told the share of each step done.

    Raises
    ------
    InputError
        ``replay.study_needed``, ``replay.scenario_needed``, ``replay.other_scenario``,
        ``replay.sites_withheld``, and what making the report raises.
    """
    if len(studies) != len(run.studies):
        names = ", ".join(one.name for one in run.studies)
        raise InputError("replay.study_needed", names=names, count=len(run.studies))
    recipe = run.recipe
    if run.sites_sha256:
        raise InputError("replay.sites_withheld")
    if recipe.edits is None:
        recipe = replace(recipe, edits=_check_edits(run, edits))
    found = [find_study(path) for path in studies]
    inputs = [each for was, path in zip(run.studies, found, strict=True) for each in find_changed_inputs(was, path)]
    opened = [
        open_for_report(
            path, name=was.name, mode=cast(Mode, was.mode), speeds=was.speeds, cache=cache, progress=progress
        )
        for was, path in zip(run.studies, found, strict=True)
    ]
    numbers = cast(Mapping[str, object], make_report(opened, recipe, progress=progress).report.run["numbers"])
    differences, words = find_differences(run.numbers, numbers)
    return Replayed(
        tuple(differences), tuple(words), tuple(inputs), find_changed_versions(run.versions), count_numbers(run.numbers)
    )


def _check_edits(run: RunFile, edits: tuple[Edit, ...] | None) -> tuple[Edit, ...]:
    if edits is None:
        raise InputError("replay.scenario_needed")
    if hash_edits(edits) != run.edits_sha256:
        raise InputError("replay.other_scenario")
    return edits


def find_changed_inputs(was: StudyRun, study_toml: Path) -> list[ChangedInput]:
    """Find the files of a study whose content is another one now, or that are gone."""
    changed = []
    for role, name, sha256 in was.inputs:
        path = study_toml if role == "study" else study_toml.parent / name
        # A run file may come from anywhere; it names nothing outside of the study.
        is_there = ".." not in Path(name).parts and not Path(name).is_absolute() and path.is_file()
        if not is_there or hash_file(path) != sha256:
            changed.append(ChangedInput(was.id, name, is_there))
    return changed


def find_changed_versions(before: Mapping[str, str]) -> tuple[ChangedVersion, ...]:
    """Find what is of another version now."""
    now = {"planner": VERSION, **describe_versions()}
    names = [*before, *(name for name in now if name not in before)]
    return tuple(
        ChangedVersion(name, before.get(name, ""), now.get(name, ""))
        for name in names
        if before.get(name) != now.get(name)
    )


def count_numbers(numbers: Mapping[str, object]) -> int:
    """Count the numbers a run file holds, missing ones left out."""
    tables = cast(Mapping[str, Mapping[str, Mapping[str, list[object]]]], numbers)
    return sum(value is not None for table in tables.values() for cells in table["columns"].values() for value in cells)


def locate_studies(run: RunFile, given: Sequence[Path], beside: Path) -> list[Path]:
    """Find the studies of a run file: those given, else by their names beside the report; missing ones are left out."""
    if given:
        return list(given)
    found = []
    for study in run.studies:
        path = beside / study.name
        if path.exists() and Path(study.name).name == study.name:
            found.append(path)
    return found
