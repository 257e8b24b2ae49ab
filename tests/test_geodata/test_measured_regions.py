"""Measured speeds of provinces: the file, which province is proposed, and the tables made of it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from coverage.errors import SettingsError
from coverage.network.settings import MODES, Mode
from coverage.network.speeds import SpeedTable
from geodata.intake.measured_regions import (
    AVERAGE,
    MEASURED_SPEEDS,
    find_region,
    list_regions,
    propose_region,
    read_default_sources,
    read_default_speeds,
    read_measured_speeds,
    read_speed_bounds,
)
from geodata.intake.read_speeds import default_speeds_path, read_speeds
from geodata.studies.write_speeds import encode_speeds

NO_PLACES = np.empty(0)
CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "service")


def _find_town(table: SpeedTable, road: str) -> float:
    factors = dict(table.urban_factor)
    return dict(table.speeds_kph)[road] * factors.get(road, factors.get("*", 1.0))


def test_xinjiang_is_what_was_measured() -> None:
    """Rural and suburban averages × 1.15 in the country and in town; no delays, they are in the averages."""
    table = read_default_speeds("drive", "CN-XJ")
    country = {"motorway": 115.0, "trunk": 59.8, "primary": 49.45, "secondary": 40.25, "tertiary": 37.95}
    country |= {"unclassified": 23.0, "residential": 14.95, "primary_link": 48.3, "road": 23.0}
    assert {road: dict(table.speeds_kph)[road] for road in country} == pytest.approx(country)
    town = {"motorway": 94.3, "trunk": 46.0, "primary": 34.5, "secondary": 34.5, "tertiary": 30.0, "residential": 20.7}
    assert {road: _find_town(table, road) for road in town} == pytest.approx(town)
    assert (table.delays_s, table.turns.turn_s, table.turns.u_turn_s) == ((), 0.0, 0.0)
    assumed = read_speeds(default_speeds_path("drive"))
    assert (table.seasons, table.surface_kph) == (assumed.seasons, assumed.surface_kph)
    assert "MIT" in read_default_sources("drive")


def test_what_was_not_measured_is_the_average_of_china() -> None:
    """Ramps of towns in Tibet were not measured; the motorways there and village roads of Anhui (7) were hardly."""
    china, tibet, anhui = (read_measured_speeds(region) for region in (AVERAGE, "CN-XZ", "CN-AH"))
    assert dict(tibet.town_kph)["primary_link"] == dict(china.town_kph)["primary_link"]
    assert dict(tibet.town_kph)["motorway"] == dict(china.town_kph)["motorway"] == 75.0
    assert dict(tibet.country_kph)["trunk"] == 52.0
    assert dict(anhui.country_kph)["unclassified"] == dict(china.country_kph)["unclassified"] == 17.0


@pytest.mark.parametrize("mode", MODES)
def test_no_table_of_the_product_is_above_the_general_limits(mode: Mode) -> None:
    """Neither in the country nor in town is a class driven above the limit of roads without signs."""
    measured = read_measured_speeds(AVERAGE)
    tables = [read_speeds(default_speeds_path(mode))]
    for region in list_regions():
        tables.append(read_default_speeds(mode, region.id))
        bounds = read_speed_bounds(mode, region.id)
        tables += [bounds.slow, bounds.fast] if bounds else []
    for table in tables:
        for road, kph in table.speeds_kph:
            base = road.removesuffix("_link")
            assert kph <= dict(measured.country_limit_kph).get(base, 120.0), (table.id, road)
            assert _find_town(table, road) <= dict(measured.town_limit_kph).get(base, 120.0) + 1e-9, (table.id, road)
    ridden = dict(read_speeds(default_speeds_path("cycle")).speeds_kph)
    assert max(kph for road, kph in ridden.items() if road != "ferry") <= 15.0


def test_every_default_can_be_saved_and_read(tmp_path: Path) -> None:
    """Factors and speeds of every province are within what the reader of speed tables accepts."""
    for region in list_regions():
        table = read_default_speeds("drive", region.id)
        path = tmp_path / "speeds.toml"
        path.write_bytes(encode_speeds(table))
        assert read_speeds(path) == table
        assert set(CLASSES) <= table.classes


def test_bounds_are_on_both_sides() -> None:
    """Bare averages are slower and the fast table is at least as fast, class by class, country and town."""
    for region in list_regions():
        table, bounds = read_default_speeds("drive", region.id), read_speed_bounds("drive", region.id)
        assert bounds is not None
        for road, kph in table.speeds_kph:
            assert dict(bounds.slow.speeds_kph)[road] <= kph <= dict(bounds.fast.speeds_kph)[road]
            towns = [_find_town(one, road) for one in (bounds.slow, table, bounds.fast)]
            assert towns == pytest.approx(sorted(towns))
        assert bounds.slow.maxspeed_factor == pytest.approx(0.85 / 1.15)
    assert read_speed_bounds("walk", "CN-XJ") is None


def test_which_province_is_found_and_proposed(shared_data: Path) -> None:
    """By id, code or name; by the codes of districts, else by where the area lies."""
    for text in ("CN-XJ", "xj", "65", "650102", "新疆", "Xinjiang"):
        assert find_region(text).id == "CN-XJ"
    with pytest.raises(SettingsError) as caught:
        find_region("Atlantis")
    assert caught.value.code == "settings.unknown_choice"
    assert propose_region(["4401", "440103", "x"], NO_PLACES, NO_PLACES).id == "CN-GD"
    assert propose_region(["1", "2"], np.array([113.93]), np.array([22.53])).id == "CN-GD"
    assert propose_region((), np.array([43.3]), np.array([-11.7])).id == AVERAGE
    assert propose_region((), NO_PLACES, NO_PLACES).id == AVERAGE
    middles = gpd.read_file(shared_data / "xinjiang" / "counties.geojson").geometry.representative_point()
    assert {propose_region((), np.array([at.x]), np.array([at.y])).id for at in middles} == {"CN-XJ"}


def test_the_file_holds_the_source(shared_data: Path) -> None:
    """Every figure is the one that was published; nothing is added and nothing is missing."""
    published = json.loads((shared_data / "speeds" / "measured_cn_kz.json").read_text(encoding="utf-8"))
    ours = tomllib.loads(MEASURED_SPEEDS.read_text(encoding="utf-8"))["region"]
    assert len(ours) == len(published) == 50
    for entry in published:
        region = "-".join(filter(None, (entry["iso3166-1"], entry.get("iso3166-2"))))
        for zone in ("rural", "suburban", "urban"):
            names = [*CLASSES, *(f"{road}_link" for road in CLASSES[:5])]
            values = zip(names, entry[zone]["way"] + entry[zone]["link_exiting"], strict=True)
            assert ours[region][zone] == {road: kph for road, kph in values if kph is not None}
