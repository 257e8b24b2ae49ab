"""Thresholds are a table, not a constant: minutes by service, zone, level, mode and season."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.errors import DataIssue, SettingsError, make_fault
from coverage.inputs.bilingual_names import Name
from coverage.inputs.schema import ZONES
from coverage.network.settings import MODES

ANY = "*"
# From the most to the least telling: it decides between rules that name equally many fields.
RULE_FIELDS: tuple[str, ...] = ("service", "level", "zone", "mode", "season")
MAX_MINUTES = 1440.0
MAX_HOURS_WEEK = 168.0
# How many hours a week a fixed point must be open to count, where a study does not say [h]. Our choice: two hours
# on each of five working days.
DEFAULT_LEAST_HOURS = 10.0


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """One line of a table: the threshold where every named field fits; ``"*"`` fits everything.

    Parameters
    ----------
    service, zone, level, mode, season
        Ids, or ``"*"``.
    minutes
        The threshold, inclusive [min].
    distance_km, speed_kph
        Where the source gives a distance, it and the speed that turned it into `minutes`; NaN where
        the source gives minutes.
    """

    service: str = ANY
    zone: str = ANY
    level: str = ANY
    mode: str = ANY
    season: str = ANY
    minutes: float = 30.0
    distance_km: float = math.nan
    speed_kph: float = math.nan

    @property
    def is_converted(self) -> bool:
        """Tell whether the minutes are our conversion of a distance, to be marked as such."""
        return math.isfinite(self.distance_km)

    @property
    def pattern(self) -> tuple[str, ...]:
        """Return the fields in the order of their weight: service, level, zone, mode, season."""
        return (self.service, self.level, self.zone, self.mode, self.season)

    @property
    def rank(self) -> tuple[int, tuple[bool, ...]]:
        """Return what decides between rules that fit: how many fields are named, then which."""
        named = tuple(value != ANY for value in self.pattern)
        return sum(named), named


@dataclass(frozen=True, slots=True)
class ThresholdTable:
    """Rules that together give every place a threshold.

    Of the rules that fit, the one that names most fields wins; among those, the one that names the
    service, then the level, the zone, the mode, the season. Two rules that name the same fields with
    the same values are refused, so the answer never depends on the order of the rules.

    Parameters
    ----------
    id, name
        Machine id and name shown.
    source
        Where the figures come from, printed with results.
    rules
        At least one rule names no field at all: it covers what no other does.
    least_hours_week
        Fewest hours a week that a fixed point must be open to count, inclusive [h]; 0 lets every one count.

    Raises
    ------
    SettingsError
        ``thresholds.invalid`` with all faults.
    """

    id: str
    name: Name
    source: str
    rules: tuple[ThresholdRule, ...]
    least_hours_week: float = DEFAULT_LEAST_HOURS

    def __post_init__(self) -> None:
        faults = find_rule_faults(self.rules)
        if not 0.0 <= self.least_hours_week <= MAX_HOURS_WEEK:
            hours = self.least_hours_week
            faults.append(make_fault("entry.out_of_range", "least_hours_week", hours, low=0.0, high=MAX_HOURS_WEEK))
        if faults:
            raise SettingsError("thresholds.invalid", faults=faults, file=self.id)

    @property
    def largest_cutoff_min(self) -> float:
        """Return the largest threshold of all rules [min]; times are needed up to here."""
        return max(rule.minutes for rule in self.rules)


def find_rule_faults(rules: tuple[ThresholdRule, ...]) -> list[DataIssue]:
    """List what is wrong with rules, each with the number of its rule; empty if they make a table."""
    faults = []
    first: dict[tuple[str, ...], int] = {}
    for number, rule in enumerate(rules, start=1):
        if math.isnan(rule.minutes):
            faults.append(make_fault("entry.missing", "minutes", rule=number))
        elif not 0.0 < rule.minutes <= MAX_MINUTES:
            value, high = rule.minutes, MAX_MINUTES
            faults.append(make_fault("entry.minutes_out_of_range", value=value, rule=number, high=high))
        for field, known in (("zone", ZONES), ("mode", MODES)):
            value = getattr(rule, field)
            if value not in (ANY, *known):
                faults.append(make_fault("entry.unknown_choice", field, value, rule=number, known=known))
        if rule.pattern in first:
            faults.append(make_fault("entry.rule_twice", rule=number, other=first[rule.pattern]))
        first.setdefault(rule.pattern, number)
    if (ANY,) * len(RULE_FIELDS) not in first:
        faults.append(make_fault("entry.no_general_rule"))
    return faults


def find_rule(
    table: ThresholdTable, *, service: str = "", level: str = "", mode: str = "", season: str = "", zone: str = ""
) -> ThresholdRule:
    """Find the rule that decides a case; an empty text means "not said" and fits only ``"*"``."""
    wanted = (service, level, zone, mode, season)
    fitting = [
        rule
        for rule in table.rules
        if all(mine in (ANY, asked) for mine, asked in zip(rule.pattern, wanted, strict=True))
    ]
    return max(fitting, key=lambda rule: rule.rank)


def find_cutoffs_min(
    table: ThresholdTable,
    *,
    service: str = "",
    level: str = "",
    mode: str,
    season: str,
    zones: npt.NDArray[np.object_] | pd.Series,
) -> npt.NDArray[np.float32]:
    """Find the threshold of every demand point [min].

    Parameters
    ----------
    table
        The thresholds.
    service, level
        Ids of what is asked for; ``""`` if any service or level will do.
    mode, season
        Ids of how and when people travel.
    zones
        Zone of each demand point, shape (p,); ``""`` where it is not known.

    Returns
    -------
    Shape (p,), in the order of `zones`; to be compared by `coverage.units.is_within` only.

    Examples
    --------
    >>> from coverage.inputs.bilingual_names import Name
    >>> rules = (ThresholdRule(minutes=60.0), ThresholdRule(zone="urban", minutes=30.0))
    >>> table = ThresholdTable("t", Name("城乡", "Town and country"), "", rules)
    >>> zones = np.array(["urban", "rural"], object)
    >>> find_cutoffs_min(table, mode="drive", season="summer", zones=zones).tolist()
    [30.0, 60.0]
    """
    number, known = pd.factorize(np.asarray(zones, dtype=object), use_na_sentinel=True)
    minutes = [
        find_rule(table, service=service, level=level, mode=mode, season=season, zone=zone).minutes
        for zone in [*map(str, known), ""]
    ]
    return np.array(minutes, dtype=np.float32)[number]
