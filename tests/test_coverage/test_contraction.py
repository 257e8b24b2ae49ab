"""Contraction: what becomes a road, what stays a node, and that nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from network_oracle import GEOD, build_random_lines
from toy_worlds import ToyWorld, crossroads

from coverage.errors import CancelledError, NetworkError
from coverage.network.contraction import build_network
from coverage.network.model import RoadLines, RoadNetwork

SEEDS = st.integers(0, 2**32 - 1)


def _slots(network: RoadNetwork) -> np.ndarray:
    """Return the slots that begin a piece."""
    return np.setdiff1d(np.arange(len(network.vertex_lon)), network.vertex_ptr[1:] - 1)


def _chain(**last: object) -> ToyWorld:
    """Return a chain of three pieces, the last of another kind.

    ::

        a --- b --- c --- d
    """
    world = ToyWorld({"a": (0, 0), "b": (400, 0), "c": (700, 100), "d": (1000, 0)})
    world.road("a b c")
    world.road("c d", **last)
    return world


@given(seed=SEEDS)
def test_length_and_geometry_are_kept(seed: int) -> None:
    """Every piece of the lines is a piece of exactly one road, at its geodesic length."""
    lines = build_random_lines(seed)
    network = build_network(lines)
    here = _slots(network)
    one = np.stack((network.vertex_lon[here], network.vertex_lat[here]), axis=1)
    other = np.stack((network.vertex_lon[here + 1], network.vertex_lat[here + 1]), axis=1)
    found = sorted(tuple(sorted((tuple(a), tuple(b)))) for a, b in zip(one.tolist(), other.tolist(), strict=True))
    place = list(zip(lines.lon.tolist(), lines.lat.tolist(), strict=True))
    pairs = zip(lines.piece_from.tolist(), lines.piece_to.tolist(), strict=True)
    assert found == sorted(tuple(sorted((place[a], place[b]))) for a, b in pairs)
    start, end = lines.piece_from, lines.piece_to
    length = GEOD.inv(lines.lon[start], lines.lat[start], lines.lon[end], lines.lat[end])[2]
    assert network.road_length_m.sum() == pytest.approx(length.sum(), rel=1e-6)
    assert network.component_length_m.sum() == pytest.approx(length.sum(), rel=1e-6)
    assert (network.piece_length_m[network.vertex_ptr[1:] - 1] == 0.0).all()


@given(seed=SEEDS)
def test_no_node_is_left_where_nobody_has_a_choice(seed: int) -> None:
    """A node where two roads meet differs in class, access or direction, holds a ban, or closes a ring."""
    lines = build_random_lines(seed)
    network = build_network(lines)
    at = {(x, y): v for v, (x, y) in enumerate(zip(lines.lon.tolist(), lines.lat.tolist(), strict=True))}
    ends = np.concatenate((network.road_start, network.road_end))
    assert sorted(np.unique(ends).tolist()) == list(range(network.node_count))
    for node in np.flatnonzero(np.bincount(ends) == 2):
        roads = np.flatnonzero((network.road_start == node) | (network.road_end == node))
        vertex = at[(float(network.node_lon[node]), float(network.node_lat[node]))]
        if len(roads) == 1 or vertex in lines.ban_via:
            continue
        pieces = np.flatnonzero((lines.piece_from == vertex) | (lines.piece_to == vertex))
        natures = lines.profiles.loc[lines.piece_profile[pieces], ["highway", "restricted"]].drop_duplicates()
        flow = lines.piece_oneway[pieces].sum() + 2 * (lines.piece_from[pieces] == vertex).sum()
        assert len(natures) == 2 or lines.piece_oneway[pieces].any(), (vertex, natures, flow)
        if len(natures) == 1 and lines.piece_oneway[pieces].all():
            assert len(set((lines.piece_from[pieces] == vertex).tolist())) == 1


@given(seed=SEEDS)
def test_topology_equals_that_of_the_lines(seed: int) -> None:
    """Which junction can be reached from which is the same before and after, one-ways included."""
    lines = replace(
        build_random_lines(seed),
        ban_from=np.zeros(0, np.int32),
        ban_via=np.zeros(0, np.int32),
        ban_to=np.zeros(0, np.int32),
        ban_only=np.zeros(0, bool),
    )
    network = build_network(lines)
    before = nx.DiGraph()
    for a, b, oneway in zip(lines.piece_from, lines.piece_to, lines.piece_oneway, strict=True):
        before.add_edges_from([(int(a), int(b))] if oneway else [(int(a), int(b)), (int(b), int(a))])
    at = {(x, y): v for v, (x, y) in enumerate(zip(lines.lon.tolist(), lines.lat.tolist(), strict=True))}
    vertex = [at[place] for place in zip(network.node_lon.tolist(), network.node_lat.tolist(), strict=True)]
    after = nx.DiGraph(zip(network.edge_tail.tolist(), network.edge_head.tolist(), strict=True))
    for node in range(network.node_count):
        reached = {vertex[other] for other in nx.descendants(after, node)} | {vertex[node]}
        assert reached == (nx.descendants(before, vertex[node]) | {vertex[node]}) & set(vertex)


@given(seed=SEEDS)
def test_the_arrays_keep_their_contract(seed: int) -> None:
    """Edges are sorted by tail, their ends are those of their roads, pointers rise, counts add up."""
    lines = build_random_lines(seed)
    network = build_network(lines)
    assert (np.diff(network.edge_tail) >= 0).all()
    start, end = network.road_start[network.edge_road], network.road_end[network.edge_road]
    np.testing.assert_array_equal(network.edge_tail, np.where(network.edge_forward, start, end))
    np.testing.assert_array_equal(network.edge_head, np.where(network.edge_forward, end, start))
    assert network.edge_count == 2 * network.road_count - network.road_oneway.sum()
    for node, slot in ((network.road_start, network.vertex_ptr[:-1]), (network.road_end, network.vertex_ptr[1:] - 1)):
        np.testing.assert_array_equal(network.node_lon[node], network.vertex_lon[slot])
    assert (np.diff(network.vertex_ptr) >= 2).all()
    source = np.repeat(np.arange(network.edge_count), np.diff(network.arc_ptr))
    np.testing.assert_array_equal(network.edge_head[source], network.edge_tail[network.arc_to])
    counts = dict(network.counts)
    used = len(np.unique(np.concatenate((lines.piece_from, lines.piece_to))))
    assert counts["vertices"] == used == network.node_count + counts["inner_vertices"]
    assert counts["self_loops"] == (network.road_start == network.road_end).sum()


@given(seed=SEEDS)
def test_the_same_lines_give_the_same_network(seed: int) -> None:
    """Building twice gives one fingerprint; moving a single vertex gives another."""
    lines = build_random_lines(seed)
    moved = replace(lines, lon=lines.lon + np.where(np.arange(len(lines.lon)) == lines.piece_from[0], 1e-7, 0.0))
    assert build_network(lines).fingerprint == build_network(lines).fingerprint
    assert build_network(moved).fingerprint != build_network(lines).fingerprint


@given(seed=SEEDS)
def test_the_order_of_the_pieces_does_not_matter(seed: int) -> None:
    """Pieces in another order give as many nodes, roads, turns and components, and the same lengths."""
    lines = build_random_lines(seed)
    order = np.random.default_rng(seed).permutation(len(lines.piece_from))
    number = np.argsort(order).astype(np.int32)
    other = replace(
        lines,
        piece_from=lines.piece_from[order],
        piece_to=lines.piece_to[order],
        piece_oneway=lines.piece_oneway[order],
        piece_profile=lines.piece_profile[order],
        ban_from=number[lines.ban_from],
        ban_to=number[lines.ban_to],
    )
    one, two = build_network(lines), build_network(other)
    assert (one.counts, one.arc_count) == (two.counts, two.arc_count)
    np.testing.assert_array_equal(one.node_lon, two.node_lon)
    np.testing.assert_allclose(np.sort(one.road_length_m), np.sort(two.road_length_m))
    np.testing.assert_allclose(np.sort(one.component_length_m), np.sort(two.component_length_m), atol=1e-6)


def test_a_plain_chain_becomes_one_road() -> None:
    """Three pieces of one class become one road with its bends, surfaces may change on the way."""
    network = _chain(surface="gravel").network()
    assert (network.road_count, network.node_count, network.edge_count) == (1, 2, 2)
    assert sorted(np.degrees(np.radians(network.vertex_lat)).round(6).tolist())[-1] > 0
    assert len(network.vertex_lon) == 4


@pytest.mark.parametrize(
    "last",
    [
        {"restricted": True},
        {"oneway": True},
        {"highway": "ferry"},
        {"highway": "motorway"},
        {"highway": "track"},
    ],
)
def test_a_change_of_nature_ends_a_road(last: dict[str, object]) -> None:
    """Access, one-way direction, ferry, motorway and road class each keep the node where they change."""
    network = _chain(**last).network()
    assert (network.road_count, network.node_count) == (2, 3)
    assert [network.road_restricted.sum(), network.road_oneway.sum()] == [
        int("restricted" in last),
        int("oneway" in last),
    ]
    assert network.road_ferry.sum() == int(last.get("highway") == "ferry")
    assert network.road_motorway.sum() == int(last.get("highway") == "motorway")


def test_one_ways_against_each_other_keep_their_node() -> None:
    """Where two one-ways meet head on, or part, nobody passes, so the vertex stays a node.

    ::

        a -->-- b --<-- c       and       a --<-- b -->-- c
    """
    for routes in (("a b", "c b"), ("b a", "b c")):
        world = ToyWorld({"a": (0, 0), "b": (1000, 0), "c": (2000, 0)})
        for route in routes:
            world.road(route, oneway=True)
        network = world.network()
        assert (network.node_count, network.road_count, network.arc_count) == (3, 2, 0)


def test_one_ways_in_one_direction_join() -> None:
    """Two one-ways one after the other are one one-way road in their direction."""
    world = ToyWorld({"a": (0, 0), "b": (1000, 0), "c": (2000, 0)})
    world.road("b c", oneway=True)
    world.road("a b", oneway=True)
    network = world.network()
    assert (network.road_count, network.edge_count) == (1, 1)
    assert network.vertex_lon.tolist() == sorted(network.vertex_lon.tolist())


def test_the_place_of_a_turn_restriction_stays_a_node() -> None:
    """A ban on a chain's vertex keeps it, and nobody passes over it in the banned direction only."""
    world = _chain()
    world.ban(0, "b", 1)
    network = world.network()
    assert (network.node_count, network.road_count, dict(network.counts)["turns_banned"]) == (3, 2, 1)
    assert network.arc_count == 1 + 2  # back from c over b, and turning round at either end


