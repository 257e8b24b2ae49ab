"""An explanation in words: every class in both languages, and no number that hides the verdict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from demo_study import join_demo

from coverage.access.assessment import assess
from coverage.access.explain import Explanation, explain_place
from coverage.inputs.schema import STATUSES
from coverage.inputs.stations import StationChoice
from coverage.travel.near_roads import LONGEST_LINK_M
from coverage.travel.travel_basis import TravelBasis
from geodata.words.explain_words import explain_parts, explain_text
from geodata.words.i18n import LANGUAGES, Language, Translator, load_messages

NOTARY = StationChoice(service="notarisation")


@pytest.fixture(scope="module")
def demo() -> TravelBasis:
    """Return the embedded study joined to its roads."""
    return join_demo()


@pytest.fixture(scope="module")
def answers(demo: TravelBasis) -> dict[str, Explanation]:
    """Return an explanation of one place of each class."""
    table = assess(demo, NOTARY).demand
    first = {status: table[table["status"] == status].iloc[0] for status in STATUSES}
    return {one: explain_place(demo, float(row["lon"]), float(row["lat"]), NOTARY) for one, row in first.items()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", STATUSES)
def test_every_class_in_words(answers: dict[str, Explanation], language: Language, status: str) -> None:
    """The first line names the class; no line shows an id of a message, an unfilled fact or nan and inf."""
    lines = explain_text(answers[status], Translator(language))
    reason = f"_{answers[status].reason}" if status == "no_route" else ""
    start = load_messages(language)[f"explain.{status}{reason}"][:4]
    assert lines[0].startswith(start)
    for line in lines:
        assert "explain." not in line
        assert "{" not in line
        assert "nan" not in line
        assert "inf" not in line
        assert "—" not in line


def test_the_way_is_told_leg_by_leg(answers: dict[str, Explanation], demo: TravelBasis) -> None:
    """Between the line of the whole way and the next nearest stand all its legs, in order; stations have names."""
    answer = answers["beyond"]
    names = {str(one): str(name) for one, name in demo.study.stations["name"].items()}
    lines = explain_text(answer, Translator("zh_CN"), names=names)
    assert answer.route is not None
    legs = [line for line in lines if line.startswith("  · ")]
    assert len(legs) == len(answer.route.legs)
    assert legs[0].startswith("  · 步行")
    assert names[answer.station_id] in lines[0]
    assert f"（{answer.station_id}）" in lines[0]
    assert any("增加该事项" in line for line in lines)
    assert any(line.startswith(f"比时限多 {answer.route.minutes - 30.0:.1f} 分钟") for line in lines)


def test_a_hair_beyond_the_threshold_shows_it(answers: dict[str, Explanation]) -> None:
    """30.004 minutes do not read as 30.0 of 30, nor the excess as 0.0."""
    close = replace(answers["beyond"], minutes=float(np.float32(30.004)), over_min=0.004)
    lines = explain_text(close, Translator("en"))
    assert "30.004 min" in lines[0]
    assert any("0.004 min longer than the threshold" in line for line in lines)


def test_other_facts_have_words(answers: dict[str, Explanation], demo: TravelBasis) -> None:
    """Direction, an unknown road class, no station at all and no road anywhere are told too."""
    backwards = replace(answers["covered"], direction="from", season="monsoon")
    assert "from the station to the resident, monsoon" in explain_text(backwards, Translator("en"))[1]
    assert answers["covered"].road is not None
    odd = replace(answers["covered"], road=replace(answers["covered"].road, road_class="corridor"))
    assert any("corridor" in line for line in explain_text(odd, Translator("en")))
    nobody = explain_place(demo, 87.6, 43.8, StationChoice(service="notarisation", level="village"))
    assert "无处办理" in explain_text(nobody, Translator("zh_CN"))[0]
    nowhere = explain_place(demo, 60.0, 20.0, NOTARY)
    assert (nowhere.status, nowhere.road, nowhere.link) == ("unconnected", None, None)
    assert any("100 公里以内" in line for line in explain_text(nowhere, Translator("zh_CN")))


@pytest.mark.parametrize("status", STATUSES)
def test_the_parts_are_the_lines(answers: dict[str, Explanation], status: str) -> None:
    """A screen that draws the legs itself shows every other line, in the same order."""
    tr = Translator("en")
    lines = explain_text(answers[status], tr)
    parts = explain_parts(answers[status], tr)
    route = answers[status].route
    legs = 0 if route is None else len(route.legs)
    told = [*parts.verdict, *parts.road, *([parts.route] if parts.route else []), *parts.change]
    begin = len(told) - len(parts.change)
    assert lines[:begin] + lines[begin + legs :] == told
    assert (parts.route == "") == (route is None)


def test_no_time_is_given_over_a_road_that_nobody_would_build(answers: dict[str, Explanation]) -> None:
    """Up to 20 km a missing road has a time; a metre farther it has its length alone."""
    answer = answers["unconnected"]
    assert answer.link is not None
    said = {LONGEST_LINK_M: "led to the nearest road", LONGEST_LINK_M + 1.0: "no time is estimated"}
    for length_m, told in said.items():
        link = replace(answer.link, length_m=length_m, minutes=10.0)
        lines = explain_text(replace(answer, link=link), Translator("en"))
        assert len([line for line in lines if told in line]) == 1
