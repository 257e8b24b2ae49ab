"""Cached outlines and ways over the bands of the map, encoded once for each question."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np
import pandas as pd
import shapely

from coverage.access.explain import Explanation
from coverage.access.service_area import contour_areas
from coverage.inputs.question import Question, find_question_closed
from coverage.inputs.study import Study
from coverage.travel.time_field import compute_time_field
from coverage.units import METRES_PER_DEGREE
from geodata.maps.elements import Encoded
from geodata.maps.labels import safe_label
from geodata.maps.shapes import CLOSER_ZOOM, Label, encode_dots, encode_paths, encode_shapes
from pages.ui.memo import cached_map
from pages.ui.memo.cached import ask, vault

MOST_GAPS = 500  # drawn and listed
_LARGE = 40  # drawn from far out; the others would hide the bands there
_TOLERANCE_CELLS = 0.5


def _fetch(slot: str, key: Hashable, build: Callable[[str], Encoded]) -> Encoded:
    named = (slot, key)
    return vault().fetch("shapes", named, lambda: build(cached_map.name_content(named)))


def fetch_gap_shapes(study: Study, question: Question) -> Encoded:
    """Encode the outlines of the gaps with their ranks; smaller ones get theirs from closer on."""

    def build(key: str) -> Encoded:
        gaps = ask(study, question).get("gap_list").head(MOST_GAPS)
        shapes = gaps.geometry.to_numpy()
        # The label stands within the gap: its centre may lie outside a bent one.
        inside = shapely.point_on_surface(shapes)
        labels = [
            Label(point.x, point.y, safe_label(rank), 0 if rank <= _LARGE else CLOSER_ZOOM)
            for rank, point in zip(gaps.index.tolist(), inside, strict=True)
        ]
        return encode_shapes("gaps", shapes[:_LARGE], key, smaller=shapes[_LARGE:], labels=labels)

    return _fetch("gaps", (study.fingerprint, question), build)


def fetch_area(study: Study, question: Question) -> Encoded:
    """Encode the outline of what lies within the threshold of any station: a contour of the bands' own times."""

    def build(key: str) -> Encoded:
        return _contour("area", study, question, cached_map.fetch_field(study, question), key)

    return _fetch("area", (study.fingerprint, question), build)


def fetch_station_area(study: Study, question: Question, station_id: str) -> Encoded:
    """Encode the outline of what lies within the threshold of one station, whatever others are near."""

    def build(key: str) -> Encoded:
        row = study.stations.index.get_indexer(pd.Index([station_id])).astype(np.int32)
        places = cached_map.fetch_places(study, question).places
        minutes, _ = compute_time_field(ask(study, question).basis, places, row)
        return _contour("own", study, question, minutes, key)

    return _fetch("own", (study.fingerprint, question, station_id), build)


def _contour(slot: str, study: Study, question: Question, minutes: np.ndarray, key: str) -> Encoded:
    grid = cached_map.fetch_places(study, question).places.grid
    # Times are compared with the threshold in force at each cell, so that one outline serves a table too.
    over = (minutes - cached_map.find_cell_cutoffs(study, question, grid)).astype(np.float32)
    (area,) = contour_areas(grid, over, [0.0], walk_kph=study.settings.snap.access_kph)
    return encode_shapes(slot, area, key, tolerance_deg=_TOLERANCE_CELLS * grid.cell / METRES_PER_DEGREE)


def fetch_far_dots(study: Study, question: Question) -> Encoded:
    """Encode the places of people far from any road."""

    def build(key: str) -> Encoded:
        far = study.demand[ask(study, question).get("far_from_roads")[0].is_far]
        return encode_dots("far", far["lon"].to_numpy(float), far["lat"].to_numpy(float), key)

    return _fetch("far", ask(study, question).key("basis"), build)


def fetch_closed_roads(study: Study, question: Question) -> Encoded | None:
    """Encode the roads a question closes; None if it closes none."""
    closed, network = find_question_closed(study, question), study.network
    if closed is None or network is None:
        return None

    def build(key: str) -> Encoded:
        lines = []
        for road in np.flatnonzero(closed).tolist():
            slots = slice(network.vertex_ptr[road], network.vertex_ptr[road + 1])
            xy = np.column_stack((network.vertex_lon[slots], network.vertex_lat[slots]))
            lines.append(("closed", shapely.LineString(xy)))
        return encode_paths("closed", lines, key)

    return _fetch("closed", (study.fingerprint, question.closures), build)


def encode_route(explanation: Explanation) -> Encoded | None:
    """Encode the way to the nearest station, its walks dashed; None where there is none."""
    line = find_route_line(explanation)
    if line is None:
        return None
    points = shapely.get_coordinates(line)
    paths = [("walk", shapely.LineString(points[:2])), ("walk", shapely.LineString(points[-2:]))]
    if len(points) > 3:
        paths.insert(0, ("road", shapely.LineString(points[1:-1])))
    return encode_paths("route", paths, cached_map.name_content(line.wkb_hex))


def find_route_line(explanation: Explanation) -> shapely.LineString | None:
    """Return the line of the way to the nearest station, walks included; None where there is none."""
    route = explanation.route
    return None if route is None else shapely.LineString(np.column_stack((route.lon, route.lat)))
