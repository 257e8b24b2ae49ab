"""Cached differences between two scenarios, and what each edit of one adds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from coverage.access.assessment import Assessment
from coverage.answer.edit_parts import compare_pair
from coverage.answer.lazy import ask_after
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.progress import Progress, ignore_progress
from coverage.scenario.apply_edits import list_costs
from coverage.scenario.compare import Comparison, compare
from coverage.scenario.edit_order import list_prefixes, tabulate_gains
from coverage.scenario.edits import Edit
from geodata.intake.read_site_costs import read_site_costs
from geodata.maps.bands import picture_corners
from geodata.maps.changes import classify_changes, encode_changes
from geodata.maps.elements import Encoded
from pages.ui.memo import cached_map, cached_whatif
from pages.ui.memo.cached import vault
from pages.ui.memo.cached_whatif import Outcome

Edits = tuple[Edit, ...]


def fetch_difference(study: Study, question: Question, one: Edits, other: Edits) -> Outcome:
    """Return what the second edits make of a study, compared with the first instead of the study as it is."""
    first, second = (cached_whatif.fetch_outcome(study, question, each) for each in (one, other))
    comparison = compare(first.assessment, second.assessment)
    return replace(second, comparison=comparison, cost=second.cost - first.cost)


def fetch_services(
    study: Study, question: Question, one: Edits, other: Edits, progress: Progress = ignore_progress
) -> Comparison:
    """Compare every service item and level of stations of two scenarios as well."""
    first, second = (cached_whatif.answer_after(study, question, each) for each in (one, other))
    key = ("between", first.key("comparisons"), second.key("comparisons"))
    return vault().fetch("comparisons", key, lambda: compare_pair(first, second, progress))


def fetch_changes_between(
    study: Study, question: Question, one: Edits, other: Edits, progress: Progress = ignore_progress
) -> Encoded:
    """Draw where people get within the threshold by the second edits and did not by the first, and the other way."""
    key = (study.fingerprint, question, one, other)

    def build() -> Encoded:
        joined = cached_map.fetch_places(study, question, progress)
        grid = joined.places.grid
        before, after = (cached_whatif.fetch_field_after(study, question, each, progress)[0] for each in (one, other))
        asked = (ask_after(question, each) for each in (one, other))
        was, now = (cached_map.find_cell_cutoffs(study, each, grid) for each in asked)
        classes = classify_changes(before, after, was, now, joined.wanted.reshape(before.shape))
        return encode_changes(classes, picture_corners(grid), cached_map.name_content(("between", key)))

    return vault().fetch("changes", ("between", key), build)


def fetch_gains(study: Study, question: Question, edits: Edits, progress: Progress = ignore_progress) -> pd.DataFrame:
    """Tabulate what each edit adds in order, see `coverage.scenario.edit_order.tabulate_gains`."""

    def build() -> pd.DataFrame:
        prefixes = list_prefixes(edits)

        def answer() -> Iterator[Assessment]:
            for number, prefix in enumerate(prefixes):
                progress(number / len(prefixes), "whatif")
                yield cached_whatif.answer_after(study, question, prefix).assessment

        return tabulate_gains(answer(), list_costs(study, edits, read_site_costs()))

    return vault().fetch("gains", (study.fingerprint, question, edits), build)
