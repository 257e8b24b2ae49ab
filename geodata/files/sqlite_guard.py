"""Refuses databases whose layers are programs: a view, a computed column, a virtual table run while they are read."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path

from coverage.errors import InputError

_VIRTUAL = re.compile(r"create\s+virtual\s+table\b.*?\busing\s+([\"'`\[]?)(\w+)", re.IGNORECASE | re.DOTALL)
_HARMLESS_MODULES = ("rtree",)  # the spatial index of a GeoPackage
# Triggers by which the standard, and the programs that write it, keep index and counts; they only run when writing.
_HARMLESS_TRIGGERS = re.compile(r"rtree_|gpkg_|trigger_(?:insert|delete|update)_feature_count|fid_|st_", re.IGNORECASE)
_MOST_ENTRIES = 20_000


def check_plain_tables(file: Path, source: str) -> None:
    """Check that a GeoPackage or SQLite file holds nothing but tables with data, before GDAL opens it.

    A view may run for ever or make gigabytes out of nothing; so may a computed column. Nothing is run here: only the
    list of what the database holds is read.

    Parameters
    ----------
    file
        The database; it is opened for reading only, and without its log files.
    source
        Name of the file in messages.

    Raises
    ------
    InputError
        ``file.holds_program`` names the view, trigger, column or virtual table; ``file.unreadable`` if the database
        is damaged.
    """
    try:
        with contextlib.closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            base.text_factory = lambda raw: raw.decode("utf-8", "replace")
            entries = base.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchmany(_MOST_ENTRIES)
            for kind, name, _, sql in entries:
                if is_program(str(kind), str(name), str(sql or "")):
                    raise InputError("file.holds_program", file=source, program=str(kind), value=str(name)[:100])
            tables = [str(name) for kind, name, _, sql in entries if kind == "table" and not _VIRTUAL.match(str(sql))]
            for table in tables:
                for column in base.execute("SELECT name FROM pragma_table_xinfo(?) WHERE hidden IN (2, 3)", (table,)):
                    value = f"{table}.{column[0]}"[:100]
                    raise InputError("file.holds_program", file=source, program="computed", value=value)
    except sqlite3.Error as error:
        raise InputError("file.unreadable", file=source, detail=str(error)[:200]) from error


def is_program(kind: str, name: str, sql: str) -> bool:
    """Tell whether an entry of a database's list would run something.

    Examples
    --------
    >>> is_program("view", "v", "CREATE VIEW v AS SELECT 1")
    True
    >>> is_program("table", "rtree_a_geom", 'CREATE VIRTUAL TABLE "rtree_a_geom" USING rtree(id, minx)')
    False
    """
    if kind == "view":
        return True
    if kind == "trigger":
        return not _HARMLESS_TRIGGERS.match(name)
    virtual = _VIRTUAL.match(sql.lstrip())
    if virtual is None:
        return sql.lstrip().lower().startswith("create virtual")
    return virtual[2].casefold() not in _HARMLESS_MODULES
