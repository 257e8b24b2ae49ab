"""Rules by hand: what each says of a table written down here, and when it keeps silent."""

from __future__ import annotations

import pandas as pd
import pytest

from coverage.findings import condition_rules, offer_rules, people_rules, place_rules, plan_rules, quality_rules
from coverage.inputs.unit_levels import drop_outside, put_outside_last
from coverage.report.sections import Rule
from coverage.tables.cell_reading import Tables
from coverage.tables.report_value import CellKind, Column, Finding, Table

NAN = float("nan")


def build(table_id: str, **columns: list[str] | list[float]) -> Tables:
    """Build one table of texts and numbers, under its id."""
    texts: CellKind = "text"
    numbers: CellKind = "index"
    shown = tuple(Column(name, texts if isinstance(cells[0], str) else numbers, "w") for name, cells in columns.items())
    rows = pd.DataFrame({name: pd.Series(cells, dtype=object if isinstance(cells[0], str) else float)
                         for name, cells in columns.items()})  # fmt: skip
    return {table_id: Table(table_id, shown, rows)}


def headline(uncovered: float, low: float, high: float) -> Tables:
    """Build a headline of 100 people."""
    return build("headline", people=[100.0], uncovered=[uncovered], share_uncovered=[uncovered / 100.0],
                 uncovered_low=[low], uncovered_high=[high], share=[1.0 - uncovered / 100.0])  # fmt: skip


def values(finding: Finding | None) -> dict[str, str | float]:
    """Return the facts of a finding by name, with its rule."""
    assert finding is not None
    return {"rule": finding.rule, **{fact.name: fact.value for fact in finding.facts}}


def test_the_headline_has_a_range_where_it_is_known() -> None:
    """People outside are told with their range; without one, and of nobody, in other words."""
    said = values(people_rules.find_headline(headline(8.0, 0.07, 0.09)))
    assert said == {
        "rule": "headline",
        "people": 100,
        "uncovered": 8,
        "share_uncovered": 0.08,
        "low": 0.07,
        "high": 0.09,
    }
    assert values(people_rules.find_headline(headline(8.0, NAN, NAN)))["rule"] == "headline_plain"
    assert values(people_rules.find_headline(headline(0.0, 0.0, 0.01))) == {"rule": "headline_all", "people": 100}


def test_classes_are_told_apart_only_where_there_are_several() -> None:
    """Where nobody lacks a way, only those beyond the limit are spoken of; of nobody outside nothing is said."""
    status = ["covered", "beyond", "no_route", "unconnected"]
    three = build("classes", status=status, people=[90.0, 5.0, 2.0, 3.0], reasons=["", "", "no_way;other_unit", ""])
    assert values(people_rules.find_classes(three)) == {
        "rule": "classes_beyond_no_route_unconnected",
        "beyond": 5, "no_route": 2, "reasons": "no_way;other_unit", "unconnected": 3,
    }  # fmt: skip
    two = build("classes", status=status, people=[95.0, 5.0, 0.0, 3.0], reasons=[""] * 4)
    expected = {"rule": "classes_beyond_unconnected", "beyond": 5, "unconnected": 3}
    assert values(people_rules.find_classes(two)) == expected
    one = build("classes", status=status, people=[95.0, 5.0, 0.0, 0.0])
    assert values(people_rules.find_classes(one)) == {"rule": "classes_beyond", "beyond": 5}
    assert people_rules.find_classes(build("classes", status=status, people=[100.0, 0.0, 0.0, 0.0])) is None


def established(differences: list[float], signs: list[float], without: list[float]) -> Tables:
    """Build the comparison of townships and villages."""
    return build(
        "established", unit_level=["township", "village"], units=[10.0, 40.0], units_established=[10.0, 30.0],
        established_rate=[1.0, 0.75], reachable_rate=[0.9, 0.8], unit_reach_rate=[1.0 + differences[0], 0.75],
        unit_difference=differences, established_not_reachable=signs, reachable_not_established=without,
    )  # fmt: skip


