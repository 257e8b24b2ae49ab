"""Opening hours as people write them: OpenStreetMap's syntax, Chinese forms, and moments of the week."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_study import write_small_study

from coverage.access.assessment import find_reach
from coverage.access.reachable_hours import compute_weekly_hours_of_blocks
from coverage.errors import InputError
from coverage.inputs.chinese_hours import translate_chinese
from coverage.inputs.hours import ALWAYS, WeekHours, find_open, is_open, tabulate_open_slots
from coverage.inputs.hours_text import parse_hours
from coverage.inputs.read_hours import parse_moment, read_hours
from coverage.inputs.stations import StationChoice, select_stations
from coverage.travel.travel_basis import build_travel_basis
from geodata.studies.demo import demo_folder
from geodata.studies.open_study import open_study

OFFICE = "Mo-Fr 10:00-14:00,15:30-19:30"
# Texts and what they mean, in the opening_hours syntax.
CHINESE = {
    "周一至周五 10:00-18:00": "Mo-Fr 10:00-18:00",
    "工作日 9:30—13:30，15:30—19:00": "Mo-Fr 09:30-13:30,15:30-19:00",
    "24小时": "24/7",
    "全天": "24/7",
    "全年无休 24小时值班": "24/7",
    "每周三下午": "We 15:30-19:30",
    "每月第一个周一上午": "Mo[1] 10:00-14:00",
    "每月第一、第三个周一上午": "Mo[1,3] 10:00-14:00",
    "每月最后一个周五 10:00-12:00": "Fr[-1] 10:00-12:00",
    "周一至周五 10:00-18:00，周末不休": "Mo-Su 10:00-18:00",
    "周一至周五 10:00-18:00，周末不休 10:00-16:00": "Mo-Fr 10:00-18:00; Sa,Su 10:00-16:00",
    "周一至周五 10:00-18:00，周末不休 10:00-12:00,14:00-16:00": "Mo-Fr 10:00-18:00; Sa,Su 10:00-12:00,14:00-16:00",
    "夏季 10:00-20:00，冬季 10:30-19:00": "May-Sep 10:00-20:00; Oct-Apr 10:30-19:00",
    "10:00-20:00（夏季）10:30-19:00（冬季）": "May-Sep 10:00-20:00; Oct-Apr 10:30-19:00",
    "周一至周五 夏季10:00-14:00,16:00-20:00 冬季10:00-14:00,15:30-19:30": (
        "May-Sep Mo-Fr 10:00-14:00,16:00-20:00; Oct-Apr Mo-Fr 10:00-14:00,15:30-19:30"
    ),
    "夏令时：周一至周五10:00-20:00；冬令时：10:00-19:00": "May-Sep Mo-Fr 10:00-20:00; Oct-Apr Mo-Fr 10:00-19:00",
    "春季10:00-19:00 夏季10:00-20:00 秋季10:00-19:00 冬季10:30-18:30": (
        "Mar-May,Sep-Nov 10:00-19:00; Jun-Aug 10:00-20:00; Dec-Feb 10:30-18:30"
    ),
    "５月１日至９月３０日：１０：００—２０：００；10月1日至次年4月30日 10：30-19：00": (
        "May 01-Sep 30 10:00-20:00; Oct 01-Apr 30 10:30-19:00"
    ),
    "夏季（6月-8月）9:00-18:00": "Jun-Aug 09:00-18:00",
    "周一、周三、周五 9:00-12:00": "Mo,We,Fr 09:00-12:00",
    "周一、三、五 9:00-12:00": "Mo,We,Fr 09:00-12:00",
    "每周二、四下午": "Tu,Th 15:30-19:30",
    "周二下午和周四上午": "Tu 15:30-19:30; Th 10:00-14:00",
    "周一至周五上午9:30-13:30，下午3:30-7:30": "Mo-Fr 09:30-13:30,15:30-19:30",
    "早9点至晚6点": "09:00-18:00",
    "上午10点到下午7点半": "10:00-19:30",
    "工作日10时至18时30分": "Mo-Fr 10:00-18:30",
    "10:00-18:00（周一至周五）": "Mo-Fr 10:00-18:00",
    "周一至周五：10:00-14:00，15:30-19:30（法定节假日除外）": OFFICE,
    "周一至周五（节假日除外）10:00-18:00": "Mo-Fr 10:00-18:00",
    "星期一至星期六 10:00-18:00，星期日休息": "Mo-Sa 10:00-18:00",
    "10:00-18:00 周末休息": "Mo-Fr 10:00-18:00",
    "周一闭馆，其余10:00-18:00": "Tu-Su 10:00-18:00",
    "每日20:00-次日8:00": "20:00-08:00",
    "周一到周五 10:00-14:00,15:30-19:30，中午不休": "Mo-Fr 10:00-19:30",
    "周六日 11:00-17:00": "Sa,Su 11:00-17:00",
    "双休日11:00～17:00": "Sa,Su 11:00-17:00",
    "周一至五 10:00-18:00": "Mo-Fr 10:00-18:00",
    "周1-周5 10:00-18:00": "Mo-Fr 10:00-18:00",
    "Mo-Fr 10:00-18:00；周六 11:00-14:00": "Mo-Fr 10:00-18:00; Sa 11:00-14:00",
    "服务时间：周一至周五 10:00-14:00 15:30-19:30": OFFICE,
}
SLOPPY = {
    "24h": "24/7",
    "Mon-Fri 9:00-17:00": "Mo-Fr 09:00-17:00",
    "Monday-Friday 9.00-17.30": "Mo-Fr 09:00-17:30",
    "Mo-Fr 10-18": "Mo-Fr 10:00-18:00",
    "０９３０－１３３０": "09:30-13:30",
    'Mo-Fr 10:00-18:00 "窗口"': "Mo-Fr 10:00-18:00",
}
NOT_UNDERSTOOD = (
    "预约办理",
    "另行通知",
    "工作日",
    "周一至周五",
    "不定期",
    "每周一次",
    "工作日9:30-13:00,16:00-19:30(夏季),15:30-19:00(冬季)",
    "周一至周五 25:00-26:00",
    "13月1日-14月2日 10:00-12:00",
    "每月31日上午",
    "by appointment",
    '"by appointment"',
    "2001-2002 Mo 10:00-12:00",
    "24/7 unknown",
    "ask",
    "周" * 600,
)


# Words of both notations, to be strung together at random.
PIECES = (
    *("Mo", "Fr", "-", ",", ";", "10:00", "18:00", "24/7", "off", "PH", "week", "1", "53", "/", "Jan", "31", "[", "]"),
    *("||", "unknown", "sunrise", "26:00", "周", "一", "五", "每月", "第", "最后", "下午", "24小时", "不休", "夏季"),
    *(
        "冬季",
        "次日",
        "月",
        "13",
        "0",
        "日",
        "、",
        "休息",
        "其余",
        "至",
        "点",
        "半",
        "节假日",
        "隔周",
        "（",
        "）",
        "：",
        "~",
    ),
    *("\x00", " "),
)


@pytest.mark.parametrize("season", [None, "summer", "winter"])
@pytest.mark.parametrize(("text", "meaning"), [*CHINESE.items(), *SLOPPY.items()])
def test_usual_forms(text: str, meaning: str, season: str | None) -> None:
    """Each usual form gives the same week as what it means, in every season."""
    hours = parse_hours(text, season)
    assert hours is not None
    assert hours == parse_hours(meaning, season)
    assert hours.intervals or season == "winter"  # some open in summer only


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_what_is_not_understood_is_not_guessed(text: str) -> None:
    """A text that is not understood altogether has no hours."""
    assert parse_hours(text) is None


def test_a_week_worked_out_by_hand() -> None:
    """Office hours are ten intervals of four hours; closing time is closed."""
    hours = parse_hours("周一至周五 10:00-14:00,15:30-19:30", "summer")
    assert hours == parse_hours(OFFICE)
    assert hours is not None
    assert hours.intervals[:2] == ((600, 840, 1.0), (930, 1170, 1.0))
    assert (len(hours.intervals), hours.weekly_hours) == (10, 40.0)
    assert is_open(hours, parse_moment("周五 19:29"))
    assert not is_open(hours, parse_moment("周五 19:30"))
    assert not is_open(hours, parse_moment("Sat 11:00"))


def test_all_day_and_night() -> None:
    """Round the clock is one interval of the whole week; a night from Sunday goes on into Monday."""
    assert parse_hours("24小时") == ALWAYS == parse_hours("24/7", "winter")
    night = parse_hours("周日 22:00-次日2:00")
    assert night is not None
    assert night.intervals[0][:2] == (0, 120)
    assert night.intervals[-1][:2] == (6 * 1440 + 1320, 7 * 1440)


def test_monthly_counts_by_its_share() -> None:
    """The first Monday comes in 3 of the 13 weeks of a season: 4 h × 3/13, and no usual Monday."""
    hours = parse_hours("每月第一个周一上午", "summer")
    assert hours == WeekHours(((600, 840, 3 / 13),))
    assert hours is not None
    assert not is_open(hours, 700)
    every_other = parse_hours("隔周三 10:00-12:00", "summer")
    assert every_other is not None
    assert not is_open(every_other, 2 * 1440 + 660)
    assert every_other.weekly_hours == pytest.approx(1.0, abs=0.1)
    on_dates = parse_hours("每月1日、15日上午")
    assert on_dates is not None
    assert on_dates.weekly_hours == pytest.approx(24 * 4 / 52, rel=0.05)


def test_seasons() -> None:
    """Each season sees its own timetable; what is closed in winter is known to be closed."""
    text = "夏季 10:00-20:00，冬季 10:30-19:00"
    weekly = [
        hours.weekly_hours for season in ("summer", "winter", "heavy_snow") if (hours := parse_hours(text, season))
    ]
    assert weekly == [70.0, 59.5, 59.5]
    summer_only = "夏季 10:00-20:00"
    assert parse_hours(summer_only, "winter") == WeekHours()
    assert parse_hours("off") == WeekHours()


def test_translation_keeps_what_it_was_told() -> None:
    """The expression shown to those who ask is plain opening_hours syntax."""
    assert translate_chinese("周一至周五 10:00—18:00，周末休息") == "Mo-Fr 10:00-18:00; Sa,Su off"
    assert translate_chinese("看情况") is None


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("Wed 10:30", 2 * 1440 + 630),
        ("wednesday 10:30", 2 * 1440 + 630),
        ("We 10:30", 2 * 1440 + 630),
        ("周三 10:30", 2 * 1440 + 630),
        ("星期三１０：３０", 2 * 1440 + 630),
        ("周三10点半", 2 * 1440 + 630),
        ("礼拜天 23:59", 7 * 1440 - 1),
        ("周日 0:00", 6 * 1440),
        ("Mon 00:00", 0),
        ("Thu 9", 3 * 1440 + 540),
        ("周7 9:00", 6 * 1440 + 540),
    ],
)
def test_moments(text: str, minute: int) -> None:
    """A weekday and a time, in either language, is a minute of the week."""
    assert parse_moment(text) == minute


@pytest.mark.parametrize(
    "text", ["", "Wed", "10:30", "Wed 25:00", "Wed 10:75", "周八 10:00", "yesterday", "Wed 10:30 x"]
)
def test_what_is_no_moment(text: str) -> None:
    """Anything else is refused with the text."""
    with pytest.raises(InputError) as caught:
        parse_moment(text)
    assert (caught.value.code, caught.value.context["value"]) == ("hours.moment_invalid", text)


def test_a_column_of_hours() -> None:
    """Hours stay with their station; missing and odd texts are counted, with row numbers as in a spreadsheet."""
    texts = pd.Series(
        ["24/7", "", "看情况", "周三 10:00-14:00", "看情况", None, "问"], index=list("abcdefg"), name="hours"
    )
    hours, issues = read_hours(texts, source="stations.csv")
    assert hours.index.equals(texts.index)
    assert (hours.name, hours.dtype) == ("hours", object)
    assert [one is None for one in hours] == [False, True, True, False, True, True, True]
    assert hours["a"] == ALWAYS
    missing, odd = issues
    assert (missing.code, missing.severity, missing.count) == ("hours.not_given", "note", 2)
    assert (odd.code, odd.severity, odd.count, odd.rows) == ("hours.not_understood", "warning", 3, (4, 6, 8))
    assert (odd.source, odd.column, odd.value) == ("stations.csv", "hours", "看情况")
    assert read_hours(texts.iloc[:0])[1] == []


def test_every_text_of_the_demo_is_understood() -> None:
    """All opening hours of the schematic study are read, none of them as never open."""
    texts = pd.read_csv(demo_folder() / "stations.csv", dtype=str, keep_default_na=False)["hours"]
    hours, issues = read_hours(texts)
    assert issues == []
    assert all(one is not None and one.weekly_hours > 0 for one in hours)


def test_a_study_from_hours_to_weekly_reach(tmp_path: Path) -> None:
    """In the small study S is open round the clock: A, B and D reach it all week, C has no road."""
    study = open_study(write_small_study(tmp_path / "study"))
    basis = build_travel_basis(study)
    blocks = find_reach(basis, 30.0)
    wanted = select_stations(study.stations, study.catalogue, StationChoice())
    hours, issues = read_hours(study.stations["hours"], season=study.settings.season)
    assert [issue.code for issue in issues] == ["hours.not_given"]
    count = len(study.demand)
    weekly = compute_weekly_hours_of_blocks(blocks, count, 30.0, tabulate_open_slots(list(hours)), wanted=wanted)
    assert dict(zip(study.demand.index, weekly, strict=True)) == {"A": 168.0, "B": 168.0, "C": 0.0, "D": 168.0}
    office = [parse_hours(OFFICE), None]
    weekly = compute_weekly_hours_of_blocks(blocks, count, 30.0, tabulate_open_slots(office), wanted=wanted)
    assert dict(zip(study.demand.index, weekly, strict=True)) == {"A": 40.0, "B": 40.0, "C": 0.0, "D": 40.0}
    assert not find_open(office, parse_moment("周三 14:00")).any()


@given(
    text=st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(PIECES),
            max_size=12,
        ).map("".join),
    ),
    season=st.sampled_from([None, "summer", "winter", "flood"]),
)
def test_no_text_brings_the_reader_down(text: str, season: str | None) -> None:
    """Whatever stands in a cell, it is hours or it is not; no error, no impossible week."""
    hours = parse_hours(text, season)
    assert hours is None or 0.0 <= hours.weekly_hours <= 168.0


def test_reading_hours_needs_no_compiler_at_run_time() -> None:
    """The library for opening hours brings no numba, which cannot live beside our own room."""
    assert "opening_hours" in sys.modules
    assert "numba" not in sys.modules
