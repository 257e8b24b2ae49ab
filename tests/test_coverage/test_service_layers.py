"""Fixed services, circuit and mobile points, remote channels: which stations count, and whom each layer reaches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from random_study import build_random_study
from toy_worlds import CATALOGUE, station_table

from coverage.access.assessment import assess
from coverage.access.established import compute_established_rate
from coverage.access.indicator_table import IndicatorExtras, compute_indicators
from coverage.access.layer_coverage import (
    count_unknown_hours,
    find_remote_share,
    find_service_layers,
    tabulate_uncounted,
)
from coverage.access.season_changes import compare_seasons, list_season_cases
from coverage.inputs.bilingual_names import Name
from coverage.inputs.hours_text import parse_hours
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Catalogue, Kind, RemoteReadiness
from coverage.inputs.thresholds import ThresholdRule, ThresholdTable
from coverage.travel.travel_basis import TravelBasis, build_travel_basis
from coverage.travel.travel_time import compute_nearest

KINDS = {"office": "fixed", "judge": "circuit", "vehicle": "mobile", "hotline": "remote"}
ADVICE = StationChoice(service="advice")
# Hours, and how long that is in an average week of summer and of winter; NaN where the text says nothing.
HOURS = {
    "": (np.nan, np.nan),
    "看情况": (np.nan, np.nan),
    "周一至周五 10:00-12:00": (10.0, 10.0),
    "周一至周四 10:00-12:00; 周五 10:00-11:59": (10.0 - 1 / 60, 10.0 - 1 / 60),
    "周二 11:00-16:00": (5.0, 5.0),
    "24小时": (168.0, 168.0),
    "5月-10月 周一至周五 10:00-14:00": (20.0, 0.0),
    "5月-10月 每月第一个周三 10:00-14:00": (4.0 * 3 / 13, 0.0),
}


def _catalogue(*, remote: bool = True) -> Catalogue:
    kinds = tuple(Kind(one, Name(one, one), "legal", "county", ("advice",), layer) for one, layer in KINDS.items())
    items = tuple(replace(item, remote=remote) for item in CATALOGUE.items)
    return replace(CATALOGUE, kinds=kinds, items=items)


def _counts_by_hand(layer: str, hours: float, least: float) -> tuple[bool, bool]:
    """Tell whether a station is a fixed service, and whether it counts with circuit and mobile points."""
    fixed = layer == "fixed" and (np.isnan(hours) or hours >= least)
    return fixed, layer != "remote" and (fixed or hours > 0.0)


def test_every_kind_and_every_usual_text() -> None:
    """Four layers with eight texts in two seasons and under three rules count as a table written by hand says."""
    pairs = [(kind, text) for kind in KINDS for text in HOURS]
    stations = station_table([(0.0, 0.0)] * len(pairs), [""] * len(pairs))
    stations = stations.assign(kind=[kind for kind, _ in pairs], hours=[text for _, text in pairs])
    for season, place in (("summer", 0), ("winter", 1)):
        for least in (10.0, 0.0, 30.0):
            choice = StationChoice(season=season, least_hours_week=least)
            wanted = [_counts_by_hand(KINDS[kind], HOURS[text][place], least) for kind, text in pairs]
            for layer, column in (("fixed", 0), ("mobile", 1)):
                found = select_stations(stations, _catalogue(), replace(choice, layer=layer))
                assert found.tolist() == [one[column] for one in wanted], (season, least, layer)
            placed = select_stations(stations, _catalogue(), replace(choice, layer="placed"))
            assert placed.tolist() == [kind != "hotline" for kind, _ in pairs]
            assert select_stations(stations, _catalogue(), replace(choice, layer="all")).all()


def test_exactly_the_least_hours_count() -> None:
    """Ten hours a week are ten, one minute less is not; by shares of weeks too."""
    texts = ["周一至周五 10:00-12:00", "周一至周四 10:00-12:00; 周五 10:00-11:59", "每月第一个周三 00:00-24:00"]
    stations = station_table([(0.0, 0.0)] * 3, [""] * 3).assign(hours=texts)
    choose = StationChoice(season="summer")
    assert select_stations(stations, CATALOGUE, choose).tolist() == [True, False, False]
    exactly = replace(choose, least_hours_week=24.0 * 3 / 13)
    assert select_stations(stations, CATALOGUE, exactly).tolist() == [True, True, True]


@pytest.mark.parametrize(
    ("text", "season", "visits"),
    [
        ("周二 11:00-16:00", "summer", 4.348),
        ("每月第一个周三 10:00-14:00", "summer", 1.003),
        ("5月-10月 每月第一个周三 10:00-14:00", "winter", 0.0),
        ("周一、周三 10:00-12:00,16:00-18:00", "", 2 * 4.348),
        ("周日 22:00-次日2:00", "", 4.348),
        ("单周周二 10:00-12:00；双周周二 14:00-16:00", "", 4.348),
        ("24小时", "", 7 * 4.348),
    ],
)
def test_visits_a_month(text: str, season: str, visits: float) -> None:
    """Days a month, whatever the number of times on one day; a night over the end of the week is one day."""
    hours = parse_hours(text, season)
    assert hours is not None
    assert hours.visits_month == pytest.approx(visits, abs=2e-3)


def test_a_question_keeps_season_and_least_hours_together() -> None:
    """The choice follows the season asked about and the table of thresholds, also after either is changed."""
    table = ThresholdTable("t", Name("表", "Table"), "", (ThresholdRule(minutes=30.0),), least_hours_week=3.0)
    asked = Question(ADVICE, thresholds=table, season="winter")
    assert (asked.choice.season, asked.choice.least_hours_week) == ("winter", 3.0)
    assert replace(asked, season="summer").choice.season == "summer"
    assert replace(asked, choice=StationChoice(level="county")).choice.least_hours_week == 3.0


def _build_world(seed: int) -> TravelBasis:
    """Return a random study whose stations are of all layers and keep all sorts of hours."""
    rng = np.random.default_rng(seed)
    study = build_random_study(seed, people=25, stations=10)
    kinds, texts = rng.choice(list(KINDS), 10), rng.choice(list(HOURS), 10)
    stations = study.stations.assign(kind=kinds, hours=pd.Series(texts, study.stations.index, dtype=str))
    return build_travel_basis(replace(study, catalogue=_catalogue(), stations=stations))


def _inside_by_hand(basis: TravelBasis, wanted: np.ndarray, cutoff_min: float) -> np.ndarray:
    """Tell who is inside, from one search for each station by itself."""
    inside = np.zeros(basis.demand.count, bool)
    for row in np.flatnonzero(wanted):
        alone = compute_nearest(basis.timed, basis.demand, basis.stations.subset(np.array([row])))
        inside |= alone.minutes <= cutoff_min
    return inside


@pytest.mark.parametrize("seed", range(12))
def test_layers_equal_brute_force(seed: int) -> None:
    """In random worlds B1, B12 and B13 are what searching station by station under the written rule gives."""
    basis, rng = _build_world(seed), np.random.default_rng(seed + 99)
    study, cutoff = basis.study, float(rng.uniform(1.0, 12.0))
    readiness = None if seed % 3 == 0 else RemoteReadiness(0.6, "a survey")
    basis = replace(basis, study=replace(study, remote=readiness))
    choice = replace(ADVICE, season="summer")
    offers = np.array(["advice" in one for one in study.stations["services"]])
    exists = (study.stations["status"] == "existing").to_numpy() & offers
    hours = np.array([HOURS[text][0] for text in study.stations["hours"]])
    rule = [_counts_by_hand(KINDS[kind], h, 10.0) for kind, h in zip(study.stations["kind"], hours, strict=True)]
    fixed_rows, mobile_rows = (exists & np.array([one[column] for one in rule]) for column in (0, 1))
    fixed, mobile = (_inside_by_hand(basis, rows, cutoff) for rows in (fixed_rows, mobile_rows))
    answer = assess(basis, choice, cutoff_min=cutoff)
    assert answer.chosen.tolist() == np.flatnonzero(fixed_rows).tolist()
    inside = (answer.demand["status"] == "covered").to_numpy(bool)
    layers = find_service_layers(basis, choice, answer.cutoffs_min, inside)
    table = compute_indicators(basis, answer, extras=IndicatorExtras(layers=layers), levels=("study",))
    value = table.set_index("code")["value"]
    weight = study.demand["population"].to_numpy(float)
    assert value["B1"] == value["B12.fixed"] == pytest.approx(weight[fixed].sum() / weight.sum())
    assert value["B12.mobile"] == pytest.approx(weight[mobile].sum() / weight.sum())
    if readiness is None:
        assert np.isnan(value["B12.remote"])
    else:
        assert value["B12.remote"] == pytest.approx((weight[mobile].sum() + 0.6 * weight[~mobile].sum()) / weight.sum())
    if (mobile & ~fixed).any():
        assert 0.0 < value["B13.hours"] <= 168.0
    else:
        assert "B13.hours" not in value.index
    listed = tabulate_uncounted(study, choice)
    assert listed.index.tolist() == study.stations.index[exists & ~fixed_rows].tolist()
    assert count_unknown_hours(study, choice) == int((fixed_rows & np.isnan(hours)).sum())


def test_seasons_count_the_hours_of_their_season() -> None:
    """A point that opens from May to October only is there in summer and gone in winter, at the same speeds."""
    study = build_random_study(3)
    stations = study.stations.assign(hours="5月-10月 周一至周五 10:00-14:00", status="existing")
    speeds = replace(study.speeds, seasons=(("winter", (("*", 1.0),)),))
    basis = build_travel_basis(replace(study, stations=stations, speeds=speeds))
    cases = [replace(list_season_cases(study)[0], id=season, season=season) for season in ("summer", "winter")]
    changes = compare_seasons(basis, Question(ADVICE, 60.0), cases)
    whole = changes[changes["unit_level"] == "study"].set_index("case")["covered"]
    assert whole["summer"] > 0.0
    assert whole["winter"] == 0.0


def test_the_provision_rate_counts_fixed_services() -> None:
    """A unit whose only point is a vehicle's stop has no point."""
    study = build_random_study(3)
    stations = study.stations.assign(kind="vehicle", hours="周二 11:00-16:00", status="existing", district_id="t1")
    mine = replace(study, catalogue=_catalogue(), stations=stations)
    assert compute_established_rate(mine, StationChoice(), "township").units_with_station == 0
    assert compute_established_rate(mine, StationChoice(layer="mobile"), "township").units_with_station == 1


def test_a_remote_channel_is_never_assumed() -> None:
    """No share is known without a stated readiness or an item; an item that cannot be done remotely has none."""
    study = replace(build_random_study(5), catalogue=_catalogue())
    assert find_remote_share(study, ADVICE) is None
    ready = replace(study, remote=RemoteReadiness(0.25, "a survey"))
    assert find_remote_share(ready, ADVICE) == 0.25
    assert find_remote_share(replace(ready, catalogue=_catalogue(remote=False)), ADVICE) == 0.0
    assert find_remote_share(ready, StationChoice()) is None
