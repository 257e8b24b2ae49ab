"""The map as a whole: the same each time it is built, light, and with nothing from outside."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import folium
import numpy as np
import pandas as pd
import pytest
import shapely
from demo_study import open_demo
from folium.plugins import Fullscreen
from streamlit_folium import _get_feature_group_string, generate_js_hash, generate_leaflet_string

from coverage.errors import InputError
from coverage.inputs.study import Study
from geodata.maps.assets import ASSET_FOLDERS, use_local_assets
from geodata.maps.base import build_base, encode_base, find_bounds
from geodata.maps.elements import Encoded
from geodata.maps.labels import safe_label
from geodata.maps.layers import (
    MOST_SYMBOLS,
    Focus,
    Place,
    build_layers,
    encode_focus,
    encode_highlight,
    encode_marks,
    encode_place,
    encode_stations,
)
from geodata.maps.lines import UNIT_DEG, encode_lines, take_rings
from geodata.maps.simple_shapes import simplify_outlines
from geodata.maps.symbols import draw_symbol, size_of_level, style_of_family

ADDRESSES = {folder.name: f"../{folder.name}" for folder in ASSET_FOLDERS}


@pytest.fixture(scope="module")
def study() -> Study:
    """Return the embedded demo study."""
    return open_demo()


def write_script(study: Study) -> tuple[str, str]:
    """Build a full map and return the scripts of its base and of its layers as the browser gets them."""
    fig = build_base(encode_base(study))
    everything = np.ones(len(study.stations), bool)
    layers = build_layers(
        bands=None,
        stations=encode_stations(study.stations, study.catalogue, "zh_CN", everything, "all"),
        highlight=encode_highlight(study.districts.geometry.iloc[0]),
        place=encode_place(Place(87.6, 43.8, (safe_label("28分钟"),))),
        focus=encode_focus(Focus((87.0, 43.0, 88.0, 44.0), 3)),
    )
    use_local_assets(fig, ADDRESSES)
    return generate_leaflet_string(fig), _get_feature_group_string(layers, fig)


def test_building_twice_gives_the_same_map(study: Study) -> None:
    """Ids do not change from build to build, so the page never mounts or redraws an unchanged map."""
    first, second = write_script(study), write_script(study)
    assert first == second
    assert generate_js_hash(first[0]) == generate_js_hash(second[0])


def test_nothing_of_the_map_comes_from_outside(study: Study) -> None:
    """Scripts, styles and data name no address on the network."""
    fig = build_base(encode_base(study))
    use_local_assets(fig, ADDRESSES)
    links = [link for _, link in [*fig.default_js, *fig.default_css]]
    assert links
    assert all(link.startswith("../") for link in links)
    for script in write_script(study):
        assert "http" not in script.replace("http://www.w3.org/2000/svg", "")


def test_every_local_asset_exists() -> None:
    """Each file the map asks for is in its folder."""
    fig = folium.Map(tiles=None)
    use_local_assets(fig, {folder.name: str(folder.path) for folder in ASSET_FOLDERS})
    for _, link in [*fig.default_js, *fig.default_css]:
        assert Path(link).is_file(), link


def test_an_asset_without_a_local_file_is_refused() -> None:
    """A plugin cannot bring a CDN back unnoticed."""
    fig = folium.Map(tiles=None)
    Fullscreen().add_to(fig)
    with pytest.raises(InputError, match="asset_not_local"):
        use_local_assets(fig, ADDRESSES)


def test_assets_are_set_on_one_map_only() -> None:
    """Lists that folium shares between all maps stay as they were."""
    before = list(folium.Map.default_js)
    use_local_assets(folium.Map(tiles=None), ADDRESSES)
    assert folium.Map.default_js == before


def test_outlines_are_light_and_keep_shared_borders(study: Study) -> None:
    """Fewer than 2,000 vertices a level, every district still there and valid."""
    simple = simplify_outlines(study.districts, 1800)
    for level in set(study.districts["level"]):
        shapes = simple.geometry[simple["level"] == level].to_numpy()
        assert shapely.get_num_coordinates(shapes).sum() <= 1800
        assert not shapely.is_empty(shapes).any()
    before, after = study.districts.geometry.union_all().area, simple.geometry.union_all().area
    assert after == pytest.approx(before, rel=0.02)


def test_lines_come_back_to_the_metre() -> None:
    """Steps of whole units add up to the line that went in."""
    line = shapely.LineString([(87.600004, 43.8), (87.61, 43.80001), (87.61, 43.80001), (87.0, 44.5)])
    (flat,) = encode_lines(np.array([line], object))
    back = np.cumsum(np.array(flat).reshape(-1, 2), axis=0) * UNIT_DEG
    np.testing.assert_allclose(back, np.array(line.coords)[[0, 1, 3]], atol=UNIT_DEG)


def test_islands_and_holes_are_all_drawn() -> None:
    """Every part of a multi-polygon and every hole gives a ring."""
    island, holed = shapely.box(0, 0, 1, 1), shapely.box(2, 0, 4, 2).difference(shapely.box(2.5, 0.5, 3, 1))
    both = shapely.MultiPolygon([island, holed])
    assert len(take_rings(both)) == 3
    assert len(take_rings(np.array([both, island], object))) == 4
    assert encode_highlight(both).count("],[") == 2


def test_symbols_say_family_level_and_status() -> None:
    """Shapes differ by family, sizes by level, outlines by status."""
    shapes = {style_of_family(family).shape for family in ("legal", "police", "traffic", "court", "general")}
    assert len(shapes) == 5
    sizes = [size_of_level(level) for level in ("prefecture", "county", "township", "village")]
    assert sizes == [16, 12, 9, 6]
    drawn = {draw_symbol("legal", "county", status) for status in ("existing", "planned", "candidate", "closed")}
    assert len(drawn) == 4
    assert "stroke-dasharray" in draw_symbol("police", "village", "planned")


def test_at_most_two_thousand_symbols_and_the_higher_levels_first(study: Study) -> None:
    """A long list is cut from below, so centres never give way to rooms."""
    many = pd.concat([study.stations] * 4)
    many.index = pd.Index([str(number) for number in range(len(many))])
    many["level"] = np.where(np.arange(len(many)) % 7 == 0, "county", "village")
    data = json.loads(encode_stations(many, study.catalogue, "en", np.ones(len(many), bool), "many"))
    assert len(many) > MOST_SYMBOLS
    assert len(data["points"]) == MOST_SYMBOLS
    always_shown = sum(zoom == 0 for _, _, _, zoom, _ in data["points"])
    assert always_shown == int((many["level"] == "county").sum())
    assert len(data["symbols"]) <= 40


def test_a_study_without_anything_still_has_a_map(study: Study) -> None:
    """Without districts and roads the map fits the people."""
    bare = study.__class__(
        **{name: getattr(study, name) for name in study.__slots__}
        | {"districts": study.districts.iloc[:0], "network": None}
    )
    west, south, east, north = find_bounds(bare)
    assert west < study.demand["lon"].min() < study.demand["lon"].max() < east
    assert south < study.demand["lat"].min() < north
    assert generate_leaflet_string(build_base(encode_base(bare)))


def test_the_map_room_never_imports_streamlit() -> None:
    """geodata.maps is for files too: only this test brought streamlit in, through streamlit-folium."""
    for name, module in list(sys.modules.items()):
        if name.startswith("geodata.maps"):
            assert not any(getattr(value, "__name__", "") == "streamlit" for value in vars(module).values()), name


def test_a_click_leaves_a_dot_unless_the_page_says_otherwise() -> None:
    """The call is there only where a page asks for it, and its key changes with what the page counts."""

    def script(**named: Encoded) -> str:
        layers = build_layers(
            bands=None,
            stations=None,
            highlight=encode_highlight(None),
            place=encode_place(None),
            focus=encode_focus(None),
            **named,
        )
        fig = folium.Map()
        return str(_get_feature_group_string(layers, fig))

    assert "planner.marks(" not in script()
    first, second = (script(marks=encode_marks(shown=True, key=key)) for key in ("1", "2"))
    assert "planner.marks(" in first
    assert first != second
