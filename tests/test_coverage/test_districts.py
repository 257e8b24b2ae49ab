"""Each point belongs to exactly one district of the finest level, or to none."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, box

from coverage.errors import InputError
from coverage.inputs.districts import assign_districts, district_at_level


def make_districts() -> gpd.GeoDataFrame:
    """Return a county with two townships, and a county of its own.

    ::

        lat 1 +---------+---------+          +---------+
              | A1      | A2      |          | B       |
        lat 0 +---------+---------+          +---------+
              0         1         2   lon    3         4

    A covers A1 and A2; the townships of B are not known.
    """
    return gpd.GeoDataFrame(
        {
            "name": ["A", "A2", "A1", "B"],
            "level": ["county", "township", "township", "county"],
            "parent_id": ["", "A", "A", ""],
            "population_official": np.nan,
        },
        index=pd.Index(["A", "A2", "A1", "B"], name="district_id"),
        geometry=[box(0, 0, 2, 1), box(1, 0, 2, 1), box(0, 0, 1, 1), box(3, 0, 4, 1)],
        crs=4326,
    )


def make_points(*places: tuple[float, float]) -> pd.DataFrame:
    """Return points with an index of letters."""
    lon, lat = zip(*places, strict=True)
    index = pd.Index([f"p{n}" for n in range(len(places))], name="demand_id")
    return pd.DataFrame({"lon": lon, "lat": lat, "district_id": "", "population": 1.0}, index=index)


def test_the_finest_level_counts() -> None:
    """Townships come before their county; where there are none the county counts."""
    points = make_points((0.5, 0.5), (1.5, 0.5), (3.5, 0.5))
    answer = assign_districts(points, make_districts())
    assert answer["district_id"].tolist() == ["A1", "A2", "B"]
    pd.testing.assert_index_equal(answer.index, points.index)
    assert points["district_id"].tolist() == [""] * 3


def test_a_common_border_goes_to_the_lowest_id() -> None:
    """A point on the line between A1 and A2 belongs to A1, whatever the order of the rows."""
    points = make_points((1.0, 0.5))
    for districts in (make_districts(), make_districts().iloc[::-1]):
        assert assign_districts(points, districts)["district_id"].tolist() == ["A1"]


def test_tolerance_is_measured_on_the_ground() -> None:
    """A point 1 km off the coast joins the nearest township, one 3 km off is outside; 0 switches it off.

    One degree of longitude at latitude 0.5 is 111.3 km.
    """
    points = make_points((-1 / 111.3, 0.5), (-3 / 111.3, 0.5), (2 + 1 / 111.3, 0.5))
    near = assign_districts(points, make_districts())
    assert near["district_id"].tolist() == ["A1", "", "A2"]
    far = assign_districts(points, make_districts(), tolerance_m=3100)
    assert far["district_id"].tolist() == ["A1", "A1", "A2"]
    none = assign_districts(points, make_districts(), tolerance_m=0)
    assert none["district_id"].tolist() == ["", "", ""]


def test_no_districts_and_no_points() -> None:
    """Without districts everybody is outside; without points the table stays empty."""
    points = make_points((0.5, 0.5))
    assert assign_districts(points, make_districts().iloc[:0])["district_id"].tolist() == [""]
    assert len(assign_districts(points.iloc[:0], make_districts())) == 0


@given(st.lists(st.tuples(st.floats(-0.5, 4.5), st.floats(-0.5, 1.5)), min_size=1, max_size=20))
def test_assignment_agrees_with_a_plain_search(places: list[tuple[float, float]]) -> None:
    """Without tolerance the answer is that of looking at every polygon in turn."""
    districts = make_districts()
    answer = assign_districts(make_points(*places), districts, tolerance_m=0)["district_id"]
    for place, found in zip(places, answer, strict=True):
        expected = next((one for one in ("A1", "A2", "A", "B") if districts.geometry[one].intersects(Point(place))), "")
        assert found == expected


def test_the_way_up_the_tree() -> None:
    """Each district knows its county; a county has no township above it."""
    districts = make_districts()
    counties = district_at_level(districts, "county")
    assert counties.to_dict() == {"A": "A", "A2": "A", "A1": "A", "B": "B"}
    assert counties.name == "county"
    assert district_at_level(districts, "township").to_dict() == {"A": "", "A2": "A2", "A1": "A1", "B": ""}
    assert set(district_at_level(districts, "prefecture")) == {""}


def test_circles_and_unknown_levels_are_errors() -> None:
    """A district above itself and a level that does not exist are refused."""
    districts = make_districts()
    districts.loc["A", "parent_id"] = "A1"
    with pytest.raises(InputError, match="parent_cycle"):
        district_at_level(districts, "prefecture")
    with pytest.raises(InputError, match="level_unknown"):
        district_at_level(make_districts(), "empire")
