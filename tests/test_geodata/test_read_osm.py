"""OpenStreetMap files to road lines: topology, profiles, barriers, delays, ferries, findings."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from toy_osm import CROSS, HIGHWAY, STREET, check_contract, read, write_osm

from coverage.errors import CancelledError
from coverage.network.model import DELAY_KINDS, RoadLines
from geodata.roads.read_osm import read_osm


def _steps(lines: RoadLines) -> list[tuple[float, float, bool]]:
    """Return each piece as (longitude from, to, one-way), sorted; rounded to hundredths."""
    start, end = np.round(lines.lon[lines.piece_from], 2), np.round(lines.lon[lines.piece_to], 2)
    return sorted(zip(start.tolist(), end.tolist(), lines.piece_oneway.tolist(), strict=True))


def test_a_street_becomes_pieces_between_neighbours(tmp_path: Path) -> None:
    """Each pair of neighbouring nodes is one piece, each node one vertex."""
    lines, issues = read(tmp_path, STREET, {10: ([1, 2, 3], HIGHWAY), 11: ([6, 3, 7], HIGHWAY)})
    assert (len(lines.lon), len(lines.piece_from), len(lines.profiles)) == (5, 4, 1)
    assert not lines.piece_oneway.any()
    assert issues == {}
    assert np.bincount(np.concatenate((lines.piece_from, lines.piece_to))).max() == 3


def test_one_way_pieces_run_as_travelled(tmp_path: Path) -> None:
    """`oneway=-1` turns the pieces round, and the limits with them."""
    tags = HIGHWAY | {"oneway": "-1", "maxspeed:forward": "30", "maxspeed:backward": "30 mph"}
    lines, _ = read(tmp_path, STREET, {10: ([1, 2, 3], tags)})
    assert _steps(lines) == [(87.02, 87.01, True), (87.03, 87.02, True)]
    assert lines.profiles.loc[0, "maxspeed_forward_kph"] == pytest.approx(48.28032)


def test_a_roundabout_runs_round_once(tmp_path: Path) -> None:
    """A closed way marked as a roundabout is one-way all round."""
    lines, _ = read(tmp_path, STREET, {10: ([3, 6, 2, 7, 3], HIGHWAY | {"junction": "roundabout"})})
    assert len(lines.piece_from) == 4
    assert lines.piece_oneway.all()
    assert sorted(lines.piece_from) == sorted(lines.piece_to)


def test_repeated_nodes_make_no_piece_and_repeated_stretches_stay(tmp_path: Path) -> None:
    """The same node twice in a row is dropped; the same stretch in two ways is parallel."""
    lines, _ = read(tmp_path, STREET, {10: ([1, 1, 2], HIGHWAY), 11: ([1, 2], HIGHWAY), 12: ([2], HIGHWAY)})
    assert len(lines.piece_from) == 2


def test_a_missing_node_cuts_the_way(tmp_path: Path) -> None:
    """Extracts name nodes beyond their edge: the way stops there and goes on behind."""
    nodes = {number: node for number, node in STREET.items() if number != 3}
    lines, issues = read(tmp_path, nodes, {10: ([1, 2, 3, 4, 5], HIGHWAY)})
    assert _steps(lines) == [(87.01, 87.02, False), (87.04, 87.05, False)]
    assert issues["roads.missing_nodes"].count == 1


def test_only_roads_of_the_mode_are_read(tmp_path: Path) -> None:
    """A footpath is for walkers, a motorway for cars."""
    ways = {10: ([1, 2], {"highway": "motorway"}), 11: ([3, 6], {"highway": "footway"}), 12: ([4, 5], {"name": "x"})}
    assert _steps(read(tmp_path, STREET, ways)[0]) == [(87.01, 87.02, True)]
    assert _steps(read(tmp_path, STREET, ways, mode="walk")[0]) == [(87.03, 87.03, False)]


def test_profiles_are_told_apart_by_what_decides_speed(tmp_path: Path) -> None:
    """Names do not make profiles; surface, limits and restrictions do."""
    ways = {
        10: ([1, 2], HIGHWAY | {"name": "a"}),
        11: ([2, 3], HIGHWAY | {"name": "b"}),
        12: ([3, 4], HIGHWAY | {"surface": "gravel"}),
        13: ([4, 5], HIGHWAY | {"access": "private"}),
    }
    lines, _ = read(tmp_path, STREET, ways)
    assert lines.piece_profile.tolist() == [0, 0, 1, 2]
    assert lines.profiles["restricted"].tolist() == [False, False, True]
    assert lines.profiles["surface"].tolist() == ["", "gravel", ""]


def test_a_bollard_splits_the_road_for_cars_only(tmp_path: Path) -> None:
    """1 -- 2 -- 3(bollard) -- 4: cars cannot pass 3, walkers can."""
    nodes = STREET | {3: (87.03, 43.0, {"barrier": "bollard"})}
    ways = {10: ([1, 2, 3, 4], HIGHWAY)}
    lines, issues = read(tmp_path, nodes, ways)
    assert (len(lines.lon), len(lines.piece_from)) == (5, 3)
    assert np.bincount(np.concatenate((lines.piece_from, lines.piece_to))).tolist().count(1) == 4
    assert issues["roads.barriers"].count == 1
    walked, issues = read(tmp_path, nodes, ways, mode="walk")
    assert (len(walked.lon), issues) == (4, {})


def test_a_bollard_at_a_junction_closes_every_turn(tmp_path: Path) -> None:
    """All four arms at node 3 get an end of their own."""
    nodes = STREET | {3: (87.03, 43.0, {"barrier": "block"})}
    lines, _ = read(tmp_path, nodes, {10: ([2, 3, 4], HIGHWAY), 11: ([6, 3, 7], HIGHWAY)})
    assert (len(lines.lon), len(lines.piece_from)) == (8, 4)


def test_gates_and_signals_delay(tmp_path: Path) -> None:
    """What stands at a node is told by its place in DELAY_KINDS; private gates are counted."""
    nodes = STREET | {
        2: (87.02, 43.0, {"barrier": "gate", "access": "private"}),
        3: (87.03, 43.0, {"highway": "traffic_signals"}),
        4: (87.04, 43.0, {"railway": "level_crossing"}),
        6: (87.03, 43.01, {"barrier": "gate", "access": "private"}),
    }
    lines, issues = read(tmp_path, nodes, {10: ([1, 2, 3, 4, 5], HIGHWAY)})
    by_lon = {round(lon, 2): DELAY_KINDS[kind] for lon, kind in zip(lines.lon, lines.delay_kind, strict=True)}
    expected = {87.01: "none", 87.02: "gate", 87.03: "traffic_signals", 87.04: "level_crossing", 87.05: "none"}
    assert by_lon == expected
    assert issues["roads.private_gates"].count == 1


@pytest.mark.parametrize(("oneway", "side"), [("no", 1), ("yes", 1), ("-1", 2)])
def test_a_stop_for_one_direction_turns_with_the_way(tmp_path: Path, oneway: str, side: int) -> None:
    """`direction=forward` means as drawn; pieces that were turned round meet it backward."""
    nodes = STREET | {2: (87.02, 43.0, {"highway": "stop", "direction": "forward"})}
    lines, _ = read(tmp_path, nodes, {10: ([1, 2, 3], HIGHWAY | {"oneway": oneway})})
    assert lines.delay_way[lines.delay_kind > 0].tolist() == [side]


def test_ferries(tmp_path: Path) -> None:
    """A ferry line is read if wanted, with its duration."""
    ways = {10: ([1, 2], HIGHWAY), 11: ([2, 5], {"route": "ferry", "duration": "00:45"})}
    assert len(read(tmp_path, STREET, ways)[0].piece_from) == 1
    lines, _ = read(tmp_path, STREET, ways, ferries=True)
    assert lines.profiles["highway"].tolist() == ["residential", "ferry"]
    assert lines.profiles["duration_s"].tolist()[1] == 2700.0
    assert math.isnan(lines.profiles["duration_s"].tolist()[0])


def test_what_cannot_be_used_is_counted(tmp_path: Path) -> None:
    """Reversible roads and unreadable limits come back as findings with the first value."""
    ways = {
        10: ([1, 2], HIGHWAY | {"maxspeed": "fast"}),
        11: ([2, 3], HIGHWAY | {"maxspeed": "fast"}),
        12: ([3, 4], HIGHWAY | {"oneway": "reversible"}),
    }
    lines, issues = read(tmp_path, STREET, ways)
    assert len(lines.piece_from) == 2
    assert (issues["roads.maxspeed_unreadable"].count, issues["roads.maxspeed_unreadable"].value) == (2, "fast")
    assert issues["roads.reversible"].count == 1


def test_progress_rises_to_one_and_can_stop_the_job(tmp_path: Path) -> None:
    """Shares never fall and end at 1; returning False cancels."""
    path = write_osm(tmp_path / "toy.osm", STREET, CROSS)
    shares: list[float] = []
    read_osm(path, "drive", progress=lambda share, _step: shares.append(share) is None)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with pytest.raises(CancelledError):
        read_osm(path, "drive", progress=lambda _share, _step: False)


@pytest.mark.parametrize(
    ("name", "vertices", "bans"),
    [("andorra.osm.pbf", 49_892, 61), ("almaty.osm.pbf", 23_678, 87), ("shenzhen.osm", 6_082, 0)],
)
def test_real_extracts_keep_their_counts(shared_data: Path, name: str, vertices: int, bans: int) -> None:
    """The rules above, on real cities: a change of these counts is a change of the rules."""
    lines, _ = read_osm(shared_data / "roads" / name, "drive")
    check_contract(lines)
    assert (len(lines.lon), len(lines.ban_from)) == (vertices, bans)
