"""Files that the planner wrote itself: known by their content, they need no process of their own to be read in."""

from __future__ import annotations

import contextlib
import hashlib
from functools import cache
from pathlib import Path

from geodata.files.folders import SHIPPED, find_home

_MOST_KEPT = 5_000


def hash_file(path: Path) -> str:
    """Compute the SHA-256 of a file's content, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def note_own_file(path: Path) -> None:
    """Keep in mind that the planner wrote a file; without effect where its folder refuses (it is then read with care).

    Only for content that the planner made up itself, never for a copy of what somebody brought.
    """
    with contextlib.suppress(OSError):
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _mark(path)).touch()
        marks = sorted(folder.iterdir(), key=lambda mark: mark.stat().st_mtime)
        for mark in marks[:-_MOST_KEPT]:
            mark.unlink(missing_ok=True)


def is_own_file(path: Path) -> bool:
    """Tell whether the planner wrote a file, and it still has the content it had then."""
    try:
        size = path.stat().st_size
        shipped = size in _shipped_sizes()
        if not shipped and not any(_folder().glob(f"{size}-*")):
            return False
        mark = _mark(path)
        return (shipped and mark in _shipped_marks()) or (_folder() / mark).is_file()
    except OSError:
        return False


def _folder() -> Path:
    return find_home() / "own"


def _mark(path: Path) -> str:
    return f"{path.stat().st_size}-{hash_file(path)}"


@cache
def _shipped_sizes() -> frozenset[int]:
    return frozenset(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file())


@cache
def _shipped_marks() -> frozenset[str]:
    return frozenset(_mark(path) for path in SHIPPED.rglob("*") if path.is_file())
