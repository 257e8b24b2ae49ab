"""Another threshold for times that are known already: classes and sums anew, no search."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.assessment import Assessment, tabulate_districts
from coverage.model import Study
from coverage.schema import STATUSES
from coverage.totals import classify, compute_totals
from coverage.units import is_within

WITHIN_COLUMNS: tuple[str, ...] = ("cutoff_min", "people", "share")


def change_cutoff(
    study: Study,
    assessment: Assessment,
    cutoff_min: float,
    *,
    cutoffs_min: npt.NDArray[np.floating] | None = None,
) -> Assessment:
    """Read the answer for another threshold from an assessment's times.

    Equals `coverage.assessment.assess` with that threshold; double coverage, which needs more than
    the nearest station, becomes NaN.

    Parameters
    ----------
    study
        The study that was assessed.
    assessment
        Its answer for any threshold.
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
    return dataclasses.replace(
        assessment,
        cutoff_min=cutoff_min,
        cutoffs_min=limits,
        demand=assessment.demand.assign(status=pd.Categorical.from_codes(status, categories=pd.Index(STATUSES))),
        totals=compute_totals(minutes, status, weight),
        districts=tabulate_districts(study, minutes, status, weight, assessment.chosen),
        double_covered=float("nan"),
    )


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
