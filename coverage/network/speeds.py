"""How fast roads are travelled: an editable table by road class, and the seconds it gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.errors import SettingsError
from coverage.network.chains import FERRY_CLASS
from coverage.network.model import DELAY_KINDS, RoadNetwork

Pairs = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class TurnDelays:
    """Seconds lost at turns, by kind."""

    turn_s: float = 0.0
    oncoming_turn_s: float = 0.0
    u_turn_s: float = 0.0
    drives_on_right: bool = True


@dataclass(frozen=True, slots=True)
class SpeedTable:
    """Speeds and delays of one mode of travel; all pairs are sorted by their name.

    Parameters
    ----------
    id
        Short name of the table, shown with results.
    speeds_kph
        Free speed by road class [km/h]; a class that is absent is not travelled.
    maxspeed_factor
        Share of a posted limit that is driven. By car a posted limit replaces the class speed; in every
        other mode it only bounds the mode's own speed, in full. On ferries the speed that a declared
        duration implies replaces the class speed in every mode, in full.
    surface_kph, smoothness_kph, tracktype_kph, service_kph
        Upper limits by tag value [km/h].
    urban_factor, urban_junctions_per_km2
        Where junctions are at least this dense, the class speed is multiplied by its factor.
    delays_s
        Seconds by what stands at a vertex, names of `DELAY_KINDS`.
    turns
        Seconds lost at turns.
    seasons
        (season, ((class, factor), …)): factors on the speed; a factor of 0 closes the class. The
        class ``"*"`` stands for all that are not named.
    """

    id: str
    speeds_kph: Pairs
    maxspeed_factor: float = 1.0
    surface_kph: Pairs = ()
    smoothness_kph: Pairs = ()
    tracktype_kph: Pairs = ()
    service_kph: Pairs = ()
    urban_factor: Pairs = ()
    urban_junctions_per_km2: float = 25.0
    delays_s: Pairs = ()
    turns: TurnDelays = TurnDelays()
    seasons: tuple[tuple[str, Pairs], ...] = ()

    @property
    def classes(self) -> frozenset[str]:
        """Return the road classes that are travelled at all."""
        return frozenset(name for name, speed in self.speeds_kph if speed > 0)

    @property
    def season_names(self) -> tuple[str, ...]:
        """Return the seasons this table knows; ``"summer"`` (no factor) is always one."""
        return ("summer", *(name for name, _ in self.seasons if name != "summer"))


@dataclass(frozen=True, slots=True, eq=False)
class RoadTimes:
    """Seconds along every road, both ways, at the speeds of one table and season.

    Parameters
    ----------
    along_s
        Time from a road's start to each of its vertex slots, delays met on the way included, shape (k,) [s].
    against_s
        Time from a road's end back to each slot, shape (k,) [s].
    road_forward_s, road_backward_s
        Time over the whole road, shape (r,) [s]; inf where it is closed.
    """

    along_s: npt.NDArray[np.float64]
    against_s: npt.NDArray[np.float64]
    road_forward_s: npt.NDArray[np.float64]
    road_backward_s: npt.NDArray[np.float64]


def _look_up(values: npt.NDArray[np.object_], pairs: Pairs, absent: float) -> npt.NDArray[np.float64]:
    table = dict(pairs)
    return np.array([table.get(value, absent) for value in values], dtype=np.float64)


def compute_profile_speeds(
    network: RoadNetwork, speeds: SpeedTable, season: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Compute speeds per road profile, 0 where it is closed [km/h].

    Returns
    -------
    Speeds along and against the road, each of shape (2, profiles): row 0 in the country, row 1 in
    town. The factor for towns also slows down what a posted limit allows; it never makes a road
    faster than its posted limit, surface or state allows.

    Raises
    ------
    SettingsError
        If the table does not know the season.
    """
    if season not in speeds.season_names:
        raise SettingsError(
            "settings.unknown_choice", name="season", value=season, choices=", ".join(speeds.season_names)
        )
    profiles = network.profiles
    highway = profiles["highway"].to_numpy(object)
    base = _look_up(highway, speeds.speeds_kph, 0.0)
    cap = np.full(len(base), np.inf)
    for column, limits in (
        ("surface", speeds.surface_kph),
        ("smoothness", speeds.smoothness_kph),
        ("tracktype", speeds.tracktype_kph),
        ("service", speeds.service_kph),
    ):
        cap = np.minimum(cap, _look_up(profiles[column].to_numpy(object), limits, np.inf))
    factors = dict(speeds.seasons).get(season, ())
    seasonal = _look_up(highway, factors, dict(factors).get("*", 1.0))
    urban = _look_up(highway, speeds.urban_factor, dict(speeds.urban_factor).get("*", 1.0))

    # A ferry keeps its timetable: what its declared duration implies is its speed, in full and in every mode.
    is_ferry = highway == FERRY_CLASS
    is_driven = network.mode == "drive"
    share = np.where(is_ferry | (not is_driven), 1.0, speeds.maxspeed_factor)
    sets_speed = is_ferry | is_driven

    def travel(column: str) -> npt.NDArray[np.float64]:
        posted = profiles[column].to_numpy(float) * share
        stated = np.isfinite(posted) & (posted > 0) & (base > 0)
        bound = np.minimum(cap, np.where(stated, posted, np.inf))
        speed = np.minimum(np.where(stated & sets_speed, posted, base), bound)
        in_town = np.minimum(speed * np.where(stated & is_ferry, 1.0, urban), bound)
        return np.stack((speed, in_town)) * seasonal

    return travel("maxspeed_forward_kph"), travel("maxspeed_backward_kph")


