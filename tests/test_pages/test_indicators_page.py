"""The Indicators page: headline list, charts, tables, downloads, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from demo_study import join_demo, open_demo
from page_steps import open_page, read_page
from streamlit.testing.v1 import AppTest

from coverage.access.assessment import assess
from coverage.inputs.indicator_registry import INDICATORS
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from geodata.words.i18n import LANGUAGES, Language, Translator, load_messages
from pages.ui import charts, indicator_tables
from pages.ui.first_question import first_question
from pages.ui.memo import cached

PAGE = "indicators"


def find_charts(app: AppTest) -> list[Any]:
    """Return the charts of the page."""
    return [*app.get("arrow_vega_lite_chart"), *app.get("vega_lite_chart")]


def test_six_headlines_follow_the_question(app: AppTest) -> None:
    """Six indicators stand at the head with formula and source; services go by item or bundle; an hour reaches more."""
    page = open_page(app, PAGE)
    assert page.count("<details") == 6
    asked = first_question(open_demo())
    inside = assess(join_demo(), asked.choice).totals.covered
    assert f"{inside:,.0f} &#247; 4,054,369" in page
    assert f"{100.0 * inside / 4_054_369:.1f}&#37;" in page
    assert len(find_charts(app)) == 6
    before = find_charts(app)[-1].proto.SerializeToString()
    app.segmented_control(key="w_offers").set_value("bundle").run()
    assert not app.exception
    assert find_charts(app)[-1].proto.SerializeToString() != before
    app.sidebar.segmented_control(key="w_language").set_value("en").run()
    assert "Six headline indicators" in read_page(app)
    app.selectbox(key="w_standard").set_value("60").run()
    page = read_page(app)
    assert "one hour" in page
    assert f"{inside:,.0f}" not in page


def test_without_roads_no_figure_is_shown(app: AppTest, bare: Path) -> None:
    """A study without roads gets what is missing and one button, no chart and no rate."""
    page = open_page(app, PAGE, study_path=str(bare))
    assert "p-calm" in page
    assert not find_charts(app)
    assert app.button(key="w_to_data")


def test_a_small_study_with_hostile_names_is_shown(app: AppTest, hostile: Path) -> None:
    """Names that are templates or markup stay words; few people and units give no failure."""
    page = open_page(app, PAGE, study_path=str(hostile))
    assert "1337" not in page
    assert "<img" not in page
    assert "<details" in page


def test_curve_holds_the_threshold_and_rises(study: Study, question: Question) -> None:
    """The curve has a row at the threshold with the headline's share, never falls, and ends at most at all people."""
    assessment = cached.ask(study, question).assessment
    table = cached.ask(study, question).get("curves")[0]
    here = table[table["minutes"] == question.cutoff_min]
    assert here["share"].iloc[0] == pytest.approx(assessment.totals.share_covered)
    assert (np.diff(table["share"]) >= 0).all()
    assert table["share"].iloc[-1] <= 1.0


def test_the_table_of_units_agrees_with_the_districts(study: Study, question: Question) -> None:
    """Counties stand worst first with the rate that the Overview shows, and their people add up."""
    assessment = cached.ask(study, question).assessment
    indicators = cached.ask(study, question).indicators
    table = indicator_tables.pivot_units(indicators, "county")
    known = assessment.districts.loc[table.index]
    assert table["B1"].to_numpy() == pytest.approx(known["share_covered"].to_numpy(float))
    assert table["B1"].is_monotonic_increasing
    assert table["people"].sum() == pytest.approx(assessment.totals.total)
    whole = indicator_tables.whole_study(indicators)
    assert 0.0 < whole["value"]["B11"] < 1.0  # asked for the summer, the loss in winter is given


def test_bars_of_the_same_name_stay_apart() -> None:
    """Two units of one name are two bars, in the order of the table."""
    table = pd.DataFrame({"name": ["东街", "东街"], "share": [0.5, 0.9], "parts": ["1 ÷ 2", "9 ÷ 10"]})
    chart = charts.draw_ranked(table, Translator("zh_CN"), title="", with_mark=True).to_dict()
    assert chart["layer"][0]["encoding"]["y"]["sort"] == ["东街", "东街 (2)"]
    assert chart["usermeta"] == {"embedOptions": {"actions": False}}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_indicator_has_a_group_a_unit_and_words(language: Language) -> None:
    """No indicator of the registry can be met without a group and words for its value."""
    tr, messages = Translator(language), load_messages(language)
    groups = {group for group, _ in indicator_tables.GROUPS}
    for one in INDICATORS:
        assert indicator_tables.find_group(one.code) in groups
        assert messages[f"method.unit.{one.unit}"]
        code = {"level": ".county", "level.item": ".county.x", "id": ".x"}.get(one.detail, "")
        said = indicator_tables.say_value(one.code + code, 0.5, tr)
        assert "indicator_unit" not in said
        assert indicator_tables.say_value(one.code + code, float("nan"), tr) == "—"
    assert all(messages[f"indicators.group.{group}"] for group in groups)
