"""What a road network holds, in numbers."""

from __future__ import annotations

import numpy as np

from coverage.network.model import RoadNetwork


def describe_network(network: RoadNetwork) -> dict[str, object]:
    """Count a network: vertices, junctions, edges, kilometres by class, components.

    Returns
    -------
    ``km_by_class`` counts each road once, whichever directions are open; ``share_outside_main`` is
    the share of road length (ferries left out) outside the longest strongly connected component.
    """
    owner = np.repeat(np.arange(network.road_count), np.diff(network.vertex_ptr))
    highway = network.profiles["highway"].to_numpy(object)
    km = np.bincount(network.piece_profile, weights=network.piece_length_m, minlength=len(highway)) / 1000.0
    by_class: dict[str, float] = {}
    for name, length in zip(highway.tolist(), km.tolist(), strict=True):
        by_class[name] = by_class.get(name, 0.0) + length
    degree = np.bincount(np.concatenate((network.road_start, network.road_end)), minlength=network.node_count)
    length = network.component_length_m
    total = float(length.sum())
    counts = dict(network.counts)
    return {
        "mode": network.mode,
        "vertices": counts["vertices"],
        "nodes": network.node_count,
        "junctions": int((degree >= 3).sum()),
        "dead_ends": int((degree == 1).sum()),
        "roads": len(np.unique(owner)),
        "edges": network.edge_count,
        "turns": network.arc_count,
        "turn_restrictions": counts["turn_restrictions"],
        "turns_banned": counts["turns_banned"],
        "parallels": counts["parallels"],
        "self_loops": counts["self_loops"],
        "km": round(total / 1000.0, 3),
        "km_by_class": {name: round(value, 3) for name, value in sorted(by_class.items(), key=lambda e: -e[1])},
        "components": len(length),
        "km_main_component": round(float(length.max()) / 1000.0, 3),
        "share_outside_main": round(1.0 - float(length.max()) / total, 6) if total else 0.0,
        "fingerprint": network.fingerprint,
    }
