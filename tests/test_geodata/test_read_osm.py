"""OpenStreetMap files to road lines: topology, barriers, delays, turn restrictions, broken files."""

from __future__ import annotations

import bz2
import gzip
import math
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import osmium
import osmium.osm.mutable
import pytest

from coverage.errors import CancelledError, DataIssue, InputError, MissingInputError
from coverage.network import DELAY_KINDS, PROFILE_COLUMNS, RoadLines
from coverage.settings import Mode
from geodata.roads.pbf_nodes import UnusualPbfError, decode_signed, read_node_positions
from geodata.roads.read_osm import read_osm

Tags = dict[str, str]
Node = tuple[float, float] | tuple[float, float, Tags]
HIGHWAY = {"highway": "residential"}

# A straight street of five nodes, 0.01 degrees apart, and a side street going north from node 3:
#
#            6
#            |
#  1 -- 2 -- 3 -- 4 -- 5
#            |
#            7
STREET: dict[int, Node] = {
    **{number: (87.0 + 0.01 * number, 43.0) for number in range(1, 6)},
    6: (87.03, 43.01),
    7: (87.03, 42.99),
}


def write_osm(
    path: Path,
    nodes: dict[int, Node],
    ways: dict[int, tuple[list[int], Tags]],
    restrictions: Iterable[tuple[Tags, list[tuple[str, int, str]]]] = (),
) -> Path:
    """Write a small .osm document."""

    def tags(values: Tags) -> str:
        return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in values.items())

    text = ['<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">']
    for number, (lon, lat, *rest) in nodes.items():
        text.append(f'<node id="{number}" lon="{lon:.7f}" lat="{lat:.7f}">{tags(rest[0] if rest else {})}</node>')
    for number, (refs, values) in ways.items():
        text.append(f'<way id="{number}">{"".join(f"<nd ref={chr(34)}{ref}{chr(34)}/>" for ref in refs)}')
        text.append(f"{tags(values)}</way>")
    for number, (values, members) in enumerate(restrictions, start=1):
        inner = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
        text.append(f'<relation id="{number}">{inner}{tags({"type": "restriction"} | values)}</relation>')
    path.write_text("".join(text) + "</osm>", encoding="utf-8")
    return path


def _read(
    tmp_path: Path,
    nodes: dict[int, Node],
    ways: dict[int, tuple[list[int], Tags]],
    restrictions: Iterable[tuple[Tags, list[tuple[str, int, str]]]] = (),
    mode: Mode = "drive",
    *,
    ferries: bool = False,
) -> tuple[RoadLines, dict[str, DataIssue]]:
    lines, issues = read_osm(write_osm(tmp_path / "toy.osm", nodes, ways, restrictions), mode, ferries=ferries)
    _check_contract(lines)
    return lines, {issue.code: issue for issue in issues}


def _check_contract(lines: RoadLines) -> None:
    """Assert what `RoadLines` promises about types, shapes and ranges."""
    assert lines.lon.dtype == lines.lat.dtype == np.float64
    assert lines.piece_from.dtype == lines.piece_to.dtype == lines.piece_profile.dtype == np.int32
    assert lines.piece_oneway.dtype == lines.ban_only.dtype == np.bool_
    assert lines.delay_kind.dtype == lines.delay_way.dtype == np.uint8
    assert tuple(lines.profiles.columns) == PROFILE_COLUMNS
    assert lines.profiles["restricted"].dtype == bool
    assert lines.profiles["maxspeed_forward_kph"].dtype == np.float64
    assert (lines.piece_from != lines.piece_to).all()
    assert np.isfinite(lines.lon).all()
    assert np.isfinite(lines.lat).all()
    used = np.union1d(lines.piece_from, lines.piece_to)
    assert np.array_equal(used, np.arange(len(lines.lon)))
    for bans in (lines.ban_from, lines.ban_to):
        ends = np.stack((lines.piece_from[bans], lines.piece_to[bans]))
        assert (ends == lines.ban_via).any(axis=0).all()


def _steps(lines: RoadLines) -> list[tuple[float, float, bool]]:
    """Return each piece as (longitude from, to, one-way), sorted; rounded to hundredths."""
    start, end = np.round(lines.lon[lines.piece_from], 2), np.round(lines.lon[lines.piece_to], 2)
    return sorted(zip(start.tolist(), end.tolist(), lines.piece_oneway.tolist(), strict=True))


