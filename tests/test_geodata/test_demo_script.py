"""The generator of the demo study: seeded, self-contained, and the source of the files that are kept."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.studies.demo import DEMO_FILES, demo_folder

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
# Versions the files in the repository were made with; others may round or cut lines differently.
MADE_WITH = ("2.4", "2.2", (3, 14))
SAME_VERSIONS = (
    *(".".join(module.__version__.split(".")[:2]) for module in (np, shapely)),
    shapely.geos_version[:2],
) == MADE_WITH
needs_same_versions = pytest.mark.skipif(
    not SAME_VERSIONS, reason=f"the kept files were made with numpy, shapely, GEOS {MADE_WITH}"
)
PERMITTED = {"numpy", "pandas", "geopandas", "shapely", "pyogrio", "demo", "__future__"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Run the script twice, in two processes, into two folders away from the repository."""
    folders = tuple(tmp_path_factory.mktemp(name) for name in ("first", "second"))
    # The tests' own process keeps the formats of rasterio's GDAL shut through its environment.
    environment = {key: value for key, value in os.environ.items() if key != "GDAL_SKIP"}
    for folder in folders:
        command = [sys.executable, str(SCRIPTS / "make_demo_study.py"), str(folder)]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
    return folders[0], folders[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", DEMO_FILES)
def test_two_runs_give_the_same_bytes(runs: tuple[Path, Path], name: str) -> None:
    """The script depends on its seed only: not on the clock, hashing or the order of files."""
    assert (runs[0] / name).read_bytes() == (runs[1] / name).read_bytes()


@pytest.mark.slow
@needs_same_versions
@pytest.mark.parametrize("name", ["study.toml", "population.csv", "stations.csv"])
def test_kept_tables_are_what_the_script_writes(runs: tuple[Path, Path], name: str) -> None:
    """The tables in the repository come from this script as it stands."""
    made, kept = (folder / name for folder in (runs[0], demo_folder()))
    if name.endswith(".toml"):
        assert made.read_text(encoding="utf-8") == kept.read_text(encoding="utf-8")
        return
    pd.testing.assert_frame_equal(pd.read_csv(made, dtype=str), pd.read_csv(kept, dtype=str))


@pytest.mark.slow
@needs_same_versions
@pytest.mark.parametrize("name", ["roads.gpkg", "districts.gpkg"])
def test_kept_layers_are_what_the_script_writes(runs: tuple[Path, Path], name: str) -> None:
    """The layers in the repository hold the same rows and shapes; bytes depend on the version of GDAL."""
    made, kept = (gpd.read_file(folder / name) for folder in (runs[0], demo_folder()))
    pd.testing.assert_frame_equal(made.drop(columns="geometry"), kept.drop(columns="geometry"))
    assert shapely.equals_exact(made.geometry.to_numpy(), kept.geometry.to_numpy(), tolerance=1e-9).all()


@pytest.mark.slow
def test_roads_are_noded(runs: tuple[Path, Path]) -> None:
    """No two roads of one level cross between their vertices, and positions are rounded."""
    roads = gpd.read_file(runs[0] / "roads.gpkg")
    assert 5_000 <= len(roads) <= 15_000
    lines = roads.geometry.to_numpy()
    first, second = shapely.STRtree(lines).query(lines, predicate="crosses")
    level = roads["layer"].fillna("").to_numpy()
    assert not (level[first] == level[second]).any()
    places = shapely.get_coordinates(lines)
    assert np.abs(places - np.round(places, 5)).max() < 1e-9


def test_script_needs_no_reference_data() -> None:
    """The generator imports only the libraries it may, and names no folder outside the repository."""
    for path in [SCRIPTS / "make_demo_study.py", *sorted((SCRIPTS / "demo").glob("*.py"))]:
        text = path.read_text(encoding="utf-8")
        assert "shared" not in text.replace("shared out", "")
        for node in ast.walk(ast.parse(text)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.split(".")[0] in PERMITTED | set(sys.stdlib_module_names), f"{path.name}: {name}"
