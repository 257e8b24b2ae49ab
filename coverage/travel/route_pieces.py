"""Stretches of travelled road: what lies on an edge between two positions, piece by piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from coverage.network.model import FloatArray, IntArray
from coverage.travel.snapping import Snapped
from coverage.travel.travel_time import Places, TimedNetwork

LegKind = Literal["access", "road", "delay"]


@dataclass(frozen=True, slots=True)
class RouteLeg:
    """A stretch of a route of one kind.

    Parameters
    ----------
    kind
        ``"access"``: walk between a point and its road, ``"road"``: travelled road of one class,
        ``"delay"``: turns and what stands at junctions.
    road_class
        Class of the road, "" otherwise.
    length_m, minutes
        Its length, 0 of delays [m], and time [min].
    """

    kind: LegKind
    road_class: str
    length_m: float
    minutes: float


@dataclass(frozen=True, slots=True)
class Position:
    """A place on a road's polyline: the slot that begins its piece, and the share of the piece before it."""

    slot: int
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """The part of one edge that is travelled.

    Parameters
    ----------
    roads
        Its pieces joined by class, in the order of travel.
    road_s, delay_s
        Time on its pieces, and lost at its inner vertices [s].
    lon, lat
        Its line in the order of travel [degrees].
    profile, piece_s
        Profile of each of its pieces and the time on it, shape (n,) [s].
    """

    roads: list[RouteLeg]
    road_s: float
    delay_s: float
    lon: FloatArray
    lat: FloatArray
    profile: IntArray
    piece_s: FloatArray


def find_position(timed: TimedNetwork, snapped: Snapped, places: Places, row: int) -> Position:
    """Find where a single snapped point stands on the edge of one row of its places."""
    if snapped.node[0] < 0:
        return Position(int(snapped.slot[0]), float(snapped.fraction[0]))
    at_tail = bool(places.from_tail_s[row] <= places.to_head_s[row])
    return _end_position(timed, int(places.edge[row]), at_tail=at_tail)


def _end_position(timed: TimedNetwork, edge: int, *, at_tail: bool) -> Position:
    network = timed.network
    road = int(network.edge_road[edge])
    at_start = at_tail == bool(network.edge_forward[edge])
    if at_start:
        return Position(int(network.vertex_ptr[road]), 0.0)
    return Position(int(network.vertex_ptr[road + 1]) - 2, 1.0)


def cut_edge(timed: TimedNetwork, edge: int, begin: Position | None, end: Position | None) -> Stretch:
    """Cut out what is travelled of an edge; its times add up as in `coverage.travel.travel_time.place_points`.

    Parameters
    ----------
    timed
        The priced network.
    edge
        The edge; it gives the direction of travel.
    begin, end
        Where travel begins and ends on it; None for its tail and its head.
    """
    network, times = timed.network, timed.times
    begin = begin or _end_position(timed, edge, at_tail=True)
    end = end or _end_position(timed, edge, at_tail=False)
    forward = bool(network.edge_forward[edge])
    low, high = (begin, end) if forward else (end, begin)
    slots = np.arange(low.slot, high.slot + 1)
    share = np.ones(len(slots))
    share[-1] -= 1.0 - high.share
    share[0] -= low.share
    # The delay at a vertex is part of the step that reaches it; the road's own ends have none.
    if forward:
        delay = timed.delay_s[network.vertex_delay_forward[slots + 1]]
        step = times.along_s[slots + 1] - times.along_s[slots]
        at_end = slots + 2 == network.vertex_ptr[network.edge_road[edge] + 1]
    else:
        delay = timed.delay_s[network.vertex_delay_backward[slots]]
        step = times.against_s[slots] - times.against_s[slots + 1]
        at_end = slots == network.vertex_ptr[network.edge_road[edge]]
    seconds = (step - np.where(at_end, 0.0, delay)) * share
    length = network.piece_length_m[slots] * share
    # Inner vertices passed: those between the first and the last slot.
    passed = float(timed.delay_s[_delays(timed, forward)[slots[1:]]].sum())
    profile = network.piece_profile[slots]
    names = network.profiles["highway"].to_numpy(object)[profile]
    inner = slots[1:]
    ends = [_interpolate(timed, low), _interpolate(timed, high)]
    lon = np.concatenate(([ends[0][0]], network.vertex_lon[inner], [ends[1][0]]))
    lat = np.concatenate(([ends[0][1]], network.vertex_lat[inner], [ends[1][1]]))
    order = slice(None) if forward else slice(None, None, -1)
    rows = zip(names[order], length[order].tolist(), seconds[order].tolist(), strict=True)
    legs = [RouteLeg("road", str(name), metres, taken / 60.0) for name, metres, taken in rows]
    drawn = lon[order], lat[order]
    return Stretch(join_roads(legs), float(seconds.sum()), passed, *drawn, profile[order], seconds[order])


def _delays(timed: TimedNetwork, forward: bool) -> np.ndarray:
    network = timed.network
    return network.vertex_delay_forward if forward else network.vertex_delay_backward


def _interpolate(timed: TimedNetwork, at: Position) -> tuple[float, float]:
    network, slot = timed.network, at.slot
    lon, lat = network.vertex_lon[slot : slot + 2], network.vertex_lat[slot : slot + 2]
    return (
        float(lon[0] * (1.0 - at.share) + lon[1] * at.share),
        float(lat[0] * (1.0 - at.share) + lat[1] * at.share),
    )


def join_roads(legs: list[RouteLeg]) -> list[RouteLeg]:
    """Join neighbouring legs of the same road class; legs without length and time fall away."""
    joined: list[RouteLeg] = []
    for leg in legs:
        if leg.length_m <= 0.0 and leg.minutes <= 0.0:
            continue
        if joined and joined[-1].road_class == leg.road_class:
            last = joined.pop()
            leg = RouteLeg("road", leg.road_class, last.length_m + leg.length_m, last.minutes + leg.minutes)
        joined.append(leg)
    return joined
