"""How far the headline moves when what it rests on is a little different (B15)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from coverage.assessment import build_travel_basis, find_nearest, find_weight_column
from coverage.model import Study
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.settings import SnapSettings
from coverage.speeds import Pairs, SpeedTable
from coverage.stations import StationChoice
from coverage.totals import classify, compute_totals

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


def _change_snap(snap: SnapSettings, factor: float) -> SnapSettings:
    return replace(snap, max_access_m=snap.max_access_m * factor)


def compute_headline_variants(
    study: Study,
    choice: StationChoice,
    cutoffs_min: npt.NDArray[np.floating],
    *,
    season: str | None = None,
    progress: Progress = ignore_progress,
) -> dict[str, tuple[float, float]]:
    """Compute the covered share with one thing changed at a time.

    Parameters
    ----------
    study
        A study with roads.
    choice
        Which stations count.
    cutoffs_min
        Threshold of each demand point, shape (p,) [min].
    season
        Season; None takes the study's.
    progress
        Told the share of variants done.

    Returns
    -------
    Share at the lower and at the upper value, for ``"speed"`` (all speeds −20 %, +20 %) and
    ``"snap"`` (snap limit halved, one and a half times).

    Notes
    -----
    Each variant joins people to roads and searches again; nothing is scaled.
    """
    weight = study.demand[find_weight_column(study, choice)].to_numpy(float)

    def share(changed: Study) -> float:
        basis = build_travel_basis(changed, season=season)
        nearest, _ = find_nearest(basis, choice)
        return compute_totals(
            nearest.minutes, classify(nearest.minutes, nearest.is_connected, cutoffs_min), weight
        ).share_covered

    def with_speed(factor: float) -> Study:
        return replace(study, speeds=scale_speeds(study.speeds, factor))

    def with_snap(factor: float) -> Study:
        return replace(study, settings=replace(study.settings, snap=_change_snap(study.settings.snap, factor)))

    changes: dict[str, tuple[Callable[[float], Study], float]] = {
        "speed": (with_speed, SPEED_CHANGE),
        "snap": (with_snap, SNAP_CHANGE),
    }
    variants: dict[str, tuple[float, float]] = {}
    for number, (name, (change, size)) in enumerate(changes.items()):
        report_progress(progress, number / len(changes), "range")
        variants[name] = (share(change(1.0 - size)), share(change(1.0 + size)))
    report_progress(progress, 1.0, "range")
    return variants
