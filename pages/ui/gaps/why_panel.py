"""Why does this place have its colour: class, road, the way taken apart, and what would change it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd
import streamlit as st

from coverage.access.explain import Explanation
from coverage.access.remedies import POLICE_FAMILY
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.travel.route import Route
from geodata.answers.write_assessment import name_download
from geodata.files.write_areas import write_geojson
from geodata.maps.labels import Markup
from geodata.words import number_format
from geodata.words.explain_words import explain_parts
from geodata.words.i18n import Translator
from pages.ui import gap_list, markup, state, terms
from pages.ui.gaps import gap_panel
from pages.ui.memo import cached, cached_gaps
from pages.ui.memo.cached_shapes import find_route_line

_WALK, _DELAY, _SMALL_ROAD = "#5B6672", "#E08A3C", "#B08D57"
_ROAD_COLOURS = {
    "motorway": "#08415C",
    "trunk": "#08415C",
    "primary": "#1F6288",
    "secondary": "#2C7DA0",
    "tertiary": "#6FB1CC",
    "unclassified": "#A9D6E5",
    "residential": "#A9D6E5",
}
_LOOKS = {"covered": "p-good", "beyond": "p-bad", "no_route": "p-bad", "unconnected": "p-bad"}


def draw_why(study: Study, question: Question, explanation: Explanation | None, tr: Translator) -> None:
    """Draw everything that decides the class of the place that was clicked."""
    if explanation is None:
        markup.note(tr("why.nothing"))
        return
    names = {str(station): str(name) for station, name in study.stations["name"].items()}
    told = explain_parts(explanation, tr, names=names)
    markup.put(markup.element("p", markup.words(told.verdict[0]), look=f"p-verdict {_LOOKS[explanation.status]}"))
    _draw_gap(study, question, explanation, tr)
    markup.put(*(markup.element("p", markup.words(line), look="p-fact") for line in told.road))
    if explanation.route is not None:
        markup.put(markup.element("p", markup.element("b", markup.words(told.route)), look="p-fact"))
        markup.put(*_draw_legs(explanation.route, explanation.direction, tr))
    if told.change:
        markup.put(markup.element("p", markup.element("b", markup.words(tr("why.change"))), look="p-fact"))
        markup.put(*(markup.element("p", markup.words(line), look="p-fact") for line in told.change))
    markup.note(" ".join(told.verdict[1:]))
    if explanation.route is not None:
        _draw_buttons(study, explanation, tr)


def _draw_gap(study: Study, question: Question, explanation: Explanation, tr: Translator) -> None:
    """Name the gap the place lies in, with the way to its card."""
    gaps = cached.ask(study, question).get("gap_list")
    gap_id = cached_gaps.find_gap_at(gaps, explanation.lon, explanation.lat)
    if not gap_id:
        return
    name = gap_list.name_place(study, str(gaps["district_id"][gap_id]), tr)
    people = number_format.people(float(gaps["people"][gap_id]))
    st.button(
        tr("why.in_gap", rank=gap_id, name=name, people=people),
        key="w_to_gap",
        type="tertiary",
        on_click=gap_panel.choose_gap,
        args=(gaps, question, str(gap_id)),
    )


def list_legs(route: Route, direction: str, tr: Translator) -> list[tuple[str, str, float, float]]:
    """List the parts of a way: name, colour, metres, minutes; roads of one class are taken together.

    The first walk comes first and the last one last; all minutes sum to those of the route.
    """
    walks = [leg for leg in route.legs if leg.kind == "access"]
    roads: dict[str, tuple[float, float]] = {}
    for leg in route.legs:
        if leg.kind == "road":
            metres, minutes = roads.get(leg.road_class, (0.0, 0.0))
            roads[leg.road_class] = (metres + leg.length_m, minutes + leg.minutes)
    names = ("why.walk_to_road", "why.walk_to_station")
    first, last = names if direction == "to" else ("why.walk_from_station", "why.walk_home")
    parts = [(tr(first), _WALK, walks[0].length_m, walks[0].minutes)]
    for road_class, (metres, minutes) in roads.items():
        main = road_class.removesuffix("_link")
        parts.append((terms.road_name(road_class, tr), _ROAD_COLOURS.get(main, _SMALL_ROAD), metres, minutes))
    delay = sum(leg.minutes for leg in route.legs if leg.kind == "delay")
    if delay > 0:
        parts.append((tr("why.delay"), _DELAY, 0.0, delay))
    parts += [(tr(last), _WALK, leg.length_m, leg.minutes) for leg in walks[1:]]
    return parts


def _draw_legs(route: Route, direction: str, tr: Translator) -> tuple[Markup, Markup]:
    """Draw the parts of a way as one bar and as a table beneath it."""
    parts = list_legs(route, direction, tr)
    total = sum(minutes for *_, minutes in parts) or 1.0
    bar = [
        markup.element("i", style=f"width: {100 * minutes / total:.2f}%; background: {colour}")
        for _, colour, _, minutes in parts
    ]
    head = [markup.element("th", markup.words(tr(one))) for one in ("why.part", "why.length", "why.minutes")]
    rows = [markup.element("tr", *head)]
    for name, colour, metres, minutes in parts:
        chip = markup.element("i", style=f"background: {colour}")
        length = tr("why.km", km=number_format.number(metres / 1000.0, 1)) if metres >= 1000 else ""
        length = length or (tr("why.m", metres=number_format.number(metres)) if metres > 0 else number_format.MISSING)
        cells = (markup.element("span", chip, markup.words(name), look="p-chip"), markup.words(length))
        rows.append(
            markup.element("tr", *(markup.element("td", cell) for cell in (*cells, markup.words(f"{minutes:.1f}"))))
        )
    return markup.element("div", *bar, look="p-bar"), markup.element("table", *rows, look="p-table")


def _draw_buttons(study: Study, explanation: Explanation, tr: Translator) -> None:
    line = find_route_line(explanation)
    if line is None:
        return
    west, south, east, north = line.bounds
    kinds = {kind.id: kind.family for kind in study.catalogue.kinds}
    is_police = kinds.get(str(study.stations["kind"][explanation.station_id])) == POLICE_FAMILY
    with st.container(horizontal=True):
        st.button(
            tr("why.whole_route"), key="w_whole_route", on_click=state.move_map, args=((west, south, east, north),)
        )
        if not is_police:
            st.download_button(
                tr("why.download"),
                data=lambda: write_route(study, explanation),
                file_name=name_download(study, "route.geojson"),
                mime="application/geo+json",
                on_click="ignore",
                key="w_route_file",
            )
    if is_police:
        markup.note(tr("why.police"))


def write_route(study: Study, explanation: Explanation) -> bytes:
    """Write the way to the nearest station as GeoJSON.

    Raises
    ------
    ValueError
        If there is no way.
    """
    line = find_route_line(explanation)
    if line is None:
        raise ValueError("there is no way to write")
    facts = {"station_id": [explanation.station_id], "minutes": [explanation.minutes]}
    table = gpd.GeoDataFrame(facts, geometry=[line], crs="EPSG:4326")
    members = {"schematic": study.schematic, "attribution": study.attribution}
    with tempfile.TemporaryDirectory(prefix="route-") as folder:
        return write_geojson(Path(folder) / "route.geojson", table, members=members).read_bytes()
