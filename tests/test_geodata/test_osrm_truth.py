"""Is our travel time right? Sixty places of three extracts against an independent routing engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coverage.contraction import build_network
from coverage.matrix import compute_matrix
from coverage.settings import SnapSettings
from coverage.snapping import build_snap_index
from coverage.travel_time import build_timed_network
from coverage.units import is_within
from geodata.read_speeds import read_speeds
from geodata.roads.read_osm import read_osm

# The places are road junctions; some lie on motorways, where the other engine starts too.
SNAP = SnapSettings(motorway_within_m=1.0)


@pytest.mark.parametrize("city", ["andorra", "almaty", "comoros"])
def test_times_agree_with_an_independent_engine(shared_data: Path, city: str) -> None:
    """Every pair is answered, half within 3 % and 95 of 100 within 12 %, and 98.5 % agree on 15 and 30 minutes."""
    truth = shared_data / "truth"
    speeds = read_speeds(truth / "speeds_osrm_car.toml")
    lines, _ = read_osm(shared_data / "roads" / f"{city}.osm.pbf", "drive")
    network = build_network(lines, classes=speeds.classes)
    points = pd.read_csv(truth / f"{city}_points.csv").set_index("id")
    places = points["lon"].to_numpy(float), points["lat"].to_numpy(float)
    minutes = compute_matrix(
        build_timed_network(network, speeds), build_snap_index(network, SNAP), SNAP, places, places
    )

    known = pd.read_csv(truth / f"{city}_osrm.csv")
    rows, columns = (points.index.get_indexer(known[f"{end}_id"]) for end in ("origin", "destination"))
    ours, theirs = minutes[rows, columns].astype(float), known["seconds"].to_numpy(float) / 60.0
    assert len(known) == 3540
    assert np.isfinite(ours).all()
    error = np.abs(ours - theirs) / theirs
    assert np.median(error) <= 0.03
    assert np.quantile(error, 0.95) <= 0.12
    for cutoff in (15.0, 30.0):
        assert (is_within(ours, cutoff) == is_within(theirs, cutoff)).mean() >= 0.985
    np.testing.assert_array_equal(np.diag(minutes), 0.0)
