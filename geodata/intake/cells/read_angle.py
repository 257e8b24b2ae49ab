"""Reads an angle that somebody typed: degrees as a number or with minutes and seconds, in any width of character."""

from __future__ import annotations

import re
import unicodedata

LONGEST_PLACE = 120
_WORDS = (
    (re.compile(r"东经|經度|经度|longitude|lon|lng", re.IGNORECASE), " E "),
    (re.compile(r"西经"), " W "),
    (re.compile(r"北纬|緯度|纬度|latitude|lat", re.IGNORECASE), " N "),
    (re.compile(r"南纬"), " S "),
    (re.compile(r"[°º˚度]|(?<=\d)d", re.IGNORECASE), "° "),
    (re.compile(r"''|″|”|“|\"|秒"), "s "),
    (re.compile(r"[′'’‘´分]|(?<=\d)m", re.IGNORECASE), "m "),
    (re.compile(r"[,;、()\[\]:=/|]"), " "),
)
_PART = re.compile(r"\s*(?:([+-]?\d+(?:\.\d+)?)\s*([°ms]?)|([NSEW]))", re.IGNORECASE)


def read_angle(text: str) -> float | None:
    """Read one angle [degrees]; None if the text is none.

    Examples
    --------
    >>> read_angle("87°36′30″"), read_angle("东经87度36分"), read_angle("E８７．６"), read_angle("8 7")
    (87.60833333333333, 87.6, 87.6, None)
    """
    tokens = split_angles(text)
    if not tokens:
        return None
    letters = [letter for number, letter in tokens if not number]
    numbers = [token for token in tokens if token[0]]
    is_marked = len(numbers) == 1 or any(unit for _, unit in numbers)
    if len(letters) > 1 or not is_marked or (letters and tokens[0][0] and tokens[-1][0]):
        return None
    return to_degrees(numbers, letters[0] if letters else "")


def split_angles(text: str) -> list[tuple[str, str]] | None:
    """Split a text into numbers with their unit ("", "°", "m", "s") and letters ("", "E"); None if there is more."""
    plain = text[:LONGEST_PLACE]
    for pattern, word in _WORDS:
        plain = pattern.sub(word, plain)
    plain = unicodedata.normalize("NFKC", plain)
    for pattern, word in _WORDS:
        plain = pattern.sub(word, plain)
    tokens, at = [], 0
    plain = plain.strip()
    while at < len(plain):
        found = _PART.match(plain, at)
        if found is None:
            return None
        number, unit, letter = found.groups()
        tokens.append((number, (unit or "").lower()) if number is not None else ("", letter.upper()))
        at = found.end()
    return tokens


def to_degrees(group: list[tuple[str, str]], letter: str) -> float | None:
    """Add degrees, minutes and seconds; None if they are no angle."""
    values = [float(number) for number, _ in group]
    units = [unit or "°ms"[place] for place, (_, unit) in enumerate(group[:3])]
    is_angle = 0 < len(group) <= 3 and units == list("°ms"[: len(group)])
    if not is_angle or any(not 0.0 <= value < 60.0 for value in values[1:]):
        return None
    size = sum(abs(value) / 60.0**place for place, value in enumerate(values))
    is_negative = group[0][0].startswith("-") or letter in ("S", "W")
    return -size if is_negative else size
