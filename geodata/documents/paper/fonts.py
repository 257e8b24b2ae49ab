"""The fonts of the paper reports, found in installed packages, and text with only what they can draw.

Noto Sans SC (OFL) lies in the package zhplot, DejaVu Sans in matplotlib; neither is imported for it, as
importing zhplot changes settings of matplotlib for everybody. Fonts of the system are never used, so that
a report looks the same on every machine.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from matplotlib import get_data_path
from matplotlib.ft2font import FT2Font
from PIL import ImageFont

CHINESE_FAMILY = "Noto Sans SC"
OTHER_FAMILY = "DejaVu Sans"  # Arabic script and Cyrillic letters that the Chinese font lacks
ABSENT = "□"  # printed for a sign that no font has

_EM = 100
_JOINERS = "\u200c\u200d"


@cache
def find_chinese_font() -> Path:
    """Return the file of the Chinese font."""
    return Path(str(distribution("zhplot").locate_file("zhplot/fonts/NotoSansSC-Regular.ttf")))


@cache
def find_other_font() -> Path:
    """Return the file of the font for what the Chinese one lacks."""
    return Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


@cache
def read_signs(path: Path) -> frozenset[str]:
    """Return every character a font can draw."""
    return frozenset(map(chr, FT2Font(str(path)).get_charmap()))


def keep_drawable(text: str, *fonts: Path) -> str:
    r"""Replace what the fonts cannot draw by an empty box, as print does; the sheets and layers keep the original.

    Signs without a shape of their own that no font has, such as joiners and variation selectors, are left
    out, and so are control characters and those that turn the direction of the text around.

    Parameters
    ----------
    text
        Any text.
    fonts
        Files of the fonts it will be set in; both of ours by default.

    Examples
    --------
    >>> keep_drawable("乌鲁木齐 🏛"), keep_drawable("a\u202eb\x00")
    ('乌鲁木齐 □', 'ab')
    """
    known = [read_signs(path) for path in fonts or (find_chinese_font(), find_other_font())]
    if all(sign in known[0] for sign in text) and text.isprintable():
        return text
    return "".join(_replace(sign, known) for sign in text)


def drop_controls(text: str) -> str:
    r"""Leave out control characters, halves of characters and signs that turn the direction of a text around.

    Examples
    --------
    >>> drop_controls("a\u202eb\x00c\td 🏛")
    'abc d 🏛'
    """
    return text if text.isprintable() else "".join(_clean(sign) for sign in text)


def _clean(sign: str) -> str:
    if sign in "\n\t":
        return " "
    kind = unicodedata.category(sign)
    is_hidden = kind in ("Cc", "Cs", "Cn", "Zl", "Zp") or (kind == "Cf" and sign not in _JOINERS)
    return "" if is_hidden else sign


def _replace(sign: str, known: list[frozenset[str]]) -> str:
    clean = _clean(sign)
    if not clean or sign in _JOINERS:
        return ""
    if any(clean in signs for signs in known):
        return clean
    kind = unicodedata.category(clean)
    return " " if kind == "Zs" else "" if kind in ("Mn", "Me") else ABSENT


def choose_font(text: str) -> tuple[Path, str]:
    """Choose the font that draws all of a text and return it with the text, ready to be drawn with that font alone."""
    chinese, other = find_chinese_font(), find_other_font()
    clean = keep_drawable(text)
    if any(sign not in read_signs(chinese) for sign in clean) and all(sign in read_signs(other) for sign in clean):
        return other, clean
    return chinese, keep_drawable(text, chinese)


@cache
def _load_font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(find_chinese_font()), _EM, layout_engine=ImageFont.Layout.BASIC)


@cache
def _measure_sign(sign: str) -> float:
    return float(_load_font().getlength(sign)) / _EM


def measure(text: str, latin: float = 1.0) -> float:
    """Return the length of a text in the Chinese font, in widths of a Chinese character (em).

    `latin` is how wide Latin signs are in the font that will be used, to those of the Chinese font.

    Examples
    --------
    >>> measure("半小时"), measure("88") < 2.0
    (3.0, True)
    """
    if latin == 1.0:
        return sum(map(_measure_sign, text))
    return sum(_measure_sign(sign) * (latin if sign < "\u2e80" else 1.0) for sign in text)


def wrap(text: str, width_em: float, most_lines: int = 0) -> list[str]:
    """Break a text into lines: at spaces in Latin text, anywhere in Chinese, within a word longer than a line.

    Parameters
    ----------
    text
        Without line breaks.
    width_em
        Longest line [em].
    most_lines
        With more lines, the last one kept ends with an ellipsis; 0 for no limit.
    """
    lines, line = [], ""
    for piece in split_pieces(text):
        if measure(line + piece.rstrip()) <= width_em:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = piece.lstrip()
        while measure(line.rstrip()) > width_em and len(line) > 1:
            fits = max(1, next(n for n in range(len(line), 0, -1) if n == 1 or measure(line[:n]) <= width_em))
            lines.append(line[:fits])
            line = line[fits:]
    if line.strip() or not lines:
        lines.append(line.rstrip())
    if most_lines and len(lines) > most_lines:
        last = lines[most_lines - 1]
        while last and measure(last + "…") > width_em:
            last = last[:-1]
        lines = [*lines[: most_lines - 1], last + "…"]
    return lines


_NOT_FIRST = frozenset("，。；：、！？）》」』”’…%％‰")
_NOT_LAST = frozenset("（《「『“‘")


def split_pieces(text: str) -> list[str]:
    """Split into pieces that stay together: a Chinese character with its signs, or a run of others up to a space."""
    pieces: list[str] = []
    for sign in text:
        alone = ord(sign) >= 0x2E80  # Chinese characters, kana and full-width signs
        glued = pieces and (
            sign in _NOT_FIRST
            or pieces[-1][-1] in _NOT_LAST
            or (not alone and ord(pieces[-1][-1]) < 0x2E80 and pieces[-1][-1] != " ")
        )
        if glued or (pieces and sign == " "):
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces
