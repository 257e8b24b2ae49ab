"""What a scenario changes, as a picture: gained in blue, lost in hatched red, sooner and later there, the same."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from coverage.units import is_within
from geodata.maps.bands import to_data_url
from geodata.maps.elements import Encoded
from geodata.maps.labels import Markup
from geodata.maps.palette import FASTER_COLOUR, GAIN_COLOUR, SAME_COLOUR, SLOWER_COLOUR

GAIN, LOSS, FASTER, SLOWER, SAME = 1, 2, 3, 4, 5
_COLOURS = ("#FFFFFF", GAIN_COLOUR, SLOWER_COLOUR, FASTER_COLOUR, SLOWER_COLOUR, SAME_COLOUR)
_LEAST_MIN = 1.0
# Level 1 of 9: pictures are a few kilobytes larger and drawn in a quarter of the time.
_COMPRESSION = 1

Minutes = npt.NDArray[np.float32]
Cutoffs = float | npt.NDArray[np.float32]


def classify_changes(
    before: Minutes, after: Minutes, cutoffs_before: Cutoffs, cutoffs_after: Cutoffs, wanted: npt.NDArray[np.bool_]
) -> npt.NDArray[np.uint8]:
    """Put every cell into a class of change: 0 not drawn, then `GAIN`, `LOSS`, `FASTER`, `SLOWER`, `SAME`.

    Parameters
    ----------
    before, after
        Times, inf where no station is reached, shape (rows, columns) [min].
    cutoffs_before, cutoffs_after
        The thresholds then and now, one for all or one for each cell [min].
    wanted
        Cells to draw, same shape.

    Returns
    -------
    Classes, same shape. Sooner and later mean by at least a minute, or there only now and only before.
    """
    was, now = np.asarray(is_within(before, cutoffs_before)), np.asarray(is_within(after, cutoffs_after))
    answer = np.full(before.shape, SAME, np.uint8)
    answer[after <= before - np.float32(_LEAST_MIN)] = FASTER
    answer[before <= after - np.float32(_LEAST_MIN)] = SLOWER
    # Nowhere before and nowhere now: infinity is not less than infinity, but it equals itself.
    answer[np.isinf(before) & np.isinf(after)] = SAME
    answer[now & ~was] = GAIN
    answer[was & ~now] = LOSS
    answer[~wanted] = 0
    return answer


def encode_changes(classes: npt.NDArray[np.uint8], corners: list[list[float]], key: str) -> Encoded:
    """Encode the picture of the classes, and where it is hatched, for the map.

    Parameters
    ----------
    classes
        From `classify_changes`, row 0 in the north.
    corners
        South-west and north-east of the picture, lat before lon [degrees].
    key
        Names the content, so that an unchanged picture stays on screen.
    """
    mask = to_data_url(_draw_mask(classes == LOSS)) if (classes == LOSS).any() else Markup("")
    return Encoded.of({"key": key, "url": to_data_url(draw_changes(classes)), "mask": mask, "corners": corners})


def draw_changes(classes: npt.NDArray[np.uint8]) -> bytes:
    """Draw classes as a PNG with a palette; what is lost is pale, for the hatching that lies over it."""
    return _save(classes, [int(colour[at : at + 2], 16) for colour in _COLOURS for at in (1, 3, 5)], 4)


def _draw_mask(lost: npt.NDArray[np.bool_]) -> bytes:
    return _save(lost.astype(np.uint8), [255, 255, 255, 178, 24, 43], 1)


def _save(classes: npt.NDArray[np.uint8], palette: list[int], bits: int) -> bytes:
    rows, columns = classes.shape
    picture = Image.frombytes("P", (columns, rows), np.ascontiguousarray(classes).tobytes())
    picture.putpalette(palette)
    stream = io.BytesIO()
    opaque = [255] * (len(palette) // 3 - 1)
    picture.save(stream, "PNG", bits=bits, compress_level=_COMPRESSION, transparency=bytes([0, *opaque]))
    return stream.getvalue()