def test_the_level_with_the_widest_gap_is_named() -> None:
    """The level whose established rate exceeds the reached units most is named; none where none does."""
    said = values(people_rules.find_sign_gap(established([-0.2, 0.0], [2.0, 0.0], [0.0, 0.0])))
    assert (said["unit_level"], said["unit_difference"]) == ("township", -0.2)
    assert people_rules.find_sign_gap(established([0.0, 0.1], [0.0, 0.0], [0.0, 0.0])) is None
    few = established([-1.0, -0.1], [1.0, 0.0], [0.0, 0.0])["established"]
    few.rows.loc[0, "units"] = 4.0
    assert values(people_rules.find_sign_gap({"established": few}))["unit_level"] == "village"


def test_an_extreme_of_fewer_than_five_units_is_not_told() -> None:
    """One unit at 0 % is no finding; five are."""
    for count, told in ((1, False), (4, False), (5, True)):
        names, share = [f"u{number}" for number in range(count)], [0.1 * number for number in range(count)]
        outside = [100.0] * count
        tables = build("units_ranked", name=names, share=share, uncovered=outside)
        tables |= build("uncovered_by_unit", name=names, uncovered=outside, share_of_uncovered=[1.0 / count] * count)
        found = [place_rules.find_lowest_unit(tables), place_rules.find_concentration(tables)]
        assert [one is not None for one in found] == [told, told]
        ladder = build(
            "services_by_level", family=["legal"], level=["village"], units=[float(count)], established_rate=[1.0],
            unit_reach_rate=[0.0], unit_difference=[-1.0],
        )  # fmt: skip
        assert (people_rules.find_widest_rung(ladder) is not None) == told


def test_who_lives_outside_all_units_is_no_unit() -> None:
    """What lies outside all units stands last where it must add up, and nowhere where units are counted or ranked."""
    table = pd.DataFrame({"id": ["v1", "", "v2"], "people": [5.0, 3.7e6, 9.0]})
    assert drop_outside(table, table["id"])["id"].tolist() == ["v1", "v2"]
    assert put_outside_last(table, table["id"])["people"].tolist() == [5.0, 9.0, 3.7e6]
    tables = build("units_ranked", name=list("abcde"), share=[0.5] * 5, uncovered=[1.0] * 5)
    tables |= build("uncovered_by_unit", name=[""], uncovered=[3.7e6], share_of_uncovered=[1.0])
    assert place_rules.find_concentration(tables) is None


def test_signs_nobody_reaches_are_counted_by_level() -> None:
    """A level is spoken of only if such units are in it, and their absence is said once for all levels."""
    some = established([-0.2, 0.0], [2.0, 0.0], [0.0, 3.0])
    assert values(place_rules.find_sign_only_townships(some))["established_not_reachable"] == 2
    assert place_rules.find_sign_only_villages(some) is None
    assert place_rules.find_sign_only_counties(some) is None
    assert place_rules.find_sign_only_none(some) is None
    assert values(place_rules.find_reached_without_sign(some))["reachable_not_established"] == 3
    none = established([0.0, 0.0], [0.0, 0.0], [0.0, 0.0])
    assert values(place_rules.find_sign_only_none(none)) == {"rule": "sign_only_none"}
    assert place_rules.find_reached_without_sign(none) is None


def gaps(median: float, remedy: str) -> Tables:
    """Build one gap without a county around it."""
    return build("gaps", rank=[1.0], name=["甲"], people=[30.0], median=[median], missing=["road"], remedy=[remedy],
                 remedy_people=[20.0], remedy_people_total=[25.0])  # fmt: skip


def test_a_gap_without_a_way_has_no_minutes() -> None:
    """Where people have no way the largest gap is told without minutes; a county it lacks is left out."""
    assert values(place_rules.find_largest_gap(gaps(45.0, "point")))["median"] == 45
    said = values(place_rules.find_largest_gap(gaps(NAN, "point")))
    assert said == {"rule": "largest_gap_no_way", "county": "", "name": "甲", "people": 30, "missing": "road"}


def test_a_remedy_is_told_only_where_one_was_found() -> None:
    """A gap for which nothing helps has no remedy to tell."""
    assert values(place_rules.find_remedy(gaps(45.0, "mobile")))["remedy_people"] == 20
    assert place_rules.find_remedy(gaps(45.0, "")) is None


