"""Travel-time bands as a small picture with a palette: one byte a cell, no antialiasing."""

from __future__ import annotations

import base64
import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from coverage.travel.time_field import Grid
from geodata.maps.labels import Markup
from geodata.maps.palette import INSIDE_COLOURS, NO_ROUTE_COLOUR, OUTSIDE_COLOURS, UNCONNECTED_COLOUR, classify_minutes

_BAND_COLOURS = (*INSIDE_COLOURS, *OUTSIDE_COLOURS)
_NO_ROUTE = len(_BAND_COLOURS) + 1


def classify_cells(
    minutes: npt.NDArray[np.float32],
    is_connected: npt.NDArray[np.bool_],
    is_wanted: npt.NDArray[np.bool_],
    cutoffs_min: float | npt.NDArray[np.floating],
) -> npt.NDArray[np.uint8]:
    """Put every cell into a class: 0 not drawn, 1… the bands in order, then no route, then unconnected.

    Parameters
    ----------
    minutes, is_connected
        The field, shape (rows, columns), see `coverage.travel.time_field.compute_time_field`.
    is_wanted
        Cells to draw, same shape.
    cutoffs_min
        The threshold, one for all cells or one for each [min].

    Returns
    -------
    Classes, same shape; 7 is no route and 8 unconnected.
    """
    answer = classify_minutes(minutes, cutoffs_min)
    answer[~np.isfinite(minutes)] = _NO_ROUTE
    answer[~is_connected] = _NO_ROUTE + 1
    answer[~is_wanted] = 0
    return answer


def draw_bands(classes: npt.NDArray[np.uint8]) -> bytes:
    """Draw the classes as a paletted PNG; unconnected cells are left clear for the hatched ground beneath.

    Parameters
    ----------
    classes
        From `classify_cells`, row 0 in the north.
    """
    rows, columns = classes.shape
    picture = Image.frombytes("P", (columns, rows), np.ascontiguousarray(classes).tobytes())
    colours = ["#FFFFFF", *_BAND_COLOURS, NO_ROUTE_COLOUR, UNCONNECTED_COLOUR]
    picture.putpalette([int(colour[at : at + 2], 16) for colour in colours for at in (1, 3, 5)])
    stream = io.BytesIO()
    picture.save(stream, "PNG", bits=4, transparency=bytes([0, *[255] * _NO_ROUTE, 0]))
    return stream.getvalue()


def to_data_url(png: bytes) -> Markup:
    """Write a PNG as an address that holds the picture itself."""
    return Markup("data:image/png;base64," + base64.b64encode(png).decode())


def picture_corners(grid: Grid) -> list[list[float]]:
    """Return the corners of the picture as Leaflet wants them: south-west and north-east, lat before lon."""
    west, south, east, north = grid.bounds
    return [[south, west], [north, east]]
