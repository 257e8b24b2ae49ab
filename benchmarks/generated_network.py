"""A generated town grid of any size: jittered streets, some missing, one-way pairs, arterials, bends."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from coverage.network.model import IntArray, RoadLines

# Share of grid crossings that remain nodes once vertices with two roads have been contracted.
_NODES_PER_CROSSING = 0.93
_KEPT_SHARE = 0.86
_ONE_WAY_EVERY = 9
_ARTERIAL_EVERY = 8
_STEP_LON_DEG, _STEP_LAT_DEG = 0.002, 0.0015


def generate_lines(nodes: int, *, seed: int = 1, bends: int = 0) -> RoadLines:
    """Generate the noded lines of a grid that contracts to about `nodes` nodes.

    Streets are about 160 m long; 14 % of the pieces are missing; every ninth street is one-way, in
    alternating directions; every eighth is an arterial. About 3.3 edges and 8.4 turns per node.

    Parameters
    ----------
    nodes
        Nodes wanted after contraction.
    seed
        The same seed gives the same lines.
    bends
        Vertices to lay between neighbouring crossings; contraction removes them again.
    """
    side = math.ceil(math.sqrt(nodes / _NODES_PER_CROSSING))
    random = np.random.default_rng(seed)
    row, column = np.mgrid[0:side, 0:side]
    lon = (85.0 + column * _STEP_LON_DEG + random.normal(0.0, 1e-4, (side, side))).ravel()
    lat = (30.0 + row * _STEP_LAT_DEG + random.normal(0.0, 1e-4, (side, side))).ravel()
    number = np.arange(side * side, dtype=np.int32).reshape(side, side)

    # Streets along rows, then along columns: piece ends and the street each piece belongs to.
    begin = np.concatenate((number[:, :-1].ravel(), number[:-1].ravel()))
    end = np.concatenate((number[:, 1:].ravel(), number[1:].ravel()))
    street = np.concatenate((row[:, :-1].ravel(), column[:-1].ravel()))
    kept = random.random(len(begin)) < _KEPT_SHARE
    begin, end, street = begin[kept], end[kept], street[kept]

    one_way = street % _ONE_WAY_EVERY == 3
    turned = one_way & (street // _ONE_WAY_EVERY % 2 == 1)
    begin, end = np.where(turned, end, begin), np.where(turned, begin, end)
    profile = (street % _ARTERIAL_EVERY == 0).astype(np.int32)
    if bends:
        lon, lat, begin, end = _lay_bends(lon, lat, begin, end, bends, random)
        one_way, profile = np.repeat(one_way, bends + 1), np.repeat(profile, bends + 1)
    nothing = np.zeros(0, np.int32)
    return RoadLines(
        mode="drive",
        lon=lon,
        lat=lat,
        delay_kind=np.zeros(len(lon), np.uint8),
        delay_way=np.zeros(len(lon), np.uint8),
        piece_from=begin,
        piece_to=end,
        piece_oneway=one_way,
        piece_profile=profile,
        profiles=_list_profiles(),
        ban_from=nothing,
        ban_via=nothing,
        ban_to=nothing,
        ban_only=np.zeros(0, bool),
    )


def _lay_bends(
    lon: np.ndarray, lat: np.ndarray, begin: IntArray, end: IntArray, bends: int, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, IntArray, IntArray]:
    """Break each piece into ``bends + 1`` pieces with slightly shifted vertices between."""
    share = np.arange(1, bends + 1) / (bends + 1)
    shape = (len(begin), bends)
    bend_lon = lon[begin][:, None] * (1 - share) + lon[end][:, None] * share + random.normal(0.0, 2e-5, shape)
    bend_lat = lat[begin][:, None] * (1 - share) + lat[end][:, None] * share + random.normal(0.0, 2e-5, shape)
    number = (len(lon) + np.arange(len(begin) * bends, dtype=np.int32)).reshape(shape)
    path = np.column_stack((begin, number, end))
    return (
        np.concatenate((lon, bend_lon.ravel())),
        np.concatenate((lat, bend_lat.ravel())),
        np.ascontiguousarray(path[:, :-1]).ravel(),
        np.ascontiguousarray(path[:, 1:]).ravel(),
    )


def _list_profiles() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "highway": ["residential", "secondary"],
            "surface": "",
            "smoothness": "",
            "tracktype": "",
            "service": "",
            "junction": "",
            "maxspeed_forward_kph": np.nan,
            "maxspeed_backward_kph": np.nan,
            "duration_s": np.nan,
            "restricted": False,
            "no_entry": "",
        }
    )
