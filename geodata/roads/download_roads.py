"""Roads of a place or an area from OpenStreetMap's servers, through OSMnx. Nothing is sent unless called.

What speaks to the network is imported where it is used: nobody else should wait for it to load.
"""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import osmium
import osmium.io
import osmium.osm.mutable
import shapely

from coverage.errors import InputError
from coverage.network.settings import Mode
from coverage.progress import Progress, ignore_progress, report_progress
from geodata.files.own_files import note_own_file
from geodata.roads.road_nodes import NODE_KEYS
from geodata.roads.road_tags import WAY_KEYS

Area = shapely.Polygon | shapely.MultiPolygon

OVERPASS_URL = "https://overpass-api.de/api"
NOMINATIM_URL = "https://nominatim.openstreetmap.org/"
DEFAULT_TIMEOUT_S = 180.0
_NEVER = "abandoned|construction|no|planned|proposed|raceway|razed|rest_area|services"
_FILTERS: dict[Mode, str] = {
    "drive": f'["highway"]["highway"!~"^({_NEVER}|bridleway|corridor|cycleway|elevator|footway|path|platform|steps)$"]',
    "walk": f'["highway"]["highway"!~"^({_NEVER})$"]',
    "cycle": f'["highway"]["highway"!~"^({_NEVER}|corridor|elevator)$"]',
}
_LONGEST_NAME = 200

# OSMnx keeps its settings in module globals: one download at a time changes them, and puts them back.
_LOCK = threading.Lock()