def test_a_ring_without_a_junction_keeps_one_node() -> None:
    """A ring stays usable: one node, one loop, both ways round."""
    world = ToyWorld({"a": (0, 0), "b": (1000, 0), "c": (0, 1000)})
    world.road("a b c a")
    network = world.network()
    assert (network.node_count, network.road_count, network.edge_count) == (1, 1, 2)
    assert dict(network.counts)["self_loops"] == 1
    assert network.component_length_m.sum() == pytest.approx(2000 + 1000 * 2**0.5, rel=1e-4)


def test_two_pieces_between_the_same_two_places() -> None:
    """A ring of only two pieces is a loop too, and parallels between junctions are counted."""
    world = ToyWorld({"a": (0, 0), "b": (1000, 0)})
    world.road("a b")
    world.road("b a")
    network = world.network()
    assert (network.road_count, network.node_count) == (1, 1)
    world = ToyWorld({"a": (0, 0), "b": (1000, 0), "c": (500, 500), "x": (-500, 0), "y": (1500, 0)})
    for route in ("a b", "a c b", "x a", "b y"):
        world.road(route)
    network = world.network()
    assert (network.road_count, dict(network.counts)["parallels"]) == (4, 1)


def test_pieces_of_no_length_are_roads_too() -> None:
    """Two vertices at one place are joined by zero metres, and the bearing comes from the next piece."""
    world = ToyWorld({"a": (0, 0), "a2": (0, 0), "b": (0, -1000), "c": (1000, 0)})
    world.road("a a2 b")
    world.road("a c")
    world.road("a b")
    network = world.network()
    leaving = network.edge_bearing_out[network.edge_tail == np.argmax(np.bincount(network.edge_tail))]
    assert sorted(leaving.round(3).tolist()) == [90.0, 180.0, 180.0]
    assert network.road_length_m.min() == pytest.approx(1000.0, rel=1e-5)


