"""Numbers that are read together: told apart where they differ, and their difference that of what is read."""

from __future__ import annotations

import re
from decimal import Decimal

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from coverage.tables.report_value import CellKind, Column, Fact, Table
from geodata.documents.content.cell_numbers import say_cell, say_in_sentence
from geodata.documents.content.number_pairs import match_facts, match_table
from geodata.words.i18n import Language, Translator


def test_before_and_after_never_read_the_same() -> None:
    """Shares, minutes and a change that differ are said with as many decimals as show it; equal ones as usual."""
    tr = Translator("zh_CN")

    def say(**numbers: tuple[float, CellKind]) -> dict[str, str]:
        facts = [Fact(name, value, kind) for name, (value, kind) in numbers.items()]
        matched, decimals = match_facts(facts, tr)
        return {
            fact.name: say_in_sentence(float(fact.value), fact.kind, "", tr, decimals.get(fact.name))
            for fact in matched
        }

    near = say(share_before=(0.99812, "share"), share_after=(0.99841, "share"), change=(0.00029, "points"))
    assert near == {"share_before": "99.81%", "share_after": "99.84%", "change": "0.03个百分点"}
    over = say(before=(0.99749, "share"), share=(0.99751, "share"), change=(-0.00002, "points"))
    assert over == {"before": "99.749%", "share": "99.751%", "change": "0.002个百分点"}
    far = say(share_before=(0.943, "share"), share_after=(0.986, "share"), change=(0.043, "points"))
    assert far == {"share_before": "94.3%", "share_after": "98.6%", "change": "4.3个百分点"}
    assert say(share_before=(0.5, "share"), share_after=(0.5, "share"))["share_after"] == "50.0%"
    assert say(mean_before=(12.34, "minutes"), mean_after=(12.31, "minutes"))["mean_after"] == "12.31分钟"


def read_number(text: str) -> Decimal:
    """Read a number as whoever checks a report does."""
    return Decimal(re.sub(r"[^0-9.−]", "", text).replace("−", "-"))


@given(st.floats(0, 1), st.floats(0, 1) | st.floats(-1e-3, 1e-3), st.sampled_from(["zh_CN", "en"]))
def test_differences_are_those_of_what_is_read(before: float, step: float, language: Language) -> None:
    """In sentences and in tables, whoever subtracts the two shares that are printed finds the difference printed."""
    after = min(max(before + step, 0.0), 1.0) if abs(step) <= 1e-3 else step
    tr = Translator(language)
    shares: tuple[Column, ...] = (Column("share_before", "share"), Column("share_after", "share"))
    exact = {"share_before": before, "share_after": after, "change": after - before}
    kinds: dict[str, CellKind] = {"share_before": "share", "share_after": "share", "change": "points"}
    matched, decimals = match_facts([Fact(name, value, kinds[name]) for name, value in exact.items()], tr)
    said = [say_in_sentence(float(one.value), one.kind, "", tr, decimals[one.name]) for one in matched]
    table = Table("t", (*shares, Column("change", "points")), pd.DataFrame([exact, exact]))
    rows, places = match_table(table)
    cells = [say_cell(rows[name].iloc[0], kind, places.get(name, 1)) for name, kind in kinds.items()]
    for first, last, change in (said, cells):
        if not any(one[0] in "<>" for one in (first, last)):
            assert abs(read_number(last) - read_number(first)) == abs(read_number(change))
    assert said[0] != said[1] or abs(after - before) < 1e-6


def test_rows_that_would_all_read_the_same_get_more_decimals() -> None:
    """Rates of 99.8 % in each row are told apart, and changes of seasons are those from the first row as it is read."""
    seasons = pd.DataFrame({"share": [0.99761, 0.99788, 0.99759], "change": [0.0, 0.00027, -0.00002]})
    rows, decimals = match_table(Table("seasons", (Column("share", "share"), Column("change", "points")), seasons))
    assert [say_cell(one, "share", decimals["share"]) for one in rows["share"]] == ["99.761%", "99.788%", "99.759%"]
    assert [say_cell(one, "points", decimals["change"]) for one in rows["change"]] == ["0.000", "+0.027", "−0.002"]
    wide = pd.DataFrame({"share": [0.2, 0.9]})
    assert match_table(Table("t", (Column("share", "share"),), wide))[1] == {}