def bound_by_own_speed(speeds: SpeedTable, kph: float) -> float:
    """Return a speed meant for a road that does not exist yet, at most the highest of the mode's own [km/h]."""
    return min(kph, max((speed for name, speed in speeds.speeds_kph if name != FERRY_CLASS), default=kph))


def compute_road_times(
    network: RoadNetwork,
    speeds: SpeedTable,
    season: str = "summer",
    *,
    factor: npt.NDArray[np.float64] | None = None,
) -> RoadTimes:
    """Compute the seconds along every road of a network, both ways.

    Parameters
    ----------
    network
        The network.
    speeds
        Speeds and delays; classes it does not name are closed.
    season
        A season of the table.
    factor
        Share of its speed at which each road is driven, shape (r,), above 0; None for all of it.

    Raises
    ------
    SettingsError
        If the table does not know the season.
    """
    forward_kph, backward_kph = compute_profile_speeds(network, speeds, season)
    slots_road = np.repeat(np.arange(network.road_count), np.diff(network.vertex_ptr))
    in_town = (network.road_junctions_per_km2[slots_road] >= speeds.urban_junctions_per_km2).astype(np.intp)
    delay = _look_up(np.array(DELAY_KINDS, object), speeds.delays_s, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        forward_s = network.piece_length_m * 3.6 / forward_kph[in_town, network.piece_profile]
        backward_s = network.piece_length_m * 3.6 / backward_kph[in_town, network.piece_profile]
    for seconds in (forward_s, backward_s):
        if factor is not None:
            seconds /= factor[slots_road]
        seconds[network.piece_length_m == 0.0] = 0.0
    closed_forward = np.logical_or.reduceat(np.isinf(forward_s), network.vertex_ptr[:-1])
    closed_backward = np.logical_or.reduceat(np.isinf(backward_s), network.vertex_ptr[:-1])
    forward_s[np.isinf(forward_s)] = 0.0
    backward_s[np.isinf(backward_s)] = 0.0

    first, last = network.vertex_ptr[:-1], network.vertex_ptr[1:] - 1
    # Time on leaving each slot: pieces before it plus the delay that stands at it.
    step = np.concatenate(([0.0], forward_s[:-1])) + delay[network.vertex_delay_forward]
    step[first] = 0.0
    total = np.cumsum(step)
    along = total - total[first][slots_road]
    # Against the polyline: the piece after the slot was travelled, its delay is met at the slot.
    back_step = backward_s + delay[network.vertex_delay_backward]
    back_step[last] = 0.0
    back_total = np.cumsum(back_step[::-1])[::-1]
    against = back_total - back_total[last][slots_road]
    return RoadTimes(
        along_s=along,
        against_s=against,
        road_forward_s=np.where(closed_forward, np.inf, along[last]),
        road_backward_s=np.where(closed_backward, np.inf, against[first]),
    )