def test_a_street_becomes_pieces_between_neighbours(tmp_path: Path) -> None:
    """Each pair of neighbouring nodes is one piece, each node one vertex."""
    lines, issues = _read(tmp_path, STREET, {10: ([1, 2, 3], HIGHWAY), 11: ([6, 3, 7], HIGHWAY)})
    assert (len(lines.lon), len(lines.piece_from), len(lines.profiles)) == (5, 4, 1)
    assert not lines.piece_oneway.any()
    assert issues == {}
    assert np.bincount(np.concatenate((lines.piece_from, lines.piece_to))).max() == 3


def test_one_way_pieces_run_as_travelled(tmp_path: Path) -> None:
    """`oneway=-1` turns the pieces round, and the limits with them."""
    tags = HIGHWAY | {"oneway": "-1", "maxspeed:forward": "30", "maxspeed:backward": "30 mph"}
    lines, _ = _read(tmp_path, STREET, {10: ([1, 2, 3], tags)})
    assert _steps(lines) == [(87.02, 87.01, True), (87.03, 87.02, True)]
    assert lines.profiles.loc[0, "maxspeed_forward_kph"] == pytest.approx(48.28032)


def test_a_roundabout_runs_round_once(tmp_path: Path) -> None:
    """A closed way marked as a roundabout is one-way all round."""
    lines, _ = _read(tmp_path, STREET, {10: ([3, 6, 2, 7, 3], HIGHWAY | {"junction": "roundabout"})})
    assert len(lines.piece_from) == 4
    assert lines.piece_oneway.all()
    assert sorted(lines.piece_from) == sorted(lines.piece_to)


def test_repeated_nodes_make_no_piece_and_repeated_stretches_stay(tmp_path: Path) -> None:
    """The same node twice in a row is dropped; the same stretch in two ways is parallel."""
    lines, _ = _read(tmp_path, STREET, {10: ([1, 1, 2], HIGHWAY), 11: ([1, 2], HIGHWAY), 12: ([2], HIGHWAY)})
    assert len(lines.piece_from) == 2


def test_a_missing_node_cuts_the_way(tmp_path: Path) -> None:
    """Extracts name nodes beyond their edge: the way stops there and goes on behind."""
    nodes = {number: node for number, node in STREET.items() if number != 3}
    lines, issues = _read(tmp_path, nodes, {10: ([1, 2, 3, 4, 5], HIGHWAY)})
    assert _steps(lines) == [(87.01, 87.02, False), (87.04, 87.05, False)]
    assert issues["roads.missing_nodes"].count == 1


def test_only_roads_of_the_mode_are_read(tmp_path: Path) -> None:
    """A footpath is for walkers, a motorway for cars."""
    ways = {10: ([1, 2], {"highway": "motorway"}), 11: ([3, 6], {"highway": "footway"}), 12: ([4, 5], {"name": "x"})}
    assert _steps(_read(tmp_path, STREET, ways)[0]) == [(87.01, 87.02, True)]
    assert _steps(_read(tmp_path, STREET, ways, mode="walk")[0]) == [(87.03, 87.03, False)]


def test_profiles_are_told_apart_by_what_decides_speed(tmp_path: Path) -> None:
    """Names do not make profiles; surface, limits and restrictions do."""
    ways = {
        10: ([1, 2], HIGHWAY | {"name": "a"}),
        11: ([2, 3], HIGHWAY | {"name": "b"}),
        12: ([3, 4], HIGHWAY | {"surface": "gravel"}),
        13: ([4, 5], HIGHWAY | {"access": "private"}),
    }
    lines, _ = _read(tmp_path, STREET, ways)
    assert lines.piece_profile.tolist() == [0, 0, 1, 2]
    assert lines.profiles["restricted"].tolist() == [False, False, True]
    assert lines.profiles["surface"].tolist() == ["", "gravel", ""]


