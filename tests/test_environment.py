"""The environment the planner runs in: the name trap, the drivers of GDAL, the version of Python."""

from __future__ import annotations

import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from pytest_socket import SocketConnectBlockedError

import coverage

ROOT = Path(__file__).resolve().parents[1]


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_python_is_new_enough() -> None:
    """The planner needs Python 3.11 or newer."""
    assert sys.version_info >= (3, 11)


def test_coverage_is_our_own_room() -> None:
    """`import coverage` finds this repository, not the measuring tool of that name."""
    assert Path(coverage.__file__).resolve() == ROOT / "coverage" / "__init__.py"
    assert not hasattr(coverage, "Coverage")


@pytest.mark.parametrize(
    "module",
    [
        "cli",
        "pages.ui.frame.entry",
        *(pytest.param(one, marks=pytest.mark.slow) for one in ("geodata.maps", "geodata.studies.open_study")),
    ],
)
def test_nothing_draws_in_numba(module: str) -> None:
    """Importing the entries and rooms in a fresh process loads neither numba nor coverage.py."""
    done = _run(
        f"""
        import sys, {module}
        assert not any(name.split(".")[0] in ("numba", "llvmlite") for name in sys.modules), "numba"
        assert "coverage.version" not in sys.modules
        import coverage
        print(coverage.__file__)
        """
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith(str(Path("coverage") / "__init__.py"))


def test_the_web_entry_compiles_without_numba() -> None:
    """Everything the web entry imports loads in a fresh process, without numba."""
    done = _run(
        """
        import ast, importlib, pathlib, sys
        tree = ast.parse(pathlib.Path("pages/frame.py").read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.Import):
                names = [name.name for name in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
                names = [node.module]
            else:
                names = []
            for name in names:
                importlib.import_module(name)
        assert not any(name.split(".")[0] in ("numba", "llvmlite") for name in sys.modules), "numba"
        """
    )
    assert done.returncode == 0, done.stderr


def test_gdal_opens_only_what_is_permitted() -> None:
    """After importing the outside world, both copies of GDAL know no format beyond the permitted ones."""
    done = _run(
        """
        import geodata
        from geodata.files.drivers import RASTER_DRIVERS, VECTOR_DRIVERS, assert_safe_drivers
        assert_safe_drivers()
        import pyogrio
        found = set(pyogrio.list_drivers())
        assert found <= VECTOR_DRIVERS | RASTER_DRIVERS, sorted(found - VECTOR_DRIVERS - RASTER_DRIVERS)
        assert {"GPKG", "GeoJSON", "ESRI Shapefile"} <= found
        import rasterio
        with rasterio.Env() as env:
            rasters = set(env.drivers())
        assert rasters <= VECTOR_DRIVERS | RASTER_DRIVERS, sorted(rasters - RASTER_DRIVERS)
        assert "GTiff" in rasters
        assert not found & {"OGR_VRT", "OSM", "HTTP", "CSV"}
        assert not rasters & {"VRT", "HTTP", "WMS"}
        """
    )
    assert done.returncode == 0, done.stderr


def test_the_network_is_closed_to_tests() -> None:
    """A test that reaches out to the world fails instead of passing by luck."""
    with (
        pytest.warns(UserWarning, match=r"192\.0\.2\.1"),
        pytest.raises(SocketConnectBlockedError),
    ):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
