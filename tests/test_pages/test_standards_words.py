"""What the Standards page is made of: sheets that come back as they were, rules in a spreadsheet, faults in words."""

from __future__ import annotations

import string
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from coverage.errors import InputError
from coverage.inputs.study import Study
from coverage.inputs.thresholds import ThresholdRule, find_rule_faults
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_speeds import default_speeds_path, read_speeds
from geodata.intake.rule_sheet import encode_rule_sheet, read_rule_sheet
from geodata.words.i18n import LANGUAGES, Translator
from pages.ui.standards import edit_catalogue, edit_thresholds, rule_words, speed_sheets


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
def test_every_fault_has_words(language: Any, tmp_path: Path) -> None:
    """Each fault of rules and catalogue becomes a sentence of one line without notation or holes."""
    tr = Translator(language)
    rules = (ThresholdRule(minutes=-5.0), ThresholdRule(), ThresholdRule(zone="mars"), ThresholdRule(mode="fly"))
    faults = [*find_rule_faults(rules), *find_rule_faults(())]
    path = tmp_path / "catalogue.toml"
    path.write_text(
        """
        kind = [{id = "X!", en = "X", family = "y", services = ["a", "a"]}, 3]
        level = [{id = "l", zh = "层", en = "L", rank = 1}, {id = "l", zh = "层", en = "L", rank = 1}]
        item = [{id = "a", zh = "甲", en = "A", family = "y", weight = "dogs"}]
        """,
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        read_catalogue(path)
    faults += caught.value.faults
    assert {fault.code for fault in faults} >= {
        f"entry.{one}"
        for one in (
            "fallback_missing", "id_invalid", "id_twice", "minutes_out_of_range", "missing", "named_twice",
            "no_general_rule", "none_listed", "not_a_table", "rank_twice", "rule_twice", "undefined", "unknown_choice",
        )
    }  # fmt: skip
    for fault in faults:
        sentence = tr.describe(fault).what
        assert not any(name for _, name, _, _ in string.Formatter().parse(sentence))
        assert not any(mark in sentence for mark in ("entry.", "fact.", "standards.", "\n"))


def test_faults_are_told_with_the_rows_and_names_of_the_screen(study: Study) -> None:
    """A fault of rules has the number its row shows, one of the catalogue the names that people gave."""
    tr = Translator("zh_CN")
    found = edit_thresholds._renumber(find_rule_faults((ThresholdRule(), ThresholdRule()))[0], pd.Index([3, 7]))
    assert tr.describe(found).what == "第 7 条：条件与第 3 条完全相同，请删去一条。"
    items = tuple(one for one in study.catalogue.items if one.id != "mediation")
    said = edit_catalogue._find_faults(replace(study.catalogue, items=items), study.catalogue, tr)
    assert "站点种类“司法所”：事项“人民调解”不存在。" in said
