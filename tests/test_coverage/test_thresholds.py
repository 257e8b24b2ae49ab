"""Threshold tables: which rule decides, what a table must cover, and thresholds of many places at once."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from told_faults import tell_faults

from coverage.errors import SettingsError
from coverage.inputs.bilingual_names import Name
from coverage.inputs.thresholds import (
    ANY,
    RULE_FIELDS,
    ThresholdRule,
    ThresholdTable,
    find_cutoffs_min,
    find_rule,
    find_rule_faults,
)
from coverage.units import is_within

NAME = Name("表", "Table")
CASE = {"service": "notarisation", "level": "county", "zone": "urban", "mode": "drive", "season": "winter"}


def _table(*rules: ThresholdRule) -> ThresholdTable:
    return ThresholdTable("t", NAME, "source", rules)


def test_town_and_country() -> None:
    """The named zone has its threshold, every other zone and the unknown one the general threshold."""
    table = _table(ThresholdRule(minutes=60.0), ThresholdRule(zone="urban", minutes=30.0))
    zones = np.array(["urban", "urban", "rural", "pastoral", ""], object)
    found = find_cutoffs_min(table, mode="drive", season="summer", zones=zones)
    assert found.dtype == np.float32
    assert found.tolist() == [30.0, 30.0, 60.0, 60.0, 60.0]
    assert table.largest_cutoff_min == 60.0
    assert is_within(np.array([30.0, 30.1, 60.0, 60.1, 30.1]), found).tolist() == [True, False, True, False, True]


def test_a_column_of_a_table_will_do() -> None:
    """A pandas column with gaps is read by position, and no places give no thresholds."""
    table = _table(ThresholdRule(minutes=60.0), ThresholdRule(zone="urban", minutes=30.0))
    zones = pd.Series(["urban", None, "rural"], index=[7, 7, 1], dtype="str")
    assert find_cutoffs_min(table, mode="walk", season="summer", zones=zones).tolist() == [30.0, 60.0, 60.0]
    assert find_cutoffs_min(table, mode="walk", season="summer", zones=zones[:0]).shape == (0,)


def test_more_named_fields_win() -> None:
    """Two weak fields beat the strongest one alone, whatever the order of the rules."""
    rules = (
        ThresholdRule(minutes=60.0),
        ThresholdRule(service=CASE["service"], minutes=20.0),
        ThresholdRule(mode="drive", season="winter", minutes=45.0),
    )
    for order in itertools.permutations(rules):
        assert find_rule(_table(*order), **CASE).minutes == 45.0


@pytest.mark.parametrize(
    ("strong", "weak"), list(itertools.combinations(("service", "level", "zone", "mode", "season"), 2))
)
def test_order_of_the_fields(strong: str, weak: str) -> None:
    """Of two rules that name one field each, service goes before level, zone, mode and season."""
    rules = (
        ThresholdRule(**{weak: CASE[weak]}, minutes=10.0),
        ThresholdRule(minutes=60.0),
        ThresholdRule(**{strong: CASE[strong]}, minutes=20.0),
    )
    assert find_rule(_table(*rules), **CASE).minutes == 20.0


def test_one_strong_field_decides_between_pairs() -> None:
    """With equally many fields the strongest that differs decides: level + season before zone + mode."""
    table = _table(
        ThresholdRule(minutes=60.0),
        ThresholdRule(zone="urban", mode="drive", minutes=10.0),
        ThresholdRule(level="county", season="winter", minutes=20.0),
    )
    assert find_rule(table, **CASE).minutes == 20.0


def test_what_is_not_said_fits_general_rules_only() -> None:
    """Asking for any service does not meet a rule for one service."""
    table = _table(ThresholdRule(minutes=60.0), ThresholdRule(service="notarisation", minutes=20.0))
    assert find_rule(table).minutes == 60.0
    assert find_rule(table, service=ANY).minutes == 60.0
    assert find_rule(table, service="mediation").minutes == 60.0
    assert find_rule(table, service="notarisation").minutes == 20.0


@given(
    patterns=st.sets(st.tuples(*[st.booleans()] * 5), max_size=12),
    case=st.tuples(*[st.booleans()] * 5),
    seed=st.randoms(use_true_random=False),
)
def test_the_winner_fits_and_nothing_that_fits_names_more(
    patterns: set[tuple[bool, ...]], case: tuple[bool, ...], seed: object
) -> None:
    """Whatever the rules and their order, the winner fits the case and no fitting rule names more fields."""
    chosen = [*(patterns - {(False,) * 5}), (False,) * 5]
    rules = [
        ThresholdRule(
            **{field: CASE[field] for field, named in zip(RULE_FIELDS, pattern, strict=True) if named}, minutes=n + 1
        )
        for n, pattern in enumerate(chosen)
    ]
    asked = {field: CASE[field] for field, said in zip(RULE_FIELDS, case, strict=True) if said}
    winner = find_rule(_table(*rules), **asked)
    seed.shuffle(rules)  # type: ignore[attr-defined]
    assert find_rule(_table(*rules), **asked) == winner
    fitting = [
        pattern for pattern in chosen if all(said or not named for named, said in zip(pattern, case, strict=True))
    ]
    assert sum(value != ANY for value in winner.pattern) == max(map(sum, fitting))


def test_all_faults_of_a_table_are_told_together() -> None:
    """No general rule, a time out of range, unknown ids and a repeated rule are one error."""
    with pytest.raises(SettingsError) as caught:
        _table(
            ThresholdRule(zone="urban", minutes=0.0),
            ThresholdRule(zone="suburb", minutes=30.0),
            ThresholdRule(mode="fly", minutes=float("nan")),
            ThresholdRule(zone="urban", minutes=40.0),
        )
    assert caught.value.code == "thresholds.invalid"
    assert caught.value.context["count"] == 6
    faults = tell_faults(caught.value)
    for part in (
        "Rule 1: 0 minutes are out of range (above 0, up to 1440).",
        "Rule 2: Zone “suburb” is not known; use one of: urban, rural, pastoral.",
        "Rule 3: “Threshold (min)” is missing.",
        "Rule 3: Mode “fly” is not known; use one of: drive, walk, cycle.",
        "Rule 4: the conditions are those of rule 1",
        "A rule that is “any” throughout is missing",
    ):
        assert part in faults


def test_a_threshold_is_at_most_a_day() -> None:
    """24 hours and the smallest time above nothing are thresholds, a hair more is none."""
    for minutes, count in ((1440.0, 0), (np.nextafter(1440.0, 2000.0), 1), (np.nextafter(0.0, 1.0), 0), (0.0, 1)):
        assert len(find_rule_faults((ThresholdRule(minutes=float(minutes)),))) == count


def test_a_rule_that_says_nothing_is_half_an_hour_for_all() -> None:
    """Without any field a rule fits everything and gives 30 minutes."""
    assert find_cutoffs_min(_table(ThresholdRule()), mode="walk", season="snow", zones=np.array(["rural"])) == [30.0]


def test_conversions_are_marked() -> None:
    """Only a rule with a distance says that its minutes are converted."""
    assert not ThresholdRule(minutes=30.0).is_converted
    assert ThresholdRule(minutes=16.0, distance_km=1.2, speed_kph=4.5).is_converted
