"""A mix of modes by zone: people with a car drive, the others walk or ride."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.errors import SettingsError
from coverage.inputs.schema import ZONES
from coverage.network.model import BoolArray, FloatArray
from coverage.network.settings import MODES, Mode

# Demand column that says how many have no car, where a study knows it.
CARLESS = "carless"


@dataclass(frozen=True, slots=True)
class ModeMix:
    """Who does not travel by the study's own mode.

    Parameters
    ----------
    other
        How people without a car travel.
    without_car
        (zone, share of its people without a car, 0..1); zones that are not named have none.

    Raises
    ------
    SettingsError
        ``mix.invalid`` with the first fault.
    """

    other: Mode
    without_car: tuple[tuple[str, float], ...]

    def __post_init__(self) -> None:
        if self.other not in MODES:
            raise SettingsError("mix.invalid", name="other", value=str(self.other), known=", ".join(MODES))
        for zone, share in self.without_car:
            if zone not in ZONES:
                raise SettingsError("mix.invalid", name="zone", value=zone, known=", ".join(ZONES))
            if not 0.0 <= share <= 1.0:
                raise SettingsError("mix.invalid", name=zone, value=share, known="0..1")


def find_shares_without_car(demand: pd.DataFrame, mix: ModeMix) -> FloatArray:
    """Find the share of people without a car at each demand point, shape (p,).

    The column `carless` of the demand table decides where somebody lives, else the zone's share.
    """
    shares: FloatArray = np.array([dict(mix.without_car).get(zone, 0.0) for zone in demand["zone"]])
    if CARLESS in demand.columns:
        people, carless = demand["population"].to_numpy(float), demand[CARLESS].to_numpy(float)
        own = np.divide(carless, people, out=shares.copy(), where=people > 0)
        shares[:] = np.clip(own, 0.0, 1.0)
    return shares


def mix_covered(by_car: BoolArray, by_other: BoolArray, without_car: FloatArray) -> npt.NDArray[np.float64]:
    """Compute the share of people inside at each demand point when both modes are mixed, shape (p,).

    Parameters
    ----------
    by_car, by_other
        Who is inside by the study's own mode and by the other one, shape (p,).
    without_car
        Share of people without a car, shape (p,).

    Examples
    --------
    >>> mix_covered(np.array([True, True]), np.array([False, True]), np.array([0.4, 0.4])).tolist()
    [0.6, 1.0]
    """
    mixed: npt.NDArray[np.float64] = by_car * (1.0 - without_car) + by_other * without_car
    return mixed
