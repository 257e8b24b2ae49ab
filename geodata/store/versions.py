"""Versions of studies: those that scenarios keep, what differs between two, studies that go, files nobody names."""

from __future__ import annotations

import shutil
import time
import tomllib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Connection, delete, func, select

from coverage.errors import InputError
from geodata.files.write_tables import explain_refusal
from geodata.store.changes import HISTORY_KINDS
from geodata.store.database import ENTRIES, SCENARIOS, STUDIES, STUDY_FILES, Store, now
from geodata.store.studies import (
    FILES,
    OPENED,
    STUDY,
    StoredStudy,
    find_study_record,
    get_file,
    list_files,
)

# What was put into the store less than a day ago may belong to a study that is being written [s].
_YOUNG_S = 86_400.0
# So long a deleted study can be restored [days].
DELETED_DAYS = 30.0


@dataclass(frozen=True, slots=True)
class Swept:
    """What was removed: versions of studies, files and their bytes."""

    versions: int
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a study.

    Parameters
    ----------
    content
        Hash of its files.
    seen_at
        When a scenario was last made for it or changed on it: so old are its data at least; "" without scenarios.
    scenarios
        Names of the scenarios that were made for it.
    """

    content: str
    seen_at: str
    scenarios: tuple[str, ...]


def list_versions(store: Store, study_id: str) -> tuple[Version, ...]:
    """List the versions of a study that are kept: the present one, then the others, the last one first.

    Raises
    ------
    InputError
        ``store.unknown_study``.
    """
    present = find_study_record(store, study_id).content
    # An edit, or the making of a scenario, saw the data as they were then.
    seen = select(ENTRIES.c.scenario_id, func.max(ENTRIES.c.made_at).label("at"))
    seen = seen.where(ENTRIES.c.kind.in_(HISTORY_KINDS)).group_by(ENTRIES.c.scenario_id)
    last = seen.subquery()
    made = select(SCENARIOS.c.name, SCENARIOS.c.content, func.coalesce(last.c.at, SCENARIOS.c.created_at).label("at"))
    made = made.outerjoin(last, last.c.scenario_id == SCENARIOS.c.id).where(SCENARIOS.c.study_id == study_id)
    with store.read() as connection:
        kept = select(STUDY_FILES.c.content).where(STUDY_FILES.c.study_id == study_id).distinct()
        contents = [str(one) for one in connection.scalars(kept)]
        rows = connection.execute(made.order_by(SCENARIOS.c.created_at)).all()
    found = []
    for content in contents:
        mine = [row for row in rows if row.content == content]
        found.append(Version(content, max((str(row.at) for row in mine), default=""), tuple(str(r.name) for r in mine)))
    found.sort(key=lambda one: (one.content == present, one.seen_at), reverse=True)
    return tuple(found)


def find_differences(store: Store, study_id: str, content: str, other: str) -> tuple[str, ...]:
    """Find what differs between two versions of a study.

    Parameters
    ----------
    store, study_id
        The study.
    content, other
        The versions.

    Returns
    -------
    Roles of inputs whose files differ, or that only one version has, in the order of the first; ``study`` where
    settings differ.

    Raises
    ------
    InputError
        ``store.unknown_version``, ``store.file_missing``.
    """
    (settings, files), (others, other_files) = (_read_version(store, study_id, one) for one in (content, other))
    roles = [role for role in {**files, **other_files} if files.get(role) != other_files.get(role)]
    return (*roles, "study") if settings != others else tuple(roles)


def _read_version(store: Store, study_id: str, content: str) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return the settings of a version, and the hashes of the files of each role."""
    listed = list_files(store, study_id, content=content)
    plain = tomllib.loads(get_file(store, dict(listed)[STUDY]).decode("utf-8-sig"))
    files = {}
    for role, value in plain.pop("inputs").items():
        path = PurePosixPath(str(value).replace("\\", "/"))
        # A Shapefile comes with its siblings.
        mine = [(one, sha256) for one, sha256 in listed if PurePosixPath(one).with_suffix("") == path.with_suffix("")]
        is_shape = path.suffix.lower() == ".shp"
        files[role] = [sha256 for one, sha256 in mine if is_shape or PurePosixPath(one) == path]
    return plain, files


