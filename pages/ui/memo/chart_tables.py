"""Tables that charts are drawn from: numbers alone, so that a screen without a chart does not load the charts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.access.assessment import Assessment
from coverage.access.equity import compute_coverage_curve, compute_lorenz


def tabulate_curve(assessment: Assessment) -> pd.DataFrame:
    """Tabulate people within every minute: minutes, share (0..1) and people.

    Up to twice the threshold, at least an hour; the threshold itself is always one of the rows.
    """
    cutoff = assessment.cutoff_min
    minutes = np.unique(np.append(np.arange(0.0, max(60.0, 2.0 * cutoff) + 1.0), cutoff))
    weight = assessment.demand["weight"].to_numpy(float)
    share = compute_coverage_curve(assessment.demand["minutes"].to_numpy(np.float32), weight, minutes)
    return pd.DataFrame({"minutes": minutes, "share": share, "people": share * float(weight.sum())})


def tabulate_lorenz(assessment: Assessment) -> pd.DataFrame:
    """Tabulate the share of all minutes that the quickest share of people travel; empty without minutes."""
    demand = assessment.demand
    people, minutes = compute_lorenz(demand["minutes"].to_numpy(np.float32), demand["weight"].to_numpy(float))
    return pd.DataFrame({"people": people, "minutes": minutes})
