"""Settings of an assessment, as frozen values that compare and hash by content."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from coverage.errors import SettingsError

Mode = Literal["drive", "walk", "cycle"]
TravelDirection = Literal["to", "from"]

MODES: tuple[Mode, ...] = ("drive", "walk", "cycle")
# A straight walk to a road is believed up to here; whoever lives farther is not connected [m].
MOST_ACCESS_M = 5000.0
DEFAULT_CUTOFFS_MIN: tuple[float, ...] = (10.0, 15.0, 20.0, 30.0, 45.0, 60.0)


def _check_range(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise SettingsError("settings.out_of_range", name=name, value=value, low=low, high=high)


@dataclass(frozen=True, slots=True)
class SnapSettings:
    """How a point is joined to the road network.

    Parameters
    ----------
    max_access_m
        Points farther than this from any usable road are *unconnected* [m]; at most `MOST_ACCESS_M`.
    access_kph
        Walking speed of the access leg [km/h].
    min_component_km
        Strongly connected components with less road than this are not snapped to [km], unless they are the longest
        one or a net on its own with a station of its own (`coverage.network.small_nets`).
    junction_tolerance_m
        A place this close to a junction, along the road, uses all its roads [m].
    motorway_within_m
        A point may lie on a motorway, motorroad or ramp only if it is this close to its line [m]; 0 never
        snaps to one.
    """

    max_access_m: float = 2000.0
    access_kph: float = 4.5
    min_component_km: float = 10.0
    junction_tolerance_m: float = 1.0
    motorway_within_m: float = 0.0

    def __post_init__(self) -> None:
        _check_range("max_access_m", self.max_access_m, 1.0, MOST_ACCESS_M)
        _check_range("access_kph", self.access_kph, 0.5, 30.0)
        _check_range("min_component_km", self.min_component_km, 0.0, 1e6)
        _check_range("junction_tolerance_m", self.junction_tolerance_m, 0.0, 100.0)
        _check_range("motorway_within_m", self.motorway_within_m, 0.0, 100.0)


@dataclass(frozen=True, slots=True)
class AssessmentSettings:
    """What is asked: how people travel, which way, and within how many minutes.

    Parameters
    ----------
    mode
        How people travel.
    direction
        ``"to"``: from the resident to the station (default); ``"from"``: the other way.
    cutoff_min
        The time threshold, inclusive [min].
    cutoffs_min
        Ascending class limits of bands and tables [min]; the largest bounds the kept time matrix.
    season
        A season of the speed table, e.g. ``"summer"`` or ``"winter"``.
    memory_budget_mb
        Largest size of the kept time matrix [MB]; beyond it rows are streamed.
    own_jurisdiction
        Residents go to stations of their own unit only, unless asked otherwise.
    """

    mode: Mode = "drive"
    direction: TravelDirection = "to"
    cutoff_min: float = 30.0
    cutoffs_min: tuple[float, ...] = DEFAULT_CUTOFFS_MIN
    season: str = "summer"
    memory_budget_mb: float = 1000.0
    own_jurisdiction: bool = False
    snap: SnapSettings = field(default_factory=SnapSettings)

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise SettingsError("settings.unknown_choice", name="mode", value=self.mode, choices=", ".join(MODES))
        if self.direction not in ("to", "from"):
            raise SettingsError("settings.unknown_choice", name="direction", value=self.direction, choices="to, from")
        _check_range("cutoff_min", self.cutoff_min, 0.0, 1440.0)
        _check_range("memory_budget_mb", self.memory_budget_mb, 1.0, 1e6)
        if not self.cutoffs_min or list(self.cutoffs_min) != sorted(set(self.cutoffs_min)):
            raise SettingsError("settings.cutoffs_not_ascending", value=", ".join(map(str, self.cutoffs_min)))

    @property
    def largest_cutoff_min(self) -> float:
        """Return the largest of the threshold and the class limits [min]."""
        return max(self.cutoff_min, self.cutoffs_min[-1])
