"""Numbers that are read together: told apart where they differ, and their difference that of what is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from coverage.tables.report_value import Fact, Table
from geodata.documents.content.cell_numbers import say_in_sentence
from geodata.words import number_format
from geodata.words.i18n import Translator

_MOST_DECIMALS, _MOST_IN_TABLE = 4, 3
# Shares that stand for before and after, and their difference [points], in sentences and in tables.
_DIFFERENCES: tuple[tuple[str, str, str], ...] = (
    ("share_before", "share_after", "change"),
    ("before", "share", "change"),
    ("established_rate", "unit_reach_rate", "unit_difference"),
)
# The same of targets, whose shares are read with one decimal.
_TO_GO = ("today", "target_value", "to_go")
# Others that are compared within a sentence.
_COMPARED: tuple[tuple[str, str], ...] = (("mean_before", "mean_after"), ("everybody", "share"))
# Tables whose first row is what the differences of all rows are from.
_FROM_FIRST_ROW: dict[str, tuple[str, str]] = {"seasons": ("share", "change")}
_SAME = 1e-9


def match_facts(facts: Sequence[Fact], tr: Translator) -> tuple[list[Fact], dict[str, int]]:
    """Choose decimals for numbers that a sentence compares, and let their difference be that of what is read.

    Parameters
    ----------
    facts
        Of a sentence.
    tr
        Language.

    Returns
    -------
    The facts, with the difference of the shares as they are said in the place of the exact one; and by name of a
    fact how many decimals it is said with, where that is not the usual number: as few as tell before from after.
    """
    numbers = {fact.name: fact for fact in facts if not isinstance(fact.value, str)}
    chosen: dict[str, int] = {}
    said: dict[str, float] = {}
    for before, after, change in _DIFFERENCES:
        one, other = numbers.get(before), numbers.get(after)
        if one is None or other is None or one.kind != "share" or other.kind != "share":
            continue
        first, last = float(one.value), float(other.value)
        decimals = number_format.choose_decimals(first, last)
        chosen |= dict.fromkeys((before, after), decimals)
        if change in numbers and numbers[change].kind == "points":
            said[change] = _match(first, last, float(numbers[change].value), decimals)
            chosen[change] = decimals
    for before, after in _COMPARED:
        if {before, after} <= set(numbers) and not {before, after} & set(chosen):
            decimals = _find_decimals(numbers[before], numbers[after], tr)
            chosen |= dict.fromkeys((before, after), decimals) if decimals else {}
    lone = numbers.get("change")
    if lone is not None and lone.kind == "points" and "change" not in chosen:
        chosen["change"] = number_format.choose_decimals(0.0, float(lone.value))
    return [replace(fact, value=said.get(fact.name, fact.value)) for fact in facts], chosen


def match_table(table: Table) -> tuple[pd.DataFrame, dict[str, int]]:
    """Do for the shares of a table what `match_facts` does for those of a sentence.

    Returns
    -------
    The rows, their differences being those of the cells as they are read; and decimals by column where they are
    not the usual ones, at most three: as many as tell the pairs of every row apart, and as tell the rows of a column
    apart where the usual number shows them all alike.
    """
    rows, kinds = table.rows, {column.id: column.kind for column in table.columns}
    decimals = {name: _tell_rows_apart(rows[name]) for name, kind in kinds.items() if kind == "share"}
    changes: dict[str, pd.Series] = {}
    for before, after, change in _list_pairs(table, kinds):
        pairs = [one for one in zip(before.tolist(), rows[after].tolist(), strict=True) if np.isfinite(one).all()]
        names = [name for name in (before.name, after) if name in decimals]
        most = max((number_format.choose_decimals(*one, most=_MOST_IN_TABLE) for one in pairs), default=1)
        most = max(most, *(decimals[name] for name in names))
        decimals |= dict.fromkeys((*names, change), most)
        found = [
            _match(one, other, exact, most)
            for one, other, exact in zip(before.tolist(), rows[after].tolist(), rows[change].tolist(), strict=True)
        ]
        changes[change] = pd.Series(found, index=rows.index)
    if {"unit", *_TO_GO} <= kinds.keys():  # columns whose unit differs from row to row
        today, target, to_go = _TO_GO
        found = [
            _match(one, other, exact, 1) if unit == "share" else exact
            for unit, one, other, exact in rows[["unit", today, target, to_go]].itertuples(index=False)
        ]
        changes[to_go] = pd.Series(found, index=rows.index, dtype=float)
    return rows.assign(**changes), {name: one for name, one in decimals.items() if one > 1}


def _list_pairs(table: Table, kinds: Mapping[str, str]) -> list[tuple[pd.Series, str, str]]:
    """List what is compared in a table: the values before, the column after, and that of the difference."""
    rows = table.rows
    pairs = [
        (rows[before], after, change)
        for before, after, change in _DIFFERENCES
        if kinds.get(before) == kinds.get(after) == "share" and kinds.get(change) == "points"
    ]
    if table.id in _FROM_FIRST_ROW and len(rows):
        share, change = _FROM_FIRST_ROW[table.id]
        pairs.append((pd.Series(float(rows[share].iloc[0]), rows.index, name=share), share, change))
    return pairs


def _match(before: float, after: float, exact: float, decimals: int) -> float:
    """Return the difference of two shares as they are read; the exact one where it is none of these two."""
    if abs((before - after) - exact) <= _SAME:
        before, after = after, before
    return number_format.subtract_shares(before, after, decimals) if abs(after - before - exact) <= _SAME else exact


def _tell_rows_apart(shares: pd.Series) -> int:
    """Find the fewest decimals with which a column whose rows differ does not read the same in every row."""
    values = shares.dropna().unique().tolist()
    for decimals in range(1, _MOST_IN_TABLE + 1):
        if len(values) < 2 or len({number_format.percent(one, decimals) for one in values}) > 1:
            return decimals
    return 1


def _find_decimals(one: Fact, other: Fact, tr: Translator) -> int:
    """Find the fewest decimals with which two numbers read differently; 0 where the usual number does."""
    first, last = float(one.value), float(other.value)
    usual = [say_in_sentence(value, one.kind, "", tr) for value in (first, last)]
    if first == last or usual[0] != usual[1]:
        return 0
    for decimals in range(1, _MOST_DECIMALS):
        if say_in_sentence(first, one.kind, "", tr, decimals) != say_in_sentence(last, one.kind, "", tr, decimals):
            return decimals
    return _MOST_DECIMALS
