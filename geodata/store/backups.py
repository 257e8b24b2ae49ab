"""Backups of the store's database, one for each of seven days; and whether the database that should be there is."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import sqlite3
from pathlib import Path
from typing import cast

from sqlalchemy import Connection

from coverage.errors import InputError
from geodata.files.folders import make_private

BACKUPS = "backups"
MOST_KEPT = 7
_NAME = re.compile(r"studies-[0-9]{8}\.sqlite\Z")


def list_backups(folder: Path) -> tuple[Path, ...]:
    """List the backups of a store's database, the last one first.

    To restore one, close the planner and put a copy of it in the place of ``studies.sqlite``.
    """
    found = (path for path in (folder / BACKUPS).glob("*") if _NAME.match(path.name))
    return tuple(sorted(found, key=lambda path: path.name, reverse=True))


def check_presence(folder: Path, database: Path) -> None:
    """Refuse to take an emptied store for a new one.

    Raises
    ------
    InputError
        ``store.emptied`` if the database is missing or has no byte although files or backups of it are there.
    """
    if database.is_file() and database.stat().st_size > 0:
        return
    if list_backups(folder) or any((folder / "files").glob("??/*")):
        raise InputError("store.emptied", file=database.name)


def back_up(connection: Connection, folder: Path, database: Path) -> None:
    """Copy the database as it is at this start in the place of an earlier copy of today; keep those of seven days.

    A disk that takes no copy stands in nobody's way: there is then no new one.

    Parameters
    ----------
    connection
        Reads the database; whatever it sees is copied, the write-ahead log included.
    folder
        The store's.
    database
        The file; one without content is not copied.
    """
    target = folder / BACKUPS / f"studies-{dt.date.today():%Y%m%d}.sqlite"
    if database.stat().st_size == 0:
        return
    part = target.with_suffix(".part")
    try:
        make_private(target.parent)
        part.touch(mode=0o600)
        copy_database(connection, sqlite3.connect(part))
        part.replace(target)
        for old in list_backups(folder)[MOST_KEPT:]:
            old.unlink(missing_ok=True)
    except (OSError, sqlite3.Error):
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def copy_database(connection: Connection, target: sqlite3.Connection) -> None:
    """Copy all that a connection sees into another database, and close that one."""
    source = cast("sqlite3.Connection", connection.connection.driver_connection)
    with contextlib.closing(target):
        source.backup(target)