def test_what_nobody_offers_is_told() -> None:
    """Items and bundles that can be done nowhere are counted apart, each with the first by name."""
    tables = {
        **build("item_counts", items_nowhere=[0.0], bundles_nowhere=[2.0]),
        **build("not_offered", offer_kind=["bundle", "bundle"], offer=["bundle.a", "bundle.b"]),
    }
    assert offer_rules.find_items_nowhere(tables) is None
    said = values(offer_rules.find_bundles_nowhere(tables))
    assert said == {"rule": "bundles_nowhere", "offer": "bundle.a", "count": 2}


def seasons(cases: list[str], lost: list[float]) -> Tables:
    """Build seasons that lose people."""
    return build("seasons", case=cases, share=[0.9 - one / 100.0 for one in lost],
                 change=[-one / 100.0 for one in lost], newly_lost=lost)  # fmt: skip


def test_the_worst_season_is_beside_the_first() -> None:
    """The season that loses most is told beside the first; closed roads are a case of their own."""
    table = seasons(["summer", "winter", "heavy_snow", "closed_roads"], [0.0, 2.0, 5.0, 9.0])
    said = values(condition_rules.find_worst_season(table))
    assert (said["base"], said["case"], said["newly_lost"]) == ("summer", "heavy_snow", 5)
    assert values(condition_rules.find_closed_roads(table))["newly_lost"] == 9
    calm = seasons(["summer", "winter", "closed_roads"], [0.0, 0.0, 0.0])
    assert values(condition_rules.find_worst_season(calm)) == {"rule": "no_season", "base": "summer"}
    assert values(condition_rules.find_closed_roads(calm)) == {"rule": "closed_roads_none"}
    assert condition_rules.find_worst_season(seasons(["summer"], [0.0])) is None


@pytest.mark.parametrize(("gap", "rule"), [(0.1, "urban_rural"), (-0.1, "rural_urban"), (0.0, "urban_rural_even")])
def test_town_and_country_are_told_the_right_way_round(gap: float, rule: str) -> None:
    """The sentence says which of the two is behind, or that neither is."""
    tables = {
        **build("groups", group=["urban", "rural"], share=[0.9, 0.9 - gap]),
        **build("equity", code=["B10.urban_rural"], value=[gap]),
    }
    assert values(condition_rules.find_urban_rural(tables))["rule"] == rule


def test_a_group_is_named_only_if_it_is_behind() -> None:
    """The lowest group is named beside everybody; zones are no groups, and a hair behind is not behind."""
    groups = build("groups", group=["pastoral", "aged", "children"], share=[0.1, 0.85, 0.92])
    said = values(condition_rules.find_lowest_group({**groups, **headline(8.0, 0.0, 0.1)}))
    assert said == {"rule": "lowest_group", "group": "aged", "share": 0.85, "everybody": 0.92}
    near = build("groups", group=["aged"], share=[0.919])
    assert condition_rules.find_lowest_group({**near, **headline(8.0, 0.0, 0.1)}) is None


@pytest.mark.parametrize(
    ("change", "rule"), [(0.02, "scenario_up"), (-0.02, "scenario_down"), (0.0001, "scenario_same")]
)
def test_a_scenario_is_told_the_right_way_round(change: float, rule: str) -> None:
    """The sentence says whether the rate rises, falls or stays."""
    tables = build("scenario", share_before=[0.9], share_after=[0.9 + change], change=[change], newly_covered=[3.0],
                   newly_lost=[1.0])  # fmt: skip
    assert values(plan_rules.find_scenario_change(tables))["rule"] == rule


def test_enough_sites_are_those_with_four_fifths_of_the_gain() -> None:
    """The first sites that bring 80 % are counted, unless it takes all of them."""
    tables = build("sites", order=[1.0, 2.0, 3.0, 4.0], newly_covered=[50.0, 30.0, 15.0, 5.0],
                   cumulative_share=[0.5, 0.6, 0.7, 0.75])  # fmt: skip
    assert values(plan_rules.find_enough_sites(tables)) == {
        "rule": "enough_sites",
        "order": 2,
        "cumulative_share": 0.6,
    }
    even = build("sites", order=[1.0, 2.0, 3.0], newly_covered=[10.0, 10.0, 10.0], cumulative_share=[0.5, 0.6, 0.7])
    assert plan_rules.find_enough_sites(even) is None


