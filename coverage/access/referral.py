"""The referral chain: how far it is from a village room to its township station, and on to the county centre."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.unit_levels import number_station_districts
from coverage.network.model import BoolArray
from coverage.travel.travel_basis import TravelBasis, find_level_units
from coverage.travel.travel_time import compute_nearest
from coverage.units import is_within

REFERRAL_COLUMNS: tuple[str, ...] = (
    "station_id",
    "name",
    "level",
    "next_level",
    "next_station_id",  # "" where none is reached
    "next_name",
    "minutes",  # inf where none is reached
    "is_within",
    "own_unit",  # level of the unit they are kept to, "" where they may be referred to every station
)
REFERRAL_STEP_COLUMNS: tuple[str, ...] = (
    "level",
    "next_level",
    "stations",
    "reached",  # with a way to a station of the next level
    "median_min",  # over those, NaN without
    "within",
    "share_within",  # of all stations of the step
)


def list_referral_steps(basis: TravelBasis, choice: StationChoice) -> list[tuple[str, str]]:
    """List the steps of the chain, (level, next level), from the lowest level that the chosen stations have."""
    study = basis.study
    anywhere = select_stations(study.stations, study.catalogue, replace(choice, level=""))
    present = set(study.stations["level"][anywhere])
    upwards = sorted((one for one in study.catalogue.levels if one.id in present), key=lambda one: -one.rank)
    return [(lower.id, upper.id) for lower, upper in pairwise(upwards)]


def compute_referrals(
    basis: TravelBasis, choice: StationChoice, cutoff_min: float, *, wanted: BoolArray | None = None
) -> pd.DataFrame:
    """Compute the time from every station to the nearest station of the next level up.

    Parameters
    ----------
    basis
        The study joined to its roads. Where it keeps residents to their own units, a station refers
        them within its unit of the next level: a village room within its township.
    choice
        Which stations count; its level is left aside, for the chain joins levels.
    cutoff_min
        Threshold, inclusive [min].
    wanted
        A further mask of stations, e.g. those that are open at a moment, shape (s,); the levels of the chain stay
        those of all.

    Returns
    -------
    `REFERRAL_COLUMNS`, one row for each chosen station that has a level above it, in the order of the
    chain and then of the stations. Minutes are door to door, both walks included.

    Notes
    -----
    After the referral analysis of AccessMod 5 (Ray & Ebener 2008), on roads. One search for each step.
    """
    study = basis.study
    rows = []
    counted = np.ones(len(study.stations), bool) if wanted is None else wanted
    for lower, upper in list_referral_steps(basis, choice):
        below, above = (
            np.flatnonzero(select_stations(study.stations, study.catalogue, replace(choice, level=one)) & counted)
            for one in (lower, upper)
        )
        own = bool(basis.own_level) and bool((study.districts["level"] == upper).any())
        unit = find_level_units(study, upper, number_station_districts(study)) if own else None
        places = replace(basis.stations, unit=unit)
        nearest = compute_nearest(basis.timed, places.subset(below), places.subset(above))
        ids = np.append(study.stations.index.to_numpy(object)[above], "")
        names = np.append(study.stations["name"].to_numpy(object)[above], "")
        rows.append(
            pd.DataFrame(
                {
                    "station_id": study.stations.index.to_numpy(object)[below],
                    "name": study.stations["name"].to_numpy(object)[below],
                    "level": lower,
                    "next_level": upper,
                    "next_station_id": ids[nearest.station],
                    "next_name": names[nearest.station],
                    "minutes": nearest.minutes,
                    "is_within": is_within(nearest.minutes, cutoff_min),
                    "own_unit": upper if own else "",
                },
                columns=list(REFERRAL_COLUMNS),
            )
        )
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(REFERRAL_COLUMNS))


def summarise_referrals(referrals: pd.DataFrame) -> pd.DataFrame:
    """Sum up every step of the chain.

    Parameters
    ----------
    referrals
        As `compute_referrals` returns.

    Returns
    -------
    `REFERRAL_STEP_COLUMNS`, one row per step in the order of the chain; empty without a step.
    """
    rows = []
    for (lower, upper), part in referrals.groupby(["level", "next_level"], sort=False):
        minutes = part["minutes"].to_numpy(float)
        reached = minutes[np.isfinite(minutes)]
        median = float(np.median(reached)) if len(reached) else float("nan")
        within = int(part["is_within"].sum())
        rows.append((lower, upper, len(part), len(reached), median, within, within / len(part)))
    return pd.DataFrame(rows, columns=list(REFERRAL_STEP_COLUMNS))
