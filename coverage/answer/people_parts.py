"""Parts of an answer about people: items, indicators, gaps, seasons, ranges, areas."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.assessment import Assessment, compute_service_totals, find_weight_column
from coverage.access.equity import compute_coverage_curve, compute_lorenz
from coverage.access.established_reachable import EstablishedReachable, compare_assessment
from coverage.access.gap_table import tabulate_gaps
from coverage.access.gaps import find_gaps
from coverage.access.headline_range import HeadlineRange, compute_range
from coverage.access.indicator_table import IndicatorExtras, MixedModes, PlannedStations, compute_indicators
from coverage.access.layer_coverage import find_service_layers
from coverage.access.reachable_hours import compute_weekly_hours_of_blocks
from coverage.access.reasons import Reasons, name_reasons
from coverage.access.referral import compute_referrals
from coverage.access.season_changes import SUMMER, compare_seasons, list_season_cases
from coverage.access.sensitivity import compute_headline_variants
from coverage.access.service_area import find_service_areas, find_station_areas, join_area_grid
from coverage.access.station_load import LOAD_COLUMNS, tabulate_station_loads
from coverage.access.suspicion import Suspicion, find_far_from_roads, tabulate_suspicion
from coverage.access.totals import Totals
from coverage.answer.lazy import LazyAnswer
from coverage.answer.time_parts import find_winter
from coverage.inputs.hours import find_open, tabulate_open_slots
from coverage.inputs.mode_mix import find_shares_without_car
from coverage.inputs.question import find_question_cutoffs
from coverage.inputs.read_hours import read_hours
from coverage.inputs.scope import Scope, find_scope
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.inputs.targets import tabulate_targets
from coverage.network.model import BoolArray, FloatArray
from coverage.progress import Progress, report_progress
from coverage.travel.time_field import FieldPlaces
from coverage.travel.travel_basis import TravelBasis
from coverage.units import is_within

WINTER = "winter"
# Fewer than a picture on screen has: the outlines move by a fraction of the walk across a cell.
_AREA_CELLS = 160_000


@dataclass(frozen=True, slots=True, eq=False)
class ServiceTotals:
    """The totals of one service item: whom they count, and how many stations offer it."""

    totals: Totals
    weight_column: str
    stations: int


def settle_scope(answer: LazyAnswer, progress: Progress) -> Scope:
    """Settle the families, items and bundles that the answer is about."""
    return find_scope(answer.study, answer.question.choice, also=(*answer.also, *answer.question.services))


def choose_item(answer: LazyAnswer, item: str) -> StationChoice:
    """Return the choice of the stations that offer an item, whatever family and level are asked about."""
    return replace(answer.question.choice, family="", level="", service=item)


def find_item_cutoffs(answer: LazyAnswer, progress: Progress) -> dict[str, npt.NDArray[np.float32]]:
    """Find the threshold of everybody for every item in scope, and under "" for everything else."""
    items = {item: choose_item(answer, item) for item in answer.get("scope").items}
    cutoffs = {
        item: find_question_cutoffs(answer.study, answer.question, choice=choice) for item, choice in items.items()
    }
    return {"": answer.cutoffs_min, **cutoffs}


def total_services(answer: LazyAnswer, progress: Progress) -> dict[str, ServiceTotals]:
    """Count people by service item; items that the same stations offer are searched once."""
    basis: TravelBasis = answer.get("basis", progress)
    cutoffs = answer.get("item_cutoffs")
    asked = answer.question.services or answer.get("scope").items
    result = {}
    for number, item in enumerate(asked):
        report_progress(progress, number / len(asked), "services")
        choice = choose_item(answer, item)
        found = answer.turn(choice=choice).get("nearest")
        totals, stations = compute_service_totals(basis, choice, cutoffs[item], found=found)
        result[item] = ServiceTotals(totals, find_weight_column(answer.study, choice), stations)
    return result


def find_weekly_hours(answer: LazyAnswer, progress: Progress) -> FloatArray | None:
    """Find the weekly reachable hours, None where no chosen station says when it is open: 0 would be false."""
    reach = answer.get("reach", lambda share, step: progress(0.7 * share, step))
    hours = list(answer.get("hours")[0])
    if all(hours[row] is None for row in np.flatnonzero(answer.chosen)):
        return None
    return compute_weekly_hours_of_blocks(
        reach,
        len(answer.study.demand),
        answer.cutoffs_min,
        tabulate_open_slots(hours),
        wanted=answer.chosen,
        progress=lambda share, step: progress(0.7 + 0.3 * share, step),
    )


def find_range(answer: LazyAnswer, progress: Progress) -> HeadlineRange:
    """Compute the range of the covered share over speeds, the snap limit and the source of people."""
    found: Assessment = answer.get("assessment", progress)
    variants = compute_headline_variants(
        answer.get("basis"), found.choice, found.cutoffs_min, chosen=found.chosen, progress=progress
    )
    return compute_range(found.totals.share_covered, variants)


def open_other_mode(answer: LazyAnswer, progress: Progress) -> Study | None:
    """Open the study for the other mode of its mix; None without a mix."""
    study = answer.study
    if study.mode_mix is None or study.open_mode is None:
        return None
    return study.open_mode(study.mode_mix.other)


def mix_modes(answer: LazyAnswer, progress: Progress) -> MixedModes | None:
    """Find who is inside by the other mode of a study's mix, and the share that travels by it; None without a mix."""
    other: Study | None = answer.get("other_mode", progress)
    mix = answer.study.mode_mix
    if other is None or mix is None or other.network is None:
        return None
    by_it = type(answer)(other, answer.question, answer.memo)
    minutes = by_it.get("nearest", progress)[0].minutes
    return MixedModes(is_within(minutes, by_it.cutoffs_min), find_shares_without_car(other.demand, mix))


