"""Which edits a study takes: every fault of a list is found, in the order of its edits."""

from __future__ import annotations

import math

from coverage.access.remedies import POLICE_FAMILY
from coverage.errors import DataIssue, Fact
from coverage.inputs.schema import STATION_STATUSES
from coverage.inputs.study import Kind, Study
from coverage.scenario.edits import (
    AddMobileStop,
    AddStation,
    ChangeStation,
    CloseStation,
    Edit,
    MoveStation,
    ReopenStation,
    SetThreshold,
    SlowRoads,
)

_LARGEST_FACTOR = 5.0
_LARGEST_MIN = 1440.0


def check_edits(study: Study, edits: tuple[Edit, ...]) -> tuple[DataIssue, ...]:
    """Find all faults of a list of edits; each edit meets the stations as those before it leave them.

    Parameters
    ----------
    study
        The study they would change.
    edits
        Edits in order.

    Returns
    -------
    Findings of severity ``rejected``: `rows` holds the number of the edit, the first is 1; `value` the
    station or what is wrong. Empty if all can be applied.

    Notes
    -----
    The police family never gets a new post, and no new station offers items of that family: only existing
    places may. An edit with a fault is left out of what the next ones meet.
    """
    checker = _Checker(study)
    for number, edit in enumerate(edits, start=1):
        checker.check(number, edit)
    return tuple(checker.issues)


class _Checker:
    def __init__(self, study: Study) -> None:
        self.catalogue = study.catalogue
        self.stations = study.stations
        self.status = study.stations["status"].to_numpy(object)
        self.changed: dict[str, str] = {}  # statuses that are no longer those of the table
        self.kinds = {kind.id: kind for kind in study.catalogue.kinds}
        self.items = {item.id: item for item in study.catalogue.items}
        self.levels = {level.id for level in study.catalogue.levels}
        self.issues: list[DataIssue] = []
        self.number = 0

    def fault(self, code: str, value: Fact, **facts: Fact) -> None:
        """Note a fault of the edit at hand."""
        named = (("number", self.number), *facts.items())
        self.issues.append(DataIssue(code, "rejected", "edits", rows=(self.number,), value=str(value), facts=named))

    def check(self, number: int, edit: Edit) -> None:
        """Check one edit; what is in order changes what the next ones meet."""
        self.number = number
        before = len(self.issues)
        after: dict[str, str] = {}
        if isinstance(edit, AddStation):
            self._check_new(edit)
            after = {edit.station_id: "existing"}
        elif isinstance(edit, SetThreshold):
            if not 0.0 <= edit.minutes <= _LARGEST_MIN:
                self.fault("edits.minutes_out_of_range", edit.minutes)
        elif isinstance(edit, SlowRoads):
            if not 0.0 < edit.factor <= _LARGEST_FACTOR:
                self.fault("edits.factor_out_of_range", edit.factor)
        elif isinstance(edit, MoveStation | CloseStation | ReopenStation | ChangeStation):
            status = self.find_status(edit.station_id)
            if status is None:
                self.fault("edits.unknown_station", edit.station_id)
            else:
                after = self._check_known(edit, status)
        if len(self.issues) == before:
            self.changed |= after

    def find_status(self, station: str) -> str | None:
        """Return the status of a station as the edits so far leave it, None if there is no such station."""
        if station in self.changed:
            return self.changed[station]
        # Asked for each edit at each click: one look-up is a thousandth of a look-up of a list of one.
        if station not in self.stations.index:
            return None
        return str(self.status[self.stations.index.get_loc(station)])

    def _check_known(
        self, edit: MoveStation | CloseStation | ReopenStation | ChangeStation, status: str
    ) -> dict[str, str]:
        """Check an edit of a station that is there; return the status it gets."""
        station = edit.station_id
        if isinstance(edit, MoveStation):
            self._check_place(station, edit.lon, edit.lat)
            return {}
        if isinstance(edit, CloseStation):
            if status == "closed":
                self.fault("edits.closed_already", station)
            # Closing may set money free.
            self._check_amount(station, None if edit.cost is None else abs(edit.cost))
            return {station: "closed"}
        if isinstance(edit, ReopenStation):
            if status == "existing":
                self.fault("edits.open_already", station)
            return {station: "existing"}
        if edit.services is None and edit.hours is None and edit.capacity is None and edit.status is None:
            self.fault("edits.nothing_changed", station)
        self._check_services(edit.services or ())
        if edit.services and station not in self.stations.index and self._is_police(None, edit.services):
            self.fault("edits.police_post", station)
        self._check_amount(station, edit.capacity)
        self._check_amount(station, edit.cost)
        if edit.status is not None and edit.status not in STATION_STATUSES:
            self.fault("edits.unknown_status", edit.status, known=", ".join(STATION_STATUSES))
        return {} if edit.status is None else {station: edit.status}

    def _check_new(self, edit: AddStation) -> None:
        station = edit.station_id
        if not station.strip():
            self.fault("edits.no_id", station)
        if self.find_status(station) is not None:
            self.fault("edits.id_taken", station)
        self._check_place(station, edit.lon, edit.lat)
        kind = self.kinds.get(edit.kind)
        if kind is None:
            self.fault("edits.unknown_kind", edit.kind, known=", ".join(self.kinds))
        elif kind.layer == "remote":
            self.fault("edits.kind_remote", edit.kind)
        elif (kind.layer == "mobile") != isinstance(edit, AddMobileStop):
            self.fault("edits.kind_not_mobile" if isinstance(edit, AddMobileStop) else "edits.kind_mobile", edit.kind)
        if edit.level and edit.level not in self.levels:
            self.fault("edits.unknown_level", edit.level, known=", ".join(sorted(self.levels)))
        self._check_services(edit.services or ())
        self._check_amount(station, edit.capacity)
        self._check_amount(station, edit.cost)
        if self._is_police(kind, edit.services):
            self.fault("edits.police_post", station)

    def _is_police(self, kind: Kind | None, services: tuple[str, ...] | None) -> bool:
        if kind is not None and kind.family == POLICE_FAMILY:
            return True
        offered = services if services is not None else kind.services if kind is not None else ()
        return any(one in self.items and self.items[one].family == POLICE_FAMILY for one in offered)

    def _check_place(self, station: str, lon: float, lat: float) -> None:
        # NaN fails every comparison.
        if not (abs(lon) <= 180.0 and abs(lat) <= 85.0):
            self.fault("edits.place_invalid", station, lon=lon, lat=lat)

    def _check_services(self, services: tuple[str, ...]) -> None:
        for service in services:
            if service not in self.items:
                self.fault("edits.unknown_service", service, known=", ".join(self.items))

    def _check_amount(self, station: str, amount: float | None) -> None:
        if amount is not None and not (math.isfinite(amount) and amount >= 0.0):
            self.fault("edits.amount_invalid", station, amount=amount)