def test_the_furthest_target_is_open() -> None:
    """Of the open targets the one with least progress is named, without progress the first; met ones never."""
    known = build("targets", code=["B1", "B6"], unit_name=["", "甲"], today=[0.8, 0.5], target_year=[2027.0, 2028.0],
                  target_value=[0.9, 0.7], to_go=[0.1, 0.2], progress=[0.9, 0.2], met=["open", "open"])  # fmt: skip
    assert values(plan_rules.find_furthest_target(known))["code"] == "B6"
    met = {"targets": known["targets"]}
    met["targets"].rows["met"] = ["met", "met"]
    assert plan_rules.find_furthest_target(met) is None


@pytest.mark.parametrize(
    ("rule", "table", "columns"),
    [
        (offer_rules.find_lowest_item, "items", {"offer": ["a", "b"], "share": [0.9, 0.4], "stations": [3.0, 1.0]}),
        (offer_rules.find_lowest_bundle, "bundles", {"offer": ["a", "b"], "share": [0.9, 0.4]}),
        (offer_rules.find_lowest_family, "families", {"offer": ["a", "b"], "share": [0.9, 0.4]}),
        (people_rules.find_weakest_rung, "services_by_level",
         {"family": ["x", "x"], "level": ["a", "b"], "reachable_rate": [0.9, 0.4]}),
        (condition_rules.find_weakest_step, "referrals",
         {"level": ["a", "b"], "next_level": ["b", "c"], "share_within": [0.9, 0.4], "median": [9.0, 40.0]}),
        (quality_rules.find_range_factor, "tornado",
         {"factor": ["a", "b"], "low": [0.8, 0.7], "high": [0.9, 0.95], "swing": [0.1, 0.25]}),
    ],
)  # fmt: skip
def test_the_extreme_row_is_the_one_told(rule: Rule, table: str, columns: dict[str, list[float]]) -> None:
    """Rules about the lowest or widest row read every fact from that row, the second one here."""
    tables = build(table, **columns)
    finding = rule(tables)
    assert finding is not None
    assert {fact.cell.row for fact in finding.facts if fact.cell} == {1}
    told = {fact.name: fact.value for fact in finding.facts}
    assert told == {name: cells[1] for name, cells in columns.items() if name in told}


RANKS_UNITS: list[tuple[Rule, str, dict[str, list[float]]]] = [
    (offer_rules.find_rarest_item, "items", {"offer": ["a", "b"], "county_rate": [1.0, 0.5]}),
    (condition_rules.find_season_unit, "season_units",
     {"case": ["winter", "winter"], "name": ["a", "b"], "newly_lost": [3.0, 9.0]}),
    (plan_rules.find_scenario_winner, "scenario_units", {"name": ["a", "b"], "newly_covered": [3.0, 9.0]}),
    (plan_rules.find_scenario_loser, "scenario_units", {"name": ["a", "b"], "newly_lost": [3.0, 9.0]}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "table", "columns"), RANKS_UNITS)
def test_few_units_have_no_first_and_no_last(rule: Rule, table: str, columns: dict[str, list[float]]) -> None:
    """Who wins, loses or has least is named among five units or more, never among four."""

    def tell(units: int) -> Finding | None:
        ranked = build("units_ranked", name=[f"u{one}" for one in range(units)])
        return rule({**build(table, **columns), **ranked, **build("established", unit_level=["county"], units=[units])})

    assert tell(4) is None
    finding = tell(5)
    assert finding is not None
    assert {fact.cell.row for fact in finding.facts if fact.cell} == {1}


def test_the_fewest_hours_are_those_of_five_units_or_more() -> None:
    """The unit with the fewest hours is one of five at least; the study itself is none."""

    def hours(units: int) -> Tables:
        names = ["", *(f"u{one}" for one in range(units))]
        return build("weekly_hours", name=names, weekly_hours=[20.0, *(1.0 + one for one in range(units))])

    assert condition_rules.find_fewest_hours(hours(4)) is None
    assert values(condition_rules.find_fewest_hours(hours(5)))["name"] == "u0"
