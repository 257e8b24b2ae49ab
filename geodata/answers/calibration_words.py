"""What a calibration says in words: the factor of each group of classes, and what it does to the study."""

from __future__ import annotations

import numpy as np

from coverage.network.calibration import GROUPS
from geodata.answers.run_calibration import CalibrationRun
from geodata.words import number_format
from geodata.words.i18n import Translator


def list_groups(run: CalibrationRun, tr: Translator) -> list[str]:
    """Say the factor of every group of classes, and which follow all trips because they are hardly driven."""
    lines = []
    for name, factor, driven, share in zip(GROUPS, run.fit.factor, run.fit.driven, run.fit.share, strict=True):
        words = "calibration.group_fitted" if driven else "calibration.group_follows"
        said = tr(f"calibration.group.{name}")
        lines.append(tr(words, group=said, factor=f"{factor:.2f}", share=number_format.percent(float(share), 0)))
    return lines


def say_source(run: CalibrationRun, source: str) -> str:
    """Say in both languages where a calibrated table comes from, as its file keeps it."""
    apart = float(np.median(np.abs(run.trips["residual"].to_numpy(float))))
    return f"车速标定 / calibrated: {source}, {len(run.trips)} trips, median difference {100.0 * apart:.1f} %"


def say_result(run: CalibrationRun, cutoff_min: float, tr: Translator) -> list[str]:
    """Say how near the trips are before and after, and how many people are within the threshold."""
    known = run.trips["minutes"].to_numpy(float)
    apart = [
        float(np.median(np.abs(run.trips[column].to_numpy(float) / known - 1.0)))
        for column in ("before_min", "after_min")
    ]
    before, after = (number_format.percent(one) for one in apart)
    return [
        tr("calibration.trips", count=len(run.trips), before=before, after=after),
        tr(
            "calibration.share",
            minutes=f"{cutoff_min:g}",
            before=number_format.percent(run.share_before),
            after=number_format.percent(run.share_after),
        ),
    ]
