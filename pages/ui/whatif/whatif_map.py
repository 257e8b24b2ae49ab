"""The map of the What-if page: what changes, every station by its symbol, and the place at hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from coverage.inputs.question import Question
from coverage.inputs.schema import STATION_STATUSES
from coverage.inputs.stations import select_stations
from coverage.inputs.study import Study
from coverage.network.closures import find_closed_roads
from coverage.network.model import BoolArray, RoadNetwork
from coverage.scenario.edits import AddStation, CloseRoads, Edit, MoveStation, SlowRoads
from geodata.maps.base import build_base
from geodata.maps.elements import Encoded, ScriptCall
from geodata.maps.labels import SafeText, join_markup, safe_label
from geodata.maps.layers import build_layers, encode_focus, encode_highlight, encode_place, encode_stations
from geodata.maps.scene import Line, Look, ScenePoint, encode_scene
from geodata.maps.shapes import build_shapes, encode_dots, encode_paths
from geodata.words.i18n import Translator
from pages.ui import map_frame, state
from pages.ui.memo import cached, cached_map, cached_whatif
from pages.ui.memo.cached_whatif import Outcome
from pages.ui.table_row import take_row
from pages.ui.whatif import whatif_acts, whatif_spot, whatif_words
from pages.ui.whatif.whatif_acts import Work

HEIGHT_PX = 500
KEY = "whatif_map"
_MOST_ROADS = 3000


def draw_map(work: Work, found: Outcome, tried: tuple[Edit, ...]) -> None:
    """Draw the map; a click, a drag or a key on it runs only this part of the page again."""
    study, question = work.study, work.question
    is_times = state.whatif("layer") == "times"
    nothing = Encoded.of({"key": "", "mask": ""})
    changes = nothing if is_times else cached_whatif.fetch_changes(study, question, tried)
    drawn = {"closed": _draw_roads(work)}
    if not is_times:
        drawn |= _draw_people(work, found)
    shapes = build_shapes({slot: data for slot, data in drawn.items() if data is not None})
    layers = build_layers(
        bands=cached_whatif.fetch_bands_after(study, question, tried) if is_times else None,
        stations=_draw_stations(work),
        highlight=encode_highlight(None),
        place=encode_place(None),
        focus=encode_focus(state.focus()),
        shapes=[ScriptCall("changes", changes), *shapes, ScriptCall("scene", _draw_scene(work, found))],
    )
    fig = build_base(cached_map.fetch_base(study))
    fig.add_child(ScriptCall("listen", {}))
    map_frame.show_map(
        fig,
        layers,
        key=KEY,
        height=HEIGHT_PX,
        on_change=lambda: whatif_acts.take_event(work, KEY, found.study),
        returned=(),
    )


def list_ids(edits: tuple[Edit, ...], selected: str = "") -> set[str]:
    """List the stations that edits touch, and the one that is looked at."""
    touched = {edit.station_id for edit in edits if hasattr(edit, "station_id")}
    return touched | ({selected} if selected else set())


def _draw_stations(work: Work) -> Encoded:
    ids = list_ids(work.edits, str(state.whatif("selected", "")))
    return fetch_untouched(work.study, work.question, ids, work.tr, is_clickable=True)


def fetch_untouched(
    study: Study, question: Question, touched: set[str], tr: Translator, *, is_clickable: bool = False
) -> Encoded:
    """Draw the stations that a scenario leaves alone, whatever their status; they stay on screen from edit to edit."""
    choice = replace(question.choice, service="", status=STATION_STATUSES, on_date="", layer="placed")
    chosen = select_stations(study.stations, study.catalogue, choice)
    chosen &= ~study.stations.index.isin(list(touched))
    key = cached_map.name_content((study.fingerprint, np.packbits(chosen).tobytes(), tr.language))

    def build() -> Encoded:
        return encode_stations(study.stations, study.catalogue, tr.language, chosen, key, is_clickable=is_clickable)

    return cached.vault().fetch("stations", ("whatif", key, is_clickable), build)


def _draw_scene(work: Work, found: Outcome) -> Encoded:
    tr, draft = work.tr, work.draft
    selected = str(state.whatif("selected", ""))
    points, moves = list_touched(work.study, found.study, work.edits, tr, selected=selected, is_open=work.is_open)
    leg: Line | None = None
    if draft is not None:
        kind = work.study.catalogue.kind(draft.kind)
        symbol = (kind.family, _raise(draft.level or kind.level), "planned")
        points.append(ScenePoint("", draft.lon, draft.lat, symbol, "draft", safe_label(tr("whatif.draft_tip")), True))
        _, road = whatif_spot.find_snapped(work.study, work.question, draft.lon, draft.lat)
        leg = None if road is None else ((draft.lon, draft.lat), road)
    return encode_scene(points, moves=moves, leg=leg, place=work.place)


def list_touched(
    study: Study, after: Study, edits: tuple[Edit, ...], tr: Translator, *, selected: str = "", is_open: bool = False
) -> tuple[list[ScenePoint], list[Line]]:
    """List the stations that edits touch, and where those that moved came from.

    Parameters
    ----------
    study, after
        Before and after the edits.
    edits, tr
        The edits, and the words.
    selected
        A station that is looked at, touched or not.
    is_open
        True if stations can be dragged.
    """
    table = after.stations
    kinds = {kind.id: kind for kind in study.catalogue.kinds}
    added = {edit.station_id for edit in edits if isinstance(edit, AddStation)}
    moved = {edit.station_id for edit in edits if isinstance(edit, MoveStation)} - added
    points, moves = [], []
    for station in sorted(list_ids(edits, selected) & set(map(str, table.index))):
        row = take_row(table, station)
        status = str(row["status"])
        look: Look = "changed"
        if status == "closed":
            look = "closed"
        elif station in added:
            look = "added"
        elif station in moved:
            look = "moved"
        if station == selected:
            look = "selected"
        kind = kinds.get(str(row["kind"]))
        called = whatif_words.kind_name(study, str(row["kind"]), tr)
        label = join_markup(safe_label(row["name"]), SafeText(" · "), safe_label(called))
        symbol = (kind.family if kind else "", _raise(str(row["level"])), status)
        is_movable = is_open and (station in added | moved or station == selected)
        points.append(ScenePoint(station, float(row["lon"]), float(row["lat"]), symbol, look, label, is_movable))
        if station in moved:
            was = take_row(study.stations, station)
            moves.append(((float(was["lon"]), float(was["lat"])), (float(row["lon"]), float(row["lat"]))))
    return points, moves


def _raise(level: str) -> str:
    """Draw a village's symbol as large as a township's where it is worked on."""
    return "township" if level == "village" else level


def _draw_people(work: Work, found: Outcome) -> dict[str, Encoded | None]:
    """Draw the places of people who are newly within the threshold, and of those who are not."""
    demand, points = found.assessment.demand, found.comparison.points
    people = demand["weight"].to_numpy(float) > 0
    outside = (demand["status"] != "covered").to_numpy(bool) & people
    won = ((points["change"] == "newly_covered") & (points["weight"] > 0)).to_numpy(bool)
    return {"uncovered": _draw_dots("uncovered", demand, outside), "gain": _draw_dots("gain", points, won)}


def _draw_dots(slot: str, table: pd.DataFrame, mask: BoolArray) -> Encoded:
    lon, lat = (table[name].to_numpy(float)[mask] for name in ("lon", "lat"))
    return encode_dots(slot, lon, lat, cached_map.name_content((slot, lon.tobytes(), lat.tobytes())))


def _draw_roads(work: Work) -> Encoded | None:
    """Draw the roads that are closed and slowed, and those at the place being drawn."""
    network = work.study.network
    closed = [edit.closure for edit in work.edits if isinstance(edit, CloseRoads)]
    slowed = [edit.place for edit in work.edits if isinstance(edit, SlowRoads)]
    if work.place is not None:
        (closed if state.whatif("road_act", "close") == "close" else slowed).append(work.place)
    if network is None or (not closed and not slowed):
        return None

    def build() -> Encoded:
        paths = []
        for look, places in (("closed", closed), ("slowed", slowed)):
            paths += [(look, line) for line in _find_lines(network, find_closed_roads(network, tuple(places))[0])]
        return encode_paths("closed", paths, cached_map.name_content((closed, slowed)))

    return cached.vault().fetch("shapes", ("whatif_roads", work.study.fingerprint, tuple(closed), tuple(slowed)), build)


def _find_lines(network: RoadNetwork, roads: BoolArray) -> list[shapely.LineString]:
    lines = []
    for road in np.flatnonzero(roads)[:_MOST_ROADS].tolist():
        slots = slice(network.vertex_ptr[road], network.vertex_ptr[road + 1])
        lines.append(shapely.LineString(np.column_stack((network.vertex_lon[slots], network.vertex_lat[slots]))))
    return lines
