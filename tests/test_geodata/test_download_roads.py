"""Downloads through OSMnx, from a server on this machine that answers as Overpass and Nominatim do."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import osmium
import osmnx
import pytest
import shapely
from click.testing import CliRunner

from cli import main
from coverage.errors import CancelledError, InputError
from geodata.roads.download_roads import download_roads
from geodata.roads.read_osm import read_osm

OUTLINE = {"type": "Polygon", "coordinates": [[[87.0, 43.0], [87.1, 43.0], [87.1, 43.1], [87.0, 43.1], [87.0, 43.0]]]}
PLACE = {
    "place_id": 1, "osm_type": "relation", "osm_id": 2, "lat": "43.05", "lon": "87.05", "class": "boundary",
    "type": "administrative", "place_rank": 12, "importance": 0.5, "addresstype": "town", "name": "Town",
    "display_name": "Town, Somewhere", "boundingbox": ["43.0", "43.1", "87.0", "87.1"], "geojson": OUTLINE,
}  # fmt: skip
ROADS = {
    "version": 0.6,
    "elements": [
        {"type": "way", "id": 11, "nodes": [1, 2, 3], "tags": {"highway": "primary", "oneway": "-1", "name": "Road"}},
        {"type": "way", "id": 12, "nodes": [2, 4], "tags": {"highway": "residential", "access": "private"}},
        {"type": "node", "id": 1, "lat": 43.01, "lon": 87.01},
        {"type": "node", "id": 2, "lat": 43.02, "lon": 87.02, "tags": {"highway": "stop", "note": "loud"}},
        {"type": "node", "id": 3, "lat": 43.03, "lon": 87.03},
        {"type": "node", "id": 4, "lat": 43.02, "lon": 87.01},
    ],
}
STATUS = "Connected as: 1\nCurrent time: now\nAnnounced endpoint: none\nRate limit: 2\n2 slots available now.\n"


class Server(ThreadingHTTPServer):
    """Keeps what was asked, and what to answer."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing about clients that hung up."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.places: object = [PLACE]
        self.roads: object = ROADS
        self.status = 200
        self.delay_s = 0.0

    @property
    def urls(self) -> dict[str, str]:
        """Return the addresses in the words of `download_roads`."""
        base = f"http://127.0.0.1:{self.server_port}"
        return {"overpass_url": f"{base}/api", "nominatim_url": f"{base}/"}


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def _answer(self, body: str, status: int = 200) -> None:
        threading.Event().wait(self.server.delay_s)
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        """Answer Nominatim's search and Overpass's status."""
        parts = urlsplit(self.path)
        if parts.path == "/search":
            self.server.asked.append("place " + parse_qs(parts.query)["q"][0])
            self._answer(json.dumps(self.server.places))
        else:
            self._answer(STATUS)

    def do_POST(self) -> None:
        """Answer Overpass's interpreter."""
        query = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["data"][0]
        self.server.asked.append(query)
        body = self.server.roads if isinstance(self.server.roads, str) else json.dumps(self.server.roads)
        self._answer(body, self.server.status)


@pytest.fixture
def server() -> Iterator[Server]:
    """Run the server for one test."""
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the second that OSMnx waits before it asks Nominatim."""
    monkeypatch.setattr("osmnx._nominatim.time.sleep", lambda _seconds: None)


SQUARE = shapely.box(87.0, 43.0, 87.1, 43.1)


def test_a_place_is_downloaded_once(server: Server, tmp_path: Path) -> None:
    """The name goes to Nominatim, the outline to Overpass; asked again, the kept file answers."""
    path = download_roads("Town,  Somewhere ", "drive", folder=tmp_path, **server.urls)
    assert server.asked[0] == "place Town, Somewhere"
    assert "(poly:" in server.asked[1]
    assert "footway" in server.asked[1]
    lines, _ = read_osm(path, "drive")
    assert (len(lines.lon), int(lines.piece_oneway.sum())) == (4, 2)
    assert lines.profiles["restricted"].tolist() == [False, True]
    assert int((lines.delay_kind > 0).sum()) == 1
    asked = len(server.asked)
    assert download_roads("Town, Somewhere", "drive", folder=tmp_path, **server.urls) == path
    assert len(server.asked) == asked


def test_a_polygon_asks_no_nominatim(server: Server, tmp_path: Path) -> None:
    """Only the area itself is sent; other modes and areas are other files."""
    one = download_roads(SQUARE, "drive", folder=tmp_path, **server.urls)
    other = download_roads(SQUARE, "walk", folder=tmp_path, **server.urls)
    third = download_roads(shapely.box(87.0, 43.0, 87.2, 43.1), "walk", folder=tmp_path, **server.urls)
    assert len({one, other, third}) == 3
    assert not [query for query in server.asked if query.startswith("place")]


def test_kept_answers_are_used_when_the_file_is_gone(server: Server, tmp_path: Path) -> None:
    """OSMnx's own cache lies in the folder too."""
    path = download_roads(SQUARE, "drive", folder=tmp_path, **server.urls)
    content = path.read_bytes()
    path.unlink()
    asked = len(server.asked)
    assert download_roads(SQUARE, "drive", folder=tmp_path, **server.urls).read_bytes() == content
    assert len(server.asked) == asked


