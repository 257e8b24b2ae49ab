"""The page of a report as text: nothing outside of it, nothing of the data is markup, equal bytes each time."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import shapely
from fontTools.ttLib import TTFont

from coverage.errors import InputError
from coverage.tables.report_value import Figure, MapLayer
from geodata.documents.content.document import DocFigure, DocSection, Document
from geodata.documents.web.html import check_alone, embed_json, render_html
from geodata.documents.web.html_charts import draw_chart
from geodata.documents.web.html_maps import encode_maps
from geodata.documents.web.web_font import subset_font
from tests.hostile_document import HOSTILE_NAMES, build_document, build_frames, build_table


class Reader(HTMLParser):
    """Takes a page apart: tags with their attributes, texts, and what stands in scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.inside: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem:
            self.inside.append((*self.tags[-1], data))
        else:
            self.texts.append(data)


@pytest.fixture(scope="module")
def document() -> Document:
    """Return a document whose names are hostile."""
    return build_document()


@pytest.fixture(scope="module")
def page(document: Document) -> str:
    """Return its page."""
    return render_html(document).decode()


@pytest.fixture(scope="module")
def read(page: str) -> Reader:
    """Return the page, taken apart."""
    return Reader(page)


def test_every_text_of_the_data_is_text(document: Document, read: Reader) -> None:
    """Titles, sentences, cells and notes come back from the parser exactly as they are in the document."""
    said = set(read.texts)
    assert document.title in said
    for table in document.tables():
        for column in table.columns:
            assert set(table.texts[column.id]) - {""} <= said
        assert set(table.notes) <= said
    for section in document.sections:
        assert {block.text for block in section.blocks if hasattr(block, "look")} <= said


def test_only_our_own_tags_are_in_the_page(read: Reader) -> None:
    """No tag, event or link comes from a name: two scripts of ours, two blocks of data, no picture."""
    names = [tag for tag, _ in read.tags]
    assert names.count("script") == 4
    assert not {"img", "iframe", "link", "base", "form", "object", "embed"} & set(names)
    assert not [name for _, attributes in read.tags for name in attributes if name.startswith("on") or name == "style"]


def test_the_policy_permits_exactly_what_is_inside(read: Reader) -> None:
    """The policy forbids every connection and names the hash of each script and style."""
    policy = next(a["content"] for _, a in read.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy
    for tag, attributes, text in read.inside:
        if attributes.get("type") != "application/json":
            signed = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{signed}'" in policy, tag


def test_data_blocks_are_json_and_hold_no_markup(document: Document, read: Reader) -> None:
    """Maps and run file are read back as JSON; no character in them could end a script."""
    blocks = {a["id"]: text for _, a, text in read.inside if a.get("type") == "application/json"}
    assert json.loads(blocks["run"]) == document.run
    maps = json.loads(blocks["data"])
    assert [each["id"] for each in maps["maps"]] == ["map.bands", "map.change"]
    assert not re.search("[<>&\u2028\u2029]", blocks["data"] + blocks["run"])


def test_equal_documents_give_equal_pages(page: str) -> None:
    """The same report, made again, is the same file to the byte; another language is another file."""
    assert render_html(build_document()).decode() == page
    english = render_html(build_document("en")).decode()
    assert '<html lang="en">' in english
    assert "Travel time" in english


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="x.css">',
        '<a href="http://example.com">x</a>',
        '<a href="javascript:alert(1)">x</a>',
        "<style>a{background:url(images/x.png)}</style>",
        "<style>@import 'x.css';</style>",
        "<style>a{behavior:url(#default#VML)}</style>",
        '<meta http-equiv="refresh" content="0">',
        '<p onclick="x()">x</p>',
        '<p style="color:red">x</p>',
        "<img>",
    ],
)
def test_a_page_that_points_outside_is_refused(markup: str) -> None:
    """A link, picture, script, style or event that is not ours is an error, not a file."""
    with pytest.raises(InputError) as caught:
        check_alone(f"<html><body>{markup}</body></html>")
    assert caught.value.code == "report.html_not_alone"


def test_inside_links_are_no_harm() -> None:
    """Links within the page, pictures as data and smooth scrolling are what a page is made of."""
    check_alone("<style>html{scroll-behavior:smooth;src:url(data:font/woff;base64,AA)}</style><a href='#s1'>x</a>")


def test_embedded_json_survives_every_name() -> None:
    """Whatever a name is, the block holds it and the parser does not leave it early."""
    text = embed_json("x", list(HOSTILE_NAMES))
    found = Reader(text).inside
    assert len(found) == 1
    assert json.loads(found[0][2]) == list(HOSTILE_NAMES)