def test_a_bollard_splits_the_road_for_cars_only(tmp_path: Path) -> None:
    """1 -- 2 -- 3(bollard) -- 4: cars cannot pass 3, walkers can."""
    nodes = STREET | {3: (87.03, 43.0, {"barrier": "bollard"})}
    ways = {10: ([1, 2, 3, 4], HIGHWAY)}
    lines, issues = _read(tmp_path, nodes, ways)
    assert (len(lines.lon), len(lines.piece_from)) == (5, 3)
    assert np.bincount(np.concatenate((lines.piece_from, lines.piece_to))).tolist().count(1) == 4
    assert issues["roads.barriers"].count == 1
    walked, issues = _read(tmp_path, nodes, ways, mode="walk")
    assert (len(walked.lon), issues) == (4, {})


def test_a_bollard_at_a_junction_closes_every_turn(tmp_path: Path) -> None:
    """All four arms at node 3 get an end of their own."""
    nodes = STREET | {3: (87.03, 43.0, {"barrier": "block"})}
    lines, _ = _read(tmp_path, nodes, {10: ([2, 3, 4], HIGHWAY), 11: ([6, 3, 7], HIGHWAY)})
    assert (len(lines.lon), len(lines.piece_from)) == (8, 4)


def test_gates_and_signals_delay(tmp_path: Path) -> None:
    """What stands at a node is told by its place in DELAY_KINDS; private gates are counted."""
    nodes = STREET | {
        2: (87.02, 43.0, {"barrier": "gate", "access": "private"}),
        3: (87.03, 43.0, {"highway": "traffic_signals"}),
        4: (87.04, 43.0, {"railway": "level_crossing"}),
        6: (87.03, 43.01, {"barrier": "gate", "access": "private"}),
    }
    lines, issues = _read(tmp_path, nodes, {10: ([1, 2, 3, 4, 5], HIGHWAY)})
    by_lon = {round(lon, 2): DELAY_KINDS[kind] for lon, kind in zip(lines.lon, lines.delay_kind, strict=True)}
    expected = {87.01: "none", 87.02: "gate", 87.03: "traffic_signals", 87.04: "level_crossing", 87.05: "none"}
    assert by_lon == expected
    assert issues["roads.private_gates"].count == 1


@pytest.mark.parametrize(("oneway", "side"), [("no", 1), ("yes", 1), ("-1", 2)])
def test_a_stop_for_one_direction_turns_with_the_way(tmp_path: Path, oneway: str, side: int) -> None:
    """`direction=forward` means as drawn; pieces that were turned round meet it backward."""
    nodes = STREET | {2: (87.02, 43.0, {"highway": "stop", "direction": "forward"})}
    lines, _ = _read(tmp_path, nodes, {10: ([1, 2, 3], HIGHWAY | {"oneway": oneway})})
    assert lines.delay_way[lines.delay_kind > 0].tolist() == [side]


def test_ferries(tmp_path: Path) -> None:
    """A ferry line is read if wanted, with its duration."""
    ways = {10: ([1, 2], HIGHWAY), 11: ([2, 5], {"route": "ferry", "duration": "00:45"})}
    assert len(_read(tmp_path, STREET, ways)[0].piece_from) == 1
    lines, _ = _read(tmp_path, STREET, ways, ferries=True)
    assert lines.profiles["highway"].tolist() == ["residential", "ferry"]
    assert lines.profiles["duration_s"].tolist()[1] == 2700.0
    assert math.isnan(lines.profiles["duration_s"].tolist()[0])


def test_what_cannot_be_used_is_counted(tmp_path: Path) -> None:
    """Reversible roads and unreadable limits come back as findings with the first value."""
    ways = {
        10: ([1, 2], HIGHWAY | {"maxspeed": "fast"}),
        11: ([2, 3], HIGHWAY | {"maxspeed": "fast"}),
        12: ([3, 4], HIGHWAY | {"oneway": "reversible"}),
    }
    lines, issues = _read(tmp_path, STREET, ways)
    assert len(lines.piece_from) == 2
    assert (issues["roads.maxspeed_unreadable"].count, issues["roads.maxspeed_unreadable"].value) == (2, "fast")
    assert issues["roads.reversible"].count == 1


# --- turn restrictions ---------------------------------------------------------------------------

CROSS = {10: ([1, 2, 3], HIGHWAY), 11: ([3, 4, 5], HIGHWAY), 12: ([3, 6], HIGHWAY), 13: ([3, 7], HIGHWAY)}


