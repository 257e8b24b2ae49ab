"""The search graph: what is searched, what closed and private roads do to it, and its limits."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from network_oracle import build_random_lines
from toy_worlds import PLAIN_SPEEDS, ToyWorld, crossroads

from coverage.network.contraction import build_network
from coverage.travel.search import Sources, search_each, search_nearest
from coverage.travel.travel_time import TimedNetwork, build_timed_network

SEEDS = st.integers(0, 2**32 - 1)


def _sources(timed: TimedNetwork, seed: int, count: int = 3) -> Sources:
    rng = np.random.default_rng(seed)
    open_edges = np.flatnonzero(np.isfinite(timed.edge_s))
    source = np.sort(rng.integers(0, count, 2 * count)).astype(np.int32)
    return Sources(source, rng.choice(open_edges, 2 * count).astype(np.int32), rng.uniform(0, 60, 2 * count), count)


def _plain_graph(timed: TimedNetwork) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(timed.graph.state_count))
    for state in range(timed.graph.state_count):
        for arc in range(timed.graph.ptr[state], timed.graph.ptr[state + 1]):
            graph.add_edge(state, int(timed.graph.target[arc]), weight=float(timed.graph.weight_s[arc]))
    return graph


def _expected(timed: TimedNetwork, sources: Sources) -> np.ndarray:
    """Return seconds by source and state, from networkx with one extra node per source."""
    graph, rows = _plain_graph(timed), []
    for source in range(sources.count):
        for row in np.flatnonzero(sources.source == source):
            edge = sources.edge[row]
            for arc in range(timed.graph.ptr[edge], timed.graph.ptr[edge + 1]):
                seconds = float(timed.graph.turn_s[arc]) + float(sources.offset_s[row])
                graph.add_edge(("source", source), int(timed.graph.target[arc]), weight=seconds)
        graph.add_node(("source", source))
        found = nx.single_source_dijkstra_path_length(graph, ("source", source))
        rows.append([found.get(state, np.inf) for state in range(timed.graph.state_count)])
    return np.array(rows)


@given(seed=SEEDS, direction=st.sampled_from(["to", "from"]))
def test_each_source_and_the_nearest_of_all(seed: int, direction: str) -> None:
    """Both searches give what networkx gives on the same states, and the nearest is one that is."""
    timed = build_timed_network(build_network(build_random_lines(seed)), PLAIN_SPEEDS, direction=direction)
    sources = _sources(timed, seed)
    expected = _expected(timed, sources)
    every = np.arange(timed.graph.state_count, dtype=np.int32)
    found = np.full_like(expected, np.inf)
    for source, position, seconds in search_each(timed.graph, sources, every, limit_s=np.inf):
        found[source, position] = seconds
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    value, origin, _ = search_nearest(timed.graph, sources)
    np.testing.assert_array_equal(value, found.min(axis=0))
    reached = np.isfinite(value)
    np.testing.assert_array_equal(found[origin[reached], np.flatnonzero(reached)], value[reached])
    assert (origin[~reached] == -1).all()


@given(seed=SEEDS, limit=st.floats(0.0, 900.0))
def test_the_limit_leaves_out_what_is_farther(seed: int, limit: float) -> None:
    """Within the limit nothing changes, beyond it nothing is told."""
    timed = build_timed_network(build_network(build_random_lines(seed)), PLAIN_SPEEDS)
    sources = _sources(timed, seed)
    every = np.arange(timed.graph.state_count, dtype=np.int32)
    full = {source: (p, s) for source, p, s in search_each(timed.graph, sources, every, limit_s=np.inf)}
    for source, position, seconds in search_each(timed.graph, sources, every, limit_s=limit):
        within = full[source][1] <= limit
        np.testing.assert_array_equal(position, full[source][0][within])
        np.testing.assert_array_equal(seconds, full[source][1][within])


def test_private_roads_have_a_second_state() -> None:
    """Every travelled direction of a private road has two states, public ones have one."""
    world = ToyWorld({"a": (0, 0), "b": (1000, 0), "c": (2000, 0)})
    world.road("a b")
    world.road("b c", restricted=True)
    timed = world.timed()
    restricted = timed.network.road_restricted[timed.network.edge_road]
    assert timed.graph.state_count == 4 + 2
    np.testing.assert_array_equal(timed.graph.far_state[~restricted], np.flatnonzero(~restricted))
    assert sorted(timed.graph.far_state[restricted].tolist()) == [4, 5]


def test_public_worlds_have_no_second_states() -> None:
    """Without private and closed roads there are as many states as edges, and as many arcs as turns."""
    timed = crossroads().timed()
    assert timed.graph.state_count == timed.network.edge_count == 8
    assert len(timed.graph.target) == timed.network.arc_count == 16


def test_closed_roads_are_not_in_the_graph() -> None:
    """No arc leads into or out of a road that the season closes."""
    world = crossroads()
    world.road("n e", "track")
    speeds = replace(PLAIN_SPEEDS, seasons=(("snow", (("track", 0.0),)),))
    timed = world.timed(speeds, season="snow")
    closed = np.flatnonzero(np.isinf(timed.edge_s))
    assert len(closed) == 2
    assert not np.isin(timed.graph.target, closed).any()
    assert (np.diff(timed.graph.ptr)[closed] == 0).all()
    assert np.isfinite(timed.graph.weight_s).all()


@pytest.mark.parametrize("direction", ["to", "from"])
def test_both_directions_hold_the_same_arcs(direction: str) -> None:
    """Searching the other way turns every arc round and keeps the price of its turn."""
    network = crossroads().network()
    timed = build_timed_network(network, PLAIN_SPEEDS, direction=direction)
    source = np.repeat(np.arange(8), np.diff(timed.graph.ptr))
    pairs = set(zip(source.tolist(), timed.graph.target.tolist(), strict=True))
    turns = np.repeat(np.arange(8), np.diff(network.arc_ptr)).tolist()
    allowed = set(zip(turns, network.arc_to.tolist(), strict=True))
    assert pairs == ({(b, a) for a, b in allowed} if direction == "to" else allowed)


def test_no_source_reaches_nothing() -> None:
    """Without a source every state is infinitely far and nobody is the nearest."""
    timed = crossroads().timed()
    none = Sources(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0), 2)
    value, origin, _ = search_nearest(timed.graph, none)
    assert np.isinf(value).all()
    assert (origin == -1).all()
    assert list(search_each(timed.graph, none, np.arange(8, dtype=np.int32), limit_s=np.inf)) == []
