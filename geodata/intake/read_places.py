"""Reads existing places of OpenStreetMap that could become stations: post offices, town halls, insurers, etc."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import osmium
import osmium.filter
import osmium.osm
import pandas as pd

from coverage.errors import InputError
from coverage.progress import Progress, ignore_progress, report_progress
from geodata.files.reading_border import reads_file
from geodata.jobs.tasks import Answer, Request
from geodata.roads.osm_reading import REPORT_EVERY, approach, opened_osm, read_positions, run_osm_task

# Key, value and the class of place it stands for (see ``site_costs.toml``).
_CLASSES: dict[tuple[str, str], str] = {
    ("amenity", "post_office"): "post_office",
    ("amenity", "townhall"): "townhall",
    ("amenity", "community_centre"): "community_centre",
    ("amenity", "courthouse"): "courthouse",
    ("amenity", "police"): "police",
    ("office", "insurance"): "insurance",
    ("shop", "car"): "car_dealer",
}
_KEYS = ("amenity", "office", "shop")


@reads_file
def read_places(path: Path, *, progress: Progress = ignore_progress) -> pd.DataFrame:
    """Read the places of an OpenStreetMap file that are of a class we know.

    Parameters
    ----------
    path
        PBF or XML.
    progress
        Told the share done.

    Returns
    -------
    Table indexed by id (``osm-n12``, ``osm-w34``): name, lon, lat [degrees], kind (the class of place), nodes
    before ways, each by number. A way stands at the mean of its corners; one without positions is left out.

    Raises
    ------
    InputError
        ``candidates.no_places`` if there is none, ``roads.*`` if the file cannot be read.
    """
    answer = run_osm_task("places", path, {}, progress)
    table = pd.DataFrame(list(answer.rows), columns=["site_id", "name", "kind", "lon", "lat"]).set_index("site_id")
    names = table["name"].where(table["name"] != "", table.index.to_series())
    return table.assign(name=names.to_numpy(object))[["name", "lon", "lat", "kind"]]


def read_in_process(request: Request, progress: Progress) -> Answer:
    """Do what `read_places` promises: a row for each place, see `geodata.roads.osm_reading.run_osm_task`."""
    rows: list[tuple[str, str, str, float, float]] = []
    ways: list[tuple[str, str, str, list[int]]] = []
    with opened_osm(request) as osm:
        processor = osmium.FileProcessor(osm.open(), osmium.osm.NODE | osmium.osm.WAY)
        for number, item in enumerate(processor.with_filter(osmium.filter.KeyFilter(*_KEYS))):
            if number % REPORT_EVERY == 0:
                report_progress(progress, approach(0.0, 0.6, number), "places")
            words = [_CLASSES.get((key, item.tags.get(key) or ""), "") for key in _KEYS]
            kind = next(filter(None, words), "")
            if not kind:
                continue
            name = item.tags.get("name") or ""
            if isinstance(item, osmium.osm.Node):
                rows.append((f"osm-n{item.id}", name, kind, item.location.lon, item.location.lat))
            elif isinstance(item, osmium.osm.Way):
                nodes = [node.ref for node in item.nodes]
                ways.append((f"osm-w{item.id}", name, kind, nodes[:-1] if len(nodes) > 1 else nodes))
        if ways:
            wanted = np.unique(np.concatenate([np.array(nodes, np.int64) for *_, nodes in ways]))
            lon, lat = read_positions(osm, wanted, progress, 0.6, 1.0)
            for identity, name, kind, nodes in ways:
                at = np.searchsorted(wanted, nodes)
                at = at[np.isfinite(lon[at])]
                if len(at):
                    rows.append((identity, name, kind, float(lon[at].mean()), float(lat[at].mean())))
    if not rows:
        raise InputError("candidates.no_places", file=request["source"])
    return Answer({}, rows=rows)
