"""Builders of the web map: what the screen and an exported file both draw, so that neither copies the other.

Belongs here: the palette, the symbols, the pictures and the Leaflet calls that show a study, and the
one escaper every text passes on its way into a map. Does not belong here: pages, session state, and
anything that computes a number. May import `coverage` and the rest of `geodata`, never streamlit.
"""

from geodata.maps.labels import Markup, SafeText, safe_label

__all__ = ["Markup", "SafeText", "safe_label"]
