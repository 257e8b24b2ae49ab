"""Hypothesis strategies: lists of edits that a random study takes."""

from __future__ import annotations

import numpy as np

from coverage.inputs.study import Study
from coverage.scenario.edits import AddStation, ChangeStation, CloseStation, Edit, MoveStation, ReopenStation

WEST, EAST, SOUTH, NORTH = 87.595, 87.66, 43.795, 43.845


def draw_edit(study: Study, edits: tuple[Edit, ...], seed: int) -> Edit:
    """Draw one edit that can follow the others."""
    rng = np.random.default_rng(seed)
    status = {str(one): str(value) for one, value in study.stations["status"].items()}
    for edit in edits:
        if isinstance(edit, AddStation | ReopenStation):
            status[edit.station_id] = "existing"
        elif isinstance(edit, CloseStation):
            status[edit.station_id] = "closed"
    lon, lat = float(rng.uniform(WEST, EAST)), float(rng.uniform(SOUTH, NORTH))
    what = rng.choice(["add", "move", "close", "reopen", "change"])
    if rng.random() < 0.2:
        # At the very place of another station: equally near to the bit.
        row = int(rng.integers(len(study.stations)))
        lon, lat = (float(study.stations[name].iloc[row]) for name in ("lon", "lat"))
    if what == "add":
        services = ("advice",) if rng.random() < 0.5 else None
        station_id = f"n{rng.integers(10**9)}"
        while station_id in status:
            station_id = f"n{rng.integers(10**9)}"
        return AddStation(station_id, lon, lat, "office", services=services)
    here = [one for one, value in status.items() if (value == "existing") != (what == "reopen")]
    if what in ("close", "reopen") and not here:
        return MoveStation(str(rng.choice(list(status))), lon, lat)
    if what == "close":
        return CloseStation(str(rng.choice(here)))
    if what == "reopen":
        return ReopenStation(str(rng.choice(here)))
    if what == "change":
        return ChangeStation(str(rng.choice(list(status))), services=("notary",))
    return MoveStation(str(rng.choice(list(status))), lon, lat)


def draw_edits(study: Study, count: int, seed: int) -> tuple[Edit, ...]:
    """Draw a list of edits that a study takes."""
    edits: tuple[Edit, ...] = ()
    for number in range(count):
        edits = (*edits, draw_edit(study, edits, seed * 1000 + number))
    return edits
