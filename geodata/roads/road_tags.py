"""What the tags of a way mean for one mode of travel: may it be used, which way, and its profile.

The rules follow OpenStreetMap's documentation and, for cars, what an independent routing engine
(OSRM's car profile) is known to do, so that two engines can be compared on one file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from coverage.network.settings import Mode
from geodata.roads.road_values import parse_duration_s, parse_layer, parse_maxspeed_kph, split_values

Access = Literal["allowed", "restricted", "forbidden"]
# A row of `coverage.network.model.PROFILE_COLUMNS`.
Profile = tuple[str, str, str, str, str, str, str, float, float, float, bool]

_LINKED = ("motorway", "trunk", "primary", "secondary", "tertiary")
_MOTOR = frozenset(
    (*_LINKED, *(f"{name}_link" for name in _LINKED), "unclassified", "residential", "living_street", "service")
) | {"road", "track"}
_ON_FOOT = frozenset({"footway", "path", "steps", "pedestrian", "corridor", "cycleway", "bridleway", "platform"})
# Class → usable when no access tag says otherwise; classes not named here are not used by that mode.
_DEFAULTS: dict[Mode, dict[str, bool]] = {
    "drive": dict.fromkeys(_MOTOR, True) | {"pedestrian": False},
    "walk": dict.fromkeys(_MOTOR | _ON_FOOT, True) | {"motorway": False, "motorway_link": False, "busway": False},
    "cycle": dict.fromkeys(_MOTOR, True)
    | {"motorway": False, "motorway_link": False, "cycleway": True, "path": True}
    | dict.fromkeys(("footway", "pedestrian", "bridleway", "steps", "busway", "platform"), False),
}
_ACCESS_KEYS: dict[Mode, tuple[str, ...]] = {
    "drive": ("motorcar", "motor_vehicle", "vehicle", "access"),
    "walk": ("foot", "access"),
    "cycle": ("bicycle", "vehicle", "access"),
}
# Keys that name the mode itself; only they open a class that is closed by default.
_OPENING_KEYS: dict[Mode, tuple[str, ...]] = {
    "drive": ("motorcar", "motor_vehicle", "vehicle"),
    "walk": ("foot",),
    "cycle": ("bicycle",),
}
_ONEWAY_KEYS: dict[Mode, tuple[str, ...]] = {
    "drive": ("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"),
    "walk": ("oneway:foot",),
    "cycle": ("oneway:bicycle", "oneway:vehicle", "oneway"),
}
_CYCLEWAY_KEYS = ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
_RESTRICTED = frozenset(
    [
        "private",
        "destination",
        "customers",
        "delivery",
        "permit",
        "permits",
        "residents",
        "resident",
        "employees",
        "staff",
        "members",
        "visitors",
    ]
)
_FORBIDDEN = frozenset(
    [
        "no",
        "never",
        "agricultural",
        "forestry",
        "emergency",
        "psv",
        "bus",
        "taxi",
        "coach",
        "tourist_bus",
        "military",
        "hgv",
        "goods",
        "rail",
        "foot",
        "bicycle",
        "pedestrian",
        "use_sidepath",
        "dismount",
        "closed",
        "impassable",
        "separate",
    ]
)
_YES = frozenset({"yes", "true", "1"})
_REVERSE = frozenset({"-1", "reverse"})
_REVERSIBLE = frozenset({"reversible", "alternating"})
_LIMIT_KEYS = ("maxspeed:advisory", "maxspeed", "source:maxspeed", "maxspeed:type")
_RAMPS = frozenset({"motorway_link", "trunk_link"})
# Values of tunnel and bridge that lie at the height of the ground beside them.
_AT_GROUND = frozenset(
    ["", "no", "false", "0", "building_passage", "culvert", "covered", "boardwalk", "low_water_crossing", "ford"]
)
_PROFILE_KEYS = ("surface", "smoothness", "tracktype", "service", "junction")

# Every tag of a way that any mode looks at; readers drop the others, cuts keep only these.
WAY_KEYS: frozenset[str] = frozenset(
    {
        *("highway", "route", "area", "duration", "motorroad", "hov", "construction", "proposed"),
        *("impassable", "status", "abandoned", "disused"),
        *("tunnel", "bridge", "layer"),
        *_PROFILE_KEYS,
        *_CYCLEWAY_KEYS,
        *(key for keys in _ONEWAY_KEYS.values() for key in keys),
        *(f"{key}{side}" for keys in _ACCESS_KEYS.values() for key in keys for side in ("", ":forward", ":backward")),
        *(f"{key}{side}" for key in _LIMIT_KEYS for side in ("", ":forward", ":backward")),
    }
)


@dataclass(frozen=True, slots=True)
class WayTravel:
    """How a way may be travelled by one mode.

    Parameters
    ----------
    direction
        0 both ways, 1 only as drawn, -1 only against the drawing; speeds in the profile
        are then already those of the travelled direction.
    profile
        One row of `coverage.network.model.PROFILE_COLUMNS`.
    unreadable
        Tags whose value could not be read, as (key, value) pairs.
    """

    direction: Literal[-1, 0, 1]
    profile: Profile
    unreadable: tuple[tuple[str, str], ...] = ()


# Why a road is left out although its class is used: counted and told, unlike footpaths for cars.
LeftOut = Literal["not_for_mode", "reversible"]


def find_usable_classes(mode: Mode) -> frozenset[str]:
    """Return the road classes that a mode can use at all, if only with a tag that opens them."""
    return frozenset(_DEFAULTS[mode])


def read_way_tags(tags: Mapping[str, str], mode: Mode, *, ferries: bool = False) -> WayTravel | LeftOut:
    """Decide from its tags how a way may be travelled.

    Parameters
    ----------
    tags
        Tags of the way; those outside `WAY_KEYS` are not looked at.
    mode
        How people travel.
    ferries
        True to use ferry lines (``route=ferry``).

    Returns
    -------
    The way's direction and profile, or why it is not used.
    """
    is_ferry = tags.get("route") == "ferry"
    highway = "ferry" if is_ferry else tags.get("highway", "")
    default = ferries if is_ferry else _DEFAULTS[mode].get(highway)
    if default is None or (is_ferry and not ferries) or not _is_passable(tags, mode):
        return "not_for_mode"
    if not default and not _has_opening(tags, mode):
        return "not_for_mode"
    access = tuple(find_access(tags, mode, side) or "allowed" for side in (":forward", ":backward"))
    oneway = _read_oneway(tags, mode, highway)
    if oneway is None:
        return "reversible"
    forward = access[0] != "forbidden" and oneway >= 0
    backward = access[1] != "forbidden" and oneway <= 0
    if not forward and not backward:
        return "not_for_mode"
    direction: Literal[-1, 0, 1] = 0 if forward and backward else (1 if forward else -1)
    restricted = (forward and access[0] == "restricted") or (backward and access[1] == "restricted")
    return _describe_way(tags, mode, highway, direction, restricted)


def find_no_entry(tags: Mapping[str, str], mode: Mode, highway: str) -> str:
    """Find why nobody enters a way between its ends; one of `coverage.network.model.NO_ENTRY`, "" where people do.

    A bridge whose layer is not stated is taken to be above the ground. Steps are entered anywhere on foot.
    """
    if tags.get("tunnel", "").strip().lower() not in _AT_GROUND:
        return "tunnel"
    if tags.get("bridge", "").strip().lower() not in _AT_GROUND and parse_layer(tags.get("layer", ""), 1) > 0:
        return "bridge"
    if tags.get("motorroad", "").strip().lower() in _YES:
        return "motorroad"
    if highway in _RAMPS:
        return "ramp"
    return "steps" if highway == "steps" and mode != "walk" else ""


def _describe_way(
    tags: Mapping[str, str], mode: Mode, highway: str, direction: Literal[-1, 0, 1], restricted: bool
) -> WayTravel:
    unreadable: list[tuple[str, str]] = []
    limits = tuple(_read_limit(tags, side, unreadable) for side in (":forward", ":backward"))
    ahead, back = limits if direction >= 0 else limits[::-1]
    duration = math.nan
    if highway == "ferry" and "duration" in tags:
        seconds = parse_duration_s(tags["duration"])
        if seconds is None:
            unreadable.append(("duration", tags["duration"]))
        else:
            duration = seconds
    surface, smoothness, tracktype, service, junction = (tags.get(key, "").strip().lower() for key in _PROFILE_KEYS)
    no_entry = find_no_entry(tags, mode, highway)
    profile = (highway, surface, smoothness, tracktype, service, junction, no_entry, ahead, back, duration, restricted)
    return WayTravel(direction, profile, tuple(dict.fromkeys(unreadable)))


def _is_passable(tags: Mapping[str, str], mode: Mode) -> bool:
    if any(tags.get(key) == "yes" for key in ("impassable", "proposed", "abandoned", "disused")):
        return False
    if tags.get("smoothness") == "impassable" or tags.get("status") == "impassable":
        return False
    if tags.get("construction", "no") not in ("no", "minor", "widening"):
        return False
    if mode == "drive":
        return (
            tags.get("area") != "yes"
            and tags.get("service") != "emergency_access"
            and tags.get("hov") not in ("designated", "only")
        )
    return tags.get("motorroad") != "yes" or _has_opening(tags, mode)


def judge_access(value: str) -> Access:
    """Judge the value of an access tag; of several (``destination;delivery``) the most open counts."""
    parts = split_values(value)
    if any(part not in _FORBIDDEN and part not in _RESTRICTED for part in parts) or not parts:
        return "allowed"
    return "restricted" if any(part in _RESTRICTED for part in parts) else "forbidden"


def find_access(tags: Mapping[str, str], mode: Mode, side: str = "") -> Access | None:
    """Find what the most specific access tag says for a mode; None where no tag speaks."""
    for key in _ACCESS_KEYS[mode]:
        for name in (key + side, key) if side else (key,):
            value = tags.get(name)
            if value and value != "unknown":
                return judge_access(value)
    return None


def _has_opening(tags: Mapping[str, str], mode: Mode) -> bool:
    for key in _OPENING_KEYS[mode]:
        for side in ("", ":forward", ":backward"):
            value = tags.get(key + side)
            if value and value != "unknown" and judge_access(value) != "forbidden":
                return True
    return False


def _read_oneway(tags: Mapping[str, str], mode: Mode, highway: str) -> Literal[-1, 0, 1] | None:
    value = ""
    for key in _ONEWAY_KEYS[mode]:
        if key in tags:
            value = tags[key].strip().lower()
            break
    if mode == "cycle" and "oneway:bicycle" not in tags:
        contraflow = any(tags.get(key, "").startswith("opposite") for key in _CYCLEWAY_KEYS)
        if contraflow or tags.get("bicycle:backward") in _YES:
            return 0
    if value in _REVERSIBLE:
        return None
    if value in _YES:
        return 1
    if value in _REVERSE:
        return -1
    round_trip = tags.get("junction", "").strip().lower() in ("roundabout", "circular")
    if mode != "walk" and value != "no" and (highway == "motorway" or round_trip):
        return 1
    return 0


def _read_limit(tags: Mapping[str, str], side: str, unreadable: list[tuple[str, str]]) -> float:
    for key in _LIMIT_KEYS:
        for name in (key + side, key):
            value = tags.get(name)
            if value is None:
                continue
            limit, readable = parse_maxspeed_kph(value)
            if readable:
                return limit
            # Sources of a limit are free text ("sign", "markings"): not a fault if they name no rule.
            if key not in ("source:maxspeed", "maxspeed:type"):
                unreadable.append((name, value))
    return math.nan
