"""A report says what the engine answered: every fact is its cell, every table the engine's numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from report_facts import check_facts, paragraphs
from report_samples import OPTIONS, Sample, build_full, build_plain

from coverage.access.assessment import assess
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.report.options import ReportOptions
from coverage.tables.unit_tables import UNIT_CODES
from geodata.answers.run_assessment import answer_question
from geodata.documents.build import build_report
from geodata.documents.content.word_report import word_report

SAMPLES = {"plain": build_plain, "full": build_full}


@pytest.fixture(params=["full", pytest.param("plain", marks=pytest.mark.slow)], scope="module")
def sample(request: pytest.FixtureRequest) -> Sample:
    """Return the plain and the full report of the demo."""
    built: Sample = SAMPLES[request.param]()
    return built


def test_every_fact_is_its_cell(sample: Sample) -> None:
    """Every number and name a rule put into a sentence stands in the cell it names, in a table of the report."""
    assert check_facts(sample.report) > 60


def test_every_number_of_the_summary_stands_in_a_table(sample: Sample) -> None:
    """The summary has no number without a cell."""
    summary = sample.report.sections[0]
    assert summary.id == "summary"
    facts = [fact for finding in summary.findings for fact in finding.facts if not isinstance(fact.value, str)]
    assert len(facts) > 10
    assert all(fact.cell is not None and fact.cell.table in sample.report.tables() for fact in facts)


def test_tables_keep_their_contract(sample: Sample) -> None:
    """Tables have unique ids, one column of rows for each column, texts as text, numbers finite or NaN."""
    ids = [table.id for section in sample.report.sections for table in section.tables]
    assert len(ids) == len(set(ids))
    for table in sample.report.tables().values():
        assert list(table.rows.columns) == [column.id for column in table.columns]
        assert list(table.rows.index) == list(range(len(table.rows)))
        assert len(table.rows) > 0
        for column in table.columns:
            cells = table.rows[column.id]
            if column.kind in ("text", "word", "date"):
                assert all(isinstance(cell, str) for cell in cells)
            else:
                assert cells.dtype == float
                assert not np.isinf(cells.to_numpy()).any()


def test_indicators_are_those_of_the_engine(sample: Sample) -> None:
    """The table of all indicators equals the engine's rows of the whole study, number for number."""
    rows = sample.report.tables()["indicators"].rows
    whole = sample.answer.indicators
    whole = whole[(whole["unit_level"] == "study") & whole["value"].notna()]
    assert rows["code"].tolist() == whole["code"].astype(str).tolist()
    for column in ("value", "numerator", "denominator"):
        np.testing.assert_array_equal(rows[column].to_numpy(), whole[column].to_numpy(float))


@pytest.mark.parametrize(("table_id", "level"), [("counties", "county"), ("townships", "township")])
def test_units_are_those_of_the_engine(sample: Sample, table_id: str, level: str) -> None:
    """Every indicator in a list of units equals the engine's row of that unit."""
    table = sample.report.tables()[table_id]
    names = sample.study.districts["name"]
    engine = sample.answer.indicators[sample.answer.indicators["unit_level"] == level]
    known = {(row.code, row.unit_id): row.value for row in engine.itertuples()}
    of_name: dict[tuple[str, float], str] = {}
    people = sample.answer.assessment.districts["total"]
    for unit in names.index[sample.study.districts["level"] == level]:
        of_name[(str(names[unit]), float(people[unit]))] = str(unit)
    compared = 0
    for row in table.rows.itertuples():
        unit = of_name[(row.name, row.people)]
        for column, code in UNIT_CODES.items():
            if column in table.rows:
                value, shown = known.get((code, unit), math.nan), getattr(row, column)
                assert (math.isnan(value) and math.isnan(shown)) or value == shown, (code, unit)
                compared += 1
    assert compared > 6 * len(table.rows)


