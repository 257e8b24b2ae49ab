"""The one call that shows a folium map, with every script and style from this computer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import folium
import streamlit.components.v1 as components
from streamlit_folium import st_folium  # type: ignore[import-untyped]  # it has no types

from geodata.maps.assets import ASSET_FOLDERS, use_local_assets

_LARGEST_LAT = 85.0
# Components that do nothing: Streamlit hands out the files of their folders. The map's own frame is a
# component too, so a neighbour's name is the right relative address behind any base path.
_ADDRESSES: dict[str, str] = {
    folder.name: f"../{components.declare_component(folder.name, path=str(folder.path)).name}"
    for folder in ASSET_FOLDERS
}


def wrap_place(place: tuple[float, float] | None) -> tuple[float, float] | None:
    """Return a clicked place, lon and lat, within one turn of the world; None for none and beyond the map's poles."""
    if place is None or abs(place[1]) > _LARGEST_LAT:
        return None
    return (place[0] + 180.0) % 360.0 - 180.0, place[1]


def show_map(
    fig: folium.Map,
    layers: folium.FeatureGroup,
    *,
    key: str,
    height: int,
    on_change: Callable[[], None],
    returned: Sequence[str] = ("last_clicked",),
) -> None:
    """Show a map; only a click runs the fragment again, and its place is kept in the session under `key`.

    Parameters
    ----------
    fig
        The base, which is mounted once as long as its script stays the same.
    layers
        What changes.
    key
        Where the session keeps the last click.
    height
        Height [px].
    on_change
        Called after a click, before the fragment runs.
    returned
        What st_folium itself reports; nothing where the map's own script tells of events (``listen``).
    """
    use_local_assets(fig, _ADDRESSES)
    st_folium(
        fig,
        key=key,
        height=height,
        feature_group_to_add=layers,
        returned_objects=list(returned),
        use_container_width=True,
        pixelated=True,
        on_change=on_change,
    )
