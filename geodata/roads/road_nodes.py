"""What stands on a road's nodes: barriers that stop a mode of travel, and what delays it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from coverage.network.model import DELAY_KINDS
from coverage.network.settings import Mode
from geodata.roads.road_tags import find_access

# Barriers a car passes when no access tag forbids it; every other barrier stops it.
_CAR_PASSES = frozenset(
    [
        "cattle_grid",
        "border_control",
        "toll_booth",
        "sally_port",
        "gate",
        "lift_gate",
        "swing_gate",
        "no",
        "entrance",
        "height_restrictor",
        "arch",
        "rope_gate",
        "hampshire_gate",
        "sliding_gate",
        "sliding_beam",
        "chain_gate",
        "wicket_gate",
        "speed_camera",
    ]
)
_GATES = frozenset(
    ["gate", "lift_gate", "swing_gate", "sliding_gate", "sliding_beam", "hampshire_gate", "rope_gate", "chain_gate"]
)
# Barriers that stop people on foot (and cyclists) unless an access tag lets them through.
_WALLS = frozenset(["wall", "fence", "hedge", "city_wall", "retaining_wall", "guard_rail"])
_LOW_KERBS = frozenset({"lowered", "flush", "no"})

# Every tag of a node that any mode looks at; readers drop the others, cuts keep only these.
NODE_KEYS: frozenset[str] = frozenset(
    {
        *("barrier", "bollard", "kerb", "sensory", "highway", "railway", "direction", "traffic_signals:direction"),
        *("motorcar", "motor_vehicle", "vehicle", "access", "foot", "bicycle"),
    }
)


class NodeEffect(NamedTuple):
    """What a node does to a traveller.

    Parameters
    ----------
    blocks
        True where the mode cannot pass.
    delay_kind
        Index into `coverage.network.model.DELAY_KINDS`.
    delay_way
        0 delays both ways, 1 along the way as drawn, 2 against it.
    private_gate
        True for a gate marked private, which is passed like any other gate.
    """

    blocks: bool
    delay_kind: int
    delay_way: int
    private_gate: bool


def read_node_tags(tags: Mapping[str, str], mode: Mode) -> NodeEffect:
    """Decide what a node on a road does to travellers of one mode.

    A node that carries several things delays by the one that comes first in: gate, traffic signals,
    level crossing, stop, give way. Traffic signals of a mere pedestrian crossing
    (``crossing=traffic_signals``) do not count, and a gate that is marked as open to the mode stands open.
    """
    barrier = tags.get("barrier", "").strip().lower()
    access = find_access(tags, mode) if barrier else None
    if barrier and _stops(barrier, access, tags, mode):
        return NodeEffect(True, 0, 0, False)
    if barrier in _GATES and access != "allowed":
        return NodeEffect(False, DELAY_KINDS.index("gate"), 0, access == "restricted")
    highway = tags.get("highway", "")
    if highway == "traffic_signals":
        side = tags.get("traffic_signals:direction", tags.get("direction", ""))
        return NodeEffect(False, DELAY_KINDS.index("traffic_signals"), _read_side(side), False)
    if tags.get("railway") == "level_crossing":
        return NodeEffect(False, DELAY_KINDS.index("level_crossing"), 0, False)
    if highway in ("stop", "give_way"):
        return NodeEffect(False, DELAY_KINDS.index(highway), _read_side(tags.get("direction", "")), False)
    return NodeEffect(False, 0, 0, False)


def _read_side(value: str) -> int:
    return {"forward": 1, "backward": 2}.get(value.strip().lower(), 0)


def _stops(barrier: str, access: str | None, tags: Mapping[str, str], mode: Mode) -> bool:
    if access is not None:
        return access == "forbidden"
    if mode != "drive":
        return barrier in _WALLS
    if tags.get("bollard") == "rising" or tags.get("kerb") in _LOW_KERBS:
        return False
    if barrier == "kerb" and tags.get("highway") == "crossing":
        return False
    # A fence of sounds for cattle is no obstacle to a car.
    return barrier not in _CAR_PASSES and tags.get("sensory") not in ("audible", "audio")
