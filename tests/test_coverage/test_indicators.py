"""The registry of indicators, its words, and the small computations about ranges and sites."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.access.headline_range import TORNADO_COLUMNS, compute_range
from coverage.errors import InputError
from coverage.inputs.indicator_registry import INDICATORS, find_indicator
from geodata.words.i18n import LANGUAGES, load_messages

INF = np.inf


def test_every_planned_indicator_is_defined_once() -> None:
    """A1, A1k and B1 to B17 are there, and no code stands twice."""
    codes = [indicator.code for indicator in INDICATORS]
    assert len(codes) == len(set(codes))
    families = {code.partition(".")[0] for code in codes}
    assert families == {"A1", "A1k", *(f"B{number}" for number in range(1, 18))} - {"B3"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_indicator_has_its_words(language: str) -> None:
    """Name, formula, denominator and source of each code can be shown in both languages."""
    words = load_messages(language)  # type: ignore[arg-type]
    wanted = {
        f"indicator.{one.code}.{part}" for one in INDICATORS for part in ("name", "formula", "denominator", "source")
    }
    assert sorted(wanted - words.keys()) == []


def test_estimates_say_so_in_their_names() -> None:
    """What rests on assumptions is called an estimate wherever its name or formula is shown."""
    chinese, english = (load_messages(language) for language in LANGUAGES)
    for one in (one for one in INDICATORS if one.is_estimate):
        shown = [f"indicator.{one.code}.{part}" for part in ("name", "formula")]
        assert "估算" in "".join(chinese[key] for key in shown)
        assert "estimate" in "".join(english[key] for key in shown)


@pytest.mark.parametrize(
    ("code", "definition"),
    [
        ("B1", "B1"),
        ("B4.mean", "B4.mean"),
        ("A1.county", "A1"),
        ("A1k.village.mediation", "A1k"),
        ("B7.item.x", "B7.item"),
    ],
)
def test_codes_of_a_table_lead_to_their_definition(code: str, definition: str) -> None:
    """The detail after the code does not hide what the row means."""
    assert find_indicator(code).code == definition


@pytest.mark.parametrize("code", ["", "C1", "B", "B1.nonsense", "B4", "B4.mean.county", ".", "B7"])
def test_unknown_codes_are_refused(code: str) -> None:
    """A code nobody defined is an error that lists the known ones."""
    with pytest.raises(InputError) as caught:
        find_indicator(code)
    assert caught.value.code == "indicator.unknown"
    assert "B4.mean" in str(caught.value.context["known"])


def test_range_and_tornado() -> None:
    """The widest factor comes first; the range spans all variants and the headline itself."""
    found = compute_range(0.80, {"snap": (0.79, 0.81), "speed": (0.70, 0.78), "population": (np.nan,)})
    assert (found.value, found.low, found.high) == (0.80, 0.70, 0.81)
    assert tuple(found.tornado.columns) == TORNADO_COLUMNS
    assert found.tornado["factor"].tolist() == ["speed", "snap", "population"]
    assert found.tornado["high"].tolist() == [0.80, 0.81, 0.80]
    np.testing.assert_allclose(found.tornado["swing"], [0.10, 0.02, 0.0])


def test_range_of_nothing() -> None:
    """Without variants the range is the headline; without a headline it is unknown."""
    assert (compute_range(0.5, {}).low, compute_range(0.5, {}).high) == (0.5, 0.5)
    unknown = compute_range(np.nan, {"speed": (np.nan, np.nan)})
    assert np.isnan([unknown.low, unknown.high, unknown.tornado["swing"].iloc[0]]).all()


@given(st.floats(0, 1), st.lists(st.floats(0, 1), max_size=5))
def test_the_headline_lies_in_its_range(value: float, variants: list[float]) -> None:
    """Whatever the variants, low ≤ headline ≤ high."""
    found = compute_range(value, {"speed": tuple(variants)})
    assert found.low <= value <= found.high
    assert all(found.low <= one <= found.high for one in variants)
