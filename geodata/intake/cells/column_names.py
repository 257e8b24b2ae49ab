"""What the columns of a file are for: one book of names for every reader (``data/column_names.toml``)."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from geodata.files.folders import SHIPPED

_BOOK = SHIPPED / "column_names.toml"
_SIGNS = re.compile(r"[\s_\-:.*★#/，、,]")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_YEAR = re.compile(r"^((?:19|20)\d{2})(?:年(?![末底]))?|((?:19|20)\d{2})年?$")
_WHOLE, _BARE, _LEADING, _MARKED = range(4)  # ways in which a name fits, the best first


@dataclass(frozen=True, slots=True)
class _Book:
    """The book: place of each flat name in the list of its field, words before a name, datums, units."""

    fields: dict[str, dict[str, int]]
    before: tuple[str, ...]
    datums: tuple[tuple[str, str], ...]
    units: dict[str, float]


@cache
def _open_book() -> _Book:
    content = tomllib.loads(_BOOK.read_text(encoding="utf-8"))
    fields = {}
    for field, names in content["fields"].items():
        flat = [flatten_name(name) for name in names]
        fields[field] = {name: place for place, name in reversed(list(enumerate(flat)))}
    marks = [(mark, datum) for datum, words in content["datum"].items() for mark in words]
    return _Book(
        fields=fields,
        before=tuple(content["before"]["words"]),
        datums=tuple(sorted(marks, key=lambda mark: -len(mark[0]))),
        units={name: float(factor) for name, factor in content["units"].items()},
    )


def flatten_name(name: str) -> str:
    """Return a column name without case, width of letters, space and the signs that people join words with.

    Examples
    --------
    >>> flatten_name("Station_ID "), flatten_name("经 度（度）")
    ('stationid', '经度(度)')
    """
    return _SIGNS.sub("", unicodedata.normalize("NFKC", name).casefold())


def find_columns(field: str, columns: Iterable[str]) -> list[str]:
    """Return the columns that a field may stand in, the best first.

    Parameters
    ----------
    field
        A field of the book.
    columns
        The names of the columns of a file.

    Notes
    -----
    The whole name goes before one without its brackets, then without 所属 or a year; the order of the book decides
    between names that fit in the same way, and of several years the newest.

    Examples
    --------
    >>> find_columns("population", ["人口(万人)", "2010年常住人口", "2020年常住人口", "mood"])
    ['人口(万人)', '2020年常住人口', '2010年常住人口']
    """
    wanted = _open_book().fields[field]
    found = []
    for place, column in enumerate(columns):
        for way, name, year in _list_readings(column):
            if name in wanted:
                found.append((way, wanted[name] if not year else 0, -year, wanted[name], place, column))
                break
    return [one[-1] for one in sorted(found)]


def _list_readings(column: str) -> Iterable[tuple[int, str, int]]:
    """Yield how a column may be read, the most literal first: (way, flat name, year)."""
    whole = flatten_name(column)
    yield _WHOLE, whole, 0
    bare = _BRACKETS.sub("", whole)
    yield _BARE, bare, 0
    year = _YEAR.search(bare)
    if year:
        bare = _YEAR.sub("", bare, count=1)
    number = int(year[1] or year[2]) if year else 0
    yield _LEADING, bare, number
    for word in _open_book().before:
        if bare.startswith(word) and bare != word:
            yield _LEADING, bare.removeprefix(word), number


def find_datum(column: str) -> tuple[str, str]:
    """Return the datum that a column's name mentions ("" for none), and the flat name without it and brackets.

    Examples
    --------
    >>> find_datum("wgs84_lng"), find_datum("高德经度"), find_datum("经度(BD-09)"), find_datum("lon")
    (('wgs84', 'lng'), ('gcj02', '经度'), ('bd09', '经度'), ('', 'lon'))
    """
    whole = flatten_name(column)
    for mark, datum in _open_book().datums:
        if mark in whole:
            return datum, re.sub(r"[()\[\]]", "", whole.replace(mark, "", 1)).removesuffix("坐标系")
    return "", _BRACKETS.sub("", whole)


def fits(field: str, name: str) -> bool:
    """Tell whether a flat name stands in the book for a field."""
    return name in _open_book().fields[field]


def find_unit(column: str) -> float:
    """Return what the numbers of a column are multiplied by, as its brackets say: 10,000 for 人口（万人）, else 1."""
    flat = flatten_name(column)
    units = _open_book().units
    return next((units[part[1:-1]] for part in _BRACKETS.findall(flat) if part[1:-1] in units), 1.0)


def is_known(column: str) -> bool:
    """Tell whether the book knows a name for any field: then its row holds names of columns, not data."""
    fields = _open_book().fields
    readings = [name for _, name, _ in _list_readings(column)] + [find_datum(column)[1]]
    return any(name in wanted for name in readings if name for wanted in fields.values())
