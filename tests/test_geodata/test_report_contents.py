"""What a report says and leaves out: its rules, its sections, and small studies worked out by hand."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_facts import check_facts, paragraphs
from report_samples import OPTIONS, build_full, build_plain
from small_study import STUDY, write_small_study

from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.report.options import SECTIONS, ReportOptions
from coverage.report.sections import list_rules
from coverage.tables.report_value import Report, Table
from geodata.answers.run_assessment import answer_question
from geodata.documents.build import build_report
from geodata.studies.open_study import open_study


def test_there_are_many_rules_and_they_speak() -> None:
    """There are well over twenty rules, and nearly all find something in the full report."""
    rules = list_rules()
    assert len(rules) >= 45
    tables = build_full().report.tables()
    spoken = [rule for rule in rules if rule(tables) is not None]
    assert len(spoken) >= 40


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32 - 1), kept=st.floats(0.0, 1.0), holes=st.floats(0.0, 1.0))
def test_rules_are_silent_where_data_are_missing(seed: int, kept: float, holes: float) -> None:
    """With tables taken away and numbers made NaN at random, what a rule still says is true of what is left."""
    chance, tables = np.random.default_rng(seed), {}
    for name, table in build_full().report.tables().items():
        if chance.random() > kept:
            continue
        rows = table.rows.copy()
        for column in table.columns:
            if rows[column.id].dtype == float:
                rows[column.id] = rows[column.id].mask(chance.random(len(rows)) < holes)
        tables[name] = replace(table, rows=rows)
    for rule in list_rules():
        finding = rule(tables)
        for fact in finding.facts if finding else ():
            assert fact.cell is not None
            assert tables[fact.cell.table].rows[fact.cell.column].iloc[fact.cell.row] == fact.value
            assert isinstance(fact.value, str) or math.isfinite(fact.value)


def test_rules_say_nothing_of_nothing() -> None:
    """Without tables no rule says anything."""
    empty: dict[str, Table] = {}
    assert [rule.__name__ for rule in list_rules() if rule(empty) is not None] == []


def test_sections_stand_in_the_order_chosen() -> None:
    """Only the sections chosen stand in a report, in their order, and sentences about other tables fall silent."""
    sample = build_plain()
    options = replace(OPTIONS, sections=("limits", "gaps", "summary"))
    report = build_report(sample.study, sample.question, sample.answer, options)
    assert [section.id for section in report.sections] == ["limits", "gaps", "summary"]
    rules = {finding.rule for finding in report.sections[-1].findings}
    assert {"headline", "gap_count"} <= rules
    assert not rules & {"lowest_item", "worst_season", "sign_gap", "concentration"}
    check_facts(report)


def test_sections_without_data_are_left_out() -> None:
    """Without a suggestion, a scenario and targets their sections do not stand in the report."""
    ids = {section.id for section in build_plain().report.sections}
    assert not ids & {"sites", "scenario", "plan"}
    assert {section.id for section in build_full().report.sections} >= {"sites", "scenario", "plan"}


def _build_small(folder: Path, text: str = STUDY) -> Report:
    study = open_study(write_small_study(folder, study=text))
    question = Question()
    return build_report(study, question, answer_question(study, question), OPTIONS)


def test_a_small_study_by_hand(tmp_path: Path) -> None:
    """Of 187 people in the small study the 7 of C live far from any road; the report says so, and only that."""
    report = _build_small(tmp_path)
    row = report.tables()["headline"].rows.iloc[0]
    assert (row["people"], row["covered"], row["uncovered"]) == (187.0, 180.0, 7.0)
    assert report.tables()["classes"].rows["people"].tolist() == [180.0, 0.0, 0.0, 7.0]
    townships = report.tables()["units_ranked"].rows
    assert townships[["name", "share"]].to_numpy().tolist() == [["镇北", 0.0], ["镇南", 1.0]]
    texts = [paragraph.text for paragraph in paragraphs(report)]
    assert any("镇北" in text and "7人" in text for text in texts)
    check_facts(report)


def test_a_study_without_districts(tmp_path: Path) -> None:
    """Without districts what is told by unit is left out, and the rest stands."""
    report = _build_small(tmp_path, STUDY.replace('districts = "districts.geojson"\n', ""))
    tables = report.tables()
    assert "headline" in tables
    assert not {"units_ranked", "established", "not_reachable", "counties", "townships"} & set(tables)
    assert "mismatches" not in {section.id for section in report.sections}
    check_facts(report)


def test_a_study_of_townships_alone(tmp_path: Path) -> None:
    """Without counties no place is said to lie in one, and what lies outside all units is told by its position."""
    folder = write_small_study(tmp_path).parent
    path = folder / "districts.geojson"
    collection = json.loads(path.read_text(encoding="utf-8"))
    collection["features"] = [one for one in collection["features"] if one["properties"]["name"] == "镇南"]
    collection["features"][0]["properties"]["parent_id"] = ""
    path.write_text(json.dumps(collection), encoding="utf-8")
    study, question = open_study(folder), Question()
    report = build_report(study, question, answer_question(study, question), OPTIONS)
    gaps = report.tables()["gaps"]
    assert "county" not in gaps.rows
    assert gaps.rows["name"].tolist() == ["87.600, 44.000"]
    texts = [paragraph.text for paragraph in paragraphs(report)]
    assert any("人数最多的盲区在87.600, 44.000，有7人" in text for text in texts)
    check_facts(report)


def test_a_report_of_everybody_inside_says_so(tmp_path: Path) -> None:
    """Where nobody is outside the headline says so, and there are no gaps to list."""
    folder = write_small_study(tmp_path).parent
    people = (folder / "population.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in people if not line.startswith("C,")]
    (folder / "population.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    study, question = open_study(folder), Question()
    report = build_report(study, question, answer_question(study, question), OPTIONS)
    assert report.sections[0].findings[0].rule == "headline_all"
    assert "gaps" not in report.tables()
    assert SECTIONS[0] == report.sections[0].id


@pytest.mark.slow
def test_a_report_for_a_moment_holds_for_it() -> None:
    """Asked about a moment of the week, the headline, its range and the factors behind it are of that moment."""
    study = build_plain().study
    question = Question(choice=StationChoice(family="legal", level="township"), moment_min=3 * 1440 + 11 * 60)
    options = ReportOptions(sections=("summary", "quality", "methods"))
    report = build_report(study, question, answer_question(study, question), options)
    assert report.sections[0].findings[0].rule == "headline"
    row = report.tables()["headline"].rows.iloc[0]
    assert row["uncovered_low"] <= row["share_uncovered"] <= row["uncovered_high"]
    assert set(report.tables()["tornado"].rows["base"]) == {row["share"]}
    said = [finding.words for section in report.sections for finding in section.findings]
    assert "report.set.moment" in said
