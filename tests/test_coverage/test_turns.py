"""What a turn costs, worked out by hand on a crossroads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from toy_worlds import PLAIN_SPEEDS, ToyWorld, crossroads, put

from coverage.network.model import DELAY_KINDS, RoadNetwork
from coverage.network.speeds import TurnDelays
from coverage.network.turns import compute_turn_seconds
from coverage.travel.travel_time import compute_nearest

NO_DELAY = np.zeros(len(DELAY_KINDS))
# 7.5 / (1 + exp(-(13 |a| / 180 - 6.5)))
STRAIGHT_S, RIGHT_ANGLE_S, BACK_S = 0.011259, 3.75, 7.488741


def _name(world: ToyWorld, network: RoadNetwork, node: int) -> str:
    lon, lat = network.node_lon[node], network.node_lat[node]
    lines = world.lines()
    return list(world.places)[int(np.argmin(np.hypot(lines.lon - lon, lines.lat - lat)))]


def _turns(world: ToyWorld, delays: TurnDelays, node_delay_s: np.ndarray = NO_DELAY) -> dict[str, float]:
    """Return seconds by "from place over place to place"."""
    network = world.network()
    seconds = compute_turn_seconds(network, delays, node_delay_s)
    source = np.repeat(np.arange(network.edge_count), np.diff(network.arc_ptr))
    found = {}
    for a, b, value in zip(source, network.arc_to, seconds, strict=True):
        ends = (network.edge_tail[a], network.edge_head[a], network.edge_head[b])
        found["".join(_name(world, network, node) for node in ends)] = float(value)
    return found


def test_turns_by_angle() -> None:
    """Straight on costs next to nothing, a right angle half and turning back nearly all of the full cost."""
    turns = _turns(crossroads(), TurnDelays(turn_s=7.5))
    assert turns["smn"] == pytest.approx(STRAIGHT_S, abs=1e-5)
    assert turns["sme"] == turns["smw"] == pytest.approx(RIGHT_ANGLE_S, abs=1e-4)
    assert turns["mnm"] == pytest.approx(BACK_S, abs=1e-5)
    assert len(turns) == 4 * 3 + 4


def test_no_turning_back_at_a_junction() -> None:
    """Going back over the same road is allowed at dead ends only, and costs extra there."""
    turns = _turns(crossroads(), TurnDelays(turn_s=7.5, u_turn_s=20.0))
    assert "nmn" not in turns
    assert turns["mnm"] == pytest.approx(BACK_S + 20.0, abs=1e-4)


def test_turning_across_oncoming_traffic() -> None:
    """Where people drive on the right a left turn waits for the road ahead; on the left, a right turn."""
    right = _turns(crossroads(), TurnDelays(oncoming_turn_s=4.0))
    assert {turn: seconds for turn, seconds in right.items() if seconds} == dict.fromkeys(
        ("smw", "wmn", "nme", "ems"), 4.0
    )
    left = _turns(crossroads(), TurnDelays(oncoming_turn_s=4.0, drives_on_right=False))
    assert {turn: seconds for turn, seconds in left.items() if seconds} == dict.fromkeys(
        ("sme", "emn", "nmw", "wms"), 4.0
    )


@pytest.mark.parametrize("north", ["away", "missing"])
def test_nobody_comes_from_a_one_way_street_ahead(north: str) -> None:
    """If the road ahead leads away one-way, or there is none, a left turn crosses nobody.

    ::

              n            n leads away only
              |
        w --- m
              |
              s
    """
    world = ToyWorld({"m": (0, 0), "n": (0, 1000), "w": (-1000, 0), "s": (0, -1000), "e": (1000, 0)})
    for route in ("m w", "m s", "m e"):
        world.road(route)
    if north == "away":
        world.road("m n", oneway=True)
    assert _turns(world, TurnDelays(oncoming_turn_s=4.0))["smw"] == 0.0


def test_a_bend_costs_nothing() -> None:
    """Where only two roads meet (their class changes) there is no turn to pay, however sharp the bend."""
    world = ToyWorld({"a": (0, 0), "b": (1000, 0), "c": (1000, 1000)})
    world.road("a b")
    world.road("b c", "residential")
    turns = _turns(world, TurnDelays(turn_s=7.5, oncoming_turn_s=4.0))
    assert turns["abc"] == turns["cba"] == 0.0


def test_what_stands_at_a_junction_is_paid_on_every_turn() -> None:
    """Signals in the middle delay every way through it, and nothing at the dead ends."""
    world = crossroads()
    world.delays["m"] = ("traffic_signals", 0)
    waits = NO_DELAY.copy()
    waits[DELAY_KINDS.index("traffic_signals")] = 18.0
    turns = _turns(world, TurnDelays(), waits)
    assert {turn for turn, seconds in turns.items() if seconds == 18.0} == {t for t in turns if t[1] == "m"}
    assert {seconds for turn, seconds in turns.items() if turn[1] != "m"} == {0.0}


def test_angles_across_north_are_small() -> None:
    """A road that bends from 350 to 10 degrees turns by 20, not by 340.

    ::

              n            nearly straight on, with a side road
              |
              m --- e
             /
            s
    """
    world = ToyWorld({"m": (0, 0), "n": (-176.3, 1000), "s": (-176.3, -1000), "e": (1000, 0)})
    for arm in "nse":
        world.road(f"m {arm}")
    expected = 7.5 / (1 + np.exp(-(13 * 20 / 180 - 6.5)))
    turns = _turns(world, TurnDelays(turn_s=7.5))
    assert turns["smn"] == turns["nms"] == pytest.approx(expected, rel=1e-3)


def test_turn_restrictions() -> None:
    """A ban removes one turn; a command removes all others from its road; others are left alone."""
    world = crossroads()
    world.ban(2, "m", 3)
    assert set(_turns(crossroads(), TurnDelays())) - set(_turns(world, TurnDelays())) == {"smw"}
    world = crossroads()
    world.ban(2, "m", 0, only=True)
    assert set(_turns(crossroads(), TurnDelays())) - set(_turns(world, TurnDelays())) == {"smw", "sme"}
    world.ban(2, "m", 1, only=True)
    assert set(_turns(crossroads(), TurnDelays())) - set(_turns(world, TurnDelays())) == {"smw"}


def test_a_ban_makes_a_detour() -> None:
    """Where the left turn is forbidden, the way leads to the end of the road ahead and back."""
    world = crossroads()
    world.ban(2, "m", 3)
    free, banned = crossroads().timed(), world.timed(replace(PLAIN_SPEEDS, turns=TurnDelays(u_turn_s=30.0)))
    for timed, minutes in ((free, 2.0), (banned, 4.5)):
        found = compute_nearest(timed, put(timed, [(0, -1000)]), put(timed, [(-1000, 0)]))
        assert found.minutes[0] == pytest.approx(minutes, rel=1e-4)