def delete_study(store: Store, study_id: str) -> None:
    """Mark a study and its scenarios as deleted; for 30 days `restore_study` brings them back, then they go.

    Raises
    ------
    InputError
        ``store.unknown_study``.
    """
    with store.write() as connection:
        mark = {"deleted_at": now()}
        wanted = (STUDIES.c.id == study_id) & (STUDIES.c.deleted_at == "")
        if connection.execute(STUDIES.update().where(wanted), mark).rowcount == 0:
            raise InputError("store.unknown_study", value=study_id[:50])
        mine = (SCENARIOS.c.study_id == study_id) & (SCENARIOS.c.deleted_at == "")
        connection.execute(SCENARIOS.update().where(mine), mark)


def restore_study(store: Store, study_id: str) -> StoredStudy:
    """Bring back a study that was deleted, with its scenarios and their logs.

    If one of that id was begun again since, it gets back the scenarios of the old one.

    Raises
    ------
    InputError
        ``store.unknown_study`` if nothing of it is left.
    """
    with store.write() as connection:
        here = STUDIES.c.id == study_id
        if connection.execute(STUDIES.update().where(here), {"deleted_at": ""}).rowcount == 0:
            raise InputError("store.unknown_study", value=study_id[:50])
        connection.execute(SCENARIOS.update().where(SCENARIOS.c.study_id == study_id), {"deleted_at": ""})
    return find_study_record(store, study_id)


def sweep(store: Store, *, young_s: float = _YOUNG_S) -> Swept:
    """Remove studies deleted 30 days ago, versions neither present nor any scenario's, and files no version names.

    Parameters
    ----------
    store
        The store.
    young_s
        What was written less than this ago stays [s]: files are there before a study names them.

    Raises
    ------
    InputError
        ``store.busy``, ``file.cannot_write``; what was removed until then nobody named.
    """
    with store.write() as connection:
        _purge(connection, now(days_ago=DELETED_DAYS))
        versions = _sweep_versions(connection)
        named = {str(one) for one in connection.scalars(select(STUDY_FILES.c.sha256).distinct())}
        contents = {str(one)[:32] for one in connection.scalars(select(STUDY_FILES.c.content).distinct())}
        # Within the transaction: nobody names a file meanwhile.
        count, size = 0, 0
        before = time.time() - young_s
        with explain_refusal(store.folder):
            for path in sorted((store.folder / FILES).glob("??/*")):
                state = path.stat()
                if path.name not in named and state.st_mtime <= before:
                    path.unlink()
                    count, size = count + 1, size + state.st_size
            for folder in sorted((store.folder / OPENED).glob("*")):
                if folder.name not in contents and folder.stat().st_mtime <= before:
                    shutil.rmtree(folder)
    return Swept(versions, count, size)


def _purge(connection: Connection, before: str) -> None:
    """Remove what was deleted before a moment."""
    gone = select(SCENARIOS.c.id).where((SCENARIOS.c.deleted_at != "") & (SCENARIOS.c.deleted_at < before))
    # Entries are never removed, but with their study; copies may outlive what they were copied from.
    connection.execute(delete(ENTRIES).where(ENTRIES.c.scenario_id.in_(gone)))
    connection.execute(
        SCENARIOS.update().where(SCENARIOS.c.parent_id.in_(gone)), {"parent_id": None, "parent_version": None}
    )
    connection.execute(delete(SCENARIOS).where(SCENARIOS.c.id.in_(gone)))
    old = select(STUDIES.c.id).where((STUDIES.c.deleted_at != "") & (STUDIES.c.deleted_at < before))
    connection.execute(delete(STUDY_FILES).where(STUDY_FILES.c.study_id.in_(old)))
    connection.execute(delete(STUDIES).where(STUDIES.c.id.in_(old)))


def _sweep_versions(connection: Connection) -> int:
    used = {(str(row.id), str(row.content)) for row in connection.execute(select(STUDIES.c.id, STUDIES.c.content))}
    made_for = select(SCENARIOS.c.study_id, SCENARIOS.c.content).distinct()
    used |= {(str(row.study_id), str(row.content)) for row in connection.execute(made_for)}
    kept = select(STUDY_FILES.c.study_id, STUDY_FILES.c.content).distinct()
    idle = [key for row in connection.execute(kept) if (key := (str(row.study_id), str(row.content))) not in used]
    for study_id, content in idle:
        mine = (STUDY_FILES.c.study_id == study_id) & (STUDY_FILES.c.content == content)
        connection.execute(delete(STUDY_FILES).where(mine))
    return len(idle)
