"""Turns: so many at a time, given back whatever happens, and nobody waits for ever."""

from __future__ import annotations

import threading
import time

import pytest

from pages.ui.frame.cpu_slots import Turns


def test_no_more_than_so_many_run_together() -> None:
    """Of eight threads never more than two are in the block, and all get their turn."""
    turns, guard = Turns(2), threading.Lock()
    inside, most, done = 0, 0, 0

    def work() -> None:
        nonlocal inside, most, done
        with turns.take() as taken:
            assert taken
            with guard:
                inside += 1
                most = max(most, inside)
            time.sleep(0.01)
            with guard:
                inside -= 1
                done += 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, done) == (2, 8)


def test_a_turn_is_given_back_after_a_failure() -> None:
    """An error, or the end of a run that a newer one replaces, leaves the turn free for the next one."""
    turns = Turns(1, patience_s=0.01)

    def fail() -> None:
        with turns.take() as taken:
            assert taken
            raise ValueError("stopped")

    for _ in range(2):
        with pytest.raises(ValueError, match="stopped"):
            fail()


def test_nobody_waits_for_ever() -> None:
    """While the only turn is taken, the next one goes on without after a while, and gives back none."""
    turns = Turns(1, patience_s=0.01)
    with turns.take() as first, turns.take() as second:
        assert (first, second) == (True, False)
    with turns.take() as taken:
        assert taken
    with turns.take() as first, turns.take() as second:
        assert (first, second) == (True, False)
