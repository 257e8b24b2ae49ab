"""Where the planner keeps what it builds: a folder of the user, never the program's own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

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


def network_cache_folder() -> Path:
    """Return the folder of built networks."""
    return find_home() / "networks"


def downloads_folder() -> Path:
    """Return the folder of roads that were downloaded."""
    return find_home() / "downloads"


def store_folder() -> Path:
    """Return the folder of studies and scenarios that were saved."""
    return find_home() / "store"
