"""How far the headline moves when what it rests on is a little different (B15)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.assessment import find_weight_column
from coverage.access.totals import classify, compute_totals
from coverage.inputs.schema import OTHER_POPULATION
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study
from coverage.network.model import FloatArray, IntArray
from coverage.network.settings import MOST_ACCESS_M
from coverage.network.speeds import Pairs, SpeedTable
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.travel.snapping import Snapped, drop_beyond, fill_in, snap_points
from coverage.travel.travel_basis import TravelBasis, change_basis, resettle
from coverage.travel.travel_time import compute_nearest

SPEED_CHANGE = 0.2
SNAP_CHANGE = 0.5


def scale_speeds(speeds: SpeedTable, factor: float) -> SpeedTable:
    """Return a table in which everything is driven faster or slower by a factor; delays stay."""

    def scale(pairs: Pairs) -> Pairs:
        return tuple((name, speed * factor) for name, speed in pairs)

    return replace(
        speeds,
        speeds_kph=scale(speeds.speeds_kph),
        maxspeed_factor=speeds.maxspeed_factor * factor,
        surface_kph=scale(speeds.surface_kph),
        smoothness_kph=scale(speeds.smoothness_kph),
        tracktype_kph=scale(speeds.tracktype_kph),
        service_kph=scale(speeds.service_kph),
    )


def find_speed_variants(study: Study) -> tuple[str, SpeedTable, SpeedTable]:
    """Find the slower and the faster table of a study, with the id of the factor that they are."""
    if study.speed_bounds is not None:
        return "speed_measured", study.speed_bounds.slow, study.speed_bounds.fast
    slow, fast = (scale_speeds(study.speeds, 1.0 + change) for change in (-SPEED_CHANGE, SPEED_CHANGE))
    return "speed", slow, fast


def compute_headline_variants(
    basis: TravelBasis,
    choice: StationChoice,
    cutoffs_min: npt.NDArray[np.floating],
    *,
    chosen: IntArray | None = None,
    progress: Progress = ignore_progress,
) -> dict[str, tuple[float, ...]]:
    """Compute the covered share with one thing changed at a time.

    Parameters
    ----------
    basis
        The study joined to its roads, for the season and direction that hold.
    choice
        Which stations count.
    cutoffs_min
        Threshold of each demand point, shape (p,) [min].
    chosen
        Rows of the stations that count, where they are fewer than the choice says, e.g. those open at a moment.
    progress
        Told the share of variants done.

    Returns
    -------
    Share at the lower and at the upper value, for speeds and for ``"snap"`` (snap limit halved, one and a
    half times); and, where people are known from two sources, the share by the other one for
    ``"population"``. Speeds are those of the study's bounds (``"speed_measured"``: as measured, and as
    assumed in free flow); a study with a table of its own has none, and all its speeds are taken −20 %
    and +20 % (``"speed"``).

    Notes
    -----
    Each variant prices the roads or joins people to them anew, and searches again; nothing is scaled.
    """
    study = basis.study
    rows = chosen
    if rows is None:
        rows = np.flatnonzero(select_stations(study.stations, study.catalogue, choice)).astype(np.int32)
    weight = study.demand[find_weight_column(study, choice)].to_numpy(float)

    def share(changed: TravelBasis, weight: FloatArray = weight) -> float:
        nearest = compute_nearest(changed.timed, changed.demand, changed.stations.subset(np.asarray(rows, np.intp)))
        status = classify(nearest.minutes, nearest.is_connected, cutoffs_min)
        return compute_totals(nearest.minutes, status, weight).share_covered

    def at_speeds(speeds: SpeedTable) -> float:
        return share(change_basis(basis, speeds=speeds))

    def at_snap(factor: float) -> float:
        limit_m = min(study.settings.snap.max_access_m * factor, MOST_ACCESS_M)
        joined = [
            _change_limit(basis, table, snapped, limit_m)
            for table, snapped in ((study.demand, basis.demand_snapped), (study.stations, basis.station_snapped))
        ]
        return share(resettle(basis, *joined))

    variants: dict[str, tuple[float, ...]] = {}
    report_progress(progress, 0.0, "range")
    name, slow, fast = find_speed_variants(study)
    variants[name] = (at_speeds(slow), at_speeds(fast))
    report_progress(progress, 0.5, "range")
    variants["snap"] = (at_snap(1.0 - SNAP_CHANGE), at_snap(1.0 + SNAP_CHANGE))
    if find_weight_column(study, choice) == "population" and OTHER_POPULATION in study.demand.columns:
        variants["population"] = (share(basis, study.demand[OTHER_POPULATION].to_numpy(float)),)
    report_progress(progress, 1.0, "range")
    return variants


def _change_limit(basis: TravelBasis, table: pd.DataFrame, snapped: Snapped, limit_m: float) -> Snapped:
    """Join points to the roads under another snap limit: whoever has a road within both keeps it."""
    if limit_m <= basis.snap_index.settings.max_access_m:
        return drop_beyond(snapped, limit_m)
    open_rows = np.flatnonzero(snapped.road < 0)
    lon, lat = (table[name].to_numpy(float)[open_rows] for name in ("lon", "lat"))
    return fill_in(snapped, open_rows, snap_points(basis.snap_index, lon, lat, limit_m=limit_m))
