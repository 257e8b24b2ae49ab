"""Gaps: which uncovered people belong together, and who is named first."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from network_oracle import GEOD
from toy_worlds import lon_lat

from coverage.access import gaps
from coverage.access.gaps import GAP_COLUMNS, find_gaps
from coverage.inputs.schema import STATUSES


def _assessment(
    places: list[tuple[float, float]],
    weight: list[float],
    status: list[str],
    minutes: list[float] | None = None,
    district: list[str] | None = None,
) -> SimpleNamespace:
    lon, lat = lon_lat(places)
    demand = pd.DataFrame(
        {
            "lon": lon,
            "lat": lat,
            "weight": np.array(weight, float),
            "minutes": np.array(minutes or [40.0] * len(places), np.float32),
            "district_id": pd.Series(district or [""] * len(places), dtype=str),
            "status": pd.Categorical(status, categories=list(STATUSES)),
        }
    )
    return SimpleNamespace(demand=demand)


def test_chained_people_are_one_gap() -> None:
    """Steps of up to two kilometres chain people into one gap; farther ones start another.

    ::

        0 -1.5- 1 -1.5- 2 ----- 3.5 km ----- 3        4 is covered and links nobody
    """
    answer, gap_of = find_gaps(
        _assessment(
            [(0, 0), (1500, 0), (3000, 0), (6500, 0), (4800, 0)],
            [10.0, 20.0, 30.0, 50.0, 999.0],
            ["beyond", "beyond", "no_route", "unconnected", "covered"],
            [40.0, 50.0, np.inf, np.inf, 5.0],
            ["a", "b", "b", "c", "c"],
        ),
        link_km=2.0,
    )
    assert gap_of.tolist() == [1, 1, 1, 2, 0]
    assert answer.index.tolist() == [1, 2]
    assert answer.index.name == "gap_id"
    assert tuple(answer.columns) == GAP_COLUMNS
    first, second = answer.to_dict("records")
    assert (first["people"], first["points"], first["district_id"], first["status"]) == (60.0, 3, "b", "beyond")
    assert first["median_min"] == 50.0
    assert (first["lon"] - 10.0) * 111_319.49 == pytest.approx((20 * 1500 + 30 * 3000) / 60, rel=1e-5)
    assert (second["people"], second["points"], second["status"]) == (50.0, 1, "unconnected")
    assert np.isnan(second["median_min"])


def test_everybody_covered_is_an_empty_table() -> None:
    """Without uncovered people there are no gaps, and the columns are there."""
    for given_places in ([], [(0.0, 0.0)]):
        answer, _ = find_gaps(_assessment(given_places, [5.0] * len(given_places), ["covered"] * len(given_places)))
        assert (len(answer), tuple(answer.columns), answer.index.name) == (0, GAP_COLUMNS, "gap_id")


def test_places_without_people_are_no_gap() -> None:
    """A point that nobody of the counted people lives at makes no gap and links none."""
    answer, _ = find_gaps(_assessment([(0, 0), (1500, 0), (3000, 0)], [1.0, 0.0, 2.0], ["beyond"] * 3))
    assert answer["people"].tolist() == [2.0, 1.0]


@pytest.mark.parametrize("lat", [0.0, 38.0, 48.0, 65.0])
@pytest.mark.parametrize("bearing", [0.0, 45.0, 90.0, 180.0, 300.0])
def test_a_step_is_as_long_in_every_direction(lat: float, bearing: float) -> None:
    """Two kilometres are two kilometres north, east and between, also beside people far away."""
    far = GEOD.fwd(87.6, lat, 90.0, 700_000.0)
    for metres, expected in ((1990.0, 2), (2010.0, 3)):
        near = GEOD.fwd(87.6, lat, bearing, metres)
        assessment = _assessment([(0, 0)] * 3, [3.0, 2.0, 1.0], ["beyond"] * 3)
        assessment.demand["lon"] = [87.6, near[0], far[0]]
        assessment.demand["lat"] = [lat, near[1], far[1]]
        assert len(find_gaps(assessment)[0]) == expected


@given(seed=st.integers(0, 2**32 - 1), chunk=st.integers(1, 12))
def test_portions_make_no_difference(seed: int, chunk: int) -> None:
    """Worked through in portions or at once, shuffled or not, the gaps are the same; no person is lost."""
    rng = np.random.default_rng(seed)
    places = [tuple(place) for place in rng.uniform(0, 12_000, (30, 2)).tolist()]
    weight = rng.integers(1, 50, 30).astype(float)
    whole, _ = find_gaps(_assessment(places, weight.tolist(), ["beyond"] * 30))
    order = rng.permutation(30)
    patch = pytest.MonkeyPatch()
    patch.setattr(gaps, "_CHUNK", chunk)
    parts, _ = find_gaps(_assessment([places[i] for i in order], weight[order].tolist(), ["beyond"] * 30))
    patch.undo()
    assert whole["people"].sum() == weight.sum()
    pd.testing.assert_frame_equal(whole, parts, rtol=1e-9)
