"""Files of OpenStreetMap in every format: packed or not, broken, hostile, none at all."""

from __future__ import annotations

import bz2
import gzip
import math
from pathlib import Path

import numpy as np
import osmium
import osmium.osm.mutable
import pytest
from toy_osm import CROSS, STREET, list_bans, make_rule, write_osm

from coverage.errors import InputError, MissingInputError
from geodata.roads.pbf_nodes import UnusualPbfError, decode_signed, read_node_positions
from geodata.roads.read_osm import read_osm


def _write_pbf(source: Path, target: Path, *options: str) -> Path:
    with osmium.SimpleWriter(osmium.io.File(str(target), ",".join(("pbf", *options)))) as writer:
        for item in osmium.FileProcessor(str(source)):
            writer.add(item)
    return target


@pytest.mark.parametrize("options", [(), ("pbf_compression=none",), ("pbf_dense_nodes=false",)])
def test_every_format_gives_the_same_roads(tmp_path: Path, options: tuple[str, ...]) -> None:
    """XML, packed XML and PBF in every layout hold the same roads, whatever the file is called."""
    nodes = STREET | {2: (-87.0212345, -43.1, {"highway": "stop"})}
    plain = write_osm(tmp_path / "toy.osm", nodes, CROSS, [make_rule("no_left_turn", 10, 12)])
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
        assert list_bans(lines) == list_bans(expected)


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


def test_block_reader_and_osmium_agree_on_positions(shared_data: Path) -> None:
    """Every node of a real file lies where osmium says."""
    path = shared_data / "roads" / "almaty.osm.pbf"
    found = [(node.id, node.lon, node.lat) for node in osmium.FileProcessor(str(path), osmium.osm.NODE)]
    ids, lon, lat = (np.array(values) for values in zip(*sorted(found)[::7], strict=True))
    ours = read_node_positions(path, ids)
    assert np.array_equal(ours[0], lon)
    assert np.array_equal(ours[1], lat)