def _rule(
    value: str, start: int, end: int, via: tuple[str, int] = ("node", 3), **tags: str
) -> tuple[Tags, list[tuple[str, int, str]]]:
    members = [("way", start, "from"), (via[0], via[1], "via"), ("way", end, "to")]
    return {"restriction": value} | {key.replace("__", ":"): text for key, text in tags.items()}, members


def _bans(lines: RoadLines) -> list[tuple[tuple[float, float], tuple[float, float], bool]]:
    """Return each ban as far end of the arriving piece, far end of the leaving piece, only."""
    bans = []
    for start, via, end, only in zip(lines.ban_from, lines.ban_via, lines.ban_to, lines.ban_only, strict=True):
        far = []
        for piece in (start, end):
            vertex = lines.piece_from[piece] if lines.piece_to[piece] == via else lines.piece_to[piece]
            far.append((round(float(lines.lon[vertex]), 2), round(float(lines.lat[vertex]), 2)))
        bans.append((far[0], far[1], bool(only)))
    return sorted(bans)


WEST, EAST, NORTH, SOUTH = (87.02, 43.0), (87.04, 43.0), (87.03, 43.01), (87.03, 42.99)


def test_a_banned_turn(tmp_path: Path) -> None:
    """No left turn from the west to the north."""
    lines, issues = _read(tmp_path, STREET, CROSS, [_rule("no_left_turn", 10, 12)])
    assert _bans(lines) == [(WEST, NORTH, False)]
    assert issues == {}


def test_a_commanded_turn(tmp_path: Path) -> None:
    """Only straight on from the west."""
    lines, _ = _read(tmp_path, STREET, CROSS, [_rule("only_straight_on", 10, 11)])
    assert _bans(lines) == [(WEST, EAST, True)]


def test_several_roads_in_one_restriction(tmp_path: Path) -> None:
    """`no_entry` may name several ways to come from."""
    members = [("way", 12, "from"), ("way", 13, "from"), ("node", 3, "via"), ("way", 11, "to")]
    lines, _ = _read(tmp_path, STREET, CROSS, [({"restriction": "no_entry"}, members)])
    assert _bans(lines) == [(SOUTH, EAST, False), (NORTH, EAST, False)]


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
    lines, issues = _read(tmp_path, STREET, ways, [_rule(rule, 10, 12)])
    assert _bans(lines) == expected
    assert ("roads.restriction_unclear" in issues) == (not expected)


def test_a_one_way_that_passes_through_leaves_one_choice(tmp_path: Path) -> None:
    """On a one-way one can only arrive from behind and leave ahead."""
    ways = {10: ([1, 2, 3, 4, 5], HIGHWAY | {"oneway": "-1"}), 12: ([3, 6], HIGHWAY)}
    lines, _ = _read(tmp_path, STREET, ways, [_rule("no_entry", 10, 12), _rule("no_entry", 12, 10)])
    assert _bans(lines) == [(NORTH, WEST, False), (EAST, NORTH, False)]


@pytest.mark.parametrize(
    ("restriction", "finding"),
    [
        (_rule("no_left_turn", 10, 12, ("way", 11)), "roads.restriction_via_way"),
        (_rule("no_left_turn", 10, 12, day_on="Monday"), "roads.restriction_conditional"),
        (({"restriction:conditional": "no_left_turn @ (07:00-09:00)"}, []), "roads.restriction_conditional"),
        (({"restriction": "no_left_turn"}, [("way", 10, "from"), ("way", 12, "to")]), "roads.restriction_unclear"),
        (_rule("no_dancing", 10, 12), "roads.restriction_unclear"),
    ],
)
def test_restrictions_that_are_not_applied_are_counted(
    tmp_path: Path, restriction: tuple[Tags, list[tuple[str, int, str]]], finding: str
) -> None:
    """Over ways, at times only, incomplete or unknown: left out, and said so."""
    lines, issues = _read(tmp_path, STREET, CROSS, [restriction])
    assert _bans(lines) == []
    assert {code: issue.count for code, issue in issues.items()} == {finding: 1}


