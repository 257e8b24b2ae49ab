"""Where the planner keeps what it builds: a folder of the user, never the program's own."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

# What comes with the program: the demo, catalogues, tables of speeds and words.
SHIPPED = Path(__file__).resolve().parents[1] / "data"

_NAME = "half-hour-circle"


def find_home() -> Path:
    """Return the planner's folder: ``PLANNER_HOME`` if set, else the platform's place for a program's data.

    Not the place for caches: studies and scenarios are work that nothing can build again.
    """
    chosen = os.environ.get("PLANNER_HOME")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return (Path(base) if base else Path.home() / "AppData" / "Local") / _NAME
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / _NAME
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / _NAME


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for the user of this program alone.

    Other accounts of a computer have no business in studies, uploads and reports. Windows keeps the folder of a
    user's program data from other users by itself.
    """
    missing = [folder, *folder.parents]
    for one in reversed([path for path in missing if not path.is_dir()]):
        one.mkdir(mode=0o700, exist_ok=True)
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        folder.chmod(0o700)


def keep_private(folder: Path) -> None:
    """Take what is in a folder away from other accounts, as an older version of this program left it open to them."""
    for path in folder.rglob("*"):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o700 if path.is_dir() else 0o600)


def network_cache_folder() -> Path:
    """Return the folder of built networks."""
    return find_home() / "networks"


def downloads_folder() -> Path:
    """Return the folder of roads that were downloaded."""
    return find_home() / "downloads"


def store_folder() -> Path:
    """Return the folder of studies and scenarios that were saved."""
    return find_home() / "store"


def deleted_folder() -> Path:
    """Return the folder of studies that were deleted and can still be restored."""
    return find_home() / "deleted"
