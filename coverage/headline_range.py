"""The range of the headline (B15), what moves it most, and what a candidate site would add (B14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.network import FloatArray
from coverage.units import is_within

TORNADO_COLUMNS: tuple[str, ...] = ("factor", "low", "high", "swing")


@dataclass(frozen=True, slots=True, eq=False)
class HeadlineRange:
    """An interval round a share, and the factors it comes from.

    Parameters
    ----------
    value, low, high
        The headline, and the lowest and highest value of all variants and itself.
    tornado
        One row per factor, the widest first: factor (id), low, high, swing = high - low; each with
        the headline itself counted in.
    """

    value: float
    low: float
    high: float
    tornado: pd.DataFrame


def compute_range(value: float, variants: Mapping[str, tuple[float, ...]]) -> HeadlineRange:
    """Compute the range of a headline over variants of one factor at a time.

    Parameters
    ----------
    value
        The headline.
    variants
        Headlines by factor, e.g. ``{"speed": (at -20 %, at +20 %), "snap": (…)}``; those that are NaN
        are left out.

    Notes
    -----
    Factors are varied one by one, so that the interval is that of the widest factor, not of all at once.
    """
    rows = []
    for factor, values in variants.items():
        known = [one for one in (value, *values) if np.isfinite(one)]
        low, high = (min(known), max(known)) if known else (float("nan"), float("nan"))
        rows.append((factor, low, high, high - low))
    tornado = pd.DataFrame(rows, columns=list(TORNADO_COLUMNS))
    tornado = tornado.sort_values("swing", ascending=False, kind="stable", ignore_index=True)
    low = np.fmin.reduce([value, *tornado["low"]])
    high = np.fmax.reduce([value, *tornado["high"]])
    return HeadlineRange(value, float(low), float(high), tornado)


@dataclass(frozen=True, slots=True)
class SiteBenefit:
    """What one candidate site would add.

    Parameters
    ----------
    newly_covered
        People within the threshold with the site and not without it.
    minutes_saved
        Person-minutes one way saved by those who reach a station already [person-minutes].
    cost_per_person
        Cost over newly covered people [yuan], an estimate; NaN without a cost or where nobody is newly
        covered.
    """

    newly_covered: float
    minutes_saved: float
    cost_per_person: float


def compute_site_benefit(
    minutes: npt.NDArray[np.float32],
    candidate_minutes: npt.NDArray[np.float32],
    weight: FloatArray,
    cutoff_min: float | npt.NDArray[np.floating],
    *,
    cost_yuan: float = float("nan"),
) -> SiteBenefit:
    """Compute what a candidate site would add to the stations there are.

    Parameters
    ----------
    minutes, candidate_minutes
        Time to the nearest station now, and to the candidate, inf where there is no way, shape (p,) [min].
    weight
        People, shape (p,).
    cutoff_min
        Threshold, inclusive, one for all or one each [min].
    cost_yuan
        What the site costs [yuan].
    """
    cutoff = np.asarray(cutoff_min, np.float64)
    new = is_within(candidate_minutes, cutoff) & ~is_within(minutes, cutoff)
    both = np.isfinite(minutes) & np.isfinite(candidate_minutes)
    saved = np.maximum(minutes[both].astype(np.float64) - candidate_minutes[both], 0.0)
    people = float(weight[new].sum())
    return SiteBenefit(people, float(np.dot(saved, weight[both])), cost_yuan / people if people > 0 else float("nan"))
