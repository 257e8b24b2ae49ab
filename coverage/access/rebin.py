"""Another threshold for times that are known already: classes and sums anew, no search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.assessment import Assessment
from coverage.access.totals import COUNTED, classify, count_classes
from coverage.inputs.schema import STATUSES, WHOLE_STUDY
from coverage.network.model import FloatArray
from coverage.units import is_within

WITHIN_COLUMNS: tuple[str, ...] = ("cutoff_min", "people", "share")


def change_cutoff(
    assessment: Assessment,
    cutoff_min: float,
    *,
    cutoffs_min: npt.NDArray[np.floating] | None = None,
) -> Assessment:
    """Read the answer for another threshold from an assessment's times.

    Equals `coverage.access.assessment.assess` with that threshold; double coverage, which needs more than
    the nearest station, becomes NaN.

    Parameters
    ----------
    assessment
        The answer for any threshold.
    cutoff_min
        The new threshold, inclusive [min].
    cutoffs_min
        A threshold for each demand point instead, shape (p,) [min].

    Returns
    -------
    A new assessment; the index of its tables is that of the old one.
    """
    minutes = assessment.demand["minutes"].to_numpy(np.float32)
    is_connected = (assessment.demand["status"] != "unconnected").to_numpy(bool)
    weight = assessment.demand["weight"].to_numpy(float)
    limits = np.full(len(minutes), cutoff_min, np.float32)
    if cutoffs_min is not None:
        limits[:] = cutoffs_min
    status = classify(minutes, is_connected, limits)
    return replace(
        assessment,
        cutoff_min=cutoff_min,
        cutoffs_min=limits,
        demand=assessment.demand.assign(status=pd.Categorical.from_codes(status, categories=pd.Index(STATUSES))),
        totals=replace(assessment.totals, **dict(zip(COUNTED, count_classes(status, weight)[0], strict=True))),
        districts=_count_again(assessment, status, weight),
        double_covered=float("nan"),
    )


def _count_again(assessment: Assessment, status: npt.NDArray[np.int8], weight: FloatArray) -> pd.DataFrame:
    """Count classes by district anew; whose minutes they are, and hence their mean and quantiles, stay."""
    districts = assessment.districts.copy()
    parts = []
    for level in (one for one in assessment.units if one.level != WHOLE_STUDY):
        part = count_classes(status, weight, level.group, level.count)
        parts.append(part if level.has_outside else part[:-1])
    if parts:
        districts[list(COUNTED)] = np.concatenate(parts)
    return districts


def tabulate_within(assessment: Assessment, cutoffs_min: Sequence[float]) -> pd.DataFrame:
    """Count the people within each of several thresholds, whatever the thresholds of the assessment.

    Parameters
    ----------
    assessment
        Whose times are read; nothing is searched.
    cutoffs_min
        The thresholds, each the same for everybody, inclusive [min].

    Returns
    -------
    `WITHIN_COLUMNS`, one row per threshold in the order given; `share` is of all people, NaN where
    there are none.
    """
    minutes = assessment.demand["minutes"].to_numpy(np.float32)
    weight = assessment.demand["weight"].to_numpy(float)
    people = np.array([float(weight[is_within(minutes, cutoff)].sum()) for cutoff in cutoffs_min])
    total = float(weight.sum())
    share = people / total if total > 0 else np.full(len(people), np.nan)
    columns = np.asarray(cutoffs_min, float), people, share
    return pd.DataFrame(dict(zip(WITHIN_COLUMNS, columns, strict=True)))
