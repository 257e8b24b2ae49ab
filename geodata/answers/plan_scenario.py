"""A plan of sites as a scenario of the store: its edits in build order, and a note of where it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from coverage.errors import InputError
from coverage.scenario.edit_checks import check_edits
from coverage.scenario.edits import Edit
from coverage.siting.plan.as_edits import list_edits
from geodata.answers.run_siting import Suggestion
from geodata.store.database import Store
from geodata.store.scenarios import Scenario, create_scenario


def list_plan_edits(found: Suggestion, names: Sequence[str] = ()) -> tuple[Edit, ...]:
    """List the edits that make a plan, see `coverage.siting.plan.as_edits.list_edits`.

    Parameters
    ----------
    found
        The suggestion, or the plan behind a point of its curve.
    names
        What each site is called, in build order; empty for the names of the candidates.

    Raises
    ------
    InputError
        ``edits.refused`` if the study does not take them.
    """
    study = found.basis.study
    called = dict(zip([str(one) for one in found.sites["site_id"]], names, strict=True)) if names else {}
    edits = list_edits(study, found.question.choice, found.asked, found.solved, names=called)
    faults = check_edits(study, edits)
    if faults:
        raise InputError("edits.refused", faults=faults)
    return edits


def accept_plan(
    store: Store,
    study_id: str,
    found: Suggestion,
    name: str,
    *,
    note: str,
    names: Sequence[str] = (),
    author: str = "",
) -> Scenario:
    """Keep a plan as a new scenario of its study.

    Parameters
    ----------
    store, study_id
        Where the study of the suggestion is kept.
    found, names
        As for `list_plan_edits`.
    name, note
        Of the scenario; the note tells where the plan comes from: method, bound, day.
    author
        Who accepts it.

    Returns
    -------
    The scenario: stations that close, then sites in build order. Applied to the study, it covers whom the plan
    covers, and takes the money of the plan.

    Raises
    ------
    InputError
        ``edits.refused``, ``store.unknown_study``, ``store.name_invalid``.
    """
    edits = list_plan_edits(found, names)
    return create_scenario(store, study_id, name, author=author, note=note, edits=edits)
