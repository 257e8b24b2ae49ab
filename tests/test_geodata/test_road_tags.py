"""What tags mean for each mode of travel, rule by rule."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.network.model import DELAY_KINDS, PROFILE_COLUMNS
from coverage.network.settings import MODES, Mode
from geodata.roads.road_nodes import NodeEffect, read_node_tags
from geodata.roads.road_tags import WAY_KEYS, WayTravel, judge_access, read_way_tags
from geodata.roads.road_values import parse_duration_s, parse_maxspeed_kph


def _travel(mode: Mode = "drive", *, ferries: bool = False, **tags: str) -> WayTravel | None:
    """Read tags given as keywords, `__` standing for a colon; None where the road is not used."""
    named = {key.replace("__", ":"): value for key, value in tags.items()}
    read = read_way_tags(named, mode, ferries=ferries)
    return read if isinstance(read, WayTravel) else None


def _field(travel: WayTravel | None, column: str) -> object:
    assert travel is not None
    return travel.profile[PROFILE_COLUMNS.index(column)]


def _usable(**tags: str) -> tuple[bool, bool, bool]:
    return tuple(_travel(mode, **tags) is not None for mode in MODES)


@pytest.mark.parametrize(
    ("highway", "drive", "walk", "cycle"),
    [
        ("motorway", True, False, False),
        ("motorway_link", True, False, False),
        ("trunk", True, True, True),
        ("primary_link", True, True, True),
        ("residential", True, True, True),
        ("road", True, True, True),
        ("track", True, True, True),
        ("pedestrian", False, True, False),
        ("footway", False, True, False),
        ("steps", False, True, False),
        ("path", False, True, True),
        ("cycleway", False, True, True),
        ("bridleway", False, True, False),
        ("construction", False, False, False),
        ("proposed", False, False, False),
        ("abandoned", False, False, False),
        ("raceway", False, False, False),
        ("", False, False, False),
    ],
)
def test_class_decides_who_may_use_a_road(highway: str, drive: bool, walk: bool, cycle: bool) -> None:
    """Without access tags the road class alone decides for each mode."""
    assert _usable(highway=highway) == (drive, walk, cycle)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"access": "no"}, None),
        ({"access": "no", "motor_vehicle": "yes"}, False),
        ({"access": "yes", "motorcar": "no"}, None),
        ({"motor_vehicle": "no", "motorcar": "yes"}, False),
        ({"vehicle": "no"}, None),
        ({"vehicle": "no", "motor_vehicle": "destination"}, True),
        ({"motor_vehicle": "agricultural;forestry"}, None),
        ({"motor_vehicle": "agricultural;destination"}, True),
        ({"access": "private"}, True),
        ({"access": "customers"}, True),
        ({"access": "delivery"}, True),
        ({"access": "residents"}, True),
        ({"access": "permit"}, True),
        ({"access": "permissive"}, False),
        ({"access": "designated"}, False),
        ({"access": "hov"}, False),
        ({"access": "unknown"}, False),
        ({"access": "psv"}, None),
        ({"access": "emergency"}, None),
        ({"motorcar:forward": "no", "motorcar:backward": "no"}, None),
        ({"foot": "no", "bicycle": "no"}, False),
    ],
)
def test_car_access_goes_by_the_most_specific_tag(tags: dict[str, str], expected: bool | None) -> None:
    """Motorcar beats motor_vehicle beats vehicle beats access; None stands for closed, True for restricted."""
    read = read_way_tags({"highway": "residential"} | tags, "drive")
    assert (read.profile[-1] if isinstance(read, WayTravel) else None) is expected


def test_a_tag_of_the_mode_opens_a_closed_class() -> None:
    """A pedestrian street with motor access is driven, a footway for bicycles is cycled, by that mode only."""
    assert _usable(highway="pedestrian", motor_vehicle="yes") == (True, True, False)
    assert _field(_travel(highway="pedestrian", motor_vehicle="delivery"), "restricted") is True
    assert _usable(highway="footway", bicycle="designated") == (False, True, True)
    assert _usable(highway="pedestrian", access="yes") == (False, True, False)
    assert _usable(highway="footway", bicycle="dismount") == (False, True, False)


@pytest.mark.parametrize(
    "tags",
    [
        {"service": "emergency_access"},
        {"area": "yes"},
        {"impassable": "yes"},
        {"status": "impassable"},
        {"smoothness": "impassable"},
        {"construction": "yes"},
        {"hov": "designated"},
        {"proposed": "yes"},
    ],
)
def test_some_roads_are_not_driven_whatever_their_class(tags: dict[str, str]) -> None:
    """Emergency accesses, squares, impassable stretches and building sites are no way for a car."""
    assert read_way_tags({"highway": "service"} | tags, "drive") == "not_for_mode"


def test_a_minor_building_site_stays_open() -> None:
    """`construction=minor` says that traffic goes on."""
    assert _travel(highway="primary", construction="minor") is not None


def test_motorroads_are_for_cars_only() -> None:
    """A motorroad excludes walking and cycling unless they are named."""
    assert _usable(highway="trunk", motorroad="yes") == (True, False, False)
    assert _usable(highway="trunk", motorroad="yes", foot="yes") == (True, True, False)


@pytest.mark.parametrize(
    ("tags", "drive", "walk", "cycle"),
    [
        ({}, 0, 0, 0),
        ({"oneway": "yes"}, 1, 0, 1),
        ({"oneway": "1"}, 1, 0, 1),
        ({"oneway": "true"}, 1, 0, 1),
        ({"oneway": "-1"}, -1, 0, -1),
        ({"oneway": "reverse"}, -1, 0, -1),
        ({"oneway": "no"}, 0, 0, 0),
        ({"junction": "roundabout"}, 1, 0, 1),
        ({"junction": "circular"}, 1, 0, 1),
        ({"junction": "roundabout", "oneway": "no"}, 0, 0, 0),
        ({"junction": "roundabout", "oneway": "-1"}, -1, 0, -1),
        ({"oneway": "yes", "oneway:bicycle": "no"}, 1, 0, 0),
        ({"oneway": "yes", "cycleway": "opposite_lane"}, 1, 0, 0),
        ({"oneway": "yes", "cycleway:left": "opposite_track"}, 1, 0, 0),
        ({"oneway": "yes", "bicycle:backward": "yes"}, 1, 0, 0),
        ({"oneway": "yes", "oneway:motor_vehicle": "no"}, 0, 0, 1),
        ({"oneway": "yes", "oneway:foot": "yes"}, 1, 1, 1),
        ({"motor_vehicle:backward": "no"}, 1, 0, 0),
        ({"access:forward": "no"}, -1, -1, -1),
    ],
)
def test_one_ways_of_each_mode(tags: dict[str, str], drive: int, walk: int, cycle: int) -> None:
    """Walkers go both ways; cyclists heed contraflow lanes; roundabouts imply one-way."""
    read = [read_way_tags({"highway": "residential"} | tags, mode) for mode in MODES]
    assert [way.direction for way in read if isinstance(way, WayTravel)] == [drive, walk, cycle]


def test_motorways_imply_one_way_but_their_links_do_not() -> None:
    """Only `highway=motorway` itself is one-way without saying so."""
    assert _travel(highway="motorway").direction == 1
    assert _travel(highway="motorway", oneway="no").direction == 0
    assert _travel(highway="motorway_link").direction == 0


@pytest.mark.parametrize("value", ["reversible", "alternating"])
def test_reversible_roads_are_not_driven(value: str) -> None:
    """Which way they run at a given time is not known; walkers do not care."""
    assert read_way_tags({"highway": "primary", "oneway": value}, "drive") == "reversible"
    assert _travel("walk", highway="primary", oneway=value) is not None


def test_limits_follow_the_travelled_direction() -> None:
    """A limit for the drawn direction is the backward limit of a road travelled against its drawing."""
    both = _travel(highway="primary", maxspeed="80", maxspeed__forward="60")
    assert (_field(both, "maxspeed_forward_kph"), _field(both, "maxspeed_backward_kph")) == (60.0, 80.0)
    turned = _travel(highway="primary", oneway="-1", maxspeed__forward="60", maxspeed__backward="40")
    assert turned.direction == -1
    assert (_field(turned, "maxspeed_forward_kph"), _field(turned, "maxspeed_backward_kph")) == (40.0, 60.0)


def test_limits_by_rule_and_advice() -> None:
    """`source:maxspeed` speaks where no limit is posted; an advisory speed comes first."""
    assert _field(_travel(highway="primary", source__maxspeed="CN:urban"), "maxspeed_forward_kph") == 50.0
    assert _field(_travel(highway="primary", maxspeed="80", maxspeed__advisory="30"), "maxspeed_forward_kph") == 30.0
    free_text = _travel(highway="primary", source__maxspeed="sign")
    assert math.isnan(_field(free_text, "maxspeed_forward_kph"))
    assert free_text.unreadable == ()


def test_conditional_limits_are_not_looked_at() -> None:
    """A limit that holds at times only is no limit here."""
    travel = _travel(highway="primary", maxspeed__conditional="30 @ (22:00-06:00)")
    assert math.isnan(_field(travel, "maxspeed_forward_kph"))
    assert "maxspeed:conditional" not in WAY_KEYS


def test_an_unreadable_limit_is_reported_once() -> None:
    """Rubbish becomes NaN and is named for the count of findings."""
    travel = _travel(highway="primary", maxspeed="fast")
    assert math.isnan(_field(travel, "maxspeed_forward_kph"))
    assert travel.unreadable == (("maxspeed", "fast"),)


@pytest.mark.parametrize(
    ("text", "kph"),
    [
        ("50", 50.0),
        ("50 km/h", 50.0),
        ("30 mph", 48.28032),
        ("30mph", 48.28032),
        ("10 knots", 18.52),
        ("50;80", 50.0),
        ("80|60", 60.0),
        ("none;120", 120.0),
        ("walk", 6.0),
        ("CN:urban", 50.0),
        ("CN:motorway", 120.0),
        ("KZ:urban", 60.0),
        ("AT:zone:30", 30.0),
        ("DE:zone30", 30.0),
        ("none", math.nan),
        ("signals", math.nan),
    ],
)
def test_speed_limits(text: str, kph: float) -> None:
    """Units, rules, lists: the lowest number counts."""
    limit, readable = parse_maxspeed_kph(text)
    assert limit == pytest.approx(kph, nan_ok=True)
    assert readable


@pytest.mark.parametrize("text", ["", ";", "fast", "0", "-20", "900", "50 bananas", "1e400", "５０公里", "xx:yy:zz"])
def test_speed_limits_that_are_none(text: str) -> None:
    """Nonsense, zero and impossible limits are not read."""
    limit, readable = parse_maxspeed_kph(text)
    assert math.isnan(limit)
    assert not readable


@given(st.text(max_size=30))
def test_no_text_breaks_the_parsers(text: str) -> None:
    """Whatever a tag says, parsing ends with a plausible number or none."""
    limit, _ = parse_maxspeed_kph(text)
    assert math.isnan(limit) or 0 < limit <= 200 * 1.852
    duration = parse_duration_s(text)
    assert duration is None or duration > 0
    assert judge_access(text) in ("allowed", "restricted", "forbidden")


@given(st.dictionaries(st.sampled_from(sorted(WAY_KEYS)), st.sampled_from(["yes", "no", "private", "-1", "primary"])))
def test_every_reading_is_a_whole_profile(tags: dict[str, str]) -> None:
    """Any combination of tags gives either a reason or a profile with every column."""
    for mode in MODES:
        read = read_way_tags(tags, mode, ferries=True)
        assert read in ("not_for_mode", "reversible") or len(read.profile) == len(PROFILE_COLUMNS)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:20", 1200.0),
        ("1:05:30", 3930.0),
        ("26:00", 93600.0),
        ("PT1H30M", 5400.0),
        ("P1DT2H", 93600.0),
        ("20", 1200.0),
        ("PT", None),
        ("0:00", None),
        ("soon", None),
    ],
)
def test_ferry_durations(text: str, seconds: float | None) -> None:
    """Clock times, ISO 8601 and plain minutes."""
    assert parse_duration_s(text) == seconds


def test_ferries_are_off_unless_switched_on() -> None:
    """A ferry line is a road of class `ferry` with its duration, if ferries are wanted."""
    assert _travel(route="ferry") is None
    assert _travel(route="ferry", highway="primary") is None
    travel = _travel(route="ferry", duration="00:20", ferries=True)
    assert (_field(travel, "highway"), _field(travel, "duration_s")) == ("ferry", 1200.0)
    assert _travel(route="ferry", motor_vehicle="no", ferries=True) is None
    assert _travel(route="ferry", duration="daily", ferries=True).unreadable == (("duration", "daily"),)


def test_profile_texts_are_lower_case_and_empty_where_absent() -> None:
    """Surface and the like are handed on in lower case."""
    travel = _travel(highway="track", surface="Gravel", tracktype="grade3")
    assert travel.profile[:6] == ("track", "gravel", "", "grade3", "", "")


# --- nodes ---------------------------------------------------------------------------------------


def _node(mode: Mode = "drive", **tags: str) -> NodeEffect:
    return read_node_tags({key.replace("__", ":"): value for key, value in tags.items()}, mode)


@pytest.mark.parametrize("barrier", ["bollard", "block", "cycle_barrier", "jersey_barrier", "wall", "kerb", "yes"])
def test_barriers_that_stop_a_car(barrier: str) -> None:
    """A barrier that is not known to let cars through stops them."""
    assert _node(barrier=barrier).blocks


@pytest.mark.parametrize("barrier", ["cattle_grid", "border_control", "toll_booth", "entrance", "no", "arch"])
def test_barriers_a_car_passes_at_once(barrier: str) -> None:
    """These neither stop nor delay."""
    assert _node(barrier=barrier) == (False, 0, 0, False)


@pytest.mark.parametrize("barrier", ["gate", "lift_gate", "swing_gate"])
def test_gates_delay(barrier: str) -> None:
    """A gate is passed with a delay, a private one too, one marked as open without, a closed one not at all."""
    gate = DELAY_KINDS.index("gate")
    assert _node(barrier=barrier) == (False, gate, 0, False)
    assert _node(barrier=barrier, access="private") == (False, gate, 0, True)
    assert _node(barrier=barrier, access="yes") == (False, 0, 0, False)
    assert _node("walk", barrier=barrier, motor_vehicle="yes") == (False, gate, 0, False)
    assert _node(barrier=barrier, access="no").blocks
    assert not _node(barrier=barrier, access="no", motor_vehicle="yes").blocks


def test_access_opens_a_bollard() -> None:
    """An access tag decides over the kind of barrier; so do rising bollards and lowered kerbs."""
    assert not _node(barrier="bollard", motor_vehicle="yes").blocks
    assert _node(barrier="bollard", bicycle="yes").blocks
    assert not _node(barrier="bollard", bollard="rising").blocks
    assert not _node(barrier="kerb", kerb="lowered").blocks
    assert not _node(barrier="kerb", highway="crossing").blocks
    assert not _node(barrier="fence", sensory="audible").blocks


def test_walkers_and_cyclists_pass_bollards_but_not_walls() -> None:
    """What stops a car seldom stops people; an explicit no does."""
    for mode in ("walk", "cycle"):
        assert not _node(mode, barrier="bollard").blocks
        assert _node(mode, barrier="wall").blocks
    assert _node("walk", barrier="gate", foot="no").blocks
    assert not _node("cycle", barrier="gate", foot="no").blocks


def test_delays_and_whom_they_concern() -> None:
    """Signals, stops and give-ways may hold for one direction only; level crossings hold for both."""
    assert _node(highway="traffic_signals") == (False, 1, 0, False)
    assert _node(highway="traffic_signals", traffic_signals__direction="forward") == (False, 1, 1, False)
    assert _node(highway="stop", direction="backward") == (False, 2, 2, False)
    assert _node(highway="give_way", direction="both") == (False, 3, 0, False)
    assert _node(railway="level_crossing") == (False, 5, 0, False)
    assert _node(highway="crossing", crossing="traffic_signals") == (False, 0, 0, False)


def test_access_without_a_barrier_stops_nobody() -> None:
    """Access tags of a crossing speak of the crossing, not of the road."""
    assert not _node(highway="crossing", vehicle="no").blocks