def find_planned(answer: LazyAnswer, progress: Progress) -> PlannedStations | None:
    """Find the time to the planned stations left to open and their cost; None without any."""
    choice = answer.question.choice
    if "planned" in choice.status or choice.on_date:
        return None
    planned = answer.turn(choice=replace(choice, status=("planned",), on_date=""))
    if not planned.chosen.any():
        return None
    cost = answer.study.stations["cost"].to_numpy(float)[planned.chosen]
    return PlannedStations(planned.get("nearest", progress)[0].minutes, float(cost.sum()))


def tabulate_indicators(answer: LazyAnswer, progress: Progress) -> pd.DataFrame:
    """Compute every indicator that the inputs allow."""
    assessment: Assessment = answer.get("assessment", progress)
    winter = find_winter(answer, WINTER)
    inside = (assessment.demand["status"] == "covered").to_numpy(bool)
    extras = IndicatorExtras(
        weekly_hours=answer.get("weekly_hours", lambda share, step: progress(0.6 * share, step)),
        winter_minutes=None if winter is None else winter.get("nearest")[0].minutes,
        winter_cutoff_min=find_question_cutoffs(answer.study, answer.question, season=WINTER),
        item_cutoffs=answer.get("item_cutoffs"),
        headline_range=answer.get("range"),
        mix=answer.get("mix"),
        planned=answer.get("planned"),
        layers=find_service_layers(
            answer.get("basis"), assessment.choice, assessment.cutoffs_min, inside, wanted=answer.get("open")
        ),
    )
    return compute_indicators(
        answer.get("basis"),
        assessment,
        reach=answer.get("reach"),
        extras=extras,
        scope=answer.get("scope"),
        wanted=answer.get("open"),
        period=answer.question.period,
        progress=lambda share, step: progress(0.7 + 0.3 * share, step),
    )


def find_reasons(answer: LazyAnswer, progress: Progress) -> Reasons:
    """Name why there is no station for people on a road; other questions are asked only where somebody has none."""
    demand = answer.get("assessment", progress).demand
    in_the_week = anywhere = np.full(len(demand), np.inf)
    if answer.chosen.any() and (demand["status"] == "no_route").any():
        if answer.question.moment_min is not None:
            in_the_week = answer.turn(moment_min=None).get("nearest", progress)[0].minutes.astype(float)
        if answer.own_level:
            free = answer.turn(moment_min=None, own_jurisdiction=False)
            anywhere = free.get("nearest", progress)[0].minutes.astype(float)
    return name_reasons(demand, is_offered=bool(answer.chosen.any()), in_the_week=in_the_week, anywhere=anywhere)


def compare_signs(answer: LazyAnswer, progress: Progress) -> EstablishedReachable:
    """Put signs on doors and people who can get there side by side."""
    return compare_assessment(answer.study, answer.get("assessment", progress))


def group_gaps(answer: LazyAnswer, progress: Progress) -> tuple[pd.DataFrame, npt.NDArray[np.int32]]:
    """Find the gaps, and which of them each demand point belongs to."""
    return find_gaps(answer.get("assessment", progress))


def list_gaps(answer: LazyAnswer, progress: Progress) -> gpd.GeoDataFrame:
    """List the gaps with names, shapes and what is missing; what would help is not computed."""
    return tabulate_gaps(answer.get("basis", progress), answer.get("assessment"), top=0, progress=progress)[0]


