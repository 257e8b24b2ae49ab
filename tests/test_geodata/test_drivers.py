"""GDAL must not open anything but the permitted formats, whoever imports it first."""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

VRT_LAYER = (
    '<OGRVRTDataSource><OGRVRTLayer name="stolen"><SrcDataSource>{target}</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>"
)
POINT = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"secret"},'
    '"geometry":{"type":"Point","coordinates":[1,2]}}]}'
)
READ_ALL = """
import sys
{first}
import geodata, pyogrio
for path in sys.argv[1:]:
    try:
        print("READ", len(pyogrio.read_dataframe(path)))
    except Exception as error:
        print("REFUSED", type(error).__name__)
"""


def run_python(code: str, *arguments: str) -> str:
    """Run code in a fresh interpreter at the root of the repository and return what it printed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GDAL", "CPL", "OGR"))}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=clean,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Unable to find driver" not in done.stderr
    return done.stdout


@pytest.mark.parametrize("first", ["", "import pyogrio", "import geopandas, rasterio"])
def test_only_permitted_vector_drivers_are_left(first: str) -> None:
    """Pyogrio offers exactly formats of the list, even if it was imported before geodata."""
    code = f"{first}\nimport geodata, pyogrio\nfrom geodata.files import drivers\ndrivers.assert_safe_drivers()\n"
    found = set(run_python(code + "print('|'.join(pyogrio.list_drivers()))").strip().split("|"))
    assert {"GPKG", "GeoJSON", "ESRI Shapefile", "KML", "FlatGeobuf"} <= found
    assert not found & {"OGR_VRT", "SQLite", "WFS", "HTTP", "GDALG", "OpenFileGDB", "PDF"}


def test_rasterio_keeps_geotiff_and_loses_vrt() -> None:
    """rasterio, a separate copy of GDAL, can open GeoTIFF and memory rasters only."""
    code = "import geodata, rasterio\nwith rasterio.Env() as env:\n    print('|'.join(sorted(env.drivers())))"
    assert set(run_python(code).strip().split("|")) <= {"GTiff", "MEM", "Memory"}


def test_vrt_content_behind_an_innocent_name_is_refused(tmp_path: Path) -> None:
    """A VRT recipe named .geojson cannot pull in another file; the true GeoJSON beside it can be read."""
    target = tmp_path / "target.geojson"
    target.write_text(POINT)
    recipe = tmp_path / "recipe.geojson"
    recipe.write_text(VRT_LAYER.format(target=target))
    out = run_python(READ_ALL.format(first=""), str(target), str(recipe)).splitlines()
    assert out[0] == "READ 1"
    assert out[1].startswith("REFUSED")


def test_no_address_is_ever_fetched() -> None:
    """Addresses and virtual paths do not reach a server that would gladly answer them."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(POINT.encode())

        do_HEAD = do_GET  # noqa: N815 - name given by the base class

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_address[1]}/points.geojson"
    try:
        out = run_python(READ_ALL.format(first=""), base, f"/vsicurl/{base}", f"/vsicurl_streaming/{base}")
    finally:
        server.shutdown()
        server.server_close()
    assert [line.split()[0] for line in out.splitlines()] == ["REFUSED"] * 3
    assert asked == []


def test_unlisted_drivers_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that a new GDAL brings along makes every reader stop, by name."""
    import pyogrio

    from coverage.errors import SettingsError
    from geodata.files.drivers import assert_safe_drivers

    monkeypatch.setattr(pyogrio, "list_drivers", lambda: {"GPKG": "rw", "OGR_VRT": "r"})
    with pytest.raises(SettingsError, match="OGR_VRT"):
        assert_safe_drivers()
