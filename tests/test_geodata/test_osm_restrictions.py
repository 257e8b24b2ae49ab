"""Turn restrictions of OpenStreetMap: what is banned, what is commanded, and what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy_osm import CROSS, HIGHWAY, STREET, Tags, list_bans, make_rule, read

from coverage.network.settings import Mode

WEST, EAST, NORTH, SOUTH = (87.02, 43.0), (87.04, 43.0), (87.03, 43.01), (87.03, 42.99)


def test_a_banned_turn(tmp_path: Path) -> None:
    """No left turn from the west to the north."""
    lines, issues = read(tmp_path, STREET, CROSS, [make_rule("no_left_turn", 10, 12)])
    assert list_bans(lines) == [(WEST, NORTH, False)]
    assert issues == {}


def test_a_commanded_turn(tmp_path: Path) -> None:
    """Only straight on from the west."""
    lines, _ = read(tmp_path, STREET, CROSS, [make_rule("only_straight_on", 10, 11)])
    assert list_bans(lines) == [(WEST, EAST, True)]


def test_several_roads_in_one_restriction(tmp_path: Path) -> None:
    """`no_entry` may name several ways to come from."""
    members = [("way", 12, "from"), ("way", 13, "from"), ("node", 3, "via"), ("way", 11, "to")]
    lines, _ = read(tmp_path, STREET, CROSS, [({"restriction": "no_entry"}, members)])
    assert list_bans(lines) == [(SOUTH, EAST, False), (NORTH, EAST, False)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("no_left_turn", [(WEST, NORTH, False)]),
        ("no_right_turn", [(EAST, NORTH, False)]),
        ("only_left_turn", [(WEST, NORTH, True)]),
        ("no_entry", [(WEST, NORTH, False), (EAST, NORTH, False)]),
        ("only_straight_on", []),
    ],
)
def test_a_way_that_passes_through_is_resolved_by_the_angle(tmp_path: Path, rule: str, expected: list[object]) -> None:
    """Way 10 runs through node 3: left from it to the north can only be meant coming from the west."""
    ways = {10: ([1, 2, 3, 4, 5], HIGHWAY), 12: ([3, 6], HIGHWAY)}
    lines, issues = read(tmp_path, STREET, ways, [make_rule(rule, 10, 12)])
    assert list_bans(lines) == expected
    assert ("roads.restriction_unclear" in issues) == (not expected)


def test_a_one_way_that_passes_through_leaves_one_choice(tmp_path: Path) -> None:
    """On a one-way one can only arrive from behind and leave ahead."""
    ways = {10: ([1, 2, 3, 4, 5], HIGHWAY | {"oneway": "-1"}), 12: ([3, 6], HIGHWAY)}
    lines, _ = read(tmp_path, STREET, ways, [make_rule("no_entry", 10, 12), make_rule("no_entry", 12, 10)])
    assert list_bans(lines) == [(NORTH, WEST, False), (EAST, NORTH, False)]


@pytest.mark.parametrize(
    ("restriction", "finding"),
    [
        (make_rule("no_left_turn", 10, 12, ("way", 11)), "roads.restriction_via_way"),
        (make_rule("no_left_turn", 10, 12, day_on="Monday"), "roads.restriction_conditional"),
        (({"restriction:conditional": "no_left_turn @ (07:00-09:00)"}, []), "roads.restriction_conditional"),
        (({"restriction": "no_left_turn"}, [("way", 10, "from"), ("way", 12, "to")]), "roads.restriction_unclear"),
        (make_rule("no_dancing", 10, 12), "roads.restriction_unclear"),
    ],
)
def test_restrictions_that_are_not_applied_are_counted(
    tmp_path: Path, restriction: tuple[Tags, list[tuple[str, int, str]]], finding: str
) -> None:
    """Over ways, at times only, incomplete or unknown: left out, and said so."""
    lines, issues = read(tmp_path, STREET, CROSS, [restriction])
    assert list_bans(lines) == []
    assert {code: issue.count for code, issue in issues.items()} == {finding: 1}


@pytest.mark.parametrize(
    ("restriction", "mode", "applies"),
    [
        (make_rule("no_left_turn", 10, 12), "cycle", True),
        (make_rule("no_left_turn", 10, 12), "walk", False),
        (make_rule("no_left_turn", 10, 12, **{"except": "psv;motorcar"}), "drive", False),
        (make_rule("no_left_turn", 10, 12, **{"except": "psv"}), "drive", True),
        (make_rule("no_left_turn", 10, 12, **{"except": "bicycle"}), "cycle", False),
        (({"restriction:hgv": "no_left_turn"}, make_rule("", 10, 12)[1]), "drive", False),
        (({"restriction:motorcar": "no_left_turn"}, make_rule("", 10, 12)[1]), "drive", True),
        (make_rule("no_u_turn", 10, 10), "drive", False),
        (make_rule("no_left_turn", 10, 99), "drive", False),
    ],
)
def test_whom_a_restriction_concerns(
    tmp_path: Path, restriction: tuple[Tags, list[tuple[str, int, str]]], mode: Mode, applies: bool
) -> None:
    """Exceptions, vehicle types, and ways that are not there leave a restriction without effect or finding."""
    lines, issues = read(tmp_path, STREET, CROSS, [restriction], mode)
    assert (list_bans(lines) == [(WEST, NORTH, False)]) is applies
    assert issues == {}


def test_no_restriction_holds_at_a_barrier(tmp_path: Path) -> None:
    """Where nothing passes there is nothing to ban."""
    nodes = STREET | {3: (87.03, 43.0, {"barrier": "bollard"})}
    lines, _ = read(tmp_path, nodes, CROSS, [make_rule("no_left_turn", 10, 12)])
    assert list_bans(lines) == []
