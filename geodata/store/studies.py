"""Studies of the store: their files lie under the hash of their content and are put together when one is opened."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import Connection, Row, select

from coverage.errors import InputError
from coverage.inputs.bilingual_names import Name
from geodata.files.folders import make_private
from geodata.files.write_tables import explain_refusal, write_bytes
from geodata.store.database import STUDIES, STUDY_FILES, Store, new_id, now
from geodata.studies.pack import list_members
from geodata.studies.study_file import read_study_file

FILES, OPENED = "files", "opened"
STUDY = "study.toml"


@dataclass(frozen=True, slots=True)
class StoredStudy:
    """A study of the store.

    Parameters
    ----------
    id
        Its id in the store.
    name
        Shown.
    content
        Hash of its files; equal content opens as the same study.
    created_at, created_by
        When and by whom it was put into the store.
    """

    id: str
    name: Name
    content: str
    created_at: str
    created_by: str


def add_study(store: Store, study_toml: Path, *, author: str = "") -> StoredStudy:
    """Put a study into the store: ``study.toml``, the inputs it names, and rows that were left out.

    Parameters
    ----------
    store
        The store.
    study_toml
        The study.
    author
        Who puts it there.

    Returns
    -------
    The stored study; a new one each time, since two may begin from the same data.

    Raises
    ------
    MissingInputError, InputError
        As `geodata.studies.study_file.read_study_file` does; ``file.cannot_write`` if the disk refuses.
    """
    with store.write() as connection:
        return insert_study(connection, store, study_toml, new_id(), author)


def insert_study(connection: Connection, store: Store, study_toml: Path, study_id: str, author: str) -> StoredStudy:
    """Put a study into the store under a new id as a part of a transaction, see `add_study`."""
    return _insert(connection, study_id, _put_files(store, study_toml), author)


def keep_study(store: Store, study_toml: Path, study_id: str, *, author: str = "") -> StoredStudy:
    """Put a study into the store under an id that is known, or bring the one of that id up to date.

    Scenarios of a study that goes on being edited stay with it: their edits then meet the data of today. The files
    as they were before stay too, as long as a scenario was made for them (`geodata.store.versions`). A study that was
    deleted begins again without scenarios; those it had can still be restored.

    Parameters
    ----------
    store, study_toml, author
        As for `add_study`.
    study_id
        Names the study wherever its files are kept, e.g. the folder it was made in.

    Raises
    ------
    MissingInputError, InputError
        As `add_study` does.
    """
    files = _put_files(store, study_toml)
    with store.write() as connection:
        row = connection.execute(select(STUDIES).where(STUDIES.c.id == study_id)).one_or_none()
        if row is None:
            return _insert(connection, study_id, files, author)
        if row.content != files.content or row.deleted_at:
            values = {"name_zh": files.name.zh, "name_en": files.name.en, "content": files.content, "deleted_at": ""}
            connection.execute(STUDIES.update().where(STUDIES.c.id == study_id), values)
            _insert_files(connection, study_id, files)
        return StoredStudy(study_id, files.name, files.content, row.created_at, row.created_by)


@dataclass(frozen=True, slots=True)
class _Files:
    name: Name
    content: str
    hashes: dict[str, str]  # by path within the study


def _put_files(store: Store, study_toml: Path) -> _Files:
    named = read_study_file(study_toml)
    folder = study_toml.parent
    # The study's own file may have another name where it was; here it has one.
    paths = {
        STUDY if path == study_toml else path.relative_to(folder).as_posix(): path for path in list_members(study_toml)
    }
    hashes = {name: put_file(store, path.read_bytes()) for name, path in sorted(paths.items())}
    listed = "\n".join(f"{sha256} {name}" for name, sha256 in hashes.items())
    return _Files(named.name, hashlib.sha256(listed.encode()).hexdigest(), hashes)


def _insert(connection: Connection, study_id: str, files: _Files, author: str) -> StoredStudy:
    stored = StoredStudy(study_id, files.name, files.content, now(), author)
    values = {"id": stored.id, "name_zh": files.name.zh, "name_en": files.name.en, "content": files.content}
    values |= {"created_at": stored.created_at, "created_by": author, "deleted_at": ""}
    connection.execute(STUDIES.insert(), values)
    _insert_files(connection, study_id, files)
    return stored


def _insert_files(connection: Connection, study_id: str, files: _Files) -> None:
    """Note the files of a version; one that was there before is there already."""
    key = {"study_id": study_id, "content": files.content}
    rows = [key | {"path": name, "sha256": sha256} for name, sha256 in files.hashes.items()]
    connection.execute(STUDY_FILES.insert().prefix_with("OR IGNORE"), rows)


def list_studies(store: Store, *, are_deleted: bool = False) -> tuple[StoredStudy, ...]:
    """List the studies, the last one first; those that were deleted and can still be restored if wanted."""
    wanted = (STUDIES.c.deleted_at != "") == are_deleted
    with store.read() as connection:
        found = connection.execute(
            select(STUDIES).where(wanted).order_by(STUDIES.c.created_at.desc(), STUDIES.c.id)
        ).all()
    return tuple(_to_study(row) for row in found)


def find_study_record(store: Store, study_id: str) -> StoredStudy:
    """Return a study by its id; ``store.unknown_study`` if there is none, or it was deleted."""
    with store.read() as connection:
        wanted = (STUDIES.c.id == study_id) & (STUDIES.c.deleted_at == "")
        row = connection.execute(select(STUDIES).where(wanted)).one_or_none()
    if row is None:
        raise InputError("store.unknown_study", value=study_id[:50])
    return _to_study(row)


def _to_study(row: Row[Any]) -> StoredStudy:
    return StoredStudy(row.id, Name(row.name_zh, row.name_en), row.content, row.created_at, row.created_by)


def open_stored_study(store: Store, study_id: str, *, content: str = "") -> Path:
    """Put the files of a study together and return its ``study.toml``, for `geodata.studies.open_study.open_study`.

    Parameters
    ----------
    store, study_id
        The study.
    content
        Version to open, as `geodata.store.scenarios.ScenarioHead` names it; "" for the present one.

    Raises
    ------
    InputError
        ``store.unknown_study``; ``store.unknown_version``; ``store.file_missing`` if a file was removed or changed.
    """
    wanted = content or find_study_record(store, study_id).content
    listed = list_files(store, study_id, content=wanted)
    folder = find_opened(store, wanted)
    if folder.is_dir():
        if all(_holds(folder / name, sha256) for name, sha256 in listed):
            return folder / STUDY
        with explain_refusal(folder):
            shutil.rmtree(folder)
    _put_together(store, listed, folder)
    return folder / STUDY


def _put_together(store: Store, listed: tuple[tuple[str, str], ...], folder: Path) -> None:
    """Write files of the store, path and hash of each, into a folder that appears whole or not at all."""
    with explain_refusal(folder):
        make_private(folder.parent)
        made = tempfile.TemporaryDirectory(dir=folder.parent)
    with made as place:
        built = Path(place) / "study"
        for name, sha256 in listed:
            member = built.joinpath(*PurePosixPath(name).parts)
            write_bytes(member, get_file(store, sha256), is_private=True)
        try:
            built.rename(folder)
        except OSError:
            # Another process may have put it together meanwhile.
            if not folder.is_dir():
                raise


def list_files(store: Store, study_id: str, *, content: str = "") -> tuple[tuple[str, str], ...]:
    """List the files of a version of a study, the present one unless another is named: path, hash of the content.

    Raises
    ------
    InputError
        ``store.unknown_study``, ``store.unknown_version``.
    """
    wanted = content or find_study_record(store, study_id).content
    with store.read() as connection:
        mine = (STUDY_FILES.c.study_id == study_id) & (STUDY_FILES.c.content == wanted)
        found = connection.execute(select(STUDY_FILES).where(mine).order_by(STUDY_FILES.c.path)).all()
    if not found:
        raise InputError("store.unknown_version", value=wanted[:12])
    return tuple((row.path, row.sha256) for row in found)


def find_opened(store: Store, content: str) -> Path:
    """Return the folder in which a version of a study is put together."""
    return store.folder / OPENED / content[:32]


def put_file(store: Store, content: bytes) -> str:
    """Keep a file under the hash of its content, once; it is on disk when this returns.

    A file of that name whose content is another, damaged at equal size or cut off, is written again.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    if not store.keeps_files:
        return sha256
    path = find_file(store, sha256)
    if not _holds(path, sha256):
        write_bytes(path, content, is_private=True)
        _sync_folder(path.parent)
    else:
        # Young again: whoever puts it here is about to name it, and nothing young is swept away.
        with explain_refusal(path):
            os.utime(path)
    return sha256


def _holds(path: Path, sha256: str) -> bool:
    """Tell whether a file is there with the content of a hash."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == sha256
    except OSError:
        return False


def get_file(store: Store, sha256: str) -> bytes:
    """Return a file by the hash of its content.

    Raises
    ------
    InputError
        ``store.file_missing`` if it is not there, or no longer what it was.
    """
    path = find_file(store, sha256)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError("store.file_missing", file=path.name) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InputError("store.file_missing", file=path.name)
    return content


def find_file(store: Store, sha256: str) -> Path:
    """Return where a file with a hash lies."""
    return store.folder / FILES / sha256[:2] / sha256


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file last as long as its content, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
