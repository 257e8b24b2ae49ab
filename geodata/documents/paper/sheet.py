"""A sheet of paper measured in millimetres: text, boxes and symbols of ours on it, saved as a PNG for print."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from PIL import Image

from geodata.documents.paper.fonts import choose_font
from geodata.maps.symbols import OUTLINES, size_of_level, style_of_family

DPI = 300
INK, MUTED, LINE, WHITE = "#1F2933", "#5B6672", "#C9D0D8", "#FFFFFF"
TEXT_WIDTH_MM = 156.0  # of an official A4 page: 210 less 28 and 26

_MM_PER_INCH, _POINTS_PER_INCH = 25.4, 72.0
_PRINT_SCALE = 0.62  # size of a symbol on paper [pt] to its size on the screen [px]


def points_to_mm(points: float) -> float:
    """Convert typographic points to millimetres."""
    return points * _MM_PER_INCH / _POINTS_PER_INCH


Look = dict[str, Any]  # settings of a mark of matplotlib


class Sheet:
    """A white sheet; the origin is its lower left corner and all lengths are millimetres, sizes of text points.

    Nothing of matplotlib's state is used: two sheets can be drawn at the same time.
    """

    def __init__(self, width_mm: float, height_mm: float) -> None:
        self.width, self.height = width_mm, height_mm
        self._figure = Figure(figsize=(width_mm / _MM_PER_INCH, height_mm / _MM_PER_INCH), dpi=DPI, facecolor=WHITE)
        FigureCanvasAgg(self._figure)
        self._ground = self.add_frame(0.0, 0.0, width_mm, height_mm)
        self._ground.set(xlim=(0.0, width_mm), ylim=(0.0, height_mm))
        self._ground.set_axis_off()

    def add_frame(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Add a frame of its own coordinates over a part of the sheet, without ticks."""
        box = (left / self.width, bottom / self.height, width / self.width, height / self.height)
        frame = self._figure.add_axes(box)
        frame.set(xticks=[], yticks=[], facecolor="none")
        return frame

    def raise_ground(self) -> None:
        """Put what is drawn on the sheet itself over every frame."""
        self._ground.set_zorder(10)

    def write(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        colour: str = INK,
        across: str = "left",
        along: str = "baseline",
        halo: bool = False,
        box: str = "",
        frame: Axes | None = None,
        order: float = 20.0,
        angle: float = 0.0,
    ) -> None:
        """Write a line of text; nothing in it is markup.

        Parameters
        ----------
        x, y
            Where: on the sheet [mm], in a frame in its coordinates.
        text, size, colour
            What, how large [pt] and in which colour.
        across, along
            Which of its points stands there: left, center, right and baseline, center, top, bottom.
        halo
            Draw a white line around the letters.
        box
            Colour of a rounded box behind it; "" for none.
        frame, order, angle
            The frame it is drawn in, what lies over what, and its direction [degrees].
        """
        path, clean = choose_font(text)
        drawn = (frame or self._ground).text(
            x, y, clean, fontproperties=FontProperties(fname=str(path), size=size), color=colour,
            ha=across, va=along, parse_math=False, zorder=order, rotation=angle, clip_on=frame is not None,
        )  # fmt: skip
        if halo:
            drawn.set_path_effects([patheffects.withStroke(linewidth=size * 0.28, foreground=WHITE)])
        if box:
            drawn.set_bbox({"boxstyle": "round,pad=0.28,rounding_size=0.5", "fc": box, "ec": WHITE, "lw": 0.6})

    def write_lines(
        self, x: float, top: float, lines: Sequence[str], size: float, *, leading: float, colour: str = INK
    ) -> None:
        """Write lines below one another from a top edge on, `leading` millimetres apart."""
        for number, line in enumerate(lines):
            self.write(x, top - (number + 0.78) * leading, line, size, colour=colour)

    def draw_outline(self, points: Sequence[tuple[float, float]], *, closed: bool = True, **look: Any) -> None:
        """Draw a polygon or a line on the sheet [mm]; `look` is what a patch of matplotlib takes."""
        outline = Outline(np.asarray([*points, *points[:1]] if closed else points), closed=closed)
        self._ground.add_artist(PathPatch(outline, **({"zorder": 15, "facecolor": "none", "linewidth": 0.6} | look)))

    def draw_box(self, left: float, bottom: float, width: float, height: float, **look: Any) -> None:
        """Draw an upright box on the sheet [mm]."""
        right, top = left + width, bottom + height
        self.draw_outline([(left, bottom), (right, bottom), (right, top), (left, top)], **look)

    def draw_marker(self, x: float, y: float, **look: Any) -> None:
        """Draw a symbol at a place of the sheet [mm]; `look` is what a line of matplotlib takes."""
        self._ground.plot([x], [y], linestyle="none", zorder=20, **look)

    def to_png(self) -> bytes:
        """Return the sheet as a PNG of 300 dots an inch; the same drawing always gives the same bytes."""
        dots, stream = io.BytesIO(), io.BytesIO()
        self._figure.savefig(dots, format="rgba", dpi=DPI)
        size = self._figure.canvas.get_width_height()
        picture = Image.frombytes("RGBA", size, dots.getvalue()).convert("RGB")
        picture.save(stream, "PNG", dpi=(DPI, DPI))
        return stream.getvalue()


def look_of_station(family: str, level: str, status: str = "existing", *, scale: float = 1.0) -> Look:
    """Return the look of a station's symbol as matplotlib draws it: the shape and colours of the web map.

    Parameters
    ----------
    family, level, status
        Of the station.
    scale
        Smaller than 1 where many stand close together.
    """
    style = style_of_family(family)
    is_open = status == "existing"
    corners = OUTLINES.get(style.shape)
    marker: object = "o"
    if corners is not None:
        marker = Outline(np.asarray([(x - 0.5, 0.5 - y) for x, y in (*corners, corners[0])]), closed=True)
    return {
        "marker": marker,
        "markersize": size_of_level(level) * _PRINT_SCALE * scale,
        "markerfacecolor": style.colour if is_open else WHITE,
        "markeredgecolor": WHITE if is_open else style.colour,
        "markeredgewidth": 0.5 * scale**2 if is_open else 0.9 * scale,
    }
