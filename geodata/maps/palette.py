"""Colours of the maps and tables, and the limits of the travel-time bands."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.units import is_within

GROUND = "#F6F7F9"
INSIDE_COLOURS: tuple[str, str, str] = ("#08415C", "#2C7DA0", "#A9D6E5")
OUTSIDE_COLOURS: tuple[str, str, str] = ("#F6D08B", "#E08A3C", "#9C3B1B")
NO_ROUTE_COLOUR = "#5B6672"
UNCONNECTED_COLOUR = "#9AA0A6"
# Change between two states: inside the threshold only after, only before; sooner or later there by a minute; neither.
GAIN_COLOUR, LOSS_COLOUR = "#2166AC", "#B2182B"
FASTER_COLOUR, SLOWER_COLOUR, SAME_COLOUR = "#BFD8EA", "#F4CFC4", "#F2F2EE"


@dataclass(frozen=True, slots=True)
class Band:
    """One class of travel time: over `low_min` up to and including `high_min` [min], and its colour."""

    low_min: float
    high_min: float
    colour: str
    is_inside: bool


def build_bands(cutoff_min: float) -> tuple[Band, ...]:
    """Build three bands inside the threshold and three outside, so that the colours split at it.

    At 30 minutes the limits are 10, 20, 30 | 45, 60; other thresholds keep the proportions, rounded
    to whole minutes where that leaves them apart.

    Examples
    --------
    >>> [band.high_min for band in build_bands(30.0)]
    [10.0, 20.0, 30.0, 45.0, 60.0, inf]
    """
    inner = [_round(cutoff_min / 3.0), _round(cutoff_min * 2.0 / 3.0), cutoff_min]
    outer = [_round(cutoff_min * 1.5), _round(cutoff_min * 2.0), math.inf]
    lows = [0.0, *inner, *outer[:-1]]
    colours = (*INSIDE_COLOURS, *OUTSIDE_COLOURS)
    return tuple(
        Band(low, high, colour, high <= cutoff_min)
        for low, high, colour in zip(lows, [*inner, *outer], colours, strict=True)
    )


def classify_minutes(
    minutes: npt.NDArray[np.float32], cutoffs_min: float | npt.NDArray[np.floating]
) -> npt.NDArray[np.uint8]:
    """Put times into the bands of their threshold: 1 … 6 in the order of `build_bands`, 0 without a finite time.

    Parameters
    ----------
    minutes
        Times, any shape [min].
    cutoffs_min
        The threshold, one for all or one for each time [min].
    """
    limits = np.broadcast_to(np.asarray(cutoffs_min, np.float32), minutes.shape)
    answer = np.zeros(minutes.shape, np.uint8)
    reached = np.isfinite(minutes)
    for cutoff in np.unique(limits).tolist():
        bands = build_bands(cutoff)
        mine = reached & (limits == np.float32(cutoff))
        answer[mine] = len(bands)
        for number in range(len(bands) - 1, 0, -1):
            answer[mine & is_within(minutes, bands[number - 1].high_min)] = number
    return answer


def _round(minutes: float) -> float:
    return float(round(minutes)) if minutes >= 3.0 else minutes
