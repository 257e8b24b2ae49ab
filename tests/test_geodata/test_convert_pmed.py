"""The converter of the OR-Library's problems: shortest ways, the last of repeated edges, tables that are read back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geodata.intake.read_costs import read_costs
from scripts.convert_pmed import read_pmed, write_pmed, write_san_francisco


def test_the_last_of_repeated_edges_counts(tmp_path: Path) -> None:
    """Edge 1-2 stands three times, in both directions: its last length is the one used, longer or not."""
    path = tmp_path / "pmed.txt"
    path.write_text(" 4 5 2 \n 1 2 9 \n 2 1 3 \n 2 3 4 \n 1 2 5 \n 1 3 20 \n", encoding="ascii")
    costs, sites = read_pmed(path)
    assert sites == 2
    assert costs[:3, :3].tolist() == [[0, 5, 9], [5, 0, 4], [9, 4, 0]]
    assert write_pmed(path, tmp_path) == 2
    matrix = read_costs(tmp_path / "COSTS.csv", tmp_path / "DEMAND.csv")
    # Vertex 4 has no edge: it reaches itself only, and pairs without a way are absent.
    assert (matrix.rows_in, matrix.rows_accepted, len(matrix.demand_id)) == (10, 10, 4)
    assert matrix.cost[matrix.site == 3].tolist() == [0]


def test_published_problems_have_their_sizes(shared_data: Path) -> None:
    """A problem of the library has the vertices and p of its first line, and all ways are finite."""
    costs, sites = read_pmed(shared_data / "locate" / "pmed" / "pmed7.txt")
    assert (costs.shape, sites) == ((200, 200), 10)
    assert (costs == costs.T).all()
    assert costs.max() < 1000


def test_the_stores_of_san_francisco(shared_data: Path, tmp_path: Path) -> None:
    """All pairs are there, tracts keep their leading zeros, weights add up to the published demand."""
    write_san_francisco(shared_data / "locate" / "san_francisco", tmp_path)
    matrix = read_costs(tmp_path / "COSTS.csv", tmp_path / "DEMAND.csv")
    assert (len(matrix.demand_id), len(matrix.site_id), matrix.rows_accepted) == (205, 16, 205 * 16)
    assert matrix.weight.sum() == pytest.approx(955_113)
    assert pd.Series(matrix.demand_id).str.startswith("06").all()
