"""Candidates that give several services at once: which of them each gives, and what its bundle costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.errors import DataIssue, InputError
from coverage.inputs.question import Question
from coverage.inputs.site_costs import SiteCosts
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.progress import Progress, ignore_progress
from coverage.siting.model.candidate_sources import list_item_hosts
from coverage.siting.model.candidates import find_too_near, gather_candidates, is_police_question
from coverage.travel.travel_basis import TravelBasis
from geodata.answers.siting_candidates import (
    CandidateList,
    SitingOptions,
    find_costs,
    find_parts,
    find_sources,
    read_rules,
)

_METRES_PER_KM = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class BundleList(CandidateList):
    """Candidates, and which of the services each gives, shape (n, services)."""

    gives: npt.NDArray[np.bool_]


def list_choices(question: Question, services: Sequence[str]) -> tuple[StationChoice, ...]:
    """Return the stations that count for each of several services, each once."""
    return tuple(replace(question.choice, service=one) for one in dict.fromkeys(services))


def list_bundles(
    basis: TravelBasis,
    question: Question,
    services: Sequence[str],
    options: SitingOptions,
    *,
    progress: Progress = ignore_progress,
) -> BundleList:
    """List the candidates for several services at once.

    Parameters
    ----------
    basis, question, options
        As for `geodata.answers.siting_candidates.list_candidates`; the item of the question does not count.
    services
        Service items.

    Returns
    -------
    New sites are founded for the first item that is not the police's, and give all those items; existing stations
    add the items they lack and could give. Its cost: what founding the kind costs, and what adding each item costs
    that the kind does not usually offer. A site too near to a station of an item does not give that item.

    Raises
    ------
    InputError
        As `list_candidates`, and ``siting.nobody_gives`` for an item that no candidate could give.
    """
    study, costs = basis.study, find_costs(options)
    choices = list_choices(question, services)
    founding = next((one for one in choices if not is_police_question(study.catalogue, one)), choices[0])
    found = find_parts(basis, replace(question, choice=founding), options, costs, progress)
    new = [part[(part["station_id"] == "").to_numpy(bool)] for part in found.parts]
    hosts = [
        list_item_hosts(study, one, costs, any_family=options.any_family)
        if "item" in find_sources(study, options)
        else pd.DataFrame({"station_id": pd.Series(dtype=str)})
        for one in choices
    ]
    each = pd.concat([one for one in hosts if len(one)] or [hosts[0]])
    both = each.drop_duplicates("station_id")
    rules = replace(read_rules(options, found), min_distance_m=0.0)
    table, issues = gather_candidates(study, founding, [*new, both], rules)
    gives = np.column_stack(
        [_find_givers(study, one, table, host, options) for one, host in zip(choices, hosts, strict=True)]
    )
    kept = np.asarray(gives.any(axis=1))
    if not kept.all():
        first = str(table.index[int(np.argmin(kept))])
        issues = (*issues, DataIssue("candidates.too_near", "note", "candidates", int((~kept).sum()), value=first))
        table, gives = table[kept], gives[kept]
    for one, given in zip(choices, gives.T, strict=True):
        if not given.any():
            raise InputError("siting.nobody_gives", service=one.service)
    priced = table.assign(cost=_price(study, choices, table, gives, costs))
    return BundleList(priced, found.rejected, (*found.issues, *issues), gives)


def _find_givers(
    study: Study, choice: StationChoice, table: pd.DataFrame, hosts: pd.DataFrame, options: SitingOptions
) -> npt.NDArray[np.bool_]:
    """Mark the candidates that give an item once they open, shape (n,)."""
    is_new = (table["station_id"] == "").to_numpy(bool)
    given = table["station_id"].isin(hosts["station_id"]).to_numpy(bool) & ~is_new
    if not is_police_question(study.catalogue, choice):
        given |= is_new
    too_near = find_too_near(study, choice, table, options.min_distance_km * _METRES_PER_KM)
    must = (table["role"] == "required").to_numpy(bool)
    answer: npt.NDArray[np.bool_] = given & (~too_near | must)
    return answer


def _price(
    study: Study,
    choices: Sequence[StationChoice],
    table: pd.DataFrame,
    gives: npt.NDArray[np.bool_],
    costs: SiteCosts,
) -> npt.NDArray[np.float64]:
    """Price each bundle: founding the site, and adding each item that its kind does not usually offer [yuan]."""
    is_new = (table["station_id"] == "").to_numpy(bool)
    price = np.where(is_new, table["cost"].to_numpy(float), 0.0)
    usual = {kind.id: set(kind.services) for kind in study.catalogue.kinds}
    for choice, given in zip(choices, gives.T, strict=True):
        offered = np.array([choice.service in usual[str(kind)] for kind in table["kind"]], bool)
        price += np.where(given & ~(is_new & offered), costs.find_item_cost(choice.service), 0.0)
    return price
