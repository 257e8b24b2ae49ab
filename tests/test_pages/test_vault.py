"""The vault: each result is built once, kept by key, and nothing is kept of what failed."""

from __future__ import annotations

import threading
import time

import pytest

from pages.ui.memo.shared_results import Vault


def test_a_result_is_built_once_for_its_key() -> None:
    """The same key gives the same object, another key another one."""
    vault = Vault({"a": 3})
    built: list[int] = []

    def build() -> list[int]:
        built.append(1)
        return [len(built)]

    first = vault.fetch("a", "x", build)
    assert vault.fetch("a", "x", build) is first
    assert vault.fetch("a", "y", build) == [2]
    assert vault.has("a", "x")
    assert not vault.has("a", "z")


def test_the_result_used_longest_ago_goes_first() -> None:
    """Each kind keeps as many as it may, the last used ones."""
    vault = Vault({"a": 2})
    for key in ("x", "y", "x", "z"):
        vault.fetch("a", key, object)
    assert [vault.has("a", key) for key in "xyz"] == [True, False, True]


def test_failures_and_stops_are_not_kept() -> None:
    """After an error, or after a stopped job, the next one builds again."""
    vault = Vault({"a": 2})

    def fail() -> None:
        raise KeyboardInterrupt  # like Streamlit's own stop signal, no Exception

    with pytest.raises(KeyboardInterrupt):
        vault.fetch("a", "x", fail)
    with pytest.raises(ValueError, match="no"):
        vault.fetch("a", "y", lambda: int("no"))
    # Keys of computations that came to nothing must not pile up.
    assert vault._locks == {}
    assert vault.fetch("a", "x", lambda: 5) == 5
    assert vault._locks == {}


def test_sessions_that_want_the_same_wait_for_it() -> None:
    """Eight threads asking at a time build it once."""
    vault = Vault({"a": 2})
    built: list[int] = []

    def build() -> int:
        built.append(1)
        time.sleep(0.05)
        return 7

    threads = [threading.Thread(target=vault.fetch, args=("a", "x", build)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
