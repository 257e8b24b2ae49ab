"""Another threshold for times that are known already: classes and sums anew, no search."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from coverage.assessment import Assessment, tabulate_districts
from coverage.model import Study
from coverage.schema import STATUSES
from coverage.stations import select_stations
from coverage.totals import classify, compute_totals


def change_cutoff(study: Study, assessment: Assessment, cutoff_min: float) -> Assessment:
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

    Returns
    -------
    A new assessment; the index of its tables is that of the old one.
    """
    minutes = assessment.demand["minutes"].to_numpy(np.float32)
    is_connected = (assessment.demand["status"] != "unconnected").to_numpy(bool)
    weight = assessment.demand["weight"].to_numpy(float)
    status = classify(minutes, is_connected, cutoff_min)
    chosen = np.flatnonzero(select_stations(study.stations, study.catalogue, assessment.choice)).astype(np.int32)
    return dataclasses.replace(
        assessment,
        cutoff_min=cutoff_min,
        demand=assessment.demand.assign(status=pd.Categorical.from_codes(status, categories=pd.Index(STATUSES))),
        totals=compute_totals(minutes, status, weight),
        districts=tabulate_districts(study, minutes, status, weight, chosen),
        double_covered=float("nan"),
    )
