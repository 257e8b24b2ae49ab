"""The looks of the screens that the theme cannot say: one style sheet, and pieces of checked markup."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from geodata.maps.labels import Markup, SafeText, safe_label
from geodata.words.i18n import Language

_STYLE = (Path(__file__).parent / "markup.css").read_text(encoding="utf-8")


def apply_looks(title: str, choose_file: str, language: Language) -> None:
    """Put the style sheet into the page.

    Parameters
    ----------
    title
        Stands above the navigation.
    choose_file
        Label of the upload buttons, which Streamlit itself knows in English only.
    language
        Of the visit: in English the quotation marks of a Chinese font are set narrow.
    """
    narrow = ' body { font-feature-settings: "pwid"; }' if language == "en" else ""
    told = f'--app-title: "{css_text(title)}"; --choose-file: "{css_text(choose_file)}";'
    st.html(Markup(f"<style>{_STYLE}:root {{ {told} }}{narrow}</style>"))


def css_text(text: str) -> str:
    """Write a text of ours for a quoted CSS value."""
    return "".join(character for character in text if character not in '"\\<>\n')


def put(*parts: Markup | SafeText) -> None:
    """Draw checked markup."""
    for part in parts:
        if not isinstance(part, Markup | SafeText):
            raise TypeError("only Markup and SafeText are drawn")
    st.html("".join(parts))


def element(tag: str, *parts: Markup | SafeText, look: str = "", style: str = "") -> Markup:
    """Wrap checked parts into an element; `look` is a class of the style sheet."""
    for part in parts:
        if not isinstance(part, Markup | SafeText):
            raise TypeError("markup is made of Markup and SafeText only")
    attributes = (f' class="{look}"' if look else "") + (f' style="{style}"' if style else "")
    return Markup(f"<{tag}{attributes}>{''.join(parts)}</{tag}>")


def words(text: object, longest: int = 600) -> SafeText:
    """Escape a sentence or a name for the page."""
    return safe_label(text, longest=longest)


def heading(text: str) -> None:
    """Draw a heading within a page (17 px)."""
    put(element("p", words(text), look="p-head"))


def note(text: str) -> None:
    """Draw a note beneath a figure (13 px)."""
    put(element("p", words(text), look="p-note"))