def test_only_tags_that_readers_use_are_kept(server: Server, tmp_path: Path) -> None:
    """Names and notes stay away from the file."""
    path = download_roads(SQUARE, "drive", folder=tmp_path, **server.urls)
    keys = {tag.k for item in osmium.FileProcessor(str(path)) for tag in item.tags}
    assert keys == {"highway", "oneway", "access"}


def test_settings_of_osmnx_and_name_resolution_are_put_back(server: Server, tmp_path: Path) -> None:
    """A download leaves no trace in the process, whether it works or not."""
    names = [name for name in vars(osmnx.settings) if not name.startswith("_")]
    before = {name: getattr(osmnx.settings, name) for name in names}
    resolve = socket.getaddrinfo
    download_roads(SQUARE, "drive", folder=tmp_path, **server.urls)
    server.roads = "no JSON"
    with pytest.raises(InputError):
        download_roads(SQUARE, "walk", folder=tmp_path, **server.urls)
    assert {name: getattr(osmnx.settings, name) for name in names} == before
    assert socket.getaddrinfo is resolve


@pytest.mark.parametrize("places", [[], [PLACE | {"geojson": {"type": "Point", "coordinates": [87.0, 43.0]}}]])
def test_a_place_that_is_unknown_or_has_no_outline(server: Server, tmp_path: Path, places: object) -> None:
    """Nothing found, or only a point: say so and ask Overpass nothing."""
    server.places = places
    with pytest.raises(InputError) as caught:
        download_roads("Nowhere", "drive", folder=tmp_path, **server.urls)
    assert caught.value.code == "roads.place_unknown"
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("roads", "status", "code"),
    [
        ({"version": 0.6, "elements": []}, 200, "roads.none_in_area"),
        ({"version": 0.6, "elements": [], "remark": "runtime error: Query timed out"}, 200, "roads.download_failed"),
        ({"version": 0.6, "elements": [{"type": "way", "id": 1}]}, 200, "roads.download_failed"),
        ("<html>busy</html>", 200, "roads.download_failed"),
        ("<html>bad request</html>", 400, "roads.download_failed"),
    ],
)
def test_answers_that_are_no_roads(server: Server, tmp_path: Path, roads: object, status: int, code: str) -> None:
    """An empty area, a server out of time, an incomplete or foreign answer; none of them is kept as a file."""
    server.roads, server.status = roads, status
    with pytest.raises(InputError) as caught:
        download_roads(SQUARE, "drive", folder=tmp_path, **server.urls)
    assert caught.value.code == code
    assert not list(tmp_path.glob("*.pbf"))


def test_a_server_that_is_silent(server: Server, tmp_path: Path) -> None:
    """Waiting ends after the time that was set."""
    server.delay_s = 0.5
    with pytest.raises(InputError) as caught:
        download_roads("Town", "drive", folder=tmp_path, timeout_s=0.1, **server.urls)
    assert caught.value.code == "roads.download_timeout"


@pytest.mark.parametrize("area", ["Town", SQUARE])
def test_no_server_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, area: object) -> None:
    """Nobody listens: the machine is offline, as far as it can tell, and the user need not wait to hear it."""
    pauses: list[float] = []
    monkeypatch.setattr("osmnx._nominatim.time.sleep", pauses.append)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(InputError) as caught:
            download_roads(area, "drive", folder=tmp_path, overpass_url=f"{base}/api", nominatim_url=f"{base}/")
    assert caught.value.code == "roads.download_offline"
    assert sum(pauses) <= 1


@pytest.mark.parametrize(
    ("area", "code"),
    [
        ("   ", "roads.place_unknown"),
        (shapely.Polygon(), "roads.area_empty"),
        (shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "roads.area_empty"),
    ],
)
def test_areas_that_are_none_are_not_sent(server: Server, tmp_path: Path, area: object, code: str) -> None:
    """An empty name or a broken polygon is refused before anything leaves the machine."""
    with pytest.raises(InputError) as caught:
        download_roads(area, "drive", folder=tmp_path, **server.urls)
    assert caught.value.code == code
    assert server.asked == []


def test_a_download_can_be_stopped(server: Server, tmp_path: Path) -> None:
    """Cancelling before the request sends nothing."""
    with pytest.raises(CancelledError):
        download_roads(SQUARE, "drive", folder=tmp_path, progress=lambda _share, _step: False, **server.urls)
    assert server.asked == []


def test_the_command_writes_a_road_file(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`cli.py download` asks the servers it is given and writes a file the readers read; two questions are refused."""
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path / "home"))
    addresses = ["--overpass", server.urls["overpass_url"], "--nominatim", server.urls["nominatim_url"]]
    out = tmp_path / "roads.osm.pbf"
    result = CliRunner().invoke(main, ["download", "--place", "Town, Somewhere", *addresses, "--out", str(out)])
    assert result.exit_code == 0, result.output
    lines, _ = read_osm(out, "drive")
    assert len(lines.piece_from) == 3
    both = CliRunner().invoke(main, ["download", "--place", "Town", "--area", "x", *addresses, "--out", str(out)])
    assert both.exit_code == 2
