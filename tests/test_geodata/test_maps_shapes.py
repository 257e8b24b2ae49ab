"""Outlines, ways and dots over the bands: the same each time, light, and safe whatever they are called."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from streamlit_folium import _get_feature_group_string

from geodata.maps.assets import ASSET_FOLDERS, use_local_assets
from geodata.maps.base import BaseMap, build_base
from geodata.maps.elements import Encoded
from geodata.maps.labels import SafeText, safe_label
from geodata.maps.layers import build_layers, encode_focus, encode_highlight, encode_place
from geodata.maps.shapes import (
    CLOSER_ZOOM,
    MOST_DOTS,
    SLOTS,
    Label,
    build_shapes,
    encode_dots,
    encode_paths,
    encode_shapes,
)

NOTHING = Encoded.of([])
HOLED = shapely.box(87.0, 43.0, 87.4, 43.4).difference(shapely.box(87.1, 43.1, 87.2, 43.2))


def write_script(name: object = "1") -> str:
    """Build a map with every kind of layer and return the script of the layers as the browser gets it."""
    ground = Encoded.of({"colour": "#9AA0A6", "rings": []})
    base = BaseMap((87.0, 43.0, 88.0, 44.0), ground, NOTHING, NOTHING, NOTHING)
    shapes = np.array([HOLED, shapely.box(87.6, 43.6, 87.7, 43.7)], object)
    drawn = {
        "gaps": encode_shapes("gaps", shapes, "g", labels=[Label(87.05, 43.05, safe_label(name))]),
        "route": encode_paths("route", [("road", shapely.LineString([(87.0, 43.0), (87.2, 43.1)]))], "r"),
        "far": encode_dots("far", np.array([87.3]), np.array([43.3]), "f"),
    }
    layers = build_layers(
        bands=None,
        stations=None,
        highlight=encode_highlight(None),
        place=encode_place(None),
        focus=encode_focus(None),
        shapes=build_shapes(drawn),
    )
    fig = build_base(base)
    use_local_assets(fig, {folder.name: f"../{folder.name}" for folder in ASSET_FOLDERS})
    script: str = _get_feature_group_string(layers, fig)
    return script


def test_the_same_layers_give_the_same_script() -> None:
    """An unchanged layer is never drawn again; a changed one changes the script."""
    assert write_script() == write_script()
    assert write_script() != write_script("2")


@pytest.mark.parametrize("hostile", ["{{7*191}}", "<img src=x onerror=alert(1)>", "</script><b>", "{% raw %}"])
def test_hostile_labels_stay_words(hostile: str) -> None:
    """A name that is a template or markup goes into the script as escaped words only."""
    script = write_script(hostile)
    assert "1337" not in script
    assert hostile not in script
    assert "<img" not in script
    assert "</script" not in script
    assert "\\u0026#" in script


def test_a_label_that_was_not_escaped_is_refused() -> None:
    """Only text of the one escaper reaches the map."""
    raw = Label(87.0, 43.0, "<b>")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="safe_label"):
        encode_shapes("gaps", HOLED, "g", labels=[raw])


def test_every_slot_is_drawn_or_cleared() -> None:
    """A layer that is switched off is taken off the map: its slot gets an empty key."""
    calls = build_shapes({"area": encode_shapes("area", HOLED, "a")})
    found = {json.loads(call.encoded)["slot"]: json.loads(call.encoded)["key"] for call in calls}
    assert found == {slot: "a" if slot == "area" else "" for slot in SLOTS}
    assert [call.function for call in calls] == list(SLOTS.values())
    with pytest.raises(KeyError):
        build_shapes({"elsewhere": NOTHING})


def test_holes_are_kept_and_smaller_shapes_wait() -> None:
    """A shape with a hole gives two rings; those drawn from closer on stand in a layer of their own."""
    smaller = np.array([shapely.box(87.8, 43.8, 87.9, 43.9)], object)
    labels = [Label(87.05, 43.05, SafeText("1")), Label(87.85, 43.85, SafeText("2"), CLOSER_ZOOM)]
    data = json.loads(encode_shapes("gaps", HOLED, "g", smaller=smaller, labels=labels))
    assert [(layer["zoom"], len(layer["rings"])) for layer in data["layers"]] == [(0, 2), (CLOSER_ZOOM, 1)]
    assert data["labels"] == [[43.05, 87.05, 0, "1"], [43.85, 87.85, CLOSER_ZOOM, "2"]]


def test_a_simplified_outline_is_lighter_and_stays_near() -> None:
    """A circle of thousands of vertices shrinks to a few; an empty area draws nothing."""
    circle = shapely.Point(87.5, 43.5).buffer(0.5, quad_segs=1000)
    light, full = (json.loads(encode_shapes("area", circle, "a", tolerance_deg=one)) for one in (0.001, 0.0))
    counts = [len(data["layers"][0]["rings"][0]) for data in (light, full)]
    assert counts[0] < counts[1] / 20
    west = np.cumsum(np.array(light["layers"][0]["rings"][0]).reshape(-1, 2), axis=0)[:, 0].min() * 1e-5
    assert west == pytest.approx(87.0, abs=0.001)
    assert json.loads(encode_shapes("area", shapely.MultiPolygon(), "a"))["layers"][0]["rings"] == []


def test_parts_of_a_way_keep_their_look() -> None:
    """Walks and roads are told apart, and every part of a line in parts is drawn."""
    parts = shapely.MultiLineString([[(87.0, 43.0), (87.1, 43.0)], [(87.2, 43.0), (87.3, 43.0)]])
    walk = shapely.LineString([(87.3, 43.0), (87.3, 43.1)])
    data = json.loads(encode_paths("route", [("road", parts), ("walk", walk)], "r"))
    assert [line["look"] for line in data["lines"]] == ["road", "road", "walk"]


def test_dots_are_thinned_evenly() -> None:
    """However many places there are, the picture stays light and keeps the first."""
    lon = np.linspace(87.0, 88.0, 3 * MOST_DOTS + 1)
    points = json.loads(encode_dots("far", lon, np.full(len(lon), 43.5), "f"))["points"]
    assert len(points) <= MOST_DOTS
    assert points[0] == [43.5, 87.0]
    assert len(json.loads(encode_dots("far", lon[:3], lon[:3], "f"))["points"]) == 3
