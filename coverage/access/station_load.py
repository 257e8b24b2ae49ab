"""Which stations have more people to serve than they can: one row per station."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from coverage.access.assessment import Assessment
from coverage.access.item_coverage import expand_pairs
from coverage.access.supply import SLOW_DECAY, Decay, compute_supply
from coverage.inputs.stations import select_stations
from coverage.travel.reach import ReachMatrix
from coverage.travel.travel_basis import TravelBasis

LOAD_COLUMNS: tuple[str, ...] = (
    "name",
    "district_id",
    "capacity",
    "people_in_reach",
    "ratio",
    "people_served",
    "load",
    "is_overloaded",
)


def tabulate_station_loads(
    basis: TravelBasis,
    assessment: Assessment,
    reach: Sequence[ReachMatrix],
    *,
    decay: Decay = SLOW_DECAY,
) -> pd.DataFrame:
    """Tabulate the people around each chosen station against its capacity, the most loaded first.

    Parameters
    ----------
    basis, assessment
        The study and its answer; whom the numbers count and which stations are taken from it.
    reach
        Blocks of `coverage.access.assessment.find_reach` up to the largest threshold.
    decay
        As for `coverage.access.supply.compute_supply`.

    Returns
    -------
    Indexed by station id: name, district_id, capacity (NaN if not given), people_in_reach, ratio,
    people_served, load and is_overloaded as `coverage.access.supply.Supply` defines them; stations of
    unknown capacity come last.
    """
    study = basis.study
    chosen = select_stations(study.stations, study.catalogue, assessment.choice)
    capacity = study.stations["capacity"].to_numpy(float)
    supply = compute_supply(
        expand_pairs(reach, chosen, memory_budget_mb=study.settings.memory_budget_mb),
        assessment.demand["weight"].to_numpy(float),
        capacity,
        assessment.cutoffs_min,
        chosen=chosen,
        decay=decay,
        visits_per_person=1.0 if study.capacity_use is None else study.capacity_use.visits_a_year,
    )
    table = study.stations[["name", "district_id"]].assign(
        capacity=capacity,
        people_in_reach=supply.people_in_reach,
        ratio=supply.ratio,
        people_served=supply.people_served,
        load=supply.load,
        is_overloaded=supply.is_overloaded,
    )
    order = np.argsort(-supply.load, kind="stable")
    return table.iloc[order[chosen[order]]]
