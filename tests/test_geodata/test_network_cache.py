"""Built networks on disk."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from small_study import write_small_study

import geodata.roads.network_cache as network_cache
from coverage.network.model import RoadNetwork
from geodata.roads.network_cache import open_network, read_network, write_network

CLASSES = {"residential"}


@pytest.fixture
def roads(tmp_path: Path) -> Path:
    """Return the road file of the small study."""
    return write_small_study(tmp_path / "study").parent / "roads.geojson"


def _assert_equal(a: RoadNetwork, b: RoadNetwork) -> None:
    for field in fields(RoadNetwork):
        left, right = getattr(a, field.name), getattr(b, field.name)
        if isinstance(left, np.ndarray):
            assert left.dtype == right.dtype
            np.testing.assert_array_equal(left, right)
        elif field.name == "profiles":
            assert left.astype(object).fillna("nan").equals(right.astype(object).fillna("nan"))
        else:
            assert left == right


def test_written_network_reads_back_to_the_bit(roads: Path, tmp_path: Path) -> None:
    """A network and the findings of its reader survive writing and reading."""
    network, issues = open_network(roads, "drive", CLASSES, folder=None)
    write_network(network, issues, tmp_path / "n.npz")
    again, found = read_network(tmp_path / "n.npz")
    _assert_equal(network, again)
    assert found == issues


def test_second_opening_does_not_build(roads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache is found by content, so a copy under another name is not built again."""
    first, _ = open_network(roads, "drive", CLASSES, folder=tmp_path / "cache")
    copy = tmp_path / "other.geojson"
    copy.write_bytes(roads.read_bytes())

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("built again")

    monkeypatch.setattr(network_cache, "build_network", refuse)
    again, _ = open_network(copy, "drive", CLASSES, folder=tmp_path / "cache")
    _assert_equal(first, again)


@pytest.mark.parametrize("change", ["content", "mode", "classes"])
def test_what_changes_the_network_changes_the_key(roads: Path, tmp_path: Path, change: str) -> None:
    """Other content, another mode or other classes are kept under another name."""
    cache = tmp_path / "cache"
    open_network(roads, "drive", CLASSES, folder=cache)
    if change == "content":
        roads.write_text(roads.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    open_network(
        roads,
        "walk" if change == "mode" else "drive",
        {"residential", "primary"} if change == "classes" else CLASSES,
        folder=cache,
    )
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a zip", None])
def test_damaged_cache_is_built_again(roads: Path, tmp_path: Path, damage: bytes | None) -> None:
    """A cut or foreign file in the cache is replaced, never trusted."""
    cache = tmp_path / "cache"
    first, _ = open_network(roads, "drive", CLASSES, folder=cache)
    kept = next(cache.iterdir())
    kept.write_bytes(kept.read_bytes()[:1000] if damage is None else damage)
    again, _ = open_network(roads, "drive", CLASSES, folder=cache)
    _assert_equal(first, again)
    assert kept.stat().st_size > 1000


def test_pickled_arrays_are_not_loaded(roads: Path, tmp_path: Path) -> None:
    """An object array in a cache file is refused, so that opening a file runs nothing."""
    path = tmp_path / "n.npz"
    np.savez(path, head=np.array([{"mode": "drive"}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        read_network(path)


def test_damaged_flags_of_the_cache_are_built_again(roads: Path, tmp_path: Path) -> None:
    """A cache file whose directory asks for an unknown or wrong packing, or a password, is replaced."""
    cache = tmp_path / "cache"
    first, _ = open_network(roads, "drive", CLASSES, folder=cache)
    kept = next(cache.iterdir())
    whole = kept.read_bytes()
    at = whole.index(b"PK\x01\x02")
    for place, value in ((at + 10, 99), (at + 10, 8), (at + 8, 1)):
        kept.write_bytes(whole[:place] + bytes([value]) + whole[place + 1 :])
        again, _ = open_network(roads, "drive", CLASSES, folder=cache)
        _assert_equal(first, again)
        assert kept.read_bytes() == whole


def test_cache_that_cannot_be_written_costs_nothing(roads: Path, tmp_path: Path) -> None:
    """Without a usable folder for built networks the network is built all the same."""
    (tmp_path / "taken").write_bytes(b"x")
    built, _ = open_network(roads, "drive", CLASSES, folder=tmp_path / "taken" / "networks")
    plain, _ = open_network(roads, "drive", CLASSES, folder=None)
    _assert_equal(built, plain)
