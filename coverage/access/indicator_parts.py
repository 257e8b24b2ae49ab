"""What each group of indicators adds to the table, for all units of a level at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.access.equity import (
    compute_depth,
    compute_ginis,
    compute_quantiles,
    compute_urban_rural_gap,
    compute_worst,
    find_lowest_unit,
    sort_times,
)
from coverage.access.established_reachable import count_stations, is_reached
from coverage.access.indicator_rows import IndicatorRows
from coverage.access.item_coverage import Offer
from coverage.access.layer_coverage import ServiceLayers
from coverage.access.service_cost import CostAssumptions, compute_costs_per_person
from coverage.access.supply import Supply
from coverage.inputs.schema import WHOLE_STUDY, ZONES
from coverage.inputs.unit_levels import UnitLevel, sum_groups
from coverage.network.model import BoolArray, FloatArray
from coverage.units import is_within


@dataclass(frozen=True, slots=True, eq=False)
class PeopleTimes:
    """Everything the indicators of people read about demand points, all of shape (p,).

    Parameters
    ----------
    minutes
        Time to the nearest chosen station, inf where none, float32 [min].
    weight
        People, drivers, …: whom the numbers count.
    cutoff_min
        Threshold of each point [min].
    is_connected
        A road lies within the snap limit.
    zone
        ``urban``, ``rural``, ``pastoral`` or "".
    access_m
        Straight distance to the road [m], inf where unconnected.
    route_m
        Length on roads of the way to that station [m], NaN where none.
    """

    minutes: npt.NDArray[np.float32]
    weight: FloatArray
    cutoff_min: npt.NDArray[np.float32]
    is_connected: BoolArray
    zone: npt.NDArray[np.object_]
    access_m: FloatArray
    route_m: FloatArray

    @property
    def covered(self) -> BoolArray:
        """Tell who is within the threshold."""
        return is_within(self.minutes, self.cutoff_min)

    @property
    def one_cutoff(self) -> float | npt.NDArray[np.float32]:
        """Return the threshold as one number where all are equal, which is faster over pairs."""
        same = len(self.cutoff_min) > 0 and bool((self.cutoff_min == self.cutoff_min[0]).all())
        return float(self.cutoff_min[0]) if same else self.cutoff_min


def add_people(rows: IndicatorRows, levels: Sequence[UnitLevel], people: PeopleTimes) -> None:
    """Add coverage (B1), minutes (B4), gap (B5), equity (B10) and the join to the roads (B16) of all levels."""
    weight, covered, finite = people.weight, people.covered, np.isfinite(people.minutes)
    shares = {
        "B1": covered,
        "B1.beyond": people.is_connected & finite & ~covered,
        "B1.no_route": people.is_connected & ~finite,
        "B1.unconnected": ~people.is_connected,
    }
    sums = {code: weight * mask for code, mask in shares.items()}
    zones = {zone: np.asarray(people.zone == zone, bool) for zone in ZONES}
    country = zones["rural"] | zones["pastoral"]
    depth = {alpha: compute_depth(people.minutes, people.cutoff_min, alpha) for alpha in (0, 1, 2)}
    order = np.argsort(people.minutes, kind="stable")
    by_access = np.argsort(people.access_m, kind="stable")
    for level in levels:
        total = level.sum(weight)
        for code, mine in sums.items():
            rows.add(code, level, level.sum(mine), total)
        for zone, inside in zones.items():
            if inside.any():
                rows.add(f"B1.{zone}", level, level.sum(sums["B1"] * inside), level.sum(weight * inside))
        times = sort_times(people.minutes[order], weight[order], level.group[order], level.count, is_sorted=True)
        rows.add("B4.mean", level, times.person_minutes, times.people)
        rows.add("B4.median", level, 0.5 * times.people, times.people, compute_quantiles(times, 0.5))
        rows.add("B4.p90", level, 0.9 * times.people, times.people, compute_quantiles(times, 0.9))
        outside = level.sum(depth[0] * weight)
        rows.add("B5.people", level, outside, total, outside)
        rows.add("B5.fgt0", level, outside, total)
        for alpha in (1, 2):
            rows.add(f"B5.fgt{alpha}", level, level.sum(np.nan_to_num(depth[alpha]) * weight), total)
        rows.add("B10.gini", level, *compute_ginis(times))
        rows.add("B10.worst_tenth", level, *compute_worst(times, 0.1))
        if zones["urban"].any() and country.any():
            rows.add(
                "B10.urban_rural",
                level,
                *compute_urban_rural_gap(covered, weight, zones["urban"], country, level.group, level.count),
            )
        points = level.sum(np.ones(len(weight)))
        rows.add("B16.matched", level, level.sum(people.is_connected), points)
        access = sort_times(
            people.access_m[by_access], weight[by_access], level.group[by_access], level.count, is_sorted=True
        )
        rows.add("B16.access_m", level, 0.5 * access.people, access.people, compute_quantiles(access, 0.5))
    _add_lowest_county(rows, levels, sums["B1"], weight)


def _add_lowest_county(
    rows: IndicatorRows, levels: Sequence[UnitLevel], covered: FloatArray, weight: FloatArray
) -> None:
    by_name = {level.level: level for level in levels}
    if not {WHOLE_STUDY, "county"} <= by_name.keys():
        return
    county = by_name["county"]
    inside, people = (county.sum(values)[: county.unit_count] for values in (covered, weight))
    lowest = find_lowest_unit(inside, people)
    if lowest >= 0:
        share = inside[lowest] / people[lowest]
        rows.add_one("B10.lowest_county", by_name[WHOLE_STUDY], share, inside[lowest], people[lowest])


def add_groups(
    rows: IndicatorRows, levels: Sequence[UnitLevel], covered: BoolArray, groups: Mapping[str, FloatArray]
) -> None:
    """Add coverage of the groups that are counted besides residents (B1.children, …), by demand column."""
    for level in levels:
        for name, weight in groups.items():
            rows.add(f"B1.{name}", level, level.sum(weight * covered), level.sum(weight))


def add_units(
    rows: IndicatorRows,
    levels: Sequence[UnitLevel],
    people: PeopleTimes,
    station_district: npt.NDArray[np.int64],
    chosen: BoolArray,
    offers: Sequence[Offer],
    unit_share: float,
) -> None:
    """Add the share of units with a point (A1), with a point for an item (A1k), and that are reached (B2).

    Parameters
    ----------
    rows, levels
        Where rows go; units are counted within every level that is not finer than they are.
    people
        The demand points.
    station_district
        District of each station, -1 for none, shape (s,).
    chosen
        Mask of the stations that count, shape (s,).
    offers
        Items for A1k, by all stations that do them.
    unit_share
        Share of a unit's people that must be inside for B2.
    """
    covered = people.weight * people.covered
    for number, finer in enumerate(levels):
        if finer.level == WHOLE_STUDY:
            continue
        total = finer.sum(people.weight)[: finer.unit_count]
        reached = is_reached(finer.sum(covered)[: finer.unit_count], total, unit_share)
        marks = {f"A1.{finer.level}": count_stations(finer, station_district[chosen])[: finer.unit_count] > 0}
        for offer in offers:
            has_item = count_stations(finer, station_district[offer.stations])[: finer.unit_count] > 0
            marks[f"A1k.{finer.level}.{offer.id}"] = has_item
        for level in levels[: number + 1]:
            group = level.of_district[finer.districts]
            units = sum_groups(np.ones(len(group)), group, level.count)
            for code, mark in marks.items():
                rows.add(code, level, sum_groups(mark, group, level.count), units, show=units > 0)
            populated = sum_groups(total > 0, group, level.count)
            rows.add(f"B2.{finer.level}", level, sum_groups(reached, group, level.count), populated, show=units > 0)


def add_offers(
    rows: IndicatorRows,
    levels: Sequence[UnitLevel],
    offers: Sequence[Offer],
    covered: BoolArray,
    weights: Mapping[str, FloatArray],
) -> None:
    """Add coverage by family, item and bundle (B7); `covered` has shape (offers, p), weights are by column."""
    for level in levels:
        totals = {name: level.sum(weight) for name, weight in weights.items()}
        for offer, reached in zip(offers, covered, strict=True):
            inside = level.sum(weights[offer.weight] * reached)
            rows.add(f"B7.{offer.kind}.{offer.id}", level, inside, totals[offer.weight])


def add_mean(
    rows: IndicatorRows, levels: Sequence[UnitLevel], code: str, values: FloatArray | BoolArray, weight: FloatArray
) -> None:
    """Add the people-weighted mean of a value of each demand point (B6, B8, B9, B11), everybody counted."""
    weighted = values * weight
    for level in levels:
        rows.add(code, level, level.sum(weighted), level.sum(weight))


def add_layers(rows: IndicatorRows, levels: Sequence[UnitLevel], layers: ServiceLayers, weight: FloatArray) -> None:
    """Add who is inside layer by layer (B12), and how often the points of those are open who need one (B13).

    B12.remote has no value where nobody said who can use a remote channel. B13 counts those whom no fixed service
    reaches and a circuit or mobile point does; it is left out where there are none.
    """
    remote = np.full(len(weight), np.nan) if layers.with_remote is None else layers.with_remote
    for code, reached in (("fixed", layers.fixed), ("mobile", layers.with_mobile), ("remote", remote)):
        add_mean(rows, levels, f"B12.{code}", reached, weight)
    added = weight * (layers.with_mobile & ~layers.fixed)
    if added.any():
        add_mean(rows, levels, "B13.hours", layers.hours_week, added)
        add_mean(rows, levels, "B13.visits", layers.visits_month, added)


def add_supply(
    rows: IndicatorRows,
    levels: Sequence[UnitLevel],
    supply: Supply,
    weight: FloatArray,
    station_district: npt.NDArray[np.int64],
) -> None:
    """Add capacity within reach of one person and the share of over-loaded stations (B9)."""
    add_mean(rows, levels, "B9.access", supply.access, weight)
    known = np.isfinite(supply.load)
    for level in levels:
        group = level.of_district[station_district]
        overloaded = sum_groups(supply.is_overloaded, group, level.count)
        rows.add("B9.overloaded", level, overloaded, sum_groups(known, group, level.count))


def add_benefit(
    rows: IndicatorRows, levels: Sequence[UnitLevel], gained: FloatArray, weight: FloatArray, cost: float
) -> None:
    """Add the people whom the planned stations would newly bring inside, and the cost per person of them (B14)."""
    for level in levels:
        people = level.sum(gained)
        rows.add("B14.people", level, people, level.sum(weight), people)
        if level.level == WHOLE_STUDY and np.isfinite(cost) and people[0] > 0:
            rows.add_one("B14.cost", level, cost / people[0], cost, people[0])


def add_costs(
    rows: IndicatorRows, levels: Sequence[UnitLevel], people: PeopleTimes, assumptions: CostAssumptions
) -> None:
    """Add what visits cost one person a year (B17); the numerator is the cost of everybody with a finite time."""
    costs = compute_costs_per_person(people.minutes, people.route_m, assumptions)
    counted = np.isfinite(people.minutes) * people.weight
    for level in levels:
        served = level.sum(counted)
        for name, cost in costs.items():
            rows.add(f"B17.{name}", level, level.sum(np.nan_to_num(cost) * people.weight), served)
