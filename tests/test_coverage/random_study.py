"""A random small study: people and stations of every status scattered over a random road world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from network_oracle import build_random_lines
from toy_worlds import PLAIN_SPEEDS, build_study, demand_table, district_table, station_table

from coverage.inputs.study import Study
from coverage.network.contraction import build_network
from coverage.network.settings import AssessmentSettings, SnapSettings
from coverage.network.speeds import TurnDelays

DISTRICTS = [("c1", "county", ""), ("c2", "county", ""), ("t1", "township", "c1"), ("t2", "township", "c1")]
SPEEDS = replace(
    PLAIN_SPEEDS,
    delays_s=(("give_way", 3.0), ("stop", 5.0), ("traffic_signals", 8.0)),
    turns=TurnDelays(turn_s=6.0, oncoming_turn_s=3.0, u_turn_s=10.0),
)


def build_random_study(seed: int, people: int = 30, stations: int = 8) -> Study:
    """Return a study; many places have no road within the snap limit of 600 m."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(1, 9, people).tolist()
    demand = demand_table([(0.0, 0.0)] * people, weight, rng.choice(["t1", "c2", ""], people).tolist())
    demand = demand.assign(lon=rng.uniform(87.595, 87.66, people), lat=rng.uniform(43.795, 43.845, people))
    count = stations
    table = station_table(
        [(0.0, 0.0)] * count,
        rng.choice(["t2", "c1", ""], count).tolist(),
        status=["existing", "existing", *rng.choice(["existing", "planned", "closed"], count - 2).tolist()],
        services=[("advice",) if rng.random() < 0.5 else ("advice", "notary") for _ in range(count)],
    )
    table = table.assign(lon=rng.uniform(87.6, 87.65, count), lat=rng.uniform(43.8, 43.836, count))
    settings = AssessmentSettings(
        cutoff_min=5.0, snap=SnapSettings(max_access_m=600.0, min_component_km=0.0, junction_tolerance_m=0.5)
    )
    network = build_network(build_random_lines(seed))
    return build_study(network, demand, table, district_table(DISTRICTS), settings, SPEEDS)
