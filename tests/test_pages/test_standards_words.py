"""What the Standards page is made of: sheets that come back as they were, rules in a spreadsheet, faults in words."""

from __future__ import annotations

import string
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from coverage.inputs.study import Study
from coverage.inputs.thresholds import ThresholdRule, find_rule_faults
from geodata.intake.read_speeds import default_speeds_path, read_speeds
from geodata.intake.rule_sheet import encode_rule_sheet, read_rule_sheet
from geodata.words.i18n import LANGUAGES, Translator
from pages.ui.standards import fault_words, rule_words, speed_sheets


def test_speeds_come_back_from_their_sheets() -> None:
    """Default tables put on screen and read off it are the same tables; a fault is told in words."""
    tr = Translator("zh_CN")
    for mode in ("drive", "walk", "cycle"):
        table = read_speeds(default_speeds_path(mode))  # type: ignore[arg-type]
        sheets = {name: getattr(speed_sheets, f"to_{name}")(table) for name in ("classes", "delays", "limits")}
        values = {
            "maxspeed_factor": table.maxspeed_factor,
            "urban_junctions": table.urban_junctions_per_km2,
            "side": "right",
        }
        assert speed_sheets.to_table(table, sheets, values) == table
        assert speed_sheets.find_faults(table, sheets, "winter", tr) == []
        assert speed_sheets.find_faults(table, sheets, "spring", tr) != []
    spoilt = replace(table, speeds_kph=(("road", 900.0),))
    assert "900" in speed_sheets.find_faults(spoilt, sheets, "summer", tr)[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_rules_survive_a_spreadsheet(language: Any, study: Study, tmp_path: Path) -> None:
    """Rules written in the words of one language are read back, whatever the language of the reader."""
    rules = (
        ThresholdRule(minutes=60.0),
        ThresholdRule(zone="urban", service="mediation", level="township", mode="walk", season="winter", minutes=20.5),
    )
    tr = Translator(language)
    path = tmp_path / "rules.csv"
    path.write_bytes(encode_rule_sheet(rules, rule_words.list_words(study, tr), rule_words.list_titles(tr)))
    other = Translator("en" if language == "zh_CN" else "zh_CN")
    found, issues = read_rule_sheet(path, rule_words.list_words(study, other))
    assert repr(found) == repr(rules)
    assert issues == ()
    path.write_text("区域,分钟\n火星,30\n=1+1,30\n城镇,三十\n城镇,-1\n任意,30\n", encoding="gb18030")
    found, issues = read_rule_sheet(path, rule_words.list_words(study, tr))
    assert [rule.minutes for rule in found] == [30.0]
    assert sum(issue.count for issue in issues if issue.severity == "rejected") == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_has_words(language: Any) -> None:
    """Each fault of rules and catalogue becomes a sentence without notation or holes."""
    tr = Translator(language)
    rules = (ThresholdRule(minutes=-5.0), ThresholdRule(), ThresholdRule(zone="mars"), ThresholdRule(mode="fly"))
    said = fault_words.say_rule_faults(find_rule_faults(rules), pd.RangeIndex(1, 5), tr)
    said += fault_words.say_rule_faults(find_rule_faults(()), pd.RangeIndex(0), tr)
    problems = [
        'kind "x": id must be a-z, 0-9 and _ and start with a letter',
        'kind "x": name zh missing',
        'kind "x": family "y" is not defined',
        'bundle "x": items names an id twice',
        'item "x": id used twice',
        'item "x": weight must be one of a, b',
        'kind "x": level missing',
        '[[kind]]: kind "other" is needed for kinds that are not listed',
        "[[bundle]]: at least one entry is needed",
        "[[level]]: two levels have the same rank",
    ]
    said += fault_words.say_catalogue_faults("\n".join(problems), {}, tr)
    assert len(said) == 4 + 1 + len(problems)
    for sentence in said:
        assert not any(name for _, name, _, _ in string.Formatter().parse(sentence))
        assert "fault." not in sentence
        assert "standards." not in sentence
        assert "rule " not in sentence
        assert sentence not in problems
