"""Who is inside by fixed points, by circuit and mobile points too, and by a remote channel too (B12, B13)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.inputs.service_layers import COUNTED_LAYERS, ServiceTimes, find_service_times
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study
from coverage.network.model import BoolArray, FloatArray
from coverage.travel.travel_basis import TravelBasis
from coverage.travel.travel_time import compute_nearest
from coverage.units import is_within

# Why a station is not counted among fixed services.
REASONS: tuple[str, ...] = ("remote", "visiting", "few_hours", "closed_in_season", "unknown_hours")
UNCOUNTED_COLUMNS: tuple[str, ...] = ("name", "kind", "layer", "hours_week", "visits_month", "reason")


@dataclass(frozen=True, slots=True, eq=False)
class ServiceLayers:
    """Who is inside, layer by layer, each with those before it; every array has the shape (p,).

    Parameters
    ----------
    fixed
        By fixed services.
    with_mobile
        By these, or by circuit and mobile points and fixed ones that open for fewer hours.
    with_remote
        The share of people by any of them or a remote channel, 0..1; None where that is not known.
    hours_week, visits_month
        For those who are inside by the second layer only: how long in a week [h] and how often in a month the
        nearest such point is open; 0 for all others.
    """

    fixed: BoolArray
    with_mobile: BoolArray
    with_remote: FloatArray | None
    hours_week: FloatArray
    visits_month: FloatArray


def find_service_layers(
    basis: TravelBasis,
    choice: StationChoice,
    cutoffs_min: npt.NDArray[np.floating],
    fixed: BoolArray,
    *,
    wanted: BoolArray | None = None,
) -> ServiceLayers:
    """Find who is inside by each layer.

    Parameters
    ----------
    basis, choice
        The study joined to its roads, and which fixed services count.
    cutoffs_min
        Thresholds, inclusive, shape (p,) [min].
    fixed
        Who is inside by fixed services, from the assessment of the same choice, shape (p,).
    wanted
        A further mask of stations, e.g. those that are open at a moment, shape (s,).

    Notes
    -----
    The study's own readiness says which share of people can use a remote channel; without it, or where no single
    item is asked for, the third layer is not known.
    """
    study = basis.study
    visiting = select_stations(study.stations, study.catalogue, replace(choice, layer="mobile"))
    visiting &= ~select_stations(study.stations, study.catalogue, replace(choice, layer="fixed"))
    rows = np.flatnonzero(visiting if wanted is None else visiting & wanted)
    hours, visits = np.zeros(len(fixed)), np.zeros(len(fixed))
    with_mobile = fixed
    if len(rows):
        times = find_choice_times(study, choice)
        nearest = compute_nearest(basis.timed, basis.demand, basis.stations.subset(rows))
        added = is_within(nearest.minutes, np.asarray(cutoffs_min, np.float32)) & ~fixed
        with_mobile = fixed | added
        station = rows[nearest.station[added]]
        hours[added], visits[added] = times.hours_week[station], times.visits_month[station]
    return ServiceLayers(fixed, with_mobile, _add_remote(study, choice, with_mobile), hours, visits)


def _add_remote(study: Study, choice: StationChoice, inside: BoolArray) -> FloatArray | None:
    share = find_remote_share(study, choice)
    return None if share is None else np.where(inside, 1.0, share)


def find_remote_share(study: Study, choice: StationChoice) -> float | None:
    """Return the share of people who can use the remote channel of an item, 0..1; None where that is not known.

    0 for an item that cannot be done remotely. Not known without an item, or where the study states no readiness.
    """
    if not choice.service:
        return None
    if not study.catalogue.item(choice.service).remote:
        return 0.0
    return None if study.remote is None else study.remote.share


def find_choice_times(study: Study, choice: StationChoice) -> ServiceTimes:
    """Find layers and hours of all stations, by the season and the least hours of a choice."""
    return find_service_times(
        study.stations, study.catalogue, least_hours_week=choice.least_hours_week, season=choice.season
    )


def count_unknown_hours(study: Study, choice: StationChoice) -> int:
    """Count the fixed points of a choice that count although nobody knows how long they are open."""
    chosen = select_stations(study.stations, study.catalogue, choice)
    return int((chosen & find_choice_times(study, choice).is_fixed_unknown).sum())


def tabulate_uncounted(study: Study, choice: StationChoice) -> pd.DataFrame:
    """Tabulate the stations that meet a choice but do not count as fixed services, and why.

    Returns
    -------
    `UNCOUNTED_COLUMNS`, indexed by station_id in the order of the study: hours_week [h] and visits_month are NaN
    where the hours are not known; reason is one of `REASONS`.
    """
    times = find_choice_times(study, choice)
    listed = select_stations(study.stations, study.catalogue, replace(choice, layer="all"))
    rows = np.flatnonzero(listed & (times.rank > COUNTED_LAYERS.index("fixed")))
    reasons = [_find_reason(str(times.layer[row]), float(times.hours_week[row])) for row in rows]
    table = study.stations.iloc[rows][["name", "kind"]]
    return table.assign(
        layer=times.layer[rows],
        hours_week=times.hours_week[rows],
        visits_month=times.visits_month[rows],
        reason=np.array(reasons, object),
    )


def _find_reason(layer: str, hours_week: float) -> str:
    if layer == "remote":
        return "remote"
    if np.isnan(hours_week):
        return "unknown_hours"
    if hours_week <= 0.0:
        return "closed_in_season"
    return "few_hours" if layer == "fixed" else "visiting"
