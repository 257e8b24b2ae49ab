"""Turn problems of the OR-Library, and the San Francisco stores, into the tables that ``cli.py locate`` reads.

A p-median problem of the OR-Library (Beasley 1990) is a graph: the first line holds vertices, edges and p,
each other line an edge and its length. Where an edge repeats, the LAST one counts; costs are the shortest
ways between all vertices, each of which is a demand point of weight 1 and a site.

    python -m scripts.convert_pmed ../shared/data/locate/pmed/pmed1.txt --out pmed1
    python cli.py locate --costs pmed1/COSTS.csv --demand pmed1/DEMAND.csv --method p-median --sites 5 --out answer
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

FloatArray = npt.NDArray[np.float64]


def read_pmed(path: Path) -> tuple[FloatArray, int]:
    """Read a problem of the OR-Library.

    Parameters
    ----------
    path
        A file ``pmedN.txt``.

    Returns
    -------
    Costs between all vertices, shape (n, n), and p.
    """
    numbers = np.array(path.read_text(encoding="ascii").split(), dtype=np.int64)
    vertices, edges, sites = numbers[:3].tolist()
    ends = numbers[3 : 3 + 3 * edges].reshape(edges, 3)
    lengths = {(min(a, b) - 1, max(a, b) - 1): length for a, b, length in ends.tolist()}  # the last one stays
    pairs = np.array(list(lengths), dtype=np.int64)
    graph = csr_array((np.array(list(lengths.values()), float), (pairs[:, 0], pairs[:, 1])), shape=(vertices, vertices))
    costs: FloatArray = shortest_path(graph, directed=False)
    return costs, sites


def write_pmed(path: Path, folder: Path) -> int:
    """Write ``COSTS.csv`` and ``DEMAND.csv`` of a problem of the OR-Library; return its p."""
    costs, sites = read_pmed(path)
    names = np.arange(1, len(costs) + 1)
    folder.mkdir(parents=True, exist_ok=True)
    demand, site = (part.ravel() for part in np.meshgrid(names, names, indexing="ij"))
    table = pd.DataFrame({"demand_id": demand, "site_id": site, "cost": costs.ravel()})
    table[np.isfinite(table["cost"])].to_csv(folder / "COSTS.csv", index=False)
    pd.DataFrame({"demand_id": names, "weight": 1}).to_csv(folder / "DEMAND.csv", index=False)
    return sites


def write_san_francisco(source: Path, folder: Path) -> None:
    """Write ``COSTS.csv`` and ``DEMAND.csv`` of the San Francisco stores: metres, weighted by demand."""
    (path,) = source.glob("SF_network_distance_*.csv")
    # Tracts keep their leading zeros.
    table = pd.read_csv(path, dtype={"DestinationName": str})
    table = table.rename(columns={"DestinationName": "demand_id", "name": "site_id", "distance": "cost"})
    folder.mkdir(parents=True, exist_ok=True)
    table[["demand_id", "site_id", "cost"]].to_csv(folder / "COSTS.csv", index=False)
    weights = table.drop_duplicates("demand_id")[["demand_id", "demand"]].rename(columns={"demand": "weight"})
    weights.to_csv(folder / "DEMAND.csv", index=False)


def main() -> None:
    """Convert one problem."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="a file pmedN.txt, or the folder san_francisco")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    arguments = parser.parse_args()
    if arguments.source.is_dir():
        write_san_francisco(arguments.source, arguments.out)
        print(f"{arguments.out}: COSTS.csv, DEMAND.csv")
    else:
        sites = write_pmed(arguments.source, arguments.out)
        print(f"{arguments.out}: COSTS.csv, DEMAND.csv; p = {sites}")


if __name__ == "__main__":
    main()
