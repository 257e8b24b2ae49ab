"""Edits of a study as frozen values: what a scenario adds, moves, closes or changes, in order."""

from __future__ import annotations

from dataclasses import dataclass

from coverage.network.closures import Closure


@dataclass(frozen=True, slots=True)
class AddStation:
    """A new station at a fixed place.

    Parameters
    ----------
    station_id
        Its id, one the study does not have.
    lon, lat
        Its place [degrees, WGS-84].
    kind
        A kind of the catalogue with a place, that is not mobile and not of the police family.
    name
        Shown; the id if empty.
    level
        Level of the service system; "" takes the kind's.
    services
        Items it offers; None takes the kind's usual ones.
    hours
        Opening hours as in a table of stations, "" if not known.
    capacity
        People or cases a year, None if not known.
    code
        Administrative code of the unit it belongs to; "" for the one it lies in.
    cost
        What founding it costs [yuan]; None takes what its kind costs.
    """

    station_id: str
    lon: float
    lat: float
    kind: str
    name: str = ""
    level: str = ""
    services: tuple[str, ...] | None = None
    hours: str = ""
    capacity: float | None = None
    code: str = ""
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class AddMobileStop(AddStation):
    """A new stop of a service vehicle: a station of a mobile kind."""


@dataclass(frozen=True, slots=True)
class MoveStation:
    """A station at another place [degrees, WGS-84]; whatever else it is stays."""

    station_id: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class CloseStation:
    """A station that closes; it stays in the table and may reopen.

    Parameters
    ----------
    station_id
        The station.
    cost
        What closing it costs, negative where money is set free [yuan]; None takes what its kind costs.
    """

    station_id: str
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class ReopenStation:
    """A station that is closed, planned or a candidate, and opens."""

    station_id: str


@dataclass(frozen=True, slots=True)
class ChangeStation:
    """A station that changes what it offers; None leaves a property as it is.

    Parameters
    ----------
    station_id
        The station.
    services, hours, capacity, status
        New values, as in a table of stations; at least one.
    cost
        What it costs [yuan]; None takes what adding the new items costs.
    """

    station_id: str
    services: tuple[str, ...] | None = None
    hours: str | None = None
    capacity: float | None = None
    status: str | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class CloseRoads:
    """Roads that close, as `coverage.network.closures.Closure` finds them."""

    closure: Closure


@dataclass(frozen=True, slots=True)
class SlowRoads:
    """Roads that are driven at a share of their speed.

    Parameters
    ----------
    place
        Which roads, found as those of a closure are.
    factor
        Share of the speed, above 0; more than 1 for roads that are improved, at most 5.
    """

    place: Closure
    factor: float


@dataclass(frozen=True, slots=True)
class SetThreshold:
    """Another threshold for everybody, inclusive [min]; it replaces a table of thresholds."""

    minutes: float


Edit = (
    AddStation
    | AddMobileStop
    | MoveStation
    | CloseStation
    | ReopenStation
    | ChangeStation
    | CloseRoads
    | SlowRoads
    | SetThreshold
)

# Edits after which all times have to be searched anew.
ROAD_EDITS = (CloseRoads, SlowRoads)


def find_threshold(edits: tuple[Edit, ...]) -> float | None:
    """Return the threshold that edits end with [min], None if they set none."""
    found = [edit.minutes for edit in edits if isinstance(edit, SetThreshold)]
    return found[-1] if found else None
