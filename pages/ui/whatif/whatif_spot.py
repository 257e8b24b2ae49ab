"""Where a place at hand meets the roads."""

from __future__ import annotations

import numpy as np

from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.network.closures import Closure, find_closed_roads
from coverage.travel.route import Spot, find_spot
from pages.ui.memo import cached

Place = tuple[float, float]


def find_snapped(study: Study, question: Question, lon: float, lat: float) -> tuple[Spot, Place | None]:
    """Join a place to the roads; return where it meets them [degrees], None where no road lies within the limit."""
    spot = find_spot(cached.ask(study, question).basis, lon, lat)
    network, snapped = study.network, spot.snapped
    if network is None or not np.isfinite(snapped.access_m[0]):
        return spot, None
    slot, share = int(snapped.slot[0]), float(snapped.fraction[0])
    ends = slice(slot, min(slot + 2, len(network.vertex_lon)))
    lons, lats = network.vertex_lon[ends], network.vertex_lat[ends]
    return spot, (float(lons[0] + share * (lons[-1] - lons[0])), float(lats[0] + share * (lats[-1] - lats[0])))


def count_roads(study: Study, place: Closure) -> int:
    """Count the roads that a place closes or slows."""
    network = study.network
    if network is None:
        return 0
    key = (study.fingerprint, (place,))
    return cached.vault().fetch("closed", key, lambda: find_closed_roads(network, (place,)))[1][0]


def find_road(study: Study, question: Question, place: Place) -> Place:
    """Return a place on the road that a click means: from far out a click beside a road means that road."""
    if count_roads(study, Closure("", (place,))):
        return place
    return find_snapped(study, question, *place)[1] or place
