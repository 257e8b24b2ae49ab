"""Threshold rules as a spreadsheet: CSV with a row for each rule, in ids or in the names people see."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from coverage.errors import DataIssue, InputError
from coverage.inputs.thresholds import ANY, MAX_MINUTES, ThresholdRule
from geodata.files.reading_border import reads_file
from geodata.files.write_tables import encode_csv
from geodata.intake.cells.read_table import read_table
from geodata.intake.cells.row_checks import RowChecker

# For each field and each of its ids, every word that stands for it.
Words = Mapping[str, Mapping[str, tuple[str, ...]]]

_FIELDS = ("service", "zone", "level", "mode", "season")
_ANY_WORDS = ("", ANY, "任意", "不限", "any")


@reads_file
def read_rule_sheet(path: Path, words: Words) -> tuple[tuple[ThresholdRule, ...], tuple[DataIssue, ...]]:
    """Read threshold rules from CSV.

    Parameters
    ----------
    path
        The file: a column ``minutes`` and any of ``service, zone, level, mode, season``; a field that is
        absent or empty fits everything.
    words
        The words that are understood for each field, besides its ids.

    Returns
    -------
    The rules, and what was found: rows with a word or a number that is not understood are left out.

    Raises
    ------
    InputError
        ``thresholds.no_minutes`` without a column of minutes, or as `geodata.intake.cells.read_table.read_table` does.
    """
    raw = read_table(path)
    checker = RowChecker(raw)
    columns = {field: checker.find_column(field) for field in _FIELDS}
    minutes_column = checker.find_column("minutes")
    if raw.geometry is not None or minutes_column is None:
        raise InputError("thresholds.no_minutes", file=raw.source, found=checker.list_columns())
    fields = {}
    for field, column in columns.items():
        if column is None:
            fields[field] = pd.Series(ANY, index=raw.table.index)
            continue
        known = {_flatten_word(word): ANY for word in _ANY_WORDS}
        for identity, spoken in words[field].items():
            known |= {_flatten_word(word): identity for word in (*spoken, identity)}
        fields[field] = raw.table[column].map(lambda cell, known=known: known.get(_flatten_word(cell)))
        checker.reject(fields[field].isna().to_numpy(bool), "thresholds.word_unknown", column)
    minutes = checker.read_numbers(minutes_column, "thresholds.minutes")
    with np.errstate(invalid="ignore"):
        fits = (minutes > 0.0) & (minutes <= MAX_MINUTES)
    checker.reject(~fits, "thresholds.minutes_out_of_range", minutes_column)
    accepted = checker.accepted
    rows = pd.DataFrame({**fields, "minutes": minutes})[accepted]
    issues = checker.build(rows).issues
    named = [tuple(map(str, values)) for values in rows[list(fields)].itertuples(index=False)]
    rules = [
        ThresholdRule(service, zone, level, mode, season, minutes=float(until))
        for (service, zone, level, mode, season), until in zip(named, rows["minutes"], strict=True)
    ]
    return tuple(rules), issues


def _flatten_word(word: str) -> str:
    """Return a word without case, outer space and full-width letters."""
    return unicodedata.normalize("NFKC", word).strip().casefold()


def encode_rule_sheet(rules: tuple[ThresholdRule, ...], words: Words, titles: Mapping[str, str]) -> bytes:
    """Encode threshold rules as CSV in the words people see.

    Parameters
    ----------
    rules
        The rules.
    words
        For each field and id its words; the first one is written. An id without words is written itself.
    titles
        Title of each column.
    """
    rows = []
    for rule in rules:
        row: dict[str, object] = {
            titles[field]: words[field].get(getattr(rule, field), (getattr(rule, field),))[0] for field in _FIELDS
        }
        rows.append(row | {titles["minutes"]: rule.minutes})
    return encode_csv(pd.DataFrame(rows))
