"""The database of the store: one file, migrated when it is opened, written so that a commit survives a crash."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, create_engine, event, text
from sqlalchemy.exc import DatabaseError, OperationalError

from coverage.errors import InputError
from geodata.write_tables import explain_refusal

DATABASE = "studies.sqlite"
_BUSY_S = 30

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
    Column("deleted_at", String, nullable=False),  # "" unless it is being deleted
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
    """

    folder: Path
    engine: Engine

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that writes: all of it is on disk when the block ends, or none is.

        Raises
        ------
        InputError
            ``store.busy`` if another program writes for too long, ``store.damaged`` for other faults of the file.
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
        with self._explain(), self.engine.connect() as opened:
            connection = opened.execution_options(planner_reads=True)
            with connection.begin():
                yield connection

    @contextlib.contextmanager
    def _explain(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            if "locked" in str(error.orig) or "busy" in str(error.orig):
                raise InputError("store.busy", seconds=_BUSY_S) from error
            raise InputError("store.damaged", file=DATABASE, reason=str(error.orig)[:200]) from error
        except DatabaseError as error:
            raise InputError("store.damaged", file=DATABASE, reason=str(error.orig)[:200]) from error

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
    """Open the store of a folder; a new one is made, an older one is brought up to date.

    Parameters
    ----------
    folder
        Created if needed; belongs to the store alone.

    Raises
    ------
    InputError
        ``store.newer`` if a newer program wrote it; ``store.damaged``, ``store.busy``, ``file.cannot_write``.
    """
    with explain_refusal(folder):
        folder.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{folder / DATABASE}", connect_args={"timeout": _BUSY_S})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    store = Store(folder, engine)
    try:
        with store.write() as connection:
            _migrate(connection, MIGRATIONS)
    except BaseException:
        store.close()
        raise
    return store


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


def now() -> str:
    """Return the present moment in UTC, as the store writes it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


def new_id() -> str:
    """Return an id that nobody can guess: links name studies and scenarios by it."""
    return uuid.uuid4().hex
