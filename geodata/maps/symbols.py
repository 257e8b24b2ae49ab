"""Symbols of stations: shape and colour say the family, size the level, outline the status."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from geodata.maps.labels import Markup


@dataclass(frozen=True, slots=True)
class FamilyStyle:
    """Shape and colour of a family."""

    shape: str
    colour: str


FAMILY_STYLES: dict[str, FamilyStyle] = {
    "legal": FamilyStyle("circle", "#4B2E83"),
    "police": FamilyStyle("square", "#374151"),
    "traffic": FamilyStyle("triangle", "#00664F"),
    "court": FamilyStyle("diamond", "#7A4A12"),
    "general": FamilyStyle("pentagon", "#1F4E79"),
}
_OTHER = FamilyStyle("pentagon", "#5B6672")
_LEVEL_SIZES: dict[str, int] = {"region": 16, "prefecture": 16, "county": 12, "township": 9, "village": 6}
_SMALLEST = 6
HALO = 1.5  # white line round every symbol [px]

# Outlines within a square from 0 to 1, y downwards; a circle has none.
OUTLINES: dict[str, tuple[tuple[float, float], ...]] = {
    "square": ((0.06, 0.06), (0.94, 0.06), (0.94, 0.94), (0.06, 0.94)),
    "triangle": ((0.5, 0.0), (1.0, 0.94), (0.0, 0.94)),
    "diamond": ((0.5, -0.06), (1.06, 0.5), (0.5, 1.06), (-0.06, 0.5)),
    "pentagon": ((0.5, -0.02), (1.03, 0.38), (0.83, 1.0), (0.17, 1.0), (-0.03, 0.38)),
}


def style_of_family(family: str) -> FamilyStyle:
    """Return the style of a family; families added to a catalogue share one."""
    return FAMILY_STYLES.get(family, _OTHER)


def size_of_level(level: str) -> int:
    """Return the size of a symbol [px]."""
    return _LEVEL_SIZES.get(level, _SMALLEST)


def symbol_as_image(symbol: Markup) -> Markup:
    """Wrap a symbol as a picture with its data inside, for pages that take no SVG of their own."""
    data = base64.b64encode(symbol.encode()).decode()
    return Markup(f'<img alt="" src="data:image/svg+xml;base64,{data}">')


def draw_symbol(family: str, level: str, status: str = "existing") -> Markup:
    """Draw the symbol of a station as SVG.

    Planned stations have a dashed outline, candidates are hollow, closed ones crossed out.
    """
    style, size = style_of_family(family), size_of_level(level)
    box = size + 2 * HALO + 1
    fill = style.colour if status == "existing" else "#FFFFFF"
    dash = ' stroke-dasharray="2.5 1.5"' if status == "planned" else ""
    line = "#FFFFFF" if status == "existing" else style.colour
    look = f'fill="{fill}" stroke="{line}" stroke-width="{HALO}"{dash}'
    shift = HALO + 0.5
    if style.shape == "circle":
        middle = box / 2
        body = f'<circle cx="{middle}" cy="{middle}" r="{size / 2}" {look}/>'
    else:
        corners = " ".join(f"{shift + x * size:.2f},{shift + y * size:.2f}" for x, y in OUTLINES[style.shape])
        body = f'<polygon points="{corners}" stroke-linejoin="round" {look}/>'
    if status == "closed":
        low, high = shift, shift + size
        body += f'<path d="M{low} {low}L{high} {high}M{low} {high}L{high} {low}" stroke="{style.colour}"/>'
    start = f'<svg xmlns="http://www.w3.org/2000/svg" width="{box}" height="{box}" viewBox="0 0 {box} {box}">'
    return Markup(f"{start}{body}</svg>")
