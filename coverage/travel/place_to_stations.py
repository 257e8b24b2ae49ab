"""One place to all stations: the search turned round, so that a single one answers for every station."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from coverage.network.settings import TravelDirection
from coverage.network.turns import compute_turn_seconds
from coverage.travel.search import build_search_graph
from coverage.travel.travel_basis import TravelBasis
from coverage.travel.travel_time import Places, TimedNetwork, compute_nearest


def turn_around(basis: TravelBasis) -> TimedNetwork:
    """Build the network of a travel basis for the search from the other end; travel stays as it is.

    Roads that are closed in the basis stay closed. Build it once for several places.
    """
    timed = basis.timed
    direction: TravelDirection = "from" if timed.direction == "to" else "to"
    turn_s = compute_turn_seconds(timed.network, basis.study.speeds.turns, timed.delay_s)
    graph = build_search_graph(timed.network, timed.edge_s, turn_s, direction)
    return dataclasses.replace(timed, direction=direction, graph=graph)


def compute_to_all(
    basis: TravelBasis, outward: TimedNetwork, place: Places, *, anywhere: bool = False
) -> npt.NDArray[np.float32]:
    """Compute the minutes between one place and every station of the study it may go to, whatever its status.

    Parameters
    ----------
    basis
        The study joined to its roads.
    outward
        As `turn_around` returns.
    place
        One point on the roads of the basis.
    anywhere
        Also those of other units, where residents are kept to their own.

    Returns
    -------
    Minutes in the direction of the basis, inf where there is no way, shape (s,). They equal those of
    the tables but for the last bit, as their parts are added in another order.
    """
    everywhere = dataclasses.replace(place, unit=None)
    minutes = compute_nearest(outward, basis.stations, everywhere).minutes
    if place.unit is not None and not anywhere:
        minutes[~basis.find_allowed(int(place.unit[0]))] = np.inf
    return minutes
