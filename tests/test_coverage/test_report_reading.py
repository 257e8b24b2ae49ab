"""Facts are read from cells; a sentence that lacks a number is not drafted."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from coverage.tables.cell_reading import build_table, find_extreme, find_row, state, take
from coverage.tables.report_value import CellRef, Column, Fact, Table

COLUMNS = (Column("name", "text", "unit"), Column("people", "people", "drivers"), Column("share", "share"))
numbers = st.floats(allow_nan=True, allow_infinity=True, width=32)


def build(rows: list[tuple[str, float, float]]) -> Table:
    """Build a table of names, people and shares."""
    table = build_table("places", COLUMNS, pd.DataFrame(rows, columns=["name", "people", "share"]))
    assert table is not None
    return table


def test_no_rows_make_no_table() -> None:
    """A frame without rows gives no table."""
    assert build_table("places", COLUMNS, pd.DataFrame(columns=["name", "people", "share"])) is None


def test_optional_columns_without_a_number_are_left_out() -> None:
    """A column that may be missing is left out only where no cell has a number, and infinity is none."""
    frame = pd.DataFrame({"name": ["甲"], "people": [np.inf], "share": [0.5]})
    table = build_table("places", COLUMNS, frame, optional=("people", "share"))
    assert table is not None
    assert [column.id for column in table.columns] == ["name", "share"] == list(table.rows.columns)


def test_a_fact_is_its_cell() -> None:
    """A fact has the value, kind and words of the cell it was read from, under the name it is given."""
    table = build([("甲", 10.0, 0.25), ("乙", 20.0, 0.75)])
    assert take(table, 1, "name", inside="share") == (
        Fact("name", "乙", "text", CellRef("places", 1, "name"), "unit"),
        Fact("inside", 0.75, "share", CellRef("places", 1, "share")),
    )


def test_a_number_takes_the_kind_of_its_row() -> None:
    """Where units differ from row to row a fact is of its row's kind; shares differ by points."""
    columns = (Column("unit", "word"), Column("value", "number"), Column("to_go", "number", "difference"))
    frame = pd.DataFrame({"unit": ["share", "minutes"], "value": [0.5, 12.0], "to_go": [0.1, 3.0]})
    table = build_table("targets", columns, frame)
    assert table is not None
    kinds = [[fact.kind for fact in take(table, row, "value", "to_go")] for row in (0, 1)]
    assert kinds == [["share", "points"], ["minutes", "minutes"]]


def test_a_column_that_is_not_there_silences_the_sentence() -> None:
    """A sentence that speaks of a column left out of the table is not drafted."""
    table = build([("甲", 10.0, 0.25)])
    assert state("any", *take(table, 0, "people", "cost")) is None


def test_an_empty_name_can_be_said_only_with_words() -> None:
    """What lies outside all places has a word; any other empty text silences the sentence."""
    assert state("any", Fact("name", "", "text", words="unit")) is not None
    assert state("any", Fact("name", "", "text")) is None


@given(st.lists(st.tuples(st.text(max_size=3), numbers, numbers), min_size=1, max_size=6), st.integers(0, 5))
def test_sentences_never_speak_of_missing_numbers(rows: list[tuple[str, float, float]], at: int) -> None:
    """Whatever the cells are, a drafted sentence has finite numbers only, and none is drafted of others."""
    table, row = build(rows), at % len(rows)
    finding = state("any", *take(table, row, "people", "share"))
    known = all(math.isfinite(one) for one in rows[row][1:])
    assert (finding is not None) == known
    if finding is not None:
        assert [fact.value for fact in finding.facts] == list(rows[row][1:])


@given(st.lists(numbers, min_size=1, max_size=8), st.booleans())
def test_extremes_are_those_of_the_known_numbers(values: list[float], largest: bool) -> None:
    """The extreme row is the first with the largest or smallest finite number; there is none without any."""
    table = build([("甲", value, 0.0) for value in values])
    row = find_extreme(table, "people", largest=largest)
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        assert row is None
    else:
        wanted = max(finite) if largest else min(finite)
        assert row == values.index(wanted)


def test_rows_are_found_by_their_cells() -> None:
    """The first row with all the values is found; nothing without a table, a column or a row."""
    table = build([("甲", 10.0, 0.25), ("乙", 20.0, 0.75), ("乙", 30.0, 0.5)])
    assert find_row(table, name="乙") == 1
    assert find_row(table, name="乙", people=30.0) == 2
    assert find_row(table, name="丙") is None
    assert find_row(table, level="x") is None
    assert find_row(None, name="乙") is None
