"""Choosing the stations an answer is about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from coverage.inputs.service_layers import COUNTED_LAYERS, find_service_times
from coverage.inputs.study import Catalogue
from coverage.inputs.thresholds import DEFAULT_LEAST_HOURS
from coverage.network.model import BoolArray


@dataclass(frozen=True, slots=True)
class StationChoice:
    """Which stations count; every condition given must hold.

    Parameters
    ----------
    service
        Service item the station must offer, "" for any.
    family
        Family of kinds (legal, police, traffic, …), "" for any.
    level
        Only stations of this level, "" for any.
    status
        Only stations with one of these statuses.
    on_date
        The day that is asked about (``2027-06-30``), "" for today's state: planned stations that are to
        open until then count as well, and none that opens later does.
    layer
        One of `coverage.inputs.service_layers.COUNTED_LAYERS`: fixed services only, circuit and mobile points too,
        every point with a place, or all.
    least_hours_week
        Fewest hours a week of a fixed service, inclusive [h]; 0 lets every fixed point count.
    season
        The season whose hours decide, "" for the average of the year. A `coverage.inputs.question.Question` keeps this
        and `least_hours_week` the same as its own season and thresholds.
    """

    service: str = ""
    family: str = ""
    level: str = ""
    status: tuple[str, ...] = ("existing",)
    on_date: str = ""
    layer: str = "fixed"
    least_hours_week: float = DEFAULT_LEAST_HOURS
    season: str = ""


def select_stations(stations: pd.DataFrame, catalogue: Catalogue, choice: StationChoice) -> BoolArray:
    """Mark the stations a choice stands for, shape (s,).

    Whatever counts stations goes through here; `coverage.inputs.service_layers.find_service_times` is the rule of
    layers and hours.

    Raises
    ------
    InputError
        If the choice names a service, family or level the catalogue does not know.
    """
    status = stations["status"].to_numpy(object)
    chosen = np.fromiter((each in choice.status for each in status), bool, len(stations))
    if choice.on_date:
        # ISO dates sort as text.
        opens = stations["open_date"].to_numpy(str)
        due = (stations["status"] == "planned").to_numpy(bool) & (opens != "")
        chosen = (chosen | due) & (opens <= choice.on_date)
    if choice.service:
        item = catalogue.item(choice.service)
        offered = stations["services"].to_numpy(object)
        chosen = chosen & np.fromiter((item.id in each for each in offered), bool, len(stations))
    if choice.family:
        family = catalogue.family(choice.family)
        kinds = {kind.id for kind in catalogue.kinds if kind.family == family.id}
        chosen = chosen & stations["kind"].isin(kinds).to_numpy(bool)
    if choice.level:
        chosen = chosen & (stations["level"] == catalogue.level(choice.level).id).to_numpy(bool)
    times = find_service_times(stations, catalogue, least_hours_week=choice.least_hours_week, season=choice.season)
    return chosen & (times.rank <= COUNTED_LAYERS.index(choice.layer))
