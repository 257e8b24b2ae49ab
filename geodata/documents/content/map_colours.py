"""Colours of what a report's maps show; those of the bands are the web map's."""

from __future__ import annotations

import math

from geodata.maps.palette import UNCONNECTED_COLOUR, build_bands

GAP_EDGE, GAP_FILL, SITE_COLOUR = "#6B1F0A", "#9C3B1B", "#1F4E79"
CHANGE_COLOURS = {"gain": "#2166AC", "loss": "#B2182B"}
BOUNDARY_COLOUR, ROAD_COLOUR, WATER_COLOUR = "#52606D", "#7B8794", "#9EC5D9"


def colour_of_band(band_min: float, cutoff_min: float) -> str:
    """Return the colour of the band with an upper limit [min]; NaN is unconnected.

    Examples
    --------
    >>> colour_of_band(30.0, 30.0), colour_of_band(math.inf, 30.0), colour_of_band(math.nan, 30.0)
    ('#A9D6E5', '#9C3B1B', '#9AA0A6')
    """
    if math.isnan(band_min):
        return UNCONNECTED_COLOUR
    bands = build_bands(cutoff_min)
    return next((band.colour for band in bands if band_min <= band.high_min), bands[-1].colour)
