"""Versions of studies: inputs that are replaced while scenarios keep theirs, studies that go, files nobody names."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection, delete, select

from coverage.errors import InputError
from geodata.store.database import ENTRIES, SCENARIOS, STUDIES, STUDY_FILES, Store, now
from geodata.store.studies import (
    FILES,
    OPENED,
    STUDY,
    StoredStudy,
    find_study_record,
    get_file,
    keep_study,
    list_files,
)
from geodata.write_tables import explain_refusal, write_bytes

# What was put into the store less than a day ago may belong to a study that is being written [s].
_YOUNG_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Swept:
    """What was removed: versions of studies, files and their bytes."""

    versions: int
    files: int
    size: int


def replace_inputs(store: Store, study_id: str, files: Mapping[str, bytes], *, author: str = "") -> StoredStudy:
    """Replace inputs of a study by others; scenarios can still be opened on the data they were made for.

    Parameters
    ----------
    store, study_id
        The study.
    files
        New content by the path within the study; ``study.toml`` may be among them, and name further inputs.
    author
        Who replaces them.

    Returns
    -------
    The study as it is now.

    Raises
    ------
    InputError
        ``store.unknown_study``; ``store.unknown_file`` for a path that the study does not name afterwards, and what
        `geodata.study_file.read_study_file` raises. Nothing is changed then.
    """
    kept = dict(list_files(store, study_id))
    with tempfile.TemporaryDirectory(prefix="replace-") as made:
        folder = Path(made)
        for name, sha256 in kept.items():
            if name not in files:
                write_bytes(_join(folder, name), get_file(store, sha256))
        for name, content in files.items():
            write_bytes(_join(folder, name), content)
        return keep_study(store, folder / STUDY, study_id, author=author, needed=tuple(files))


def _join(folder: Path, name: str) -> Path:
    parts = PurePosixPath(name).parts
    if not parts or PurePosixPath(name).is_absolute() or ".." in parts or "\\" in name or ":" in name:
        raise InputError("store.unknown_file", file=name[:100])
    return folder.joinpath(*parts)


def list_versions(store: Store, study_id: str) -> tuple[str, ...]:
    """List the versions of a study that are kept, the present one first."""
    present = find_study_record(store, study_id).content
    with store.read() as connection:
        wanted = select(STUDY_FILES.c.content).where(STUDY_FILES.c.study_id == study_id).distinct()
        found = sorted(str(row.content) for row in connection.execute(wanted))
    return (present, *(one for one in found if one != present))


def delete_study(store: Store, study_id: str) -> None:
    """Delete a study with its scenarios and their logs, all of it or nothing; its files go when nobody names them.

    Raises
    ------
    InputError
        ``store.unknown_study``.
    """
    with store.write() as connection:
        # Entries are never removed, but with their study.
        marked = connection.execute(STUDIES.update().where(STUDIES.c.id == study_id), {"deleted_at": now()})
        if marked.rowcount == 0:
            raise InputError("store.unknown_study", value=study_id[:50])
        mine = select(SCENARIOS.c.id).where(SCENARIOS.c.study_id == study_id)
        connection.execute(delete(ENTRIES).where(ENTRIES.c.scenario_id.in_(mine)))
        for table in (SCENARIOS, STUDY_FILES):
            connection.execute(delete(table).where(table.c.study_id == study_id))
        connection.execute(delete(STUDIES).where(STUDIES.c.id == study_id))


def sweep(store: Store, *, young_s: float = _YOUNG_S) -> Swept:
    """Remove versions that are neither present nor any scenario's, and files that no version names.

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
