"""What a report may put beside today: the sites suggested in this visit, and a scenario of the store."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from coverage.errors import PlannerError
from coverage.model import Study
from coverage.question import Question
from coverage.scenario import Edit
from geodata.folders import store_folder
from geodata.i18n import Translator
from geodata.run_siting import Suggestion
from geodata.store.scenarios import open_scenario
from pages.ui import cached, cached_siting, scenario_store, siting_run, state
from pages.ui.report_form import get_form
from pages.ui.siting_jobs import desk


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What there is to put beside today, and what is.

    Parameters
    ----------
    suggestion, key
        Sites suggested in this visit for the same question, and what they depend on; None for none.
    scenarios
        Id and name of the scenarios of the study.
    edits, scenario
        Edits and name of the scenario chosen; () and "" for none.
    """

    suggestion: Suggestion | None = None
    key: Hashable = None
    scenarios: tuple[tuple[str, str], ...] = ()
    edits: tuple[Edit, ...] = ()
    scenario: str = ""


def find_beside(study: Study, question: Question, tr: Translator) -> Beside:
    """Find what there is; a scenario without edits says nothing and is left out."""
    suggestion, key = _find_suggestion(study, question)
    try:
        scenarios = _list_scenarios(study)
        chosen = get_form(tr).scenario
        if chosen in dict(scenarios):
            found = open_scenario(scenario_store.fetch_store(), chosen)
            return Beside(suggestion, key, scenarios, found.edits, found.head.name)
    except PlannerError as error:
        state.keep_refusal(error)
        scenarios = ()
    return Beside(suggestion, key, scenarios)


def _find_suggestion(study: Study, question: Question) -> tuple[Suggestion | None, Hashable]:
    kept = state.siting(siting_run.SHOWN)
    job = None if kept is None else desk().find(kept[0])
    if kept is None or job is None or job.found is None:
        return None, None
    fingerprint, asked = kept[0][:2]
    if fingerprint != study.fingerprint or asked != cached.whole_week(question) or question.moment_min is not None:
        return None, None
    row = state.siting(siting_run.ROW)
    return cached_siting.fetch_plan(kept[0], job.found, row), (kept[0], row)


def _list_scenarios(study: Study) -> tuple[tuple[str, str], ...]:
    # Where nobody ever tried a scenario the study is not put into a store for it.
    if not store_folder().is_dir():
        return ()
    return tuple((head.id, head.name) for head in scenario_store.list_heads(study))