@pytest.mark.parametrize(
    ("restriction", "mode", "applies"),
    [
        (_rule("no_left_turn", 10, 12), "cycle", True),
        (_rule("no_left_turn", 10, 12), "walk", False),
        (_rule("no_left_turn", 10, 12, **{"except": "psv;motorcar"}), "drive", False),
        (_rule("no_left_turn", 10, 12, **{"except": "psv"}), "drive", True),
        (_rule("no_left_turn", 10, 12, **{"except": "bicycle"}), "cycle", False),
        (({"restriction:hgv": "no_left_turn"}, _rule("", 10, 12)[1]), "drive", False),
        (({"restriction:motorcar": "no_left_turn"}, _rule("", 10, 12)[1]), "drive", True),
        (_rule("no_u_turn", 10, 10), "drive", False),
        (_rule("no_left_turn", 10, 99), "drive", False),
    ],
)
def test_whom_a_restriction_concerns(
    tmp_path: Path, restriction: tuple[Tags, list[tuple[str, int, str]]], mode: Mode, applies: bool
) -> None:
    """Exceptions, vehicle types, and ways that are not there leave a restriction without effect or finding."""
    lines, issues = _read(tmp_path, STREET, CROSS, [restriction], mode)
    assert (_bans(lines) == [(WEST, NORTH, False)]) is applies
    assert issues == {}


def test_no_restriction_holds_at_a_barrier(tmp_path: Path) -> None:
    """Where nothing passes there is nothing to ban."""
    nodes = STREET | {3: (87.03, 43.0, {"barrier": "bollard"})}
    lines, _ = _read(tmp_path, nodes, CROSS, [_rule("no_left_turn", 10, 12)])
    assert _bans(lines) == []


# --- formats and broken files --------------------------------------------------------------------


def _write_pbf(source: Path, target: Path, *options: str) -> Path:
    with osmium.SimpleWriter(osmium.io.File(str(target), ",".join(("pbf", *options)))) as writer:
        for item in osmium.FileProcessor(str(source)):
            writer.add(item)
    return target


@pytest.mark.parametrize("options", [(), ("pbf_compression=none",), ("pbf_dense_nodes=false",)])
def test_every_format_gives_the_same_roads(tmp_path: Path, options: tuple[str, ...]) -> None:
    """XML, packed XML and PBF in every layout hold the same roads, whatever the file is called."""
    nodes = STREET | {2: (-87.0212345, -43.1, {"highway": "stop"})}
    plain = write_osm(tmp_path / "toy.osm", nodes, CROSS, [_rule("no_left_turn", 10, 12)])
    packed = tmp_path / "packed.txt"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    squeezed = tmp_path / "squeezed"
    squeezed.write_bytes(bz2.compress(plain.read_bytes()))
    expected, _ = read_osm(plain, "drive")
    for path in (packed, squeezed, _write_pbf(plain, tmp_path / "http:roads.osm.pbf", *options)):
        lines, _ = read_osm(path, "drive")
        assert np.array_equal(lines.lon, expected.lon)
        assert np.array_equal(lines.lat, expected.lat)
        assert np.array_equal(lines.piece_from, expected.piece_from)
        assert np.array_equal(lines.delay_kind, expected.delay_kind)
        assert _bans(lines) == _bans(expected)


def test_positions_of_nodes_outside_the_file_are_nan(tmp_path: Path) -> None:
    """The block reader finds what is asked for, negative ids too, and leaves the rest NaN."""
    path = tmp_path / "toy.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for number in (-5, 3, 12_000_000_000):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(number % 7 + 0.1234567, -1.5)))
    lon, lat = read_node_positions(path, np.array([-5, 2, 3, 12_000_000_000], dtype=np.int64))
    assert lon.tolist() == pytest.approx([2.1234567, math.nan, 3.1234567, 12_000_000_000 % 7 + 0.1234567], nan_ok=True)
    assert np.isnan(lat).tolist() == [False, True, False, False]


