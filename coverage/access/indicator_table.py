"""All indicators of one choice of stations, for the study and the units of every level, in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.assessment import Assessment
from coverage.access.headline_range import HeadlineRange
from coverage.access.indicator_parts import (
    PeopleTimes,
    add_benefit,
    add_costs,
    add_groups,
    add_layers,
    add_mean,
    add_offers,
    add_people,
    add_supply,
    add_units,
)
from coverage.access.indicator_rows import IndicatorRows
from coverage.access.item_coverage import (
    Cutoffs,
    CutoffsById,
    Offer,
    expand_pairs,
    find_covered,
    list_offers,
    scan_pairs,
)
from coverage.access.layer_coverage import ServiceLayers
from coverage.access.service_cost import CostAssumptions
from coverage.access.supply import SLOW_DECAY, Decay, compute_supply
from coverage.errors import SettingsError
from coverage.inputs.indicator_registry import DEFAULT_UNIT_SHARE
from coverage.inputs.mode_mix import mix_covered
from coverage.inputs.question import WEEK
from coverage.inputs.schema import WEIGHT_COLUMNS, WHOLE_STUDY
from coverage.inputs.scope import Scope, find_scope
from coverage.inputs.stations import select_stations
from coverage.inputs.unit_levels import UnitLevel, number_station_districts
from coverage.network.model import BoolArray, FloatArray
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.travel.reach import ReachMatrix
from coverage.travel.travel_basis import TravelBasis
from coverage.units import is_within


@dataclass(frozen=True, slots=True, eq=False)
class MixedModes:
    """Who is inside by the other mode of a mix, and the share of people who travel by it, both of shape (p,)."""

    other_covered: BoolArray
    without_car: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PlannedStations:
    """Time to the nearest planned station, shape (p,) [min], and what all cost [yuan], NaN if that is not known."""

    minutes: npt.NDArray[np.float32]
    cost: float


@dataclass(frozen=True, slots=True, eq=False)
class IndicatorExtras:
    """What some indicators need besides an assessment; those whose input is None are left out.

    Parameters
    ----------
    weekly_hours
        Hours a week with at least one open station within the threshold, shape (p,) (B8).
    winter_minutes, winter_cutoff_min
        Time to the nearest station in winter, shape (p,), and its threshold; None takes the same one
        (B11).
    item_cutoffs
        Thresholds by id of family, item and bundle, "" for those not named; None takes that of the
        assessment for all (B7).
    headline_range
        Range of the headline (B15).
    mix
        Who travels by another mode (B1.mix).
    planned
        Stations that are to open (B14).
    layers
        Who is inside by fixed points, by circuit and mobile points too, and by a remote channel too (B12), and how
        often the points of the second layer are there (B13).
    decay
        How a station counts the farther it is (B9).
    unit_share
        Share of a unit's people that must be inside (B2).
    costs
        What is assumed about visits (B17).
    """

    weekly_hours: FloatArray | None = None
    winter_minutes: npt.NDArray[np.float32] | None = None
    winter_cutoff_min: Cutoffs | None = None
    item_cutoffs: CutoffsById | None = None
    headline_range: HeadlineRange | None = None
    mix: MixedModes | None = None
    planned: PlannedStations | None = None
    layers: ServiceLayers | None = None
    decay: Decay = SLOW_DECAY
    unit_share: float = DEFAULT_UNIT_SHARE
    costs: CostAssumptions = field(default_factory=CostAssumptions)


NO_EXTRAS = IndicatorExtras()


def compute_indicators(
    basis: TravelBasis,
    assessment: Assessment,
    *,
    reach: Sequence[ReachMatrix] | None = None,
    extras: IndicatorExtras = NO_EXTRAS,
    levels: tuple[str, ...] | None = None,
    scope: Scope | None = None,
    wanted: BoolArray | None = None,
    period: str = WEEK,
    progress: Progress = ignore_progress,
) -> pd.DataFrame:
    """Compute every indicator the inputs allow, for the study and all units.

    Parameters
    ----------
    basis
        The study joined to its roads.
    assessment
        Its answer for the chosen stations; times, classes and people are taken from it.
    reach
        Blocks of `coverage.access.assessment.find_reach` up to the largest threshold. With them B6 and B9
        are given and B7 needs no search; without them B7 searches once for each set of stations.
    extras
        What further indicators need.
    levels
        Only these levels (``"study"`` and `coverage.inputs.schema.DISTRICT_LEVELS`); None for all.
    scope
        Families, items and bundles that get rows, 0 where nobody offers them; None takes that of the study.
    wanted, period
        Mask of the stations that are open at the moment the assessment is about, shape (s,), and that moment. What
        is of a usual week or a year (B9, B17) is left out then.
    progress
        Told the share done.

    Returns
    -------
    One row per code and unit: code, unit_level, unit_id, value, numerator, denominator, period, as
    `coverage.inputs.indicator_registry` defines them. The study is ``("study", "")``; people, units and stations
    outside all units of a level stand under its unit ``""``, so that the additive indicators of a
    level add up to those of the study. A value is NaN where its denominator is 0.

    Raises
    ------
    SettingsError
        ``indicators.reach_too_short`` if the blocks end before the largest threshold.
    """
    study, demand = basis.study, assessment.demand
    people = PeopleTimes(
        minutes=demand["minutes"].to_numpy(np.float32),
        weight=demand["weight"].to_numpy(float),
        cutoff_min=assessment.cutoffs_min,
        is_connected=(demand["status"] != "unconnected").to_numpy(bool),
        zone=study.demand["zone"].to_numpy(object),
        access_m=demand["access_m"].to_numpy(float),
        route_m=demand["route_m"].to_numpy(float),
    )
    report_progress(progress, 0.0, "indicators")
    units = [level for level in basis.units if levels is None or level.level in levels]
    chosen = select_stations(study.stations, study.catalogue, assessment.choice)
    scope = find_scope(study, assessment.choice) if scope is None else scope
    every = [one for one in list_offers(study, assessment.choice) if scope.has(one.kind, one.id)]
    offers = every
    if wanted is not None:
        offers = list_offers(study, assessment.choice, wanted=wanted)
        offers = [one for one in offers if scope.has(one.kind, one.id)]
    station_district = number_station_districts(study)
    rows = IndicatorRows()
    items = [offer for offer in every if offer.kind == "item"]
    add_units(rows, units, people, station_district, chosen, items, extras.unit_share)
    add_people(rows, units, people)
    groups = [name for name in WEIGHT_COLUMNS[1:] if name in study.demand.columns]
    add_groups(rows, units, people.covered, {name: study.demand[name].to_numpy(float) for name in groups})
    item_cutoffs: Cutoffs | CutoffsById = people.one_cutoff if extras.item_cutoffs is None else extras.item_cutoffs
    report_progress(progress, 0.3, "indicators")
    if reach is None:
        covered = find_covered(basis, offers, item_cutoffs)
    else:
        counted = chosen if wanted is None else chosen & wanted
        covered = _add_from_pairs(
            rows, units, basis, people, reach, counted, offers, item_cutoffs, None if wanted is not None else extras
        )
    report_progress(progress, 0.8, "indicators")
    columns = {offer.weight for offer in offers}
    add_offers(rows, units, offers, covered, {name: study.demand[name].to_numpy(float) for name in columns})
    _add_extras(rows, units, people, extras)
    if wanted is None:
        add_costs(rows, units, people, extras.costs)
    _add_data_quality(rows, units, basis, chosen, station_district)
    report_progress(progress, 1.0, "indicators")
    return rows.to_table(period)


def _add_from_pairs(
    rows: IndicatorRows,
    units: Sequence[UnitLevel],
    basis: TravelBasis,
    people: PeopleTimes,
    reach: Sequence[ReachMatrix],
    chosen: BoolArray,
    offers: Sequence[Offer],
    item_cutoffs: Cutoffs | CutoffsById,
    extras: IndicatorExtras | None,
) -> BoolArray:
    """Add B6 and, unless `extras` is None, B9, which need all stations in reach; return who reaches each offer."""
    study = basis.study
    known = list(item_cutoffs.values()) if isinstance(item_cutoffs, Mapping) else [item_cutoffs]
    largest = max(float(np.max(one, initial=0.0)) for one in [people.cutoff_min, *known])
    limit = min((block.limit_min for block in reach), default=np.inf)
    if limit < largest:
        raise SettingsError("indicators.reach_too_short", limit=limit, largest=largest)
    wanted = chosen | np.any([offer.stations for offer in offers], axis=0) if offers else chosen
    portions = expand_pairs(reach, wanted, memory_budget_mb=study.settings.memory_budget_mb)
    own = people.one_cutoff
    count, covered = scan_pairs(portions, basis.demand.count, chosen, own, offers, item_cutoffs)
    add_mean(rows, units, "B6", count >= 2, people.weight)
    use = study.capacity_use
    if extras is not None and use is not None and np.isfinite(study.stations["capacity"].to_numpy(float)[chosen]).any():
        supply = compute_supply(
            portions,
            people.weight,
            study.stations["capacity"].to_numpy(float),
            own,
            chosen=chosen,
            decay=extras.decay,
            visits_per_person=use.visits_a_year,
        )
        add_supply(rows, units, supply, people.weight, number_station_districts(study))
    return covered


def _add_extras(rows: IndicatorRows, units: Sequence[UnitLevel], people: PeopleTimes, extras: IndicatorExtras) -> None:
    """Add hours (B8), winter (B11), range (B15), modes (B1) and planned stations (B14), as far as they are known."""
    if extras.weekly_hours is not None:
        add_mean(rows, units, "B8", extras.weekly_hours, people.weight)
    if extras.winter_minutes is not None:
        cutoff = people.cutoff_min if extras.winter_cutoff_min is None else extras.winter_cutoff_min
        winter = is_within(extras.winter_minutes, np.asarray(cutoff, np.float32))
        add_mean(rows, units, "B11", people.covered.astype(float) - winter, people.weight)
    if extras.headline_range is not None and units and units[0].level == WHOLE_STUDY:
        total = float(people.weight.sum())
        for code, share in (("B15.low", extras.headline_range.low), ("B15.high", extras.headline_range.high)):
            rows.add_one(code, units[0], share, share * total, total)
    if extras.mix is not None:
        add_mean(rows, units, "B1.other_mode", extras.mix.other_covered, people.weight)
        mixed = mix_covered(people.covered, extras.mix.other_covered, extras.mix.without_car)
        add_mean(rows, units, "B1.mix", mixed, people.weight)
    if extras.layers is not None:
        add_layers(rows, units, extras.layers, people.weight)
    if extras.planned is not None:
        gained = is_within(extras.planned.minutes, people.cutoff_min) & ~people.covered
        add_benefit(rows, units, gained * people.weight, people.weight, extras.planned.cost)


def _add_data_quality(
    rows: IndicatorRows,
    units: Sequence[UnitLevel],
    basis: TravelBasis,
    chosen: BoolArray,
    station_district: npt.NDArray[np.int64],
) -> None:
    """Add stations joined to the roads, and rows that were left out (B16)."""
    joined = basis.stations.is_connected
    for level in units:
        group = level.of_district[station_district[chosen]]
        counted = np.bincount(group, minlength=level.count).astype(float)
        on_road = np.bincount(group, weights=joined[chosen], minlength=level.count).astype(float)
        rows.add("B16.stations_matched", level, on_road, counted)
    if units and units[0].level == WHOLE_STUDY:
        sources = basis.study.sources
        found, rejected = (float(sum(getattr(one, name) for one in sources)) for name in ("rows_in", "rows_rejected"))
        rows.add("B16.rejected", units[0], np.array([rejected]), np.array([found]))
