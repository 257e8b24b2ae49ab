"""The referral chain: each station to the nearest one of the next level up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from toy_worlds import (
    CATALOGUE,
    EVERYWHERE,
    PLAIN_SPEEDS,
    build_study,
    crossroads,
    demand_table,
    district_table,
    station_table,
)

from coverage.access.referral import REFERRAL_COLUMNS, compute_referrals, list_referral_steps
from coverage.inputs.bilingual_names import Name
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Level
from coverage.network.settings import AssessmentSettings
from coverage.travel.travel_basis import TravelBasis, build_travel_basis

LEVELS = (
    Level("county", Name("县", "County"), 1),
    Level("township", Name("乡", "Township"), 2),
    Level("village", Name("村", "Village"), 3),
)


def _basis(own_level: str = "") -> TravelBasis:
    """Village rooms west and east, township stations in the middle and the north, the county centre in the south.

    ::

                N township (c1)
                |
        W ----- m township (c2) ----- E
        village |                     village (c2)
        (c1)    S county centre (c2)
    """
    places = [(-1000.0, 0.0), (1000.0, 0.0), (0.0, 0.0), (0.0, 1000.0), (0.0, -1000.0)]
    stations = station_table(
        places,
        ["t1", "t2", "t2", "t1", "t2"],
        level=["village", "village", "township", "township", "county"],
    )
    districts = district_table(
        [("c1", "county", ""), ("c2", "county", ""), ("t1", "township", "c1"), ("t2", "township", "c2")]
    )
    study = build_study(
        crossroads().network(),
        demand_table([(0.0, 0.0)], [1], ["t1"]),
        stations,
        districts,
        AssessmentSettings(snap=EVERYWHERE),
        PLAIN_SPEEDS,
    )
    return build_travel_basis(replace(study, catalogue=replace(CATALOGUE, levels=LEVELS)), own_level=own_level)


def test_the_chain_by_hand() -> None:
    """Rooms refer to the middle, a kilometre away; townships to the county, one or two kilometres away."""
    basis = _basis()
    assert list_referral_steps(basis, StationChoice()) == [("village", "township"), ("township", "county")]
    table = compute_referrals(basis, StationChoice(level="village"), 1.0)
    assert tuple(table.columns) == REFERRAL_COLUMNS
    assert table["station_id"].tolist() == ["s0", "s1", "s2", "s3"]
    assert table["next_station_id"].tolist() == ["s2", "s2", "s4", "s4"]
    assert table["minutes"].round(3).tolist() == [1.0, 1.0, 1.0, 2.0]
    assert table["is_within"].tolist() == [True, True, True, False]
    assert set(table["own_unit"]) == {""}


def test_stations_refer_within_their_own_unit() -> None:
    """Kept to its township the western room goes to the north; the northern township's county has no centre."""
    table = compute_referrals(_basis("county"), StationChoice(), 1.0)
    assert table["next_station_id"].tolist() == ["s3", "s2", "s4", ""]
    assert table["minutes"].round(3).tolist()[:3] == [2.0, 1.0, 1.0]
    assert np.isinf(table["minutes"].iloc[3])
    assert table["own_unit"].tolist() == ["township", "township", "county", "county"]


def test_one_level_has_no_chain() -> None:
    """Where all stations are of one level there is nobody to refer to."""
    basis = _basis()
    only = replace(basis.study, stations=basis.study.stations.assign(level="village"))
    assert compute_referrals(build_travel_basis(only), StationChoice(), 30.0).empty