def test_bearings_are_those_of_the_compass() -> None:
    """From the middle of the crossroads the arms leave at 0, 90, 180 and 270 degrees; coming in, the other way."""
    network = crossroads().network()
    middle = int(np.argmax(np.bincount(network.edge_tail)))
    out, into = network.edge_bearing_out, network.edge_bearing_in
    assert sorted((out[network.edge_tail == middle] % 360).round(3).tolist()) == [0.0, 90.0, 180.0, 270.0]
    assert sorted((into[network.edge_head == middle] % 360).round(3).tolist()) == [0.0, 90.0, 180.0, 270.0]
    for edge in range(network.edge_count):
        back = np.flatnonzero((network.edge_road == network.edge_road[edge]) & (np.arange(8) != edge))[0]
        assert abs(abs(float(out[edge]) - float(into[back])) - 180.0) < 1e-3


def test_classes_that_are_not_driven_are_left_out() -> None:
    """Only the classes asked for are kept, and the bans of those left out go with them."""
    world = crossroads()
    lane = world.road("n e", "track")
    world.ban(lane[0], "n", 0)
    lines = world.lines()
    assert build_network(lines).road_count == 3 + 2
    network = build_network(lines, classes=["secondary"])
    assert (network.road_count, dict(network.counts)["turn_restrictions"]) == (4, 0)
    with pytest.raises(NetworkError, match=r"network\.no_roads"):
        build_network(lines, classes=["motorway"])


