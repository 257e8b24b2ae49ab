"""Toy documents of OpenStreetMap: a street with a side street, and what every reading of one must hold."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from coverage.errors import DataIssue
from coverage.network.model import PROFILE_COLUMNS, RoadLines
from coverage.network.settings import Mode
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


def read(
    tmp_path: Path,
    nodes: dict[int, Node],
    ways: dict[int, tuple[list[int], Tags]],
    restrictions: Iterable[tuple[Tags, list[tuple[str, int, str]]]] = (),
    mode: Mode = "drive",
    *,
    ferries: bool = False,
) -> tuple[RoadLines, dict[str, DataIssue]]:
    """Return the road lines of a toy document and its findings by code."""
    lines, issues = read_osm(write_osm(tmp_path / "toy.osm", nodes, ways, restrictions), mode, ferries=ferries)
    check_contract(lines)
    return lines, {issue.code: issue for issue in issues}


def check_contract(lines: RoadLines) -> None:
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


CROSS = {10: ([1, 2, 3], HIGHWAY), 11: ([3, 4, 5], HIGHWAY), 12: ([3, 6], HIGHWAY), 13: ([3, 7], HIGHWAY)}


def make_rule(
    value: str, start: int, end: int, via: tuple[str, int] = ("node", 3), **tags: str
) -> tuple[Tags, list[tuple[str, int, str]]]:
    """Return the tags and members of a restriction between two ways."""
    members = [("way", start, "from"), (via[0], via[1], "via"), ("way", end, "to")]
    return {"restriction": value} | {key.replace("__", ":"): text for key, text in tags.items()}, members


def list_bans(lines: RoadLines) -> list[tuple[tuple[float, float], tuple[float, float], bool]]:
    """Return each ban as far end of the arriving piece, far end of the leaving piece, only."""
    bans = []
    for start, via, end, only in zip(lines.ban_from, lines.ban_via, lines.ban_to, lines.ban_only, strict=True):
        far = []
        for piece in (start, end):
            vertex = lines.piece_from[piece] if lines.piece_to[piece] == via else lines.piece_to[piece]
            far.append((round(float(lines.lon[vertex]), 2), round(float(lines.lat[vertex]), 2)))
        bans.append((far[0], far[1], bool(only)))
    return sorted(bans)
