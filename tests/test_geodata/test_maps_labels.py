"""The escaper: nothing a user wrote is read as template, markup or script."""

from __future__ import annotations

import ast
import html
import json
import re
from pathlib import Path

import folium
import jinja2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.maps.elements import ScriptCall
from geodata.maps.labels import Markup, SafeText, encode_data, join_markup, safe_label

ROOT = Path(__file__).resolve().parents[2]
PAYLOADS = (
    "{{7*191}}",
    "{% if 1 %}1337{% endif %}",
    "<img src=x onerror=alert(1337)>",
    "`${7*191}`",
    "'\"\\u003c",
    "&#123;",
)


@given(st.text(max_size=100))
def test_only_plain_words_remain(text: str) -> None:
    """What comes out holds letters, digits, harmless punctuation and numeric entities, nothing else."""
    safe = safe_label(text)
    left = re.sub(r"&#\d+;", "", safe)
    assert all(c.isalpha() or c.isdecimal() or c in " .,-()·，。、（）：；％—…" for c in left)
    assert not set("{}<>\"'`\\$%_=/") & set(left)


@given(st.text(st.characters(blacklist_categories=("C", "Z")), max_size=100))
def test_people_read_what_was_written(text: str) -> None:
    """Unescaped by a browser, a text without control characters is the one that went in."""
    assert html.unescape(safe_label(text)) == text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_templates_and_markup_stay_words(payload: str) -> None:
    """Compiled as a template a label gives itself: nothing in it is evaluated."""
    safe = safe_label(payload)
    assert jinja2.Template(safe, autoescape=False).render() == safe
    assert "<" not in safe
    assert "1337" not in jinja2.Template(safe).render() or "1337" in payload


def test_long_texts_are_cut_and_reversals_removed() -> None:
    """A label never grows without end, and characters that turn the reading order are gone."""
    assert len(safe_label("区" * 500)) == 120
    assert safe_label("abc\u202egnp.exe\x00") == "abcgnp.exe "


def test_data_refuse_texts_that_were_not_escaped() -> None:
    """A raw name raises, at any depth; an escaped one, numbers and ids pass."""
    for raw in ("天山区", {"name": "a<b"}, [["{{x}}"]], {"bad key": 1}):
        with pytest.raises(TypeError):
            encode_data(raw)
    with pytest.raises(ValueError, match="JSON"):
        encode_data(float("nan"))
    data = {"text": safe_label("天山区"), "at": np.array([1, 2]), "n": np.float64(1.5), "colour": "#1F4E79"}
    assert json.loads(encode_data(data)) == {"text": "天山区", "at": [1, 2], "n": 1.5, "colour": "#1F4E79"}


def test_markup_is_made_of_checked_parts_only() -> None:
    """An ordinary text cannot be joined into markup."""
    assert join_markup(Markup("<b>"), SafeText("a"), Markup("</b>")) == "<b>a</b>"
    with pytest.raises(TypeError):
        join_markup(Markup("<b>"), "a")  # type: ignore[arg-type]  # what must not be possible


@pytest.mark.parametrize("payload", PAYLOADS)
def test_rendered_maps_hold_the_words_and_evaluate_nothing(payload: str) -> None:
    """A name that is a template comes out of a whole rendered map as the words it is."""
    fig = folium.Map(tiles=None)
    fig.add_child(ScriptCall("names", [{"text": safe_label(payload)}]))
    page = fig.get_root().render()
    assert "1337" not in page.replace("&#49;", "") or "1337" in payload
    assert safe_label(payload).replace("&", "\\u0026") in page


def test_finished_scripts_are_not_compiled_again() -> None:
    """Even checked markup with braces reaches the page as it stands."""
    fig = folium.Map(tiles=None)
    fig.add_child(ScriptCall("names", [Markup("{{7*191}}")]))
    assert "{{7*191}}" in fig.get_root().render()


def test_raw_texts_have_no_way_around_the_escaper() -> None:
    """Only geodata.maps imports folium or branca, and no file uses folium's elements that take texts."""
    takers = {"Popup", "Tooltip", "GeoJsonPopup", "GeoJsonTooltip", "DivIcon", "Html", "IFrame", "Marker", "GeoJson"}
    allowed = {"geodata/maps", "pages/ui/map_frame.py"}
    for path in [*(ROOT / "geodata").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]:
        where = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or "", *(alias.name for alias in node.names)]
            elif isinstance(node, ast.Attribute):
                assert node.attr not in takers or not isinstance(node.value, ast.Name) or node.value.id != "folium", (
                    where
                )
            if any(name.split(".")[0] in ("folium", "branca", "streamlit_folium") for name in names):
                assert any(where.startswith(place) for place in allowed), where
                assert not takers & set(names), where


def test_pages_draw_html_through_one_file() -> None:
    """No screen but pages/ui/markup.py writes HTML, and none allows it in Markdown."""
    for path in [*(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]:
        text = path.read_text(encoding="utf-8")
        assert "unsafe_allow_html" not in text, path
        if path.name != "markup.py":
            assert "st.html(" not in text, path