def find_help(answer: LazyAnswer, progress: Progress) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Tabulate the gaps with what would help, and every remedy that was computed."""
    return tabulate_gaps(answer.get("basis", progress), answer.get("assessment"), progress=progress)


def join_areas(answer: LazyAnswer, progress: Progress) -> FieldPlaces:
    """Join the cells that service areas are drawn from to the roads."""
    return join_area_grid(answer.get("basis", progress), cells=_AREA_CELLS, progress=progress)


def draw_areas(answer: LazyAnswer, progress: Progress) -> gpd.GeoDataFrame:
    """Draw the areas of all chosen stations together by the class limits of the study and every threshold in force."""
    return find_service_areas(
        answer.get("basis", progress),
        answer.get("area_cells", progress),
        answer.question.choice,
        cutoffs_min=_list_limits(answer),
        wanted=answer.get("open"),
    )


def draw_station_areas(answer: LazyAnswer, progress: Progress) -> gpd.GeoDataFrame:
    """Draw the areas of every chosen station by itself."""
    chosen = answer.get("assessment", progress).chosen
    return find_station_areas(
        answer.get("basis"),
        answer.get("area_cells", progress),
        answer.study.stations.index[chosen].tolist(),
        cutoffs_min=_list_limits(answer),
        progress=progress,
    )


def _list_limits(answer: LazyAnswer) -> list[float]:
    """List the class limits of the study and every threshold in force [min], ascending."""
    return sorted({*answer.study.settings.cutoffs_min, *np.unique(answer.cutoffs_min).tolist()})


def tabulate_seasons(answer: LazyAnswer, progress: Progress) -> pd.DataFrame:
    """Compare the seasons with today's roads, and with the closed roads as a case; at a moment by each season's hours.

    Times that are known already are not searched again.
    """
    study, question = answer.study, answer.question
    cases = list_season_cases(study, question.closures or study.closures)
    open_roads = answer.turn(closures=())
    known = {}
    for case in cases:
        in_case = answer.turn(season=case.season, closures=case.closures)
        if in_case.has("nearest"):
            known[case.id] = in_case.get("nearest")[0].minutes
    return compare_seasons(
        open_roads.get("basis", progress),
        question,
        cases,
        wanted=_mark_open_in_seasons(answer),
        known_minutes=known,
        progress=progress,
    )


def _mark_open_in_seasons(answer: LazyAnswer) -> dict[str, BoolArray] | None:
    """Mark the stations open at the moment that is asked about by season, shape (s,) each; None for the whole week."""
    minute = answer.question.moment_min
    if minute is None:
        return None
    seasons = dict.fromkeys((SUMMER, *answer.study.speeds.season_names))
    texts = answer.study.stations["hours"]
    return {one: find_open(list(read_hours(texts, season=one)[0]), minute) for one in seasons}


def chain_referrals(answer: LazyAnswer, progress: Progress) -> pd.DataFrame:
    """Compute the way from every chosen station to the next level up."""
    question = answer.question
    return compute_referrals(
        answer.get("basis", progress), question.choice, question.cutoff_min, wanted=answer.get("open")
    )


def compare_targets(answer: LazyAnswer, progress: Progress) -> pd.DataFrame:
    """Put the study's targets beside today's values."""
    targets = answer.study.targets
    return tabulate_targets(targets, answer.get("indicators", progress)) if targets else tabulate_no_targets()


def tabulate_no_targets() -> pd.DataFrame:
    """Return the empty table of targets."""
    return tabulate_targets((), pd.DataFrame(columns=["code", "unit_level", "unit_id", "value"]))


def load_stations(answer: LazyAnswer, progress: Progress) -> pd.DataFrame:
    """Compare people around every station with its capacity; empty without capacities, their unit and their use."""
    assessment: Assessment = answer.get("assessment", progress)
    known = np.isfinite(answer.study.stations["capacity"].to_numpy(float)[assessment.chosen])
    if not known.any() or answer.study.capacity_use is None:
        return tabulate_no_loads()
    return tabulate_station_loads(answer.get("basis"), assessment, answer.get("reach", progress))


def tabulate_no_loads() -> pd.DataFrame:
    """Return the empty table of loads."""
    return pd.DataFrame(columns=list(LOAD_COLUMNS))


def suspect_roads(answer: LazyAnswer, progress: Progress) -> tuple[Suspicion, pd.DataFrame]:
    """Find people far from any road, and count them by district."""
    basis: TravelBasis = answer.get("basis", progress)
    found = find_far_from_roads(basis)
    return found, tabulate_suspicion(basis, found)


def draw_curves(answer: LazyAnswer, progress: Progress) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tabulate people within every minute, and how evenly the minutes are spread.

    Returns
    -------
    minutes, share (0..1) and people, up to twice the threshold and at least an hour, the threshold always a row; and
    the share of all minutes that the quickest share of people travel, empty without minutes.
    """
    assessment: Assessment = answer.get("assessment", progress)
    cutoff = assessment.cutoff_min
    times = assessment.demand["minutes"].to_numpy(np.float32)
    weight = assessment.demand["weight"].to_numpy(float)
    minutes = np.unique(np.append(np.arange(0.0, max(60.0, 2.0 * cutoff) + 1.0), cutoff))
    share = compute_coverage_curve(times, weight, minutes)
    curve = pd.DataFrame({"minutes": minutes, "share": share, "people": share * float(weight.sum())})
    people, spread = compute_lorenz(times, weight)
    return curve, pd.DataFrame({"people": people, "minutes": spread})
