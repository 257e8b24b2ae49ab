"""What a report may put beside today: the sites suggested in this visit, and a scenario of the store."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from coverage.errors import PlannerError
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.scenario.edits import Edit
from geodata.answers.run_siting import Suggestion
from geodata.documents.runs.siting_json import AskedSites, ask_sites
from geodata.files.folders import store_folder
from geodata.store.scenarios import open_scenario
from geodata.words.i18n import Translator
from pages.ui import scenario_store, state
from pages.ui.memo import cached, cached_siting
from pages.ui.memo.cached_siting import Key
from pages.ui.report.report_form import get_form
from pages.ui.siting import siting_run
from pages.ui.siting.siting_jobs import desk


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What there is to put beside today, and what is.

    Parameters
    ----------
    suggestion, key, asked_sites
        Sites suggested in this visit for the same question, what they depend on, and what was asked; None for none.
    lacks_sites
        Why there are none, as the page says it: ``sites`` where nobody suggested any, ``sites_other`` where they
        answer another question.
    scenarios
        Id and name of the scenarios of the study.
    edits, scenario
        Edits and name of the scenario chosen; () and "" for none.
    """

    suggestion: Suggestion | None = None
    key: Hashable = None
    asked_sites: AskedSites | None = None
    lacks_sites: str = "sites"
    scenarios: tuple[tuple[str, str], ...] = ()
    edits: tuple[Edit, ...] = ()
    scenario: str = ""


def find_beside(study: Study, question: Question, tr: Translator) -> Beside:
    """Find what there is; a scenario without edits says nothing and is left out."""
    found = Beside()
    try:
        found = _find_suggestion(study, question)
        found = replace(found, scenarios=_list_scenarios(study))
        chosen = get_form(tr).scenario
        if chosen in dict(found.scenarios):
            scenario = open_scenario(scenario_store.fetch_store(), chosen)
            return replace(found, edits=scenario.edits, scenario=scenario.head.name)
    except PlannerError as error:
        state.keep_refusal(error)
    return found


def _find_suggestion(study: Study, question: Question) -> Beside:
    kept = state.siting(siting_run.SHOWN)
    job = None if kept is None else desk().find(kept[0])
    if kept is None or job is None or job.found is None:
        return Beside()
    key: Key = kept[0]
    fingerprint, asked, siting, options = key
    if fingerprint != study.fingerprint or asked != question.for_whole_week() or question.moment_min is not None:
        return Beside(lacks_sites="sites_other")
    row = siting_run.find_row(key)
    # Its files are read once, since they may be gone when a report is made again.
    asked_sites = cached.vault().fetch("asked_sites", (key, row), lambda: ask_sites(siting, options, row))
    plan = cached_siting.fetch_plan(key, job.found, row)
    return Beside(plan, (key, row), asked_sites, lacks_sites="")


def _list_scenarios(study: Study) -> tuple[tuple[str, str], ...]:
    # Where nobody ever tried a scenario the study is not put into a store for it.
    if not store_folder().is_dir():
        return ()
    return tuple((head.id, head.name) for head in scenario_store.list_heads(study))
