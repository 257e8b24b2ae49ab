"""The database of the store: one file, migrated when it is opened, written so that a commit survives a crash."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
import traceback
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, create_engine, event, text
from sqlalchemy.exc import DatabaseError

from coverage.errors import InputError, PlannerError
from geodata.files.folders import keep_private, make_private
from geodata.files.reading_border import log_failure
from geodata.files.write_tables import explain_refusal
from geodata.store.backups import back_up, check_presence

DATABASE = "studies.sqlite"
_BUSY_S = 30
# What the database reports, by its primary result code; anything else is damage.
_REFUSALS: dict[int, str] = {
    sqlite3.SQLITE_BUSY: "store.busy",
    sqlite3.SQLITE_LOCKED: "store.busy",
    sqlite3.SQLITE_FULL: "store.full",
    sqlite3.SQLITE_READONLY: "store.read_only",
    sqlite3.SQLITE_PERM: "store.read_only",
    sqlite3.SQLITE_IOERR: "store.disk",
    sqlite3.SQLITE_CANTOPEN: "store.cannot_open",
}
# The store is whole, but nothing can be saved at present: one can still look and try.
UNWRITABLE = ("store.full", "store.read_only", "store.disk", "store.cannot_open", "file.cannot_write")

_metadata = MetaData()
STUDIES = Table(
    "studies",
    _metadata,
    Column("id", String, primary_key=True),
    Column("name_zh", String, nullable=False),
    Column("name_en", String, nullable=False),
    Column("content", String, nullable=False),  # hash of its files
    Column("created_at", String, nullable=False),
    Column("created_by", String, nullable=False),
    Column("deleted_at", String, nullable=False),  # "" unless it was deleted
)
# Files of each version of a study: the present one, and those that scenarios were made for.
STUDY_FILES = Table(
    "version_files",
    _metadata,
    Column("study_id", String, primary_key=True),
    Column("content", String, primary_key=True),
    Column("path", String, primary_key=True),
    Column("sha256", String, nullable=False),
)
SCENARIOS = Table(
    "scenarios",
    _metadata,
    Column("id", String, primary_key=True),
    Column("study_id", String, nullable=False),
    Column("name", String, nullable=False),
    Column("note", String, nullable=False),
    Column("status", String, nullable=False),
    Column("version", Integer, nullable=False),  # number of its entries
    Column("parent_id", String),
    Column("parent_version", Integer),
    Column("created_at", String, nullable=False),
    Column("created_by", String, nullable=False),
    Column("content", String, nullable=False),  # version of the study its edits were made for
    Column("deleted_at", String, nullable=False),  # "" unless its study was deleted
)
ENTRIES = Table(
    "entries",
    _metadata,
    Column("scenario_id", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("value", String, nullable=False),
    Column("author", String, nullable=False),
    Column("made_at", String, nullable=False),
)

# Each step leads from the version before it; a step that was released never changes.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE studies (id TEXT PRIMARY KEY, name_zh TEXT NOT NULL, name_en TEXT NOT NULL,
        content TEXT NOT NULL, created_at TEXT NOT NULL, created_by TEXT NOT NULL) STRICT""",
        """CREATE TABLE study_files (study_id TEXT NOT NULL REFERENCES studies (id), path TEXT NOT NULL,
        sha256 TEXT NOT NULL, PRIMARY KEY (study_id, path)) STRICT""",
        """CREATE TABLE scenarios (id TEXT PRIMARY KEY, study_id TEXT NOT NULL REFERENCES studies (id),
        name TEXT NOT NULL, note TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('draft', 'locked', 'approved')),
        version INTEGER NOT NULL CHECK (version >= 0), created_at TEXT NOT NULL, created_by TEXT NOT NULL) STRICT""",
        """CREATE TABLE entries (scenario_id TEXT NOT NULL REFERENCES scenarios (id), number INTEGER NOT NULL,
        kind TEXT NOT NULL, value TEXT NOT NULL, author TEXT NOT NULL, made_at TEXT NOT NULL,
        PRIMARY KEY (scenario_id, number)) STRICT""",
        "CREATE INDEX scenarios_of_study ON scenarios (study_id)",
    ),
    (
        "ALTER TABLE scenarios ADD COLUMN parent_id TEXT REFERENCES scenarios (id)",
        "ALTER TABLE scenarios ADD COLUMN parent_version INTEGER",
        """CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
        BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END""",
        """CREATE TRIGGER entries_remain BEFORE DELETE ON entries
        BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END""",
    ),
    (
        """CREATE TABLE version_files (study_id TEXT NOT NULL REFERENCES studies (id), content TEXT NOT NULL,
        path TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (study_id, content, path)) STRICT""",
        """INSERT INTO version_files SELECT study_id, content, path, sha256
        FROM study_files JOIN studies ON studies.id = study_files.study_id""",
        "DROP TABLE study_files",
        "ALTER TABLE scenarios ADD COLUMN content TEXT NOT NULL DEFAULT ''",
        "UPDATE scenarios SET content = (SELECT content FROM studies WHERE studies.id = scenarios.study_id)",
        "ALTER TABLE studies ADD COLUMN deleted_at TEXT NOT NULL DEFAULT ''",
        "DROP TRIGGER entries_remain",
        """CREATE TRIGGER entries_remain BEFORE DELETE ON entries WHEN coalesce((SELECT studies.deleted_at
        FROM scenarios JOIN studies ON studies.id = scenarios.study_id WHERE scenarios.id = OLD.scenario_id), '') = ''
        BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END""",
    ),
    (
        "ALTER TABLE scenarios ADD COLUMN deleted_at TEXT NOT NULL DEFAULT ''",
        "DROP TRIGGER entries_remain",
        """CREATE TRIGGER entries_remain BEFORE DELETE ON entries WHEN coalesce(
        (SELECT scenarios.deleted_at FROM scenarios WHERE scenarios.id = OLD.scenario_id), '') = ''
        BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END""",
    ),
)


