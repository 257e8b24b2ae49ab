"""Reads a place that somebody typed: degrees as numbers or with minutes and seconds, in any width of character."""

from __future__ import annotations

import numpy as np
from shapely.geometry.base import BaseGeometry

from coverage.errors import InputError
from geodata.intake.cells.read_angle import LONGEST_PLACE, split_angles, to_degrees
from geodata.intake.cells.row_checks import MAX_LATITUDE, find_swapped


def read_place_text(text: str, area: BaseGeometry | None = None) -> tuple[float, float]:
    """Read lon and lat [degrees, WGS-84] from a typed text.

    Parameters
    ----------
    text
        ``87.61, 43.82``, ``43.82N 87.61E``, ``87°36′30″E 43°49′12″N``, ``东经87度36分 北纬43度49分``; full-width
        characters too. Without letters longitude comes first, unless it can only be the other way round.
    area
        The study area, which makes an exchanged order easier to tell.

    Raises
    ------
    InputError
        ``place.unreadable`` if it does not say two angles, ``place.off_map`` if they are no place on the map.

    Examples
    --------
    >>> read_place_text("８７．５，４３．８"), read_place_text("43.8N 87.5E"), read_place_text("87°30′E 43°48′N")
    ((87.5, 43.8), (87.5, 43.8), (87.5, 43.8))
    """
    angles = _read_angles(split_angles(text))
    if angles is None:
        raise InputError("place.unreadable", value=text[:LONGEST_PLACE])
    (first, first_letter), (second, second_letter) = angles
    if first_letter or second_letter:
        is_lat_first = first_letter in ("N", "S") or second_letter in ("E", "W")
    else:
        is_lat_first = bool(find_swapped(np.array([first]), np.array([second]), area)[0])
    lon, lat = (second, first) if is_lat_first else (first, second)
    if abs(lon) > 180.0 or abs(lat) > MAX_LATITUDE or (lon, lat) == (0.0, 0.0):
        raise InputError("place.off_map", value=text[:LONGEST_PLACE])
    return lon, lat


def _read_angles(tokens: list[tuple[str, str]] | None) -> list[tuple[float, str]] | None:
    """Read exactly two angles, each with its letter ("" for none)."""
    if not tokens:
        return None
    numbers = [token for token in tokens if token[0]]
    groups: list[list[tuple[str, str]]] = []
    letters: list[str] = []
    if len(numbers) == len(tokens):
        begins = [unit == "°" for _, unit in numbers]
        if not any(begins):
            half = len(numbers) // 2
            begins = [len(numbers) % 2 == 0 and number in (0, half) for number in range(len(numbers))]
        for begin, token in zip(begins, numbers, strict=True):
            groups = [*groups, [token]] if begin or not groups else [*groups[:-1], [*groups[-1], token]]
        letters = [""] * len(groups)
    else:
        is_before = not tokens[0][0]
        group: list[tuple[str, str]] = []
        for token in tokens if is_before else tokens[::-1]:
            if token[0]:
                group.append(token)
                continue
            group = []
            groups.append(group)
            letters.append(token[1])
        if not is_before:
            groups, letters = [one[::-1] for one in groups[::-1]], letters[::-1]
        if sum(map(len, groups)) != len(numbers):
            return None
    angles = [to_degrees(group, letter) for group, letter in zip(groups, letters, strict=True)]
    kinds = {letter in ("N", "S") for letter in letters if letter}
    is_pair = len(letters) == 2 and (len(kinds) == 2 or "" in letters)
    if not is_pair or any(angle is None for angle in angles):
        return None
    return [(angle, letter) for angle, letter in zip(angles, letters, strict=True) if angle is not None]
