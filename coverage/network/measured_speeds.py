"""Speed tables from measured averages: by class in the country and in town, bounded by the general limits."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coverage.network.speeds import Pairs, SpeedTable, TurnDelays

# A road without a class in the data is at best a village road.
_UNKNOWN, _LEAST = "road", "unclassified"


@dataclass(frozen=True, slots=True)
class MeasuredSpeeds:
    """Average speeds of one region; all pairs are sorted by class.

    Parameters
    ----------
    id
        The region, e.g. ``"CN-XJ"``.
    country_kph, town_kph
        Average speed by road class [km/h].
    country_limit_kph, town_limit_kph
        General limits of roads without signs, by class without ``_link`` [km/h].
    """

    id: str
    country_kph: Pairs
    town_kph: Pairs
    country_limit_kph: Pairs = ()
    town_limit_kph: Pairs = ()


@dataclass(frozen=True, slots=True)
class SpeedBounds:
    """The two tables that a study's own speeds lie between, for the range of the headline.

    Parameters
    ----------
    slow
        As it was measured, stops and waits included.
    fast
        As it is assumed to be driven where nothing is in the way.
    """

    slow: SpeedTable
    fast: SpeedTable


def build_measured_table(assumed: SpeedTable, measured: MeasuredSpeeds, driven: float) -> SpeedTable:
    """Build a speed table of measured averages.

    Parameters
    ----------
    assumed
        What is not measured comes from here: other classes, limits by surface, seasons, where towns begin.
    measured
        Averages of a region; a class it gives for one zone only has the same speed in both.
    driven
        Share of the averages that is driven, e.g. 1.15.

    Returns
    -------
    A table without delays at junctions and turns, since the averages contain them. No class is driven
    faster than its general limit, in the country or in town.
    """
    country, town = dict(measured.country_kph), dict(measured.town_kph)
    limits = dict(measured.country_limit_kph), dict(measured.town_limit_kph)
    speeds, factors = dict(assumed.speeds_kph), dict(assumed.urban_factor)
    for road in sorted({*country, *town}):
        rural = country.get(road, town.get(road, 0.0)) * driven
        urban = town.get(road, country.get(road, 0.0)) * driven
        speeds[road] = _bound(road, round(rural, 3), limits[0])
        factors[road] = _bound(road, round(urban, 3), limits[1]) / speeds[road]
    if _UNKNOWN in speeds and _LEAST in speeds:
        in_town = min(speeds[_UNKNOWN] * _find_factor(assumed, _UNKNOWN), speeds[_LEAST] * factors.get(_LEAST, 1.0))
        speeds[_UNKNOWN] = min(speeds[_UNKNOWN], speeds[_LEAST])
        factors[_UNKNOWN] = in_town / speeds[_UNKNOWN]
    return replace(
        assumed,
        id=f"measured-{measured.id}",
        speeds_kph=tuple(sorted(speeds.items())),
        urban_factor=tuple(sorted(factors.items())),
        delays_s=(),
        turns=TurnDelays(drives_on_right=assumed.turns.drives_on_right),
    )


def build_speed_bounds(assumed: SpeedTable, measured: MeasuredSpeeds, driven: float) -> SpeedBounds:
    """Build the bounds of a measured table: the bare averages, and the assumed speeds.

    Parameters
    ----------
    assumed, measured, driven
        As for `build_measured_table`.

    Notes
    -----
    In the slow table a posted limit, too, is driven at its share without the surplus of `driven`. In the
    fast one a class is driven at the assumed speed, or at the driven one where that is higher (motorways
    in some provinces), and waits at junctions as assumed.
    """
    slow = build_measured_table(assumed, measured, 1.0)
    table = build_measured_table(assumed, measured, driven)
    speeds, factors = {}, dict(assumed.urban_factor)
    for road, kph in assumed.speeds_kph:
        both = ((kph, _find_factor(assumed, road)), (dict(table.speeds_kph)[road], _find_factor(table, road)))
        speeds[road] = max(country for country, _ in both)
        if speeds[road] > 0.0:
            factors[road] = max(country * factor for country, factor in both) / speeds[road]
    return SpeedBounds(
        slow=replace(slow, maxspeed_factor=assumed.maxspeed_factor / driven),
        fast=replace(assumed, speeds_kph=tuple(sorted(speeds.items())), urban_factor=tuple(sorted(factors.items()))),
    )


def _find_factor(table: SpeedTable, road: str) -> float:
    factors = dict(table.urban_factor)
    return factors.get(road, factors.get("*", 1.0))


def _bound(road: str, kph: float, limits: dict[str, float]) -> float:
    return min(kph, limits.get(road.removesuffix("_link"), kph))
