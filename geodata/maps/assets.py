"""Scripts and styles of the map, from installed packages and our own folder: nothing comes from a CDN."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import folium
import xstatic.pkg.jquery  # type: ignore[import-untyped]  # no types: a folder of files
import xstatic.pkg.leaflet  # type: ignore[import-untyped]  # no types: as above
from branca.element import Element
from folium.elements import JSCSSMixin

from coverage.errors import InputError


@dataclass(frozen=True, slots=True)
class AssetFolder:
    """A folder whose files a server hands out under a name."""

    name: str
    path: Path


ASSET_FOLDERS: tuple[AssetFolder, ...] = (
    AssetFolder("leaflet", Path(xstatic.pkg.leaflet.BASE_DIR)),
    AssetFolder("jquery", Path(xstatic.pkg.jquery.BASE_DIR)),
    AssetFolder("planner", Path(__file__).parent / "static"),
)

# Names folium gives its assets → our file (folder, file); None: the planner does without it.
_SCRIPTS: dict[str, tuple[str, str] | None] = {
    "leaflet": ("leaflet", "leaflet.js"),
    "jquery": ("jquery", "jquery.min.js"),
    "bootstrap": None,
    "awesome_markers": None,
}
_STYLES: dict[str, tuple[str, str] | None] = {
    "leaflet_css": ("leaflet", "leaflet.css"),
    "bootstrap_css": None,
    "glyphicons_css": None,
    "awesome_markers_font_css": None,
    "awesome_markers_css": None,
    "awesome_rotate_css": None,
}
_OWN_SCRIPT = ("planner", "planner.js")
_OWN_STYLE = ("planner", "planner.css")


def use_local_assets(fig: folium.Map, addresses: Mapping[str, str]) -> None:
    """Point every element of a map to local files, on the instances, so no other map is touched.

    Parameters
    ----------
    fig
        The map with everything that stands in its base.
    addresses
        Address of each folder of `ASSET_FOLDERS` by name, relative to the page of the map.

    Raises
    ------
    InputError
        ``map.asset_not_local`` if an element asks for a script or style that is not among our files.
    """
    for element in _walk(fig):
        if not isinstance(element, JSCSSMixin):
            continue
        scripts = _localise(element.default_js, _SCRIPTS, addresses)
        styles = _localise(element.default_css, _STYLES, addresses)
        if element is fig:
            scripts.append(("planner", _address(_OWN_SCRIPT, addresses)))
            styles.append(("planner_css", _address(_OWN_STYLE, addresses)))
        element.default_js, element.default_css = scripts, styles


def _walk(element: Element) -> Iterator[Element]:
    yield element
    for child in element._children.values():
        yield from _walk(child)


def _localise(
    wanted: list[tuple[str, str]], known: Mapping[str, tuple[str, str] | None], addresses: Mapping[str, str]
) -> list[tuple[str, str]]:
    local = []
    for name, link in wanted:
        if name not in known:
            raise InputError("map.asset_not_local", name=name, value=link)
        file = known[name]
        if file is not None:
            local.append((name, _address(file, addresses)))
    return local


def _address(file: tuple[str, str], addresses: Mapping[str, str]) -> str:
    return f"{addresses[file[0]]}/{file[1]}"
