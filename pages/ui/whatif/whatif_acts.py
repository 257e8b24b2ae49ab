"""What is done on the What-if page: every act is checked, saved at once, and can be undone."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from coverage.access.remedies import POLICE_FAMILY
from coverage.errors import InputError, PlannerError
from coverage.inputs.question import Question
from coverage.inputs.site_costs import find_new_kind, find_services
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Kind, Study
from coverage.network.closures import Closure
from coverage.scenario.edit_checks import check_edits
from coverage.scenario.edits import AddMobileStop, AddStation, CloseRoads, Edit, MoveStation, SlowRoads
from coverage.siting.model.candidates import is_police_question
from geodata.intake.read_site_costs import read_site_costs
from geodata.maps.layers import name_station_key
from geodata.maps.scene import DRAFT
from geodata.store.changes import Change
from geodata.store.scenarios import Scenario
from geodata.words.i18n import Translator
from pages.ui import scenario_store, state
from pages.ui.whatif.whatif_spot import find_road

_DECIMALS = 6
_LARGEST_LAT = 85.0


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """What the page works on: the study, what is asked, and the scenario as it is on screen (None before the first)."""

    study: Study
    question: Question
    shown: Scenario | None
    tr: Translator

    @property
    def edits(self) -> tuple[Edit, ...]:
        """Return the edits that hold."""
        return () if self.shown is None else self.shown.edits

    @property
    def is_open(self) -> bool:
        """Tell whether the scenario can be changed."""
        return state.older() is None and (self.shown is None or self.shown.head.status == "draft")

    @property
    def closed_note(self) -> str:
        """Say why the scenario cannot be changed."""
        return self.tr("whatif.locked_note" if state.older() is None else "older.closed_to_edits")

    @property
    def draft(self) -> AddStation | None:
        """Return the station that is being placed and not added yet."""
        found: AddStation | None = state.whatif("draft")
        return found if found is not None and self.is_open else None

    @property
    def place(self) -> Closure | None:
        """Return where roads are being closed or slowed, None where nothing was drawn."""
        coordinates = state.whatif("road_places", ())
        if not coordinates or state.whatif("act") != "road":
            return None
        if state.whatif("road_form") == "area" and len(coordinates) > 2:
            coordinates = (*coordinates, coordinates[0])
        return Closure("", coordinates)

    @property
    def tried(self) -> tuple[Edit, ...]:
        """Return the edits that hold and the one that is being tried."""
        return self.edits if self.draft is None else (*self.edits, self.draft)


def do(work: Work, *edits: Edit) -> bool:
    """Save edits; a fault is kept for the page to show and nothing is saved then."""
    now = scenario_store.find_current(work.study)
    before = () if now is None else now.edits
    faults = check_edits(work.study, (*before, *edits))
    if faults:
        state.keep_whatif(fault=faults[-1])
        return False
    return _record(work, tuple(Change("edit", edit) for edit in edits))


def step(work: Work, kind: str) -> None:
    """Undo or redo the last edit or order; nothing happens where there is none."""
    now = scenario_store.find_current(work.study)
    if now is None:
        return
    if kind == "undo" and now.history.past:
        _record(work, (Change("undo"),))
    elif kind == "redo" and now.history.future:
        _record(work, (Change("redo"),))


def change_edits(work: Work, *changes: Change) -> bool:
    """Change the edits as a whole, such as their order; tell whether it was saved."""
    return _record(work, changes)


def change_scenario(work: Work, change: Change) -> None:
    """Rename the scenario, change its note, lock, approve or open it."""
    if _record(work, (change,)):
        state.keep_whatif(whole=True)


def _record(work: Work, changes: tuple[Change, ...]) -> bool:
    before = state.scenario_id()
    try:
        scenario_store.record(work.study, work.shown, changes, work.tr)
    except PlannerError as error:
        state.keep_refusal(error)
        return False
    if state.scenario_id() != before:
        state.keep_whatif(whole=True)
    return True


def leave(_: Work | None = None) -> None:
    """Leave what is being placed, drawn or looked at."""
    state.keep_whatif(draft=None, selected="", road_places=(), fault=None)


def confirm_draft(work: Work) -> None:
    """Add the station that is being placed."""
    draft = work.draft
    if draft is not None and do(work, draft):
        state.keep_whatif(draft=None, last_kind=draft.kind)


def change_draft(work: Work, **values: Any) -> None:
    """Change what is being placed."""
    if work.draft is not None:
        state.keep_whatif(draft=replace(work.draft, **values))


def turn_draft(work: Work, kind: Kind) -> None:
    """Make what is being placed a station of another kind, with what that kind usually offers."""
    old = work.draft
    if old is not None:
        state.keep_whatif(draft=_make(work, old.station_id, old.lon, old.lat, kind, old.name), last_kind=kind.id)


def begin_draft(work: Work, lon: float, lat: float, name: str = "") -> None:
    """Try a new station at a place [degrees]; one that is being placed already goes there."""
    old, kinds = work.draft, offer_kinds(work)
    if not kinds or not work.is_open:
        state.keep_whatif(selected="", draft=None)
        return
    if old is not None:
        made = replace(old, lon=lon, lat=lat, name=name or old.name)
    else:
        last = next((kind for kind in kinds if kind.id == state.whatif("last_kind")), None)
        made = _make(work, _find_free_id(work), lon, lat, last or _find_usual(work, kinds), name)
    state.keep_whatif(draft=made, selected="", act="station", fault=None)


def offer_kinds(work: Work) -> list[Kind]:
    """List the kinds a new station may be, those with a place: no post of the police family is ever proposed."""
    if is_police_question(work.study.catalogue, work.question.choice):
        return []
    return [kind for kind in work.study.catalogue.kinds if kind.family != POLICE_FAMILY and kind.layer != "remote"]


def offer_items(work: Work, *, is_new: bool) -> list[str]:
    """List the service items a station may offer: those of the police family only at places that exist."""
    items = work.study.catalogue.items
    return [item.id for item in items if not is_new or item.family != POLICE_FAMILY]


def _find_usual(work: Work, kinds: list[Kind]) -> Kind:
    try:
        kind = find_new_kind(work.study.catalogue, work.question.choice, read_site_costs())
    except InputError:  # the family has no fixed kind
        return kinds[0]
    return kind if kind in kinds else kinds[0]


def _make(work: Work, station_id: str, lon: float, lat: float, kind: Kind, name: str) -> AddStation:
    allowed = offer_items(work, is_new=True)
    choice: StationChoice = work.question.choice
    asked = (choice.service,) if choice.service else ()
    services = tuple(one for one in find_services(kind, asked) if one in allowed)
    level = choice.level if choice.level and choice.family == kind.family else ""
    form = AddMobileStop if kind.layer == "mobile" else AddStation
    return form(station_id, lon, lat, kind.id, name=name, level=level, services=services)


def _find_free_id(work: Work) -> str:
    taken = {*map(str, work.study.stations.index)}
    taken |= {edit.station_id for edit in work.edits if isinstance(edit, AddStation)}
    return next(one for number in range(1, len(taken) + 2) if (one := f"N{number:03d}") not in taken)


def add_roads(work: Work, factor: float | None) -> None:
    """Close the roads at the place that was drawn, or slow them to a share of their speed."""
    place = work.place
    if place is None:
        return
    named = replace(place, name=str(state.whatif("road_name", ""))[:100])
    if do(work, CloseRoads(named) if factor is None else SlowRoads(named, factor)):
        state.keep_whatif(road_places=(), road_name="")


def take_event(work: Work, key: str, after: Study) -> None:
    """Take an event of the map: a click, a click on a station, a drag, or a key.

    Parameters
    ----------
    work
        What was on screen.
    key
        Where the map keeps its events.
    after
        The study after the edits, as it was on screen.
    """
    event = (state.widget_value(key) or {}).get("event")
    if not isinstance(event, dict) or event.get("number") == state.whatif("event"):
        return
    state.keep_whatif(event=event.get("number"))
    kind, place = event.get("kind"), _read_place(event)
    # Where roads are meant, a click on a station means the road beneath it.
    if kind == "station" and state.whatif("act") == "road":
        kind = "place"
    if kind in ("undo", "redo"):
        step(work, kind)
    elif kind == "leave":
        leave()
    elif kind == "station":
        _select(event, after)
    elif kind == "place" and place is not None:
        _click(work, place)
    elif kind == "drag" and place is not None:
        _drag(work, event, place, after)


def _select(event: dict[str, Any], after: Study) -> None:
    found = _find_station(event, after)
    if found:
        state.keep_whatif(selected=found, draft=None, act="station", fault=None)


def _click(work: Work, place: tuple[float, float]) -> None:
    if state.whatif("act") != "road":
        begin_draft(work, *place)
        return
    if state.whatif("road_form", "point") == "point":
        state.keep_whatif(road_places=(find_road(work.study, work.question, place),))
    else:
        state.keep_whatif(road_places=(*state.whatif("road_places", ()), place))


def _drag(work: Work, event: dict[str, Any], place: tuple[float, float], after: Study) -> None:
    if event.get("id") == DRAFT:
        change_draft(work, lon=place[0], lat=place[1])
        return
    found = _find_station(event, after)
    if found:
        do(work, MoveStation(found, *place))


def _find_station(event: dict[str, Any], after: Study) -> str:
    ids = map(str, after.stations.index)
    return next((one for one in ids if name_station_key(one) == event.get("id")), "")


def _read_place(event: dict[str, Any]) -> tuple[float, float] | None:
    """Return lon and lat of an event, within one turn of the world; None beyond the map's poles."""
    try:
        lon, lat = float(event["lng"]), float(event["lat"])
    except (KeyError, TypeError, ValueError):
        return None
    if not (math.isfinite(lon) and abs(lat) <= _LARGEST_LAT):
        return None
    return round((lon + 180.0) % 360.0 - 180.0, _DECIMALS), round(lat, _DECIMALS)
