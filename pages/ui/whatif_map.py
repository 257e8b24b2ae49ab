"""The map of the What-if page: what changes, every station by its symbol, and the place at hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from coverage.closures import find_closed_roads
from coverage.model import Study
from coverage.network import BoolArray, RoadNetwork
from coverage.route import Spot, find_spot
from coverage.scenario import AddStation, CloseRoads, Edit, MoveStation, SlowRoads
from coverage.schema import STATION_STATUSES
from coverage.stations import select_stations
from geodata.maps.base import build_base
from geodata.maps.elements import Encoded, ScriptCall
from geodata.maps.labels import SafeText, join_markup, safe_label
from geodata.maps.layers import build_layers, encode_focus, encode_highlight, encode_place, encode_stations
from geodata.maps.scene import Line, Look, ScenePoint, encode_scene
from geodata.maps.shapes import build_shapes, encode_dots, encode_paths
from pages.ui import cached, cached_map, cached_whatif, map_frame, state, whatif_acts, whatif_words
from pages.ui.cached_whatif import Outcome
from pages.ui.whatif_acts import Work

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
        stations=_draw_stations(work, found),
        highlight=encode_highlight(None),
        place=encode_place(None),
        focus=encode_focus(state.focus()),
        shapes=[ScriptCall("changes", changes), *shapes, ScriptCall("scene", _draw_scene(work, found))],
    )
    fig = build_base(cached_map.fetch_base(study))
    fig.add_child(ScriptCall("listen", {}))
    ids = [str(one) for one in found.study.stations.index]
    map_frame.show_map(
        fig,
        layers,
        key=KEY,
        height=HEIGHT_PX,
        on_change=lambda: whatif_acts.take_event(work, KEY, ids),
        returned=(),
    )


def find_snapped(work: Work, lon: float, lat: float) -> tuple[Spot, tuple[float, float] | None]:
    """Join a place to the roads; return where it meets them [degrees], None where no road lies within the limit."""
    spot = find_spot(cached.fetch_basis(work.study, work.question), lon, lat)
    network, snapped = work.study.network, spot.snapped
    if network is None or not np.isfinite(snapped.access_m[0]):
        return spot, None
    slot, share = int(snapped.slot[0]), float(snapped.fraction[0])
    ends = slice(slot, min(slot + 2, len(network.vertex_lon)))
    lons, lats = network.vertex_lon[ends], network.vertex_lat[ends]
    return spot, (float(lons[0] + share * (lons[-1] - lons[0])), float(lats[0] + share * (lats[-1] - lats[0])))


def _list_touched(work: Work) -> set[str]:
    touched = {edit.station_id for edit in work.edits if hasattr(edit, "station_id")}
    return touched | ({state.whatif("selected")} if state.whatif("selected") else set())


def _show_choice(work: Work, study: Study) -> BoolArray:
    """Mark the stations to draw: those of the family and level asked about, whatever their status."""
    choice = replace(work.question.choice, service="", status=STATION_STATUSES, on_date="")
    return select_stations(study.stations, study.catalogue, choice)


def _draw_stations(work: Work, found: Outcome) -> Encoded:
    """Draw the stations that the scenario leaves alone; they stay on screen from edit to edit."""
    study = work.study
    left = ~study.stations.index.isin(list(_list_touched(work)))
    chosen = _show_choice(work, study) & left
    key = cached_map.name_content((study.fingerprint, np.packbits(chosen).tobytes(), work.tr.language))

    def build() -> Encoded:
        table, catalogue = study.stations, study.catalogue
        return encode_stations(table, catalogue, work.tr.language, chosen, key, is_clickable=True)

    return cached.vault().fetch("stations", ("whatif", key), build)


def _draw_scene(work: Work, found: Outcome) -> Encoded:
    tr, table = work.tr, found.study.stations
    kinds = {kind.id: kind for kind in work.study.catalogue.kinds}
    added = {edit.station_id for edit in work.edits if isinstance(edit, AddStation)}
    moved = {edit.station_id for edit in work.edits if isinstance(edit, MoveStation)} - added
    selected = str(state.whatif("selected", ""))
    points, moves = [], []
    for station in sorted(_list_touched(work) & set(map(str, table.index))):
        row = table.loc[station]
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
        called = whatif_words.kind_name(work.study, str(row["kind"]), tr)
        label = join_markup(safe_label(row["name"]), SafeText(" · "), safe_label(called))
        symbol = (kind.family if kind else "", _raise(str(row["level"])), status)
        is_movable = work.is_open and (station in added | moved or station == selected)
        points.append(ScenePoint(station, float(row["lon"]), float(row["lat"]), symbol, look, label, is_movable))
        if station in moved:
            was = work.study.stations.loc[station]
            moves.append(((float(was["lon"]), float(was["lat"])), (float(row["lon"]), float(row["lat"]))))
    leg: Line | None = None
    draft = work.draft
    if draft is not None:
        kind = kinds[draft.kind]
        symbol = (kind.family, _raise(draft.level or kind.level), "planned")
        points.append(ScenePoint("", draft.lon, draft.lat, symbol, "draft", safe_label(tr("whatif.draft_tip")), True))
        _, road = find_snapped(work, draft.lon, draft.lat)
        leg = None if road is None else ((draft.lon, draft.lat), road)
    return encode_scene(points, moves=moves, leg=leg, place=work.place)


def _raise(level: str) -> str:
    """Draw a village's symbol as large as a township's where it is worked on."""
    return "township" if level == "village" else level


def _draw_people(work: Work, found: Outcome) -> dict[str, Encoded | None]:
    """Draw the places of people who are newly within the threshold, and of those who are not."""
    demand, points = found.assessment.demand, found.comparison.points
    people = demand["weight"].to_numpy(float) > 0
    outside = (demand["status"] != "covered").to_numpy(bool) & people
    won = points[(points["change"] == "newly_covered") & (points["weight"] > 0)]
    lon, lat = (demand[name].to_numpy(float)[outside] for name in ("lon", "lat"))
    return {
        "uncovered": encode_dots("uncovered", lon, lat, _name("uncovered", lon, lat)),
        "gain": encode_dots("gain", *(won[name].to_numpy(float) for name in ("lon", "lat")), _name("gain", won.index)),
    }


def _name(*parts: Any) -> str:
    return cached_map.name_content([one if isinstance(one, str) else np.asarray(one).tolist() for one in parts])


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
