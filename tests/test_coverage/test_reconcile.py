"""People scaled to official totals, with the table that shows what was changed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from coverage.inputs.reconcile import RECONCILIATION_COLUMNS, reconcile_population


def make_districts(**official: float) -> gpd.GeoDataFrame:
    """Return county A with townships A1 and A2, and county B; totals as given."""
    ids = ["A", "A1", "A2", "B"]
    return gpd.GeoDataFrame(
        {
            "name": [f"name {one}" for one in ids],
            "level": ["county", "township", "township", "county"],
            "parent_id": ["", "A", "A", ""],
            "population_official": [official.get(one, np.nan) for one in ids],
        },
        index=pd.Index(ids, name="district_id"),
        geometry=[box(0, 0, 1, 1)] * 4,
        crs=4326,
    )


def make_demand(**people: tuple[str, float]) -> pd.DataFrame:
    """Return demand points: id=(district, people), with drivers beside."""
    return pd.DataFrame(
        {
            "district_id": [district for district, _ in people.values()],
            "population": [count for _, count in people.values()],
            "drivers": 7.0,
        },
        index=pd.Index(list(people), name="demand_id"),
    )


def test_counties_are_scaled_to_their_totals() -> None:
    """Points of a county share its factor, those of its townships too; points outside stay as they are."""
    demand = make_demand(p=("A1", 10.0), q=("A2", 30.0), r=("B", 5.0), s=("", 9.0))
    scaled, table = reconcile_population(demand, make_districts(A=20.0, B=10.0))
    assert scaled["population"].to_dict() == {"p": 5.0, "q": 15.0, "r": 10.0, "s": 9.0}
    assert list(table.columns) == list(RECONCILIATION_COLUMNS)
    assert table["factor"].loc[["A", "B"]].tolist() == [0.5, 2.0]
    assert table.loc["", ["points", "before", "after"]].tolist() == [1, 9.0, 9.0]
    assert table["before"].sum() == demand["population"].sum()
    assert table["after"].sum() == scaled["population"].sum()
    assert scaled["drivers"].tolist() == [7.0] * 4
    assert demand["population"].tolist() == [10.0, 30.0, 5.0, 9.0]


def test_the_finest_total_counts_and_the_rest_is_shared() -> None:
    """A1 has its own total; what is left of A's goes to the points of A2 and of A itself."""
    demand = make_demand(p=("A1", 10.0), q=("A2", 30.0), r=("A", 10.0))
    scaled, table = reconcile_population(demand, make_districts(A=100.0, A1=20.0))
    assert scaled["population"].to_dict() == {"p": 20.0, "q": 60.0, "r": 20.0}
    assert scaled["population"].sum() == 100.0
    assert table["official"].to_dict() == {"A": 80.0, "A1": 20.0}


def test_totals_that_nobody_can_take_are_shown() -> None:
    """A total without any people in the data, and totals that contradict each other, scale nothing."""
    demand = make_demand(q=("A2", 30.0))
    scaled, table = reconcile_population(demand, make_districts(A=10.0, A1=20.0, B=50.0))
    assert scaled["population"].tolist() == [30.0]
    assert table["factor"].isna().all()
    assert table["after"].to_dict() == {"A": 30.0, "A1": 0.0, "B": 0.0}


def test_zero_and_unknown_totals() -> None:
    """A total of zero empties the district; no totals at all leave everything as it is."""
    demand = make_demand(p=("B", 5.0))
    assert reconcile_population(demand, make_districts(B=0.0))[0]["population"].tolist() == [0.0]
    scaled, table = reconcile_population(demand, make_districts())
    pd.testing.assert_frame_equal(scaled, demand)
    assert table.index.tolist() == [""]


def test_parts_of_a_person_are_scaled_and_totals_below_nothing_are_none() -> None:
    """Half a person is somebody; a negative total counts as unknown; a unit without points has none."""
    demand = make_demand(p=("B", 0.5))
    scaled, table = reconcile_population(demand, make_districts(A=-1.0, A1=3.0, B=2.0))
    assert scaled["population"].tolist() == [2.0]
    assert table["points"].to_dict() == {"A1": 0, "B": 1}


def test_one_city_with_the_factors_known_from_its_census() -> None:
    """Totals of a real city bring a gridded population to the census, to the person."""
    demand = make_demand(p=("A1", 1.5 * 652_792), q=("A2", 0.37 * 300_000))
    scaled, table = reconcile_population(demand, make_districts(A1=652_792.0, A2=300_000.0))
    assert scaled["population"].sum() == pytest.approx(952_792.0)
    assert table["factor"].tolist() == pytest.approx([1 / 1.5, 1 / 0.37])
