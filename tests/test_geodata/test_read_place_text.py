"""Typed places: every way people write coordinates leads to the same place, and nothing else leads anywhere."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as some

from coverage.errors import InputError
from geodata.intake.cells.read_place_text import read_place_text

PLACE = (87.6, 43.8)


@pytest.mark.parametrize(
    "text",
    [
        "87.6, 43.8",
        "87.6 43.8",
        "43.8, 87.6",
        "８７．６，４３．８",
        "(87.6；43.8)",
        "43.8N 87.6E",
        "E87.6 N43.8",
        "87°36′E 43°48′N",
        "43°48'0\"N, 87°36'0\"E",
        "87°36′00″，43°48′00″",
        "87d36m0s 43d48m0s",
        "87 36 0 43 48 0",
        "东经87度36分 北纬43度48分",
        "北纬43.8 东经87.6",
        "经度：87.6 纬度：43.8",
        "lat 43.8 lon 87.6",
        "lon=87.6, lat=43.8",
        "87.6°E 43.8°N",
    ],
)
def test_every_way_of_writing_leads_to_the_same_place(text: str) -> None:
    """Decimal degrees, minutes and seconds, letters before and after, Chinese words, full-width characters."""
    assert read_place_text(text) == pytest.approx(PLACE)


@pytest.mark.parametrize("text", ["", "那边", "87.6", "1 2 3", "87E 43E", "87°70′E 43°N", "{{7*191}}", "87.6 43.8 x"])
def test_what_is_no_pair_of_angles_is_refused(text: str) -> None:
    """One angle, three, two of the same kind, seventy minutes, or other words."""
    with pytest.raises(InputError, match=r"place\.unreadable"):
        read_place_text(text)


@pytest.mark.parametrize("text", ["200 43", "87.6, 86", "0 0"])
def test_what_is_not_on_the_map_is_refused(text: str) -> None:
    """Beyond the meridian, beyond the poles of the map, and the place of missing numbers."""
    with pytest.raises(InputError, match=r"place\.off_map"):
        read_place_text(text)


def test_the_study_area_tells_an_exchanged_order() -> None:
    """Two numbers that could be either are taken in the order that leads into the study area."""
    area = shapely.box(10.0, 40.0, 12.0, 42.0)
    assert read_place_text("41 11", area) == (11.0, 41.0)
    assert read_place_text("41 11") == (41.0, 11.0)
    assert read_place_text("-12.5 41") == (-12.5, 41.0)


@given(lon=some.floats(73.0, 136.0), lat=some.floats(18.0, 54.0))
def test_degrees_minutes_and_seconds_come_back(lon: float, lat: float) -> None:
    """Whatever place is written in degrees, minutes and seconds is read within a hundredth of a second."""

    def write(angle: float) -> str:
        degrees = int(angle)
        minutes = int((angle - degrees) * 60.0)
        seconds = min((angle - degrees - minutes / 60.0) * 3600.0, 59.99999)
        return f"{degrees}°{minutes}′{max(seconds, 0.0):.5f}″"

    found = read_place_text(f"{write(lat)}N {write(lon)}E")
    assert found == pytest.approx((lon, lat), abs=1e-5)


@given(some.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes it fail in another way, and what is read is on the map."""
    try:
        lon, lat = read_place_text(text)
    except InputError:
        return
    assert abs(lon) <= 180.0
    assert abs(lat) <= 85.0
