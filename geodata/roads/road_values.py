"""What stands in the values of road tags: speed limits, durations, lists."""

from __future__ import annotations

import math
import re

MPH_KPH = 1.609344
KNOT_KPH = 1.852
WALK_KPH = 6.0

# Posted by rule rather than by number: "CN:urban", "walk". General values, then countries that differ.
_RULE_KPH: dict[str, float] = {
    "urban": 50.0,
    "rural": 90.0,
    "trunk": 110.0,
    "motorway": 130.0,
    "expressway": 120.0,
    "living_street": 10.0,
    "walk": WALK_KPH,
}
_COUNTRY_RULE_KPH: dict[str, float] = {
    "cn:rural": 70.0,
    "cn:trunk": 80.0,
    "cn:motorway": 120.0,
    "ch:rural": 80.0,
    "ch:trunk": 100.0,
    "ch:motorway": 120.0,
    "de:living_street": 7.0,
    "de:rural": 100.0,
    "de:motorway": math.nan,
    "fr:rural": 80.0,
    "gb:nsl_restricted": 30.0 * MPH_KPH,
    "gb:nsl_single": 60.0 * MPH_KPH,
    "gb:nsl_dual": 70.0 * MPH_KPH,
    "gb:motorway": 70.0 * MPH_KPH,
    "kz:urban": 60.0,
    "kz:rural": 100.0,
    "kz:motorway": 140.0,
    "ru:urban": 60.0,
    "ru:living_street": 20.0,
    "ru:motorway": 110.0,
    "by:urban": 60.0,
    "ua:motorway": 130.0,
}
# Values that say there is no fixed limit: nothing posted, and nothing wrong with the data either.
_NO_FIXED_LIMIT = frozenset({"none", "no", "unlimited", "signals", "variable", "unknown", "default", "implicit"})
_RULE = re.compile(r"^(?P<country>[a-z]{2,3}(?:-[a-z]+)?):(?P<zone>[a-z_]+?)(?::?(?P<number>\d+))?$")
_NUMBER = re.compile(r"^(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>km/h|kmh|kph|kmph|km/小时|公里/小时|mph|knots|kn)?$")
_LAYER = re.compile(r"^(?P<number>[+-]?\d{1,3})(?:\.0*)?$")
_CLOCK = re.compile(r"^(?P<hours>\d{1,4}):(?P<minutes>\d{2})(?::(?P<seconds>\d{2}))?$")
_ISO = re.compile(
    r"^P(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?$"
)
_FASTEST_KPH = 200.0


def split_values(text: str) -> list[str]:
    """Split a tag value into its lower-case parts at ``;`` and ``|``, empty ones left out."""
    return [part for raw in re.split(r"[;|]", text.lower()) if (part := raw.strip())]


def parse_maxspeed_kph(text: str) -> tuple[float, bool]:
    """Read a speed limit [km/h].

    Parameters
    ----------
    text
        Value of a ``maxspeed`` tag: a number, with ``mph`` or ``knots``, a rule such as ``CN:urban``,
        ``none``, ``walk``, or several of these (``50;80``): the lowest counts.

    Returns
    -------
    The limit, NaN where none is posted, and whether the value could be read.

    Examples
    --------
    >>> parse_maxspeed_kph("50;80"), parse_maxspeed_kph("CN:urban"), parse_maxspeed_kph("fast")
    ((50.0, True), (50.0, True), (nan, False))
    """
    speeds: list[float] = []
    parts = split_values(text)
    for part in parts:
        speed = _parse_single_limit(part)
        if speed is None:
            return math.nan, False
        speeds.append(speed)
    if not speeds:
        return math.nan, False
    posted = [speed for speed in speeds if not math.isnan(speed)]
    return (min(posted) if posted else math.nan), True


def _parse_single_limit(part: str) -> float | None:
    if part in _NO_FIXED_LIMIT:
        return math.nan
    found = _NUMBER.match(part)
    if found:
        unit = {"mph": MPH_KPH, "knots": KNOT_KPH, "kn": KNOT_KPH}.get(found["unit"] or "", 1.0)
        speed = float(found["number"]) * unit
        return speed if 0.0 < speed <= _FASTEST_KPH else None
    if part == "walk":
        return WALK_KPH
    if part in _COUNTRY_RULE_KPH:
        return _COUNTRY_RULE_KPH[part]
    rule = _RULE.match(part)
    if rule is None:
        return None
    if rule["number"]:
        speed = float(rule["number"])
        return speed if rule["zone"] == "zone" and 0.0 < speed <= _FASTEST_KPH else None
    return _RULE_KPH.get(rule["zone"])


def parse_layer(text: str, absent: int) -> int:
    """Read a ``layer``: a whole number, of several (``1;2``) the highest.

    Examples
    --------
    >>> parse_layer("1;2", 0), parse_layer("-1.0", 0), parse_layer("above", 1)
    (2, -1, 1)
    """
    stated = [int(found["number"]) for part in split_values(text) if (found := _LAYER.match(part))]
    return max(stated, default=absent)


def parse_duration_s(text: str) -> float | None:
    """Read how long a ferry takes [s]: ``HH:MM``, ``HH:MM:SS``, ISO 8601 (``PT1H30M``) or minutes.

    Returns
    -------
    Seconds, or None where the value cannot be read or is not positive.

    Examples
    --------
    >>> parse_duration_s("01:30"), parse_duration_s("PT20M"), parse_duration_s("soon")
    (5400.0, 1200.0, None)
    """
    value = text.strip()
    clock = _CLOCK.match(value)
    if clock:
        seconds = int(clock["hours"]) * 3600.0 + int(clock["minutes"]) * 60.0 + int(clock["seconds"] or 0)
    elif iso := _ISO.match(value.upper()):
        amounts = {name: float(amount or 0) for name, amount in iso.groupdict().items()}
        seconds = amounts["days"] * 86400.0 + amounts["hours"] * 3600.0 + amounts["minutes"] * 60.0 + amounts["seconds"]
    elif re.fullmatch(r"\d{1,5}", value):
        seconds = float(value) * 60.0
    else:
        return None
    return seconds if seconds > 0.0 else None
