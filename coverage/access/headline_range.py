"""The range of the headline (B15), and what moves it most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

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

    @property
    def speed_factor(self) -> str:
        """Return the id of the factor that speeds were varied by, see `coverage.access.sensitivity`."""
        return next(str(name) for name in self.tornado["factor"] if str(name).startswith("speed"))


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