@dataclass(frozen=True, slots=True, eq=False)
class Store:
    """An open store; close it, or use it as a context.

    Parameters
    ----------
    folder
        Where the database and the files lie.
    engine
        Connections to the database.
    keeps_files
        False for a store that lives in memory until it is closed; it knows the names and hashes of files only.
    """

    folder: Path
    engine: Engine
    keeps_files: bool = True

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that writes: all of it is on disk when the block ends, or none is.

        Raises
        ------
        InputError
            ``store.busy`` if another program writes for too long, ``store.full``, ``store.read_only``,
            ``store.disk`` or ``store.cannot_open`` if the disk refuses, ``store.damaged`` for faults of the file.
        """
        with self._explain(), self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads: it sees one state of everything, and waits for no writer.

        Raises
        ------
        InputError
            As `write` does.
        """
        with self._explain():
            try:
                with self.engine.connect() as opened:
                    connection = opened.execution_options(planner_reads=True)
                    with connection.begin():
                        yield connection
            except (PlannerError, DatabaseError, sqlite3.DatabaseError, OSError):
                raise
            except Exception as error:  # a damaged row is no value of its column, which each library says in its way
                log_failure(DATABASE, "".join(traceback.format_exception(error)))
                raise InputError("store.damaged", file=DATABASE, reason=repr(error)[:200]) from error

    @contextlib.contextmanager
    def _explain(self) -> Iterator[None]:
        try:
            yield
        except (DatabaseError, sqlite3.DatabaseError) as error:
            raise self.explain(error) from error

    def explain(self, error: DatabaseError | sqlite3.DatabaseError) -> InputError:
        """Return what the database refused as an error that says what to do about it."""
        cause = error.orig if isinstance(error, DatabaseError) else error
        number = getattr(cause, "sqlite_errorcode", None)
        code = "store.damaged" if number is None else _REFUSALS.get(number & 0xFF, "store.damaged")
        if code == "store.busy":
            return InputError(code, seconds=_BUSY_S)
        return InputError(code, file=DATABASE, reason=str(cause)[:200])

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def __enter__(self) -> Store:
        """Return the store itself."""
        return self

    def __exit__(self, *ended: object) -> None:
        """Close it."""
        self.close()


def open_store(folder: Path) -> Store:
    """Open the store of a folder; a new one is made, an older one is checked, backed up and brought up to date.

    Parameters
    ----------
    folder
        Created if needed; belongs to the store and to the user alone.

    Raises
    ------
    InputError
        ``store.newer`` if a newer program wrote it; ``store.emptied`` if the database is gone or empty but what it
        named is there; ``store.damaged``, ``store.busy``, ``store.full``, ``store.read_only``, ``store.disk``,
        ``store.cannot_open``, ``file.cannot_write``.
    """
    path = folder / DATABASE
    check_presence(folder, path)
    with explain_refusal(folder):
        make_private(folder)
        if not path.is_file():
            path.touch(mode=0o600)
        keep_private(folder)
    store = Store(folder, listen(create_engine(f"sqlite:///{path}", connect_args={"timeout": _BUSY_S})))
    try:
        _check(store)
        with store.read() as connection:
            back_up(connection, folder, path)
        bring_up_to_date(store)
    except BaseException:
        store.close()
        raise
    return store


def _check(store: Store) -> None:
    """Look through the pages of the database; ``store.damaged`` if one is not what it should be."""
    with store.read() as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if found != "ok":
        raise store.explain(sqlite3.DatabaseError(found))


def listen(engine: Engine) -> Engine:
    """Make every connection of an engine careful: a log beside the file, whole transactions, foreign keys."""
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def bring_up_to_date(store: Store) -> None:
    """Take the steps that lead from the version of a database to the newest; ``store.newer`` if it is newer still."""
    with store.write() as connection:
        _migrate(connection, MIGRATIONS)


def _prepare(connection: Any, record: object) -> None:
    # The driver would begin transactions by itself, and only before some statements.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A transaction that reads before it writes must not find out at its end that another was faster.
    reads = connection.get_execution_options().get("planner_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _migrate(connection: Connection, steps: tuple[tuple[str, ...], ...]) -> None:
    connection.execute(
        text("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)")
    )
    version = connection.execute(text("SELECT coalesce(max(version), 0) FROM schema_version")).scalar_one()
    if version > len(steps):
        raise InputError("store.newer", version=int(version), known=len(steps))
    for number, statements in enumerate(steps[version:], start=version + 1):
        for statement in statements:
            connection.execute(text(statement))
        connection.execute(text("INSERT INTO schema_version VALUES (:version, :at)"), {"version": number, "at": now()})


def now(*, days_ago: float = 0.0) -> str:
    """Return the present moment in UTC, or one some days before it, as the store writes it."""
    return (dt.datetime.now(dt.UTC) - dt.timedelta(days=days_ago)).isoformat(timespec="milliseconds")


def new_id() -> str:
    """Return an id that nobody can guess: links name studies and scenarios by it."""
    return uuid.uuid4().hex
