"""Choosing the stations an answer is about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from coverage.model import Catalogue
from coverage.network import BoolArray


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
    """

    service: str = ""
    family: str = ""
    level: str = ""
    status: tuple[str, ...] = ("existing",)
    on_date: str = ""


def select_stations(stations: pd.DataFrame, catalogue: Catalogue, choice: StationChoice) -> BoolArray:
    """Mark the stations a choice stands for, shape (s,).

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
    return chosen
