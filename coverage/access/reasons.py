"""Why there is no station for people who live on a road: the reasons behind the class ``no_route``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.network.model import FloatArray

# No road leads to one; none in the own unit; offered nowhere; those that can be reached are closed at that time.
REASONS: tuple[str, ...] = ("no_way", "other_unit", "not_offered", "closed_then")


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """Why there is no station for people.

    Parameters
    ----------
    of_point
        One of `REASONS` for each demand point of the class ``no_route``, "" for all others, shape (p,).
    elsewhere_min
        Time to the nearest station outside the own unit where that is the reason, NaN elsewhere, shape (p,) [min].
    people
        People by reason, in the order of `REASONS`; they sum to those of the class.
    """

    of_point: npt.NDArray[np.object_]
    elsewhere_min: FloatArray
    people: pd.Series

    @property
    def present(self) -> tuple[str, ...]:
        """Return the reasons that hold for anybody."""
        return tuple(str(one) for one in self.people.index[self.people.to_numpy(float) > 0.0])


def name_reasons(demand: pd.DataFrame, *, is_offered: bool, in_the_week: FloatArray, anywhere: FloatArray) -> Reasons:
    """Name the reason for everybody without a station to go to.

    Parameters
    ----------
    demand
        Of an assessment: status and weight.
    is_offered
        Whether any station is one of those asked about, at whatever time.
    in_the_week, anywhere
        Time to the nearest of them at whatever time, and also whatever unit it is in, shape (p,) [min].
    """
    without = (demand["status"] == "no_route").to_numpy(bool)
    found = np.full(len(demand), "", object)
    if is_offered:
        found[without] = "no_way"
        found[without & np.isfinite(anywhere)] = "other_unit"
        found[without & np.isfinite(in_the_week)] = "closed_then"
    else:
        found[without] = "not_offered"
    people = demand["weight"].groupby(found).sum().reindex(pd.Index(REASONS), fill_value=0.0)
    return Reasons(found, np.where(found == "other_unit", anywhere, np.nan).astype(float), people)
