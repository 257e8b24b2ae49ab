"""Turn restrictions of OpenStreetMap: from relations to banned pairs of road pieces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from coverage.network.model import RoadLines
from coverage.network.settings import Mode
from geodata.roads.road_assembly import AssembledRoads, Ids

_RULE_KEYS: dict[Mode, tuple[str, ...]] = {
    "drive": ("restriction:motorcar", "restriction:motor_vehicle", "restriction:vehicle", "restriction"),
    "walk": ("restriction:foot",),
    "cycle": ("restriction:bicycle", "restriction:vehicle", "restriction"),
}
_EXCEPTIONS: dict[Mode, frozenset[str]] = {
    "drive": frozenset({"motorcar", "motor_vehicle", "vehicle"}),
    "walk": frozenset({"foot"}),
    "cycle": frozenset({"bicycle", "vehicle"}),
}
_TIMES = ("day_on", "day_off", "hour_on", "hour_off")
_TURNS = frozenset(["left_turn", "right_turn", "straight_on", "u_turn", "entry", "exit"])

# Tags a reader looks at and a cut keeps; relations without one of the first four ban nothing.
RESTRICTION_FILTER_KEYS: tuple[str, ...] = (
    *dict.fromkeys(key for keys in _RULE_KEYS.values() for key in keys),
    *("restriction:conditional", "restriction:motorcar:conditional", "restriction:motor_vehicle:conditional"),
)
RESTRICTION_KEYS: frozenset[str] = frozenset({"type", "except", *_TIMES, *RESTRICTION_FILTER_KEYS})


class Restriction(NamedTuple):
    """One turn restriction over a single node: ids of ways and node."""

    rule: str  # "left_turn", "u_turn", …
    only: bool
    from_ways: tuple[int, ...]
    via_node: int
    to_ways: tuple[int, ...]


@dataclass(slots=True)
class RestrictionList:
    """What was gathered while reading: restrictions to resolve, and what is not applied."""

    items: list[Restriction] = field(default_factory=list)
    via_way: int = 0
    conditional: int = 0
    unclear: int = 0

    def add(self, tags: Mapping[str, str], members: Iterable[tuple[str, str, int]], mode: Mode) -> None:
        """Read one relation; `members` are (type, role, id) with type ``n``, ``w`` or ``r``."""
        if not tags.get("type", "restriction").startswith("restriction"):
            return
        value = next((tags[key] for key in _RULE_KEYS[mode] if key in tags), None)
        if value is None:
            self.conditional += mode == "drive" and any(key.endswith(":conditional") for key in tags)
            return
        if not _EXCEPTIONS[mode].isdisjoint(part.strip() for part in tags.get("except", "").split(";")):
            return
        if any(key in tags for key in _TIMES):
            self.conditional += 1
            return
        kind, _, rule = value.strip().lower().partition("_")
        by_role: dict[str, list[tuple[str, int]]] = {"from": [], "via": [], "to": []}
        for member_type, role, ref in members:
            if role in by_role:
                by_role[role].append((member_type, ref))
        if any(member_type == "w" for member_type, _ in by_role["via"]):
            self.via_way += 1
            return
        via = [ref for member_type, ref in by_role["via"] if member_type == "n"]
        from_ways = tuple(ref for member_type, ref in by_role["from"] if member_type == "w")
        to_ways = tuple(ref for member_type, ref in by_role["to"] if member_type == "w")
        if kind not in ("no", "only") or rule not in _TURNS or len(via) != 1 or not from_ways or not to_ways:
            self.unclear += 1
            return
        self.items.append(Restriction(rule, kind == "only", from_ways, via[0], to_ways))


def apply_restrictions(roads: AssembledRoads, way_id: Ids, restrictions: RestrictionList) -> tuple[RoadLines, int]:
    """Resolve restrictions to pieces.

    A way that passes through the node has two pieces there. One-ways usually leave one of them; if
    not, the angle of a left, right or straight turn chooses; if that does not either, a ban (``no_…``)
    holds for each pair and a command (``only_…``) is left out.

    Returns
    -------
    The lines with their bans, and how many restrictions stayed unclear.
    """
    resolver = _Resolver(roads, way_id)
    bans: dict[tuple[int, int, int, bool], None] = {}
    unclear = restrictions.unclear
    for item in restrictions.items:
        found = resolver.find_pairs(item)
        if found is None:
            unclear += 1
            continue
        for from_piece, via, to_piece in found:
            bans[(from_piece, via, to_piece, item.only)] = None
    table = np.array(list(bans), dtype=np.int32).reshape(-1, 4)
    lines = replace(
        roads.lines,
        ban_from=table[:, 0].copy(),
        ban_via=table[:, 1].copy(),
        ban_to=table[:, 2].copy(),
        ban_only=table[:, 3].astype(bool),
    )
    return lines, unclear


class _Resolver:
    """Finds the pieces of a way at a node."""

    def __init__(self, roads: AssembledRoads, way_id: Ids) -> None:
        self._lines = roads.lines
        self._piece_way = roads.piece_way
        self._way_order = np.argsort(way_id, kind="stable")
        self._way_sorted = way_id[self._way_order]
        self._node_order = np.argsort(roads.vertex_node, kind="stable")
        self._node_sorted = roads.vertex_node[self._node_order]

    def find_pairs(self, item: Restriction) -> list[tuple[int, int, int]] | None:
        """Return (from piece, vertex, to piece); empty if a member is not used, None if unclear."""
        place = int(np.searchsorted(self._node_sorted, item.via_node))
        if place == len(self._node_sorted) or self._node_sorted[place] != item.via_node:
            return []
        via = int(self._node_order[place])
        if item.rule == "u_turn" and item.from_ways == item.to_ways:
            # Turning back on the same road is allowed nowhere but at its dead end.
            return []
        pairs: list[tuple[int, int, int]] = []
        for from_way in item.from_ways:
            for to_way in item.to_ways:
                arriving = self._pieces_at(from_way, via, arriving=True)
                leaving = self._pieces_at(to_way, via, arriving=False)
                if not arriving or not leaving:
                    continue
                combined = [(one, other) for one in arriving for other in leaving if one != other]
                if len(combined) > 1:
                    combined = self._choose_by_angle(item.rule, via, combined)
                if (len(combined) != 1 and item.only) or not combined:
                    return None
                pairs.extend((one, via, other) for one, other in combined)
        return pairs

    def _pieces_at(self, way: int, vertex: int, *, arriving: bool) -> list[int]:
        place = int(np.searchsorted(self._way_sorted, way))
        found: list[int] = []
        while place < len(self._way_sorted) and self._way_sorted[place] == way:
            index = int(self._way_order[place])
            first, last = np.searchsorted(self._piece_way, (index, index + 1))
            starts = self._lines.piece_from[first:last] == vertex
            ends = self._lines.piece_to[first:last] == vertex
            both = ~self._lines.piece_oneway[first:last]
            usable = (ends | (starts & both)) if arriving else (starts | (ends & both))
            found.extend((np.flatnonzero(usable) + first).tolist())
            place += 1
        return found

    def _choose_by_angle(self, rule: str, via: int, pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
        if rule not in ("left_turn", "right_turn", "straight_on"):
            return pairs
        chosen = []
        for one, other in pairs:
            angle = self._turn_angle(one, via, other)
            fits = {"left_turn": 20 < angle < 175, "right_turn": -175 < angle < -20, "straight_on": abs(angle) < 50}
            if fits[rule]:
                chosen.append((one, other))
        return chosen

    def _turn_angle(self, one: int, via: int, other: int) -> float:
        """Compute the turn from piece to piece [degrees], left positive."""
        lines = self._lines
        before = lines.piece_from[one] if lines.piece_to[one] == via else lines.piece_to[one]
        after = lines.piece_to[other] if lines.piece_from[other] == via else lines.piece_from[other]
        shrink = np.cos(np.radians(lines.lat[via]))
        lon, lat = lines.lon, lines.lat
        arriving = np.arctan2(lat[via] - lat[before], (lon[via] - lon[before]) * shrink)
        leaving = np.arctan2(lat[after] - lat[via], (lon[after] - lon[via]) * shrink)
        return float((np.degrees(leaving - arriving) + 180.0) % 360.0 - 180.0)