def download_roads(
    area: str | Area,
    mode: Mode,
    *,
    folder: Path,
    progress: Progress = ignore_progress,
    overpass_url: str = OVERPASS_URL,
    nominatim_url: str = NOMINATIM_URL,
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> Path:
    """Download the roads of an area and keep them as a file that `read_osm` reads.

    The servers' answers are kept in `folder`; the same question is not asked again. Roads come with
    500 m around the area and without turn restrictions, which OSMnx does not ask for.

    Parameters
    ----------
    area
        Name of a place that has an outline (it is sent to Nominatim), or a polygon [degrees, WGS-84]
        (it is sent to Overpass).
    mode
        Decides which classes of roads are asked for.
    folder
        Where answers and the file are kept.
    progress
        Told the share done.
    overpass_url, nominatim_url
        The servers to ask.
    timeout_s
        How long to wait for an answer [s].

    Returns
    -------
    A ``.osm.pbf`` file in `folder`, with the tags the readers look at and nothing else.

    Raises
    ------
    InputError
        ``roads.place_unknown``, ``roads.area_empty``, ``roads.download_offline``,
        ``roads.download_timeout``, ``roads.download_failed`` or ``roads.none_in_area``.
    """
    if isinstance(area, str):
        wanted = " ".join(area.split())[:_LONGEST_NAME]
        if not wanted:
            raise InputError("roads.place_unknown", place=area)
        question, shown = f"place {wanted}", wanted
    else:
        if area.is_empty or not area.is_valid or area.area <= 0.0:
            raise InputError("roads.area_empty")
        question = f"area {area.normalize().wkt}"
        shown = "{:.2f}, {:.2f} – {:.2f}, {:.2f}".format(*area.bounds)
    key = hashlib.sha256(f"{question}\n{_FILTERS[mode]}\n{overpass_url}\n{nominatim_url}".encode()).hexdigest()[:24]
    target = folder / f"roads-{key}.osm.pbf"
    if target.is_file():
        report_progress(progress, 1.0, "roads.download")
        return target
    answers = folder / f"answers-{key}"
    with _borrow_osmnx(answers, overpass_url, nominatim_url, timeout_s) as osmnx, _explain_failures(shown):
        report_progress(progress, 0.05, "roads.place")
        polygon = _find_outline(osmnx, wanted) if isinstance(area, str) else area
        report_progress(progress, 0.2, "roads.download")
        _ask_overpass(osmnx, polygon, mode)
    report_progress(progress, 0.8, "roads.writing")
    _write_answers(answers, target, shown)
    report_progress(progress, 1.0, "roads.writing")
    return target


@contextmanager
def _borrow_osmnx(answers: Path, overpass_url: str, nominatim_url: str, timeout_s: float) -> Iterator[Any]:
    """Lend OSMnx with our settings; put its settings and the name resolution it replaces back afterwards.

    OSMnx has no other way in than its global settings, hence the lock. ``cache_only_mode`` makes it stop
    after keeping the servers' raw answers, from which nothing has been lost yet.
    """
    import osmnx

    ours: dict[str, Any] = {
        "cache_folder": answers,
        "cache_only_mode": True,
        "use_cache": True,
        "log_console": False,
        "log_file": False,
        "doh_url_template": None,  # never ask a third party where a server lives
        "nominatim_url": nominatim_url,
        "overpass_url": overpass_url,
        "requests_timeout": timeout_s,
    }
    with _LOCK:
        before = {name: getattr(osmnx.settings, name) for name in ours}
        resolve = socket.getaddrinfo
        try:
            for name, value in ours.items():
                setattr(osmnx.settings, name, value)
            yield osmnx
        finally:
            socket.getaddrinfo = resolve
            for name, value in before.items():
                setattr(osmnx.settings, name, value)


@contextmanager
def _explain_failures(shown: str) -> Iterator[None]:
    import requests
    from osmnx._errors import InsufficientResponseError, ResponseStatusCodeError

    place = shown[:100]
    try:
        yield
    except requests.exceptions.Timeout as error:
        raise InputError("roads.download_timeout", place=place) from error
    except (requests.exceptions.ConnectionError, socket.gaierror) as error:
        raise InputError("roads.download_offline", place=place) from error
    except InsufficientResponseError as error:
        raise InputError("roads.download_failed", place=place, detail=str(error)[:200]) from error
    except (ResponseStatusCodeError, requests.exceptions.RequestException, OSError) as error:
        raise InputError("roads.download_failed", place=place, detail=str(error)[:200]) from error


def _find_outline(osmnx: Any, place: str) -> Area:
    from osmnx._errors import InsufficientResponseError

    try:
        found = osmnx.geocoder.geocode_to_gdf(place)
    except (InsufficientResponseError, TypeError) as error:
        # Nothing found, or nothing that has an outline.
        raise InputError("roads.place_unknown", place=place) from error
    outline = found.geometry.iloc[0]
    if not isinstance(outline, shapely.Polygon | shapely.MultiPolygon):
        raise InputError("roads.place_unknown", place=place)
    return outline


def _ask_overpass(osmnx: Any, polygon: Area, mode: Mode) -> None:
    import requests
    from osmnx._errors import CacheOnlyInterruptError

    answers = Path(osmnx.settings.cache_folder)
    if not any('"elements"' in path.read_text(encoding="utf-8") for path in answers.glob("*.json")):
        # Without a network OSMnx would wait for a minute before it says so.
        status = f"{str(osmnx.settings.overpass_url).rstrip('/')}/status"
        requests.get(status, timeout=osmnx.settings.requests_timeout)
    try:
        osmnx.graph.graph_from_polygon(
            polygon, simplify=False, retain_all=True, truncate_by_edge=True, custom_filter=_FILTERS[mode]
        )
    except CacheOnlyInterruptError:
        return  # the answers are in the folder, as asked


def _write_answers(answers: Path, target: Path, shown: str) -> None:
    """Put the answers of all requests together into one file, each node and way once."""
    answered = False
    nodes: dict[int, tuple[float, float, dict[str, str]]] = {}
    ways: dict[int, tuple[list[int], dict[str, str]]] = {}
    for path in sorted(answers.glob("*.json")):
        try:
            answer = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(answer, dict):
                continue  # the outline of the place
            answered = True
            for element in answer["elements"]:
                tags = {str(key): str(value) for key, value in element.get("tags", {}).items()}
                if element["type"] == "node":
                    thin = {key: value for key, value in tags.items() if key in NODE_KEYS}
                    nodes[int(element["id"])] = (float(element["lon"]), float(element["lat"]), thin)
                elif element["type"] == "way":
                    thin = {key: value for key, value in tags.items() if key in WAY_KEYS}
                    ways[int(element["id"])] = ([int(ref) for ref in element["nodes"]], thin)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            path.unlink()  # what cannot be read must not be found again
            raise InputError("roads.download_failed", place=shown[:100], detail=str(error)[:200]) from error
    if not answered:
        # The server answered with a remark (too busy, out of time or memory), which is never kept.
        raise InputError("roads.download_failed", place=shown[:100], detail="")
    if not ways:
        raise InputError("roads.none_in_area", file=shown[:100])
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    header = osmium.io.Header()
    header.set("generator", "OpenStreetMap contributors, ODbL")
    with osmium.SimpleWriter(osmium.io.File(str(part.resolve()), "pbf"), header=header) as writer:
        for number, (lon, lat, tags) in sorted(nodes.items()):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat), tags=tags))
        for number, (refs, tags) in sorted(ways.items()):
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags))
    part.replace(target)
    note_own_file(target)
