"""Modules are set aside once for each page, and garbage made afterwards is still found."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from pages.ui.frame.long_lived import is_due, set_aside


class _Ring:
    """Refers to itself: only the collector finds it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """Give everything back to the collector, what pages of other tests set aside too."""
    gc.unfreeze()
    set_aside.clear()
    yield
    gc.unfreeze()
    set_aside.clear()


def test_what_is_there_is_set_aside_once() -> None:
    """The first run of a page sets objects aside, the next ones do not; another page does again."""
    assert gc.get_freeze_count() == 0
    first = set_aside("one")
    assert first > 10_000
    kept = [_Ring() for _ in range(10)]
    assert set_aside("one") == first
    assert gc.get_freeze_count() <= first
    assert set_aside("two") >= first - len(kept)


def test_garbage_made_afterwards_is_collected() -> None:
    """What is made after that and let go is found."""
    set_aside("one")
    ring = _Ring()
    seen = weakref.ref(ring)
    del ring
    gc.collect()
    assert seen() is None


@pytest.mark.parametrize(
    ("since_s", "share", "work_s", "expected"),
    [
        (20.0, 0.1, 0.5, True),
        (19.9, 0.0, 9.0, False),
        (60.0, 0.2, 9.0, False),
        (60.0, 0.0, 0.4, False),
        (300.0, 1.0, 9.0, True),
    ],
)
def test_garbage_is_looked_for_when_nobody_waits(since_s: float, share: float, work_s: float, expected: bool) -> None:
    """Only in a quiet moment and after some work, but a server that is never quiet is searched, too."""
    assert is_due(since_s, share, work_s) is expected
