"""A proposed plan as edits of a scenario, in build order, to be reordered, changed and compared."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from coverage.inputs.site_costs import find_services
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.scenario.edits import AddStation, ChangeStation, CloseStation, Edit
from coverage.siting.model.curve import Solved
from coverage.siting.model.from_study import StudyProblem
from coverage.siting.plan.planned_stations import find_site_level


def list_edits(
    study: Study,
    choice: StationChoice,
    asked: StudyProblem,
    solved: Solved,
    *,
    names: Mapping[str, str] | None = None,
) -> tuple[Edit, ...]:
    """List the edits that make a plan.

    Parameters
    ----------
    study, choice
        What was asked of which study.
    asked, solved
        The problem and its answer.
    names
        Names of new sites by their ids; those of the candidates for the rest.

    Returns
    -------
    First the stations that close, then the sites in build order: new stations, and items that existing stations
    add. Applied to the study they give the stations of
    `coverage.siting.plan.planned_stations.build_stations_after`. Each carries what it costs in the plan, whatever class
    costs were asked with.
    """
    called = names or {}
    ids = study.stations.index.to_numpy(object)
    rows = np.asarray(solved.answer.closed, np.int64)
    closed, freed = asked.station_row[rows - len(asked.candidates)], asked.problem.removal_cost[rows]
    edits: list[Edit] = [CloseStation(str(one), float(money)) for one, money in zip(ids[closed], freed, strict=True)]
    offered = {str(one): tuple(items) for one, items in study.stations["services"].items()}
    for number, (site, row) in zip(
        solved.answer.opened.tolist(), asked.candidates.iloc[solved.answer.opened].iterrows(), strict=True
    ):
        host, given = str(row["station_id"]), asked.list_given(number, choice)
        if host:
            edits.append(ChangeStation(host, services=(*offered[host], *given), cost=float(row["cost"])))
            continue
        kind = study.catalogue.kind(str(row["kind"]))
        capacity = float(row["capacity"])
        edits.append(
            AddStation(
                str(site),
                lon=float(row["lon"]),
                lat=float(row["lat"]),
                kind=kind.id,
                name=called.get(str(site), str(row["name"])),
                level=find_site_level(study, choice, kind.id, ""),
                services=find_services(kind, given),
                capacity=None if np.isnan(capacity) else capacity,
                cost=float(row["cost"]),
            )
        )
    return tuple(edits)