def test_the_font_has_the_characters_and_no_others() -> None:
    """The font inside draws each Chinese character of the page, is small, and is the same each time."""
    font = subset_font("乌鲁木齐市 12.3% abc {{}}")
    characters = set(map(chr, TTFont(io.BytesIO(font)).getBestCmap()))
    assert set("乌鲁木齐市 12.3%abc{}") == characters
    assert len(font) < 10_000
    assert subset_font("{}cba乌 123.%鲁木齐市") == font


def _map_of(kind: str, frame: object) -> Document:
    figure = DocFigure(Figure("m", "map", (MapLayer(kind, frame),)), "图1", "t")  # type: ignore[arg-type]
    return replace(build_document(), sections=(DocSection("s", "s", 1, (figure,)),))


def decode(flat: list[int]) -> np.ndarray:
    """Turn the steps of an encoded ring into degrees again."""
    return np.cumsum(np.array(flat).reshape(-1, 2), axis=0) * 1e-5


def test_shapes_keep_their_place_and_their_holes() -> None:
    """A band read back lies where it was, to what a screen shows, and its hole is still one."""
    band = build_frames()["bands"].iloc[[1]]
    rings = encode_maps(_map_of("bands", band))["layers"][0]["areas"][0]["r"]
    assert len(rings) == 2
    polygon = shapely.Polygon(decode(rings[0]), [decode(rings[1])])
    true = band.geometry.iloc[0]
    assert polygon.symmetric_difference(true).area < 0.01 * true.area


def test_equal_layers_are_stored_once_and_large_ones_get_coarser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer of two maps is in the page once; where all are too large, outlines lose vertices, not shapes."""
    section = DocSection("s", "s", 1, (build_document().figures()[0], build_document().figures()[0]))
    twice = encode_maps(replace(build_document(), sections=(section,)))
    assert twice["maps"][0]["layers"] == twice["maps"][1]["layers"]
    assert len(twice["layers"]) == 7
    monkeypatch.setattr("geodata.documents.web.html_maps._MOST_BYTES", 6_000)
    coarse = encode_maps(replace(build_document(), sections=(section,)))
    assert len(json.dumps(coarse)) < len(json.dumps(twice))
    assert [len(each["r"]) for each in coarse["layers"][0]["areas"]] == [1, 2, 2]


def test_colours_follow_the_threshold_and_unconnected_has_none() -> None:
    """The bands take the colours of the palette at the figure's threshold."""
    areas = encode_maps(_map_of("bands", build_frames()["bands"]))["layers"][0]["areas"]
    assert [area["c"] for area in areas] == ["#08415C", "#A9D6E5", ""]


def test_a_map_without_anything_is_still_a_map() -> None:
    """An empty layer and one without shapes give a map of the region, not an error."""
    empty = build_frames()["bands"].iloc[:0]
    found = encode_maps(_map_of("bands", empty))
    assert found["maps"][0]["bounds"] == [[34.0, 73.0], [50.0, 97.0]]
    bare = build_frames()["gaps"].assign(geometry=[None])
    assert encode_maps(_map_of("gaps", bare))["layers"][0]["areas"] == []


@pytest.mark.parametrize("kind", ["bars", "curve", "tornado"])
def test_charts_draw_every_value_and_escape_every_name(kind: str) -> None:
    """A chart has a mark for each number and its text, and is well-formed whatever the names are."""
    table = build_table()
    values = ("low", "high") if kind == "tornado" else ("share",)
    figure = DocFigure(Figure("c", kind, table="units", label="name", values=values), "图2", "</svg>", table=table)  # type: ignore[arg-type]
    drawn = draw_chart(figure)
    read = Reader(drawn)
    marks = [tag for tag, _ in read.tags if tag == ("circle" if kind == "curve" else "rect")]
    assert len(marks) == len(table.values)
    assert not {"script", "img"} & {tag for tag, _ in read.tags}
    assert table.texts["low" if kind == "tornado" else "share"].iloc[-1] in "".join(read.texts)


def test_a_chart_without_numbers_is_not_drawn() -> None:
    """A chart of a column that is not there, or holds no number, is nothing rather than an empty frame."""
    table = build_table()
    for values in (("absent",), ("status",), ()):
        assert draw_chart(DocFigure(Figure("c", "bars", label="name", values=values), "", "", table=table)) == ""
    assert draw_chart(DocFigure(Figure("c", "bars", label="name", values=("share",)), "", "")) == ""