@pytest.mark.parametrize("data", [b"\x80", b"\x80" * 12 + b"\x01"])
def test_broken_numbers_are_not_guessed(data: bytes) -> None:
    """A number that does not end, or is too long, is refused."""
    with pytest.raises(UnusualPbfError):
        decode_signed(data)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.empty"),
        (b"hello, I am a text", "roads.not_osm"),
        (b"<html><body>Too busy</body></html>", "roads.not_osm"),
        (b"<osm version='0.6'><node id='1' lat='1' lon='1'/>", "roads.unreadable"),
        (b"<osm version='0.6'></osm>", "roads.none_usable"),
        (b"<osm version='0.6'><way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='road'/></way></osm>", None),
        (b"<?xml version='1.0'?>", "roads.not_osm"),
        (b"\x00\x00\x00\x0e\x0a\x09OSMHeader\x18\xff\xff\xff\x7f", "roads.unreadable"),
        (b"\x1f\x8bgarbage", "roads.unreadable"),
    ],
)
def test_files_that_are_no_roads(tmp_path: Path, content: bytes, code: str | None) -> None:
    """Empty, foreign, cut-off and roadless files are refused with a code that says which."""
    path = tmp_path / "roads.osm"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_osm(path, "drive")
    assert caught.value.code == (code or "roads.none_usable")
    assert caught.value.context["file"] == "roads.osm"


def test_a_cut_off_pbf_is_refused(tmp_path: Path) -> None:
    """Half a download is not half the roads."""
    whole = _write_pbf(write_osm(tmp_path / "toy.osm", STREET, CROSS), tmp_path / "toy.pbf").read_bytes()
    half = tmp_path / "half.pbf"
    half.write_bytes(whole[: len(whole) - 40])
    with pytest.raises(InputError, match=r"roads\.unreadable"):
        read_osm(half, "drive")


BOMB = '<!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY s SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("before", ["", "<!-- " + "x" * 200_000 + " -->"])
def test_a_doctype_is_refused_wherever_it_stands(tmp_path: Path, encoding: str, before: str) -> None:
    """Entities could grow without end or name files; no road file has any."""
    path = tmp_path / "bomb.osm"
    path.write_text(f'<?xml version="1.0" encoding="{encoding}"?>{before}{BOMB}<osm>&b;&s;</osm>', encoding=encoding)
    with pytest.raises(InputError, match=r"roads\.doctype"):
        read_osm(path, "drive")


def test_an_endless_prologue_is_refused(tmp_path: Path) -> None:
    """A file that keeps its root element behind a megabyte of comment is not read on."""
    path = tmp_path / "long.osm"
    path.write_text("<!-- " + "x" * 2_000_000 + " -->" + BOMB + "<osm/>")
    with pytest.raises(InputError, match=r"roads\.not_osm"):
        read_osm(path, "drive")


def test_a_missing_file(tmp_path: Path) -> None:
    """No file, no guess."""
    with pytest.raises(MissingInputError):
        read_osm(tmp_path / "nowhere.osm.pbf", "drive")


def test_progress_rises_to_one_and_can_stop_the_job(tmp_path: Path) -> None:
    """Shares never fall and end at 1; returning False cancels."""
    path = write_osm(tmp_path / "toy.osm", STREET, CROSS)
    shares: list[float] = []
    read_osm(path, "drive", progress=lambda share, _step: shares.append(share) is None)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with pytest.raises(CancelledError):
        read_osm(path, "drive", progress=lambda _share, _step: False)


# --- real files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "vertices", "bans"),
    [("andorra.osm.pbf", 49_892, 61), ("almaty.osm.pbf", 23_678, 87), ("shenzhen.osm", 6_082, 0)],
)
def test_real_extracts_keep_their_counts(shared_data: Path, name: str, vertices: int, bans: int) -> None:
    """The rules above, on real cities: a change of these counts is a change of the rules."""
    lines, _ = read_osm(shared_data / "roads" / name, "drive")
    _check_contract(lines)
    assert (len(lines.lon), len(lines.ban_from)) == (vertices, bans)


def test_block_reader_and_osmium_agree_on_positions(shared_data: Path) -> None:
    """Every node of a real file lies where osmium says."""
    path = shared_data / "roads" / "almaty.osm.pbf"
    found = [(node.id, node.lon, node.lat) for node in osmium.FileProcessor(str(path), osmium.osm.NODE)]
    ids, lon, lat = (np.array(values) for values in zip(*sorted(found)[::7], strict=True))
    ours = read_node_positions(path, ids)
    assert np.array_equal(ours[0], lon)
    assert np.array_equal(ours[1], lat)
