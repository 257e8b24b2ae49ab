"""What kind a station is: the catalogue's own words, else what the type and the name say, else a code of a web map."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from coverage.inputs.study import Catalogue
from geodata.files.folders import SHIPPED
from geodata.intake.cells.row_checks import BoolColumn, RowChecker
from geodata.intake.read_catalogue import FALLBACK_KIND

_WORDS = SHIPPED / "kind_words.toml"
_SEGMENTS = re.compile(r"[;；|]")


@dataclass(frozen=True, slots=True)
class _Book:
    rules: tuple[tuple[re.Pattern[str], str], ...]
    codes: dict[str, tuple[str, ...]]


@cache
def _open_book() -> _Book:
    content = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    rules = tuple((re.compile(rule["pattern"], re.IGNORECASE), str(rule["kind"])) for rule in content["rule"])
    return _Book(rules, {code: tuple(kinds) for code, kinds in content["codes"].items()})


def guess_kind(text: str) -> str:
    """Return the kind that a text speaks of, "" if none.

    Examples
    --------
    >>> guess_kind("街道公共法律服务工作站"), guess_kind("某派出所"), guess_kind("派出所驻所调解室"), guess_kind("小学")
    ('legal_station', 'police_station', '', '')
    """
    return next((kind for pattern, kind in _open_book().rules if pattern.search(text)), "")


def read_kinds(checker: RowChecker, catalogue: Catalogue, standard: str | None) -> tuple[pd.Series, BoolColumn]:
    """Read the kind of every row.

    A word of the catalogue is taken as it is. Another word is taken for the kind that it, the name of the place or the
    code of a web map speaks of, and the finding says so; where a web map gives a chain of types (``a;b;c``), the name
    goes before it. What none of them tells is ``other``.

    Parameters
    ----------
    checker
        The table.
    catalogue
        The kinds.
    standard
        Kind of the rows that give none, where the user has named it; None otherwise.

    Returns
    -------
    The kinds, and True where one is known: the other rows offer nothing by themselves.
    """
    column, name_column, code_column = (checker.find_column(field) for field in ("kind", "name", "kind_code"))
    count = len(checker.raw.table)
    texts, names, codes = (
        [""] * count if one is None else checker.raw.table[one].tolist() for one in (column, name_column, code_column)
    )
    by_word = {kind.name.zh: kind.id for kind in catalogue.kinds} | {kind.name.en: kind.id for kind in catalogue.kinds}
    by_word |= {kind.id: kind.id for kind in catalogue.kinds}
    shown = {kind.id: kind.name.zh for kind in catalogue.kinds}
    given = np.array([text != "" for text in texts], dtype=bool)
    answer = np.array([by_word.get(text, "" if text else standard or "") for text in texts], dtype=object)
    checker.remark((answer != "") & ~given, "stations.kind_assumed", "warning", column or "", standard or "")
    open_rows = np.flatnonzero(answer == "")
    guessed = np.zeros(count, dtype=bool)
    against = np.zeros(count, dtype=bool)
    for row in open_rows.tolist():
        spoken = _find_spoken(texts[row], names[row])
        listed = _open_book().codes.get(codes[row], ())
        found = spoken or next(iter(listed), "")
        if found in shown:
            answer[row], guessed[row] = found, True
            against[row] = bool(listed) and found not in listed
    pairs = _list_guesses(texts, names, [shown.get(kind, "") for kind in answer], guessed)
    checker.remark(guessed, "stations.kind_guessed", "warning", column or "", pairs)
    checker.remark(against, "stations.kind_code_differs", "warning", code_column or "")
    lost = answer == ""
    checker.remark(lost & given, "stations.kind_unknown", "warning", column or "")
    checker.remark(lost & ~given, "stations.kind_missing", "warning", column or "", checker.list_columns())
    answer[lost] = FALLBACK_KIND
    return pd.Series(answer, index=checker.raw.table.index, dtype=str), ~lost


def _find_spoken(text: str, name: str) -> str:
    """Return the kind that a type and a name speak of; of a chain of types the last that says anything."""
    chain = [part.strip() for part in _SEGMENTS.split(text) if part.strip()]
    if len(chain) > 1:
        return guess_kind(name) or next(filter(None, map(guess_kind, reversed(chain))), "")
    return guess_kind(text) or guess_kind(name)


def _list_guesses(texts: list[str], names: list[str], kinds: list[str], guessed: BoolColumn) -> str:
    """List what was taken for what, each pair once, at most a handful."""
    pairs = dict.fromkeys(
        f"{names[row] if _SEGMENTS.search(texts[row]) else texts[row] or names[row]} → {kinds[row]}"
        for row in np.flatnonzero(guessed).tolist()
    )
    return " · ".join(list(pairs)[:8])