@pytest.mark.parametrize(
    ("table_id", "prefix", "key"), [("items", "B7.item", "offer"), ("bundles", "B7.bundle", "offer"),
                                    ("families", "B7.family", "offer"), ("groups", "B1", "group")],
)  # fmt: skip
def test_offers_and_groups_are_those_of_the_engine(sample: Sample, table_id: str, prefix: str, key: str) -> None:
    """Shares, people and those inside equal value, denominator and numerator of the engine."""
    whole = sample.answer.indicators
    whole = whole[whole["unit_level"] == "study"].set_index("code")
    if table_id == "families" and sample.question.family:
        assert table_id not in sample.report.tables()
        return
    table = sample.report.tables()[table_id]
    assert len(table.rows) > 0
    for row in table.rows.to_dict("records"):
        mine = whole.loc[f"{prefix}.{row[key]}"]
        assert (row["share"], row["people_covered"], row["people"]) == (
            mine["value"],
            mine["numerator"],
            mine["denominator"],
        )


@pytest.mark.parametrize("table_id", ["equity", "capacity", "burden", "quality"])
def test_codes_are_those_of_the_engine(sample: Sample, table_id: str) -> None:
    """Tables of single indicators hold the engine's values."""
    whole = sample.answer.indicators
    whole = whole[whole["unit_level"] == "study"].set_index("code")["value"]
    rows = sample.report.tables()[table_id].rows
    assert len(rows) > 0
    assert [float(whole[code]) for code in rows["code"]] == rows["value"].tolist()


def test_the_headline_is_the_assessment(sample: Sample) -> None:
    """People, classes and the range of the headline are those of the engine, and classes add up to everybody."""
    tables, totals = sample.report.tables(), sample.answer.assessment.totals
    row = tables["headline"].rows.iloc[0]
    assert (row["people"], row["covered"], row["uncovered"]) == (totals.total, totals.covered, totals.uncovered)
    found = sample.answer.headline_range
    assert (row["uncovered_low"], row["uncovered_high"]) == (1.0 - found.high, 1.0 - found.low)
    assert math.isclose(tables["classes"].rows["people"].sum(), totals.total)


def test_a_rung_of_the_ladder_is_an_assessment(sample: Sample) -> None:
    """The rung of township legal stations equals an assessment asked about them alone."""
    rows = sample.report.tables()["services_by_level"].rows
    mine = rows[(rows["family"] == "legal") & (rows["level"] == "township")].iloc[0]
    alone = assess(sample.answer.basis, StationChoice(family="legal", level="township"))
    assert mine["people_covered"] == alone.totals.covered
    assert mine["stations"] == alone.station_count
    townships = alone.districts[alone.districts["level"] == "township"]
    assert mine["units_established"] == townships["has_station"].sum()
    assert mine["units_reached"] == (townships["share_covered"] >= 0.8).sum()


def test_only_items_of_the_family_asked_about() -> None:
    """Asked about legal stations, the report tells of legal items and of bundles that hold one."""
    sample = build_full()
    family = {item.id: item.family for item in sample.study.catalogue.items}
    tables = sample.report.tables()
    assert {family[one] for one in tables["items"].rows["offer"]} == {"legal"}
    told = {
        *tables["bundles"].rows["offer"],
        *(one.removeprefix("bundle.") for one in tables["not_offered"].rows["offer"]),
    }
    assert told == {
        bundle.id for bundle in sample.study.catalogue.bundles if "legal" in {family[one] for one in bundle.items}
    }
    # A traffic accident needs items of three systems, which no place of the demo has together.
    assert tables["not_offered"].rows["offer"].tolist() == ["bundle.traffic_accident"]


