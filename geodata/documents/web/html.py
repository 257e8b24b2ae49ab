"""A report as one HTML file that works from a disk without any network: maps, tables to sort, font, run file."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import xstatic.pkg.leaflet  # type: ignore[import-untyped]  # no types: a folder of files

from coverage.errors import InputError
from coverage.progress import Progress, ignore_progress
from geodata.documents.content.document import Document
from geodata.documents.content.map_colours import CHANGE_COLOURS
from geodata.documents.paper.fixed_phrases import say
from geodata.documents.web.html_blocks import build_contents, build_head, build_sections
from geodata.documents.web.html_maps import encode_maps
from geodata.documents.web.web_font import subset_font
from geodata.maps.palette import UNCONNECTED_COLOUR

_STATIC = Path(__file__).parent / "static"
_LEAFLET = Path(xstatic.pkg.leaflet.BASE_DIR)
_LINKS = {
    "src",
    "href",
    "xlink:href",
    "srcset",
    "poster",
    "data",
    "action",
    "formaction",
    "background",
    "ping",
}
_FORBIDDEN = {"link", "base", "iframe", "frame", "object", "embed", "form", "portal", "img", "audio", "video", "applet"}
_HATCHES = (
    f'<svg width="0" height="0" class="hatches" aria-hidden="true"><defs>'
    f'<pattern id="hatch-ground" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="6" height="6" fill="#ECEEF0"/><rect width="2" height="6" fill="{UNCONNECTED_COLOUR}" '
    f'fill-opacity="0.75"/></pattern>'
    f'<pattern id="hatch-loss" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="6" height="6" fill="#FFFFFF"/><rect width="3" height="6" fill="{CHANGE_COLOURS["loss"]}"/></pattern>'
    f"</defs></svg>"
)


def render_html(document: Document, progress: Progress = ignore_progress, *, is_preview: bool = False) -> bytes:
    """Render a document as one HTML file.

    Parameters
    ----------
    document
        The document.
    progress
        Told the share done before each section and each map; it may stop the work there.
    is_preview
        Whether it is only to be looked at within another page: without contents and run file, and in the fonts of the
        machine, which takes a third of the time.

    Returns
    -------
    The file in UTF-8: a page that is read without a script, and with it has maps and tables to work with. A policy
    inside it forbids every connection and every script but its own, names included. Equal documents give equal bytes.

    Raises
    ------
    InputError
        ``report.html_not_alone`` if anything in it points outside of it.
    """
    main = f"{build_head(document)}{build_sections(document, progress)}{'' if is_preview else _build_footer(document)}"
    contents = "" if is_preview else build_contents(document)
    body = f'{_HATCHES}<div class="{"" if is_preview else "page"}">{contents}<main>{main}</main></div>'
    data = embed_json("data", encode_maps(document, progress)) + ("" if is_preview else embed_json("run", document.run))
    scripts = [_read_leaflet_script(), (_STATIC / "report.js").read_text("utf-8")]
    fonts = [] if is_preview else [_build_font_style(body + data)]
    styles = [_read_leaflet_style(), *fonts, (_STATIC / "report.css").read_text("utf-8")]
    language = document.language.replace("_", "-")
    page = (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_build_policy(scripts, styles)}">'
        f'<meta name="referrer" content="no-referrer">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(document.title)}</title>{''.join(f'<style>{style}</style>' for style in styles)}</head>"
        f"<body>{body}{data}{''.join(f'<script>{script}</script>' for script in scripts)}</body></html>\n"
    )
    if not is_preview:
        check_alone(page)
    return page.encode("utf-8", "replace")


def _build_footer(document: Document) -> str:
    return f'<footer><button type="button" id="save-run">{escape(say(document, "run_file"))}</button></footer>'


def embed_json(name: str, content: object) -> str:
    """Write data into a block that no parser of HTML or scripts can leave before its end."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f'<script type="application/json" id="{name}">{text}</script>'


def check_alone(page: str) -> None:
    """Refuse a page with a link, picture, script or style that lies outside of it; see `render_html`."""
    reader = _LinkReader()
    reader.feed(page)
    reader.close()
    if reader.outside:
        raise InputError("report.html_not_alone", value=reader.outside[0][:200])


class _LinkReader(HTMLParser):
    """Collects what a browser would fetch, follow or run from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []
        self._is_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_style = tag == "style"
        if tag in _FORBIDDEN:
            self.outside.append(tag)
        for name, value in attrs:
            is_outside = name == "style" or (name in _LINKS and not (value or "").startswith("#"))
            is_refresh = tag == "meta" and name == "http-equiv" and (value or "").lower() == "refresh"
            if is_outside or is_refresh or name.startswith("on"):
                self.outside.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        if self._is_style:
            links = re.findall(r"url\(\s*[\"']?(?!data:|#)[^)]*|@import[^;]*|(?<!-)behavior\s*:[^;]*", data)
            self.outside += [str(link) for link in links]

    def handle_endtag(self, tag: str) -> None:
        self._is_style = False


def _build_policy(scripts: list[str], styles: list[str]) -> str:
    def sign(texts: list[str]) -> str:
        hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
        return " ".join(f"'sha256-{value}'" for value in hashes)

    return (
        f"default-src 'none'; script-src {sign(scripts)}; style-src {sign(styles)}; img-src data:; font-src data:; "
        f"base-uri 'none'; form-action 'none'"
    )


def _read_leaflet_script() -> str:
    text = (_LEAFLET / "leaflet.js").read_text("utf-8")
    return re.sub(r"\n?//# sourceMappingURL=.*", "", text).replace("\r\n", "\n")


def _read_leaflet_style() -> str:
    """Return Leaflet's style without the rules for its own pictures and old browsers: nothing of ours needs them."""
    text = (_LEAFLET / "leaflet.css").read_text("utf-8").replace("\r\n", "\n")
    return re.sub(r"[a-z-]+\s*:\s*url\([^)]*\)[^;}]*;?", "", text)


def _build_font_style(text: str) -> str:
    font = base64.b64encode(subset_font(text)).decode()
    return f'@font-face{{font-family:"Report Sans";src:url(data:font/woff;base64,{font}) format("woff")}}'
