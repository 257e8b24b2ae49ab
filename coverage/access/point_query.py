"""How long does it take from here: the answer for one place on the map, from the same engine as the tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coverage.access.totals import classify
from coverage.inputs.schema import STATUSES
from coverage.inputs.stations import StationChoice, select_stations
from coverage.network.model import BoolArray
from coverage.travel.route import find_spot
from coverage.travel.travel_basis import TravelBasis
from coverage.travel.travel_time import compute_nearest


@dataclass(frozen=True, slots=True)
class PointAnswer:
    """What holds at one place.

    Parameters
    ----------
    lon, lat
        The place [degrees].
    minutes
        Door-to-door time to the nearest chosen station [min]; inf where none is reached.
    station_id
        That station, "" where none is reached.
    access_m
        Straight distance to the road used [m]; inf where none lies within the snap limit.
    status
        Its class, one of `coverage.inputs.schema.STATUSES`.
    """

    lon: float
    lat: float
    minutes: float
    station_id: str
    access_m: float
    status: str


def locate_point(
    basis: TravelBasis,
    lon: float,
    lat: float,
    choice: StationChoice,
    *,
    cutoff_min: float | None = None,
    wanted: BoolArray | None = None,
) -> PointAnswer:
    """Find the nearest chosen station of one place and the time to it [min].

    Equals the answer of `coverage.access.assessment.assess` for a demand point at this place.

    Parameters
    ----------
    basis
        The study joined to its roads.
    lon, lat
        The place [degrees, WGS-84].
    choice
        Which stations count.
    cutoff_min
        Threshold of the class, inclusive [min]; None takes the study's.
    wanted
        A further mask of stations, e.g. those that are open at a moment, shape (s,).

    Raises
    ------
    InputError
        ``point.position_invalid`` as `coverage.travel.route.find_spot` does.

    Notes
    -----
    One search from the chosen stations: as dear as an assessment without its tables.
    """
    study = basis.study
    cutoff = study.settings.cutoff_min if cutoff_min is None else cutoff_min
    mask = select_stations(study.stations, study.catalogue, choice)
    chosen = np.flatnonzero(mask if wanted is None else mask & wanted)
    spot = find_spot(basis, lon, lat)
    nearest = compute_nearest(basis.timed, spot.places, basis.stations.subset(chosen))
    minutes = float(nearest.minutes[0])
    number = int(nearest.station[0])
    status = STATUSES[classify(nearest.minutes, nearest.is_connected, cutoff)[0]]
    return PointAnswer(
        lon=float(lon),
        lat=float(lat),
        minutes=minutes,
        station_id=str(study.stations.index[chosen[number]]) if number >= 0 else "",
        access_m=float(spot.snapped.access_m[0]),
        status=status,
    )