@pytest.mark.slow
def test_a_report_about_an_item() -> None:
    """Asked about an item, the ladder is of the stations that offer it, and counts whom the item serves."""
    study = build_plain().study
    question = Question(choice=StationChoice(service="after_school_care"))
    options = ReportOptions(sections=("summary", "situation"))
    answer = answer_question(study, question)
    report = build_report(study, question, answer, options)
    ladder = report.tables()["ladder"].rows
    assert set(ladder["family"]) == {"item:after_school_care"}
    alone = assess(answer.basis, StationChoice(service="after_school_care", level="township"))
    mine = ladder[ladder["level"] == "township"]
    assert mine["reachable_rate"].tolist() == [alone.totals.share_covered]
    document = word_report(report, "zh_CN")
    assert document.title == "乌鲁木齐（示意数据）课后托管可达情况评估报告"
    headline = paragraphs(report)[0].text
    assert "29.0万学龄儿童中" in headline
    assert "能办“课后托管”的站点" in headline
    assert document.tables()[0].columns[0].title == "学龄儿童（人）"


def test_mismatches_are_listed_by_name(sample: Sample) -> None:
    """The list of established but not reachable units has the engine's names, and as many as are counted."""
    listed = sample.answer.established.mismatches
    listed = listed[listed["finding"] == "established_not_reachable"]
    tables = sample.report.tables()
    assert tables["not_reachable"].rows["name"].tolist() == listed["name"].tolist()
    counted = tables["established"].rows["established_not_reachable"].sum()
    assert counted == len(listed) > 0


def test_gaps_are_those_of_the_engine(sample: Sample) -> None:
    """The gaps are the largest, in order, and their totals those of all."""
    gaps, tables = sample.answer.gaps, sample.report.tables()
    shown = tables["gaps"].rows
    assert shown["people"].tolist() == gaps["people"].head(len(shown)).tolist()
    assert tables["gap_totals"].rows["gaps"].iloc[0] == len(gaps)
    assert math.isclose(tables["gap_causes"].rows["people"].sum(), gaps["people"].sum())


def test_plans_are_told_as_they_were_suggested() -> None:
    """Sites, years, targets and the scenario are those that were handed over."""
    sample = build_full()
    tables = sample.report.tables()
    assert sample.suggestion is not None
    assert sample.comparison is not None
    assert tables["sites"].rows["newly_covered"].tolist() == sample.suggestion.sites["newly_covered"].tolist()
    assert tables["years"].rows["share_after"].tolist() == sample.suggestion.years["share_after"].tolist()
    assert tables["targets"].rows["today"].tolist() == sample.answer.targets["value"].tolist()
    row = tables["scenario"].rows.iloc[0]
    assert row["newly_lost"] == sample.comparison.newly_lost > 0
    assert row["share_after"] == sample.comparison.after.share_covered
    last = tables["sites"].rows["cumulative_share"].iloc[-1]
    assert math.isclose(tables["site_totals"].rows["share_after"].iloc[0], last)


def test_the_curve_is_over_what_was_limited() -> None:
    """Asked with a budget the curve runs over money, asked with a number of sites over sites; never both."""
    sample = build_full()
    assert sample.suggestion is not None
    frontier = sample.suggestion.frontier
    by_money = replace(sample.suggestion, frontier=frontier.assign(money=frontier["sites"] * 1e5, sites=np.nan))
    options = ReportOptions(sections=("sites",))
    drawn = []
    for suggestion in (sample.suggestion, by_money):
        report = build_report(sample.study, sample.question, sample.answer, options, suggestion=suggestion)
        drawn += [figure.label for figure in report.sections[0].figures if figure.table == "frontier"]
    assert drawn == ["sites", "money"]


@pytest.mark.slow
def test_the_same_inputs_give_the_same_report() -> None:
    """Built twice, a report has the same sentences and tables."""
    sample = build_plain()
    again = build_report(sample.study, sample.question, sample.answer, OPTIONS)
    assert [section.findings for section in again.sections] == [one.findings for one in sample.report.sections]
    for name, table in again.tables().items():
        pd.testing.assert_frame_equal(table.rows, sample.report.tables()[name].rows, check_exact=True)
    assert again.run == sample.report.run
