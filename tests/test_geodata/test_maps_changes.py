"""Pictures of change and the layer of what a scenario touches: classes by hand, palettes, plain names of stations."""

from __future__ import annotations

import io
import json

import numpy as np
from PIL import Image

from coverage.network.closures import Closure
from geodata.maps.changes import FASTER, GAIN, LOSS, SAME, SLOWER, classify_changes, draw_changes, encode_changes
from geodata.maps.labels import safe_label
from geodata.maps.layers import name_station_key
from geodata.maps.palette import FASTER_COLOUR, GAIN_COLOUR, SAME_COLOUR, SLOWER_COLOUR
from geodata.maps.scene import DRAFT, ScenePoint, encode_scene

INF = np.inf
#                       in→in same, out→in, in→out, faster, slower, new but far, gone and far, nowhere, not drawn
BEFORE = np.array([[10.0, 31.0, 30.0, 50.0, 5.0, INF, 50.0, INF, 10.0]], np.float32)
AFTER = np.array([[10.5, 30.0, 30.1, 49.0, 6.0, 45.0, INF, INF, 40.0]], np.float32)
WANTED = np.array([[True] * 8 + [False]])
CLASSES = [[SAME, GAIN, LOSS, FASTER, SLOWER, FASTER, SLOWER, SAME, 0]]


def test_cells_are_classified_as_worked_out_by_hand() -> None:
    """Thirty minutes are within; a minute sooner or later shows; nowhere before and after is the same."""
    assert classify_changes(BEFORE, AFTER, 30.0, 30.0, WANTED).tolist() == CLASSES


def test_each_side_counts_by_its_own_threshold() -> None:
    """A larger threshold after the edits gains cells whose times stayed."""
    times = np.array([[20.0, 40.0, 50.0]], np.float32)
    everywhere = np.ones((1, 3), bool)
    assert classify_changes(times, times, 30.0, 45.0, everywhere).tolist() == [[SAME, GAIN, SAME]]
    each = np.array([[30.0, 30.0, 60.0]], np.float32)
    assert classify_changes(times, times, 30.0, each, everywhere).tolist() == [[SAME, SAME, GAIN]]


def test_the_picture_has_the_colours_of_the_classes() -> None:
    """Blue for gained, pale under the hatching for lost, clear where nothing is drawn."""
    classes = np.array(CLASSES, np.uint8)
    picture = Image.open(io.BytesIO(draw_changes(classes))).convert("RGBA")
    seen = ["#" + bytes(one[:3]).hex().upper() for one in np.asarray(picture)[0, :5]]
    assert seen == [SAME_COLOUR, GAIN_COLOUR, SLOWER_COLOUR, FASTER_COLOUR, SLOWER_COLOUR]
    assert np.asarray(picture)[0, 8, 3] == 0


def test_only_what_is_lost_is_hatched() -> None:
    """The mask covers the lost cells alone, and there is none where nothing is lost."""
    corners = [[43.0, 87.0], [44.0, 88.0]]
    data = json.loads(encode_changes(np.array(CLASSES, np.uint8), corners, "k"))
    assert data["mask"].startswith("data:image/png;base64,")
    assert data["corners"] == corners
    none = json.loads(encode_changes(np.full((2, 2), SAME, np.uint8), corners, "k"))
    assert none["mask"] == ""


def test_stations_are_told_by_plain_names() -> None:
    """Whatever an id is made of, the map's script gets letters and digits, a different name for each."""
    hostile = "</script>{{7*191}}"
    name = name_station_key(hostile)
    assert name.isalnum()
    assert name != name_station_key("S")
    point = ScenePoint(hostile, 87.6, 43.8, ("legal", "township", "closed"), "closed", safe_label(hostile), False)
    text = encode_scene([point])
    assert "<" not in text
    assert "{{" not in text
    assert json.loads(text)["points"][0]["id"] == name


def test_an_unchanged_scene_keeps_its_key() -> None:
    """Equal content gives equal text, so that it stays on screen; anything else gives another key."""
    point = ScenePoint("", 87.6, 43.8, ("legal", "township", "planned"), "draft", safe_label("x"), True)
    leg = ((87.6, 43.8), (87.61, 43.8))
    first = encode_scene([point], leg=leg, place=Closure("", ((87.0, 43.0),)))
    assert first == encode_scene([point], leg=leg, place=Closure("", ((87.0, 43.0),)))
    data = json.loads(first)
    assert data["points"][0]["id"] == DRAFT
    assert data["leg"] == [[43.8, 87.6], [43.8, 87.61]]
    assert data["place"] == [[43.0, 87.0]]
    assert data["key"] != json.loads(encode_scene([point]))["key"]
