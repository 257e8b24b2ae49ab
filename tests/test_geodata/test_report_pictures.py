"""Maps and charts on paper: the colours of the web map, the same bytes each time, no text read as markup."""

from __future__ import annotations

import io
import math
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from PIL import Image
from sample_document import HOSTILE, LONG, make_document

from coverage.tables.report_value import Figure, MapLayer
from geodata.documents.paper.draw_map_layers import outline_of
from geodata.documents.paper.fonts import choose_font, find_chinese_font, find_other_font, keep_drawable, measure, wrap
from geodata.documents.paper.pictures import draw_figure, draw_figures
from geodata.documents.paper.print_map import find_projection
from geodata.maps.palette import INSIDE_COLOURS, OUTSIDE_COLOURS

ROOT = Path(__file__).resolve().parents[2]


def _open(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def _count(picture: Image.Image, colour: str) -> int:
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return int((np.asarray(picture) == wanted).all(axis=2).sum())


def test_a_map_has_the_palette_of_the_web_map() -> None:
    """Every band is drawn in exactly its colour, at 300 dots an inch over the width of the text."""
    document = make_document("zh_CN")
    picture = _open(draw_figure(document, document.figures()[0]))
    assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert picture.width == pytest.approx(156.6 / 25.4 * 300, abs=1)
    for colour in (*INSIDE_COLOURS, *OUTSIDE_COLOURS):
        assert _count(picture, colour) > 5000, colour


def test_bands_lie_true_to_scale_in_their_place() -> None:
    """The middle of the innermost band is where the projection puts it, and the band as large as on the ground."""
    document = make_document("zh_CN")
    figure = document.figures()[0]
    pixels = np.asarray(_open(draw_figure(document, figure)))
    wanted = [int(INSIDE_COLOURS[0][at : at + 2], 16) for at in (1, 3, 5)]
    rows, columns = np.nonzero((pixels == wanted).all(axis=2)[: pixels.shape[0] // 2 + 200])
    crs = find_projection(figure.figure.layers)
    band = figure.figure.layers[1].frame.to_crs(crs).geometry.iloc[0].bounds
    ground = (band[3] - band[1]) / (band[2] - band[0])
    assert np.ptp(rows) / np.ptp(columns) == pytest.approx(ground, rel=0.02)
    assert ground > 1.3  # in degrees it is a circle


@pytest.mark.slow
def test_every_figure_is_the_same_each_time_and_from_two_threads() -> None:
    """The same figure gives the same bytes, also where two are drawn at once; nothing shared is used."""
    whole = make_document("en")
    once = draw_figures(whole)
    assert set(once) == {drawn.figure.id for drawn in whole.figures()}
    few = (whole.sections[0], whole.sections[4])  # a map with bands, and one of change with two charts
    document = replace(whole, sections=few)
    once = {figure.figure.id: once[figure.figure.id] for figure in document.figures()}
    again: list[dict[str, bytes]] = []
    threads = [threading.Thread(target=lambda: again.append(draw_figures(document))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert again == [once, once]


@pytest.mark.slow
def test_drawing_leaves_matplotlib_and_the_system_alone() -> None:
    """No pyplot, no zhplot, no change of settings, no warning."""
    code = """
        import sys; sys.path.insert(0, "tests")
        import warnings; warnings.simplefilter("error")
        import matplotlib; before = matplotlib.rcParams.copy()
        from sample_document import make_document
        from geodata.documents.paper.pictures import draw_figures
        document = make_document("zh_CN")
        assert len(draw_figures(document)) == 5
        assert matplotlib.rcParams.copy() == before
        assert "matplotlib.pyplot" not in sys.modules and "zhplot" not in sys.modules
    """
    source = "\n".join(line.strip() for line in code.splitlines())
    done = subprocess.run([sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_picture_alone_is_taller_by_its_title_and_source() -> None:
    """A picture to be read without the report carries title, source, date and marks."""
    document = make_document("zh_CN")
    for drawn in document.figures()[:2]:
        within, alone = (_open(draw_figure(document, drawn, is_alone=each)) for each in (False, True))
        assert alone.height > within.height + 100, drawn.figure.id


def test_the_mark_of_schematic_data_is_on_the_map() -> None:
    """A map of made data says so in its corner, a map of real data does not."""
    document = make_document("zh_CN")
    # A map without bands, whose only brown is the mark.
    figure = next(drawn for drawn in document.figures() if drawn.figure.id == "map_change")
    marked = _open(draw_figure(document, figure))
    plain = _open(draw_figure(replace(document, is_schematic=False), figure))
    assert _count(marked, OUTSIDE_COLOURS[2]) > 500
    assert _count(plain, OUTSIDE_COLOURS[2]) == 0


def test_a_map_of_nothing_and_a_map_of_one_place_are_drawn() -> None:
    """Neither empty layers nor a single point stop a report."""
    document = make_document("en")
    empty = gpd.GeoDataFrame({"name": []}, geometry=[], crs=4326)
    point = gpd.GeoDataFrame({"order": [1], "name": ["x"], "people": [1.0]}, geometry=[shapely.Point(87, 43)], crs=4326)
    for layers in ((), (MapLayer("boundary", empty),), (MapLayer("sites", point),)):
        drawn = replace(document.figures()[0], figure=Figure("f", "map", layers=layers), legend=())
        assert _open(draw_figure(document, drawn)).width > 1000


def test_bands_without_a_shape_are_left_out() -> None:
    """People beyond the last band or without a road have a line in the legend and no area on the map."""
    document = make_document("en")
    figure = document.figures()[0]
    frame = gpd.GeoDataFrame(
        {"band_min": [10.0, math.inf, math.nan, math.nan], "kind": ["within", "over", "no_route", "unconnected"],
         "people": 1.0},
        geometry=[shapely.Point(87.9, 44.0).buffer(0.1), None, None, None], crs=4326,
    )  # fmt: skip
    layers = (figure.figure.layers[0], MapLayer("bands", frame))
    picture = _open(draw_figure(document, replace(figure, figure=replace(figure.figure, layers=layers))))
    assert _count(picture, INSIDE_COLOURS[0]) > 10_000
    assert _count(picture, "#9C3B1B") < 5000  # the mark alone: the legend shows what is not drawn as hatched


def test_holes_stay_open() -> None:
    """The outline of a polygon with a hole winds the other way round it."""
    ring = shapely.Point(0, 0).buffer(2).difference(shapely.Point(0, 0).buffer(1))
    outline = outline_of(np.asarray([ring], object))
    assert outline.contains_point((1.5, 0.0))
    area = sum(
        float(np.dot(part[:-1, 0], part[1:, 1]) - np.dot(part[1:, 0], part[:-1, 1])) / 2
        for part in outline.to_polygons()
    )
    assert abs(area) == pytest.approx(ring.area, rel=1e-6)


def test_the_projection_is_true_in_the_middle() -> None:
    """A kilometre in the middle of a map of Urumqi is a kilometre, east and north, to a metre."""
    figure = make_document("en").figures()[0].figure
    crs = find_projection(figure.layers)
    west, south, east, north = figure.layers[0].frame.total_bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    to_metres = pyproj.Transformer.from_crs(4326, crs, always_xy=True)
    for azimuth in (0.0, 90.0):
        there = pyproj.Geod(ellps="WGS84").fwd(lon, lat, azimuth, 1000.0)
        x, y = to_metres.transform(*there[:2])
        assert math.hypot(x, y) == pytest.approx(1000.0, abs=1.0)


def test_text_keeps_only_what_can_be_drawn() -> None:
    """Names stay as they are; control and direction signs go, and what no font has becomes a box."""
    for name in HOSTILE[:7]:
        assert keep_drawable(name) == name
    assert keep_drawable("a\u202eb\x00c\ud800d") == "abcd"
    assert keep_drawable("司法所👍🏽") == "司法所□□"
    assert choose_font("شەھىرى") == (find_other_font(), "شەھىرى")
    assert choose_font("乌鲁木齐 شە") == (find_chinese_font(), "乌鲁木齐 □□")


@pytest.mark.parametrize("width", [2.0, 5.0, 12.0, 40.0])
@pytest.mark.parametrize("text", [LONG, *HOSTILE, "One two three, four; (five)", "A" * 90, "", "半小时（30分钟）。"])
def test_lines_fit_and_nothing_is_lost(text: str, width: float) -> None:
    """Broken lines are no wider than asked, keep every sign but spaces, and with a limit end in an ellipsis."""
    lines = wrap(text, width)
    assert all(measure(line) <= width or len(line) <= 2 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert len(wrap(text, width, 2)) <= 2