def test_a_build_can_be_stopped() -> None:
    """Progress rises to one, and a build that is told to stop stops."""
    shares: list[float] = []

    def listen(share: float, step: str) -> bool:
        shares.append(share)
        return True

    build_network(crossroads().lines(), progress=listen)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with pytest.raises(CancelledError):
        build_network(crossroads().lines(), progress=lambda share, step: False)


def test_ban_on_a_loop_holds_for_its_end_only() -> None:
    """No turn from the end of a loop into the street: going round the other way it is still allowed.

    ::

        s --- j --- x
              |     |      ban: arriving over x-j ... leaving over j-s
              y ----+
    """
    world = ToyWorld({"s": (-1000, 0), "j": (0, 0), "x": (500, 0), "y": (0, -500)})
    street = world.road("s j")
    loop = world.road("j x y j")
    world.ban(loop[-1], "j", street[0])
    network = world.network()
    assert dict(network.counts)["turns_banned"] == 1
    source = np.repeat(np.arange(network.edge_count), np.diff(network.arc_ptr))
    into_street = source[(network.edge_road[network.arc_to] == np.argmin(np.diff(network.vertex_ptr)))]
    assert len(into_street) == 1 + 1  # round the loop clockwise, and back at the street's own end


def test_a_road_between_towns_has_no_junctions_around_it() -> None:
    """Junction density is counted in the nine square kilometres around a road."""
    network = crossroads().network()
    np.testing.assert_allclose(network.road_junctions_per_km2, 1 / 9, rtol=1e-6)
    lonely = _chain().network()
    assert lonely.road_junctions_per_km2.tolist() == [0.0]


def test_restrictions_that_point_nowhere_do_nothing() -> None:
    """A ban whose pieces do not touch its place, or that commands driving into a one-way, is ignored."""
    world = crossroads()
    lane = world.road("e m", oneway=True, highway="track")
    world.ban(0, "s", 1)
    world.ban(1, "m", lane[0], only=True)
    network = world.network()
    assert dict(network.counts)["turns_banned"] == 0


def _unused(lines: RoadLines) -> RoadLines:
    return replace(
        lines,
        lon=np.append(lines.lon, 0.0),
        lat=np.append(lines.lat, 0.0),
        delay_kind=np.append(lines.delay_kind, np.uint8(0)),
        delay_way=np.append(lines.delay_way, np.uint8(0)),
    )


def test_vertices_without_a_road_are_no_nodes() -> None:
    """A vertex that no piece touches leaves no trace."""
    network = build_network(_unused(crossroads().lines()))
    assert network.fingerprint == crossroads().network().fingerprint
