"""The one escaper: no text that a user brought reaches a map or a page's HTML except through here.

Texts of a map are compiled as templates on the server and parsed as HTML and as script in the
browser. `safe_label` leaves nothing that any of the three could read as an instruction, and
`encode_data` refuses every text that did not pass it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np

LONGEST_LABEL = 120
_SAFE_PUNCTUATION = frozenset(" .,-()·，。、（）：；％—…")
_PLAIN = re.compile(r"[A-Za-z0-9 #:;,./+=%()-]*\Z")


class SafeText(str):
    """A text that went through `safe_label`; nothing else makes one."""

    __slots__ = ()


class Markup(str):
    """Markup written by the planner itself, from constants and `SafeText` only."""

    __slots__ = ()


def safe_label(text: object, *, longest: int = LONGEST_LABEL) -> SafeText:
    """Turn any text into one that template engines, HTML and scripts take as plain words.

    Letters, digits and harmless punctuation stay; every other character becomes ``&#N;``. Control
    characters become spaces, invisible format characters (which can reverse the reading order) go.

    Parameters
    ----------
    text
        Anything; its ``str`` is used.
    longest
        Characters kept; longer texts end with an ellipsis.

    Examples
    --------
    >>> safe_label("{{7*191}}<b>")
    '&#123;&#123;7&#42;191&#125;&#125;&#60;b&#62;'
    >>> safe_label("天山区（示意）")
    '天山区（示意）'
    """
    raw = str(text)
    if len(raw) > longest:
        raw = raw[: longest - 1] + "…"
    return SafeText("".join(map(_escape, raw)))


def _escape(character: str) -> str:
    if character in _SAFE_PUNCTUATION or character.isalpha() or character.isdecimal():
        return character
    category = unicodedata.category(character)
    if category == "Cf" or category == "Cs":
        return ""
    if category.startswith(("C", "Z")):
        return " "
    return f"&#{ord(character)};"


def join_markup(*parts: Markup | SafeText) -> Markup:
    """Put pieces of markup together.

    Raises
    ------
    TypeError
        If a piece is an ordinary text.
    """
    for part in parts:
        if not isinstance(part, Markup | SafeText):
            raise TypeError("markup is made of Markup and SafeText only")
    return Markup("".join(parts))


def encode_data(data: object) -> str:
    """Write the data of a map layer as JSON that is safe inside a script and inside a template.

    Parameters
    ----------
    data
        Numbers, booleans, None, `SafeText`, `Markup`, plain ids and colours, and lists and mappings
        of these; numpy numbers and arrays too.

    Raises
    ------
    TypeError
        If it holds a text that did not go through `safe_label`, or a value that is none of these.
    ValueError
        If it holds a number that is not finite.
    """
    text = json.dumps(_check(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&'`\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _check(value: object) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Markup | SafeText):
        return str(value)
    if isinstance(value, str):
        if _PLAIN.match(value) is None:
            raise TypeError(f"a text of {len(value)} characters did not go through safe_label")
        return value
    if isinstance(value, Mapping):
        return {_check_key(key): _check(entry) for key, entry in value.items()}
    if isinstance(value, Sequence):
        return [_check(entry) for entry in value]
    raise TypeError(f"{type(value).__name__} cannot be data of a map layer")


def _check_key(key: object) -> str:
    if not isinstance(key, str) or re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", key) is None:
        raise TypeError("keys of map data are plain ids")
    return key
