"""A study in one file: packed so that equal studies give equal bytes, unpacked with care."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

from coverage.errors import InputError
from geodata.files.folders import find_home
from geodata.files.own_files import hash_file
from geodata.files.reading_border import reads_file
from geodata.files.safe_files import check_input_file, extract_zip
from geodata.files.write_tables import explain_refusal, write_bytes
from geodata.studies.import_account import ACCOUNT_NAME
from geodata.studies.study_file import read_study_file

STUDY_NAME = "study.toml"
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_TIME = (2020, 1, 1, 0, 0, 0)  # the same for all, or equal studies would differ


def write_pack(folder: Path, target: Path) -> None:
    """Pack a study into one zip file: ``study.toml``, the inputs it names, and rows that were left out.

    Whatever else lies in the folder stays there: results, drafts, lists with personal data.

    Parameters
    ----------
    folder
        The folder that holds ``study.toml``.
    target
        The file to write.

    Raises
    ------
    InputError
        If the folder holds no study, or its ``study.toml`` cannot be used.
    MissingInputError
        If an input is not there.
    """
    if not (folder / STUDY_NAME).is_file():
        raise InputError("pack.no_study", file=folder.name)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in list_members(folder / STUDY_NAME):
            write_member(archive, path.relative_to(folder).as_posix(), path.read_bytes())
    write_bytes(target, content.getvalue())


def write_member(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Write a file into an archive; equal content gives equal bytes, wherever and whenever."""
    entry = zipfile.ZipInfo(name, _TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # on every system, or equal studies would differ
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def list_members(study_toml: Path) -> list[Path]:
    """List the files that make a study, in the order of their names; a Shapefile comes with its siblings."""
    folder = study_toml.parent
    members = {study_toml, *folder.glob("rejected_*.csv"), *folder.glob(ACCOUNT_NAME)}
    for _, path in read_study_file(study_toml).inputs:
        members.add(path)
        if path.suffix.lower() == ".shp":
            beside = (one for one in path.parent.iterdir() if one.stem == path.stem and one.is_file())
            members |= {one for one in beside if one.suffix.lower() in _SHAPEFILE_PARTS}
    return sorted(members, key=lambda path: path.relative_to(folder).as_posix())


@reads_file
def open_pack(path: Path, folder: Path) -> Path:
    """Unpack a study into an empty folder.

    Parameters
    ----------
    path
        A pack; ``study.toml`` stands at its top or in its only folder.
    folder
        Where to unpack; created if needed, must be empty.

    Returns
    -------
    The path of its ``study.toml``.

    Raises
    ------
    InputError
        If the archive is damaged or unsafe, holds no study, or the folder is not empty.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise InputError("pack.folder_not_empty", file=str(folder))
    written = extract_zip(path, folder)
    found = [file for file in written if file.name == STUDY_NAME]
    if len(found) != 1:
        raise InputError("pack.no_study", file=path.name)
    return found[0]


@reads_file
def find_study(path: Path) -> Path:
    """Return the ``study.toml`` a path leads to: the file itself, its folder, or the pack it is in.

    A pack is unpacked once into the planner's own folder, under the hash of its content.

    Raises
    ------
    MissingInputError, InputError
        If there is no study there, the pack cannot be opened, or the planner's folder refuses it.
    """
    if path.suffix.lower() != ".zip":
        return path / STUDY_NAME if path.is_dir() else path
    check_input_file(path)
    folder = find_home() / "studies" / hash_file(path)[:24]
    if not folder.is_dir():
        with explain_refusal(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            made = tempfile.TemporaryDirectory(dir=folder.parent)
        with made as place:
            unpacked = Path(place) / "study"
            open_pack(path, unpacked)
            try:
                unpacked.rename(folder)
            except OSError as error:
                # Another process may have unpacked the same file meanwhile.
                if not folder.is_dir():
                    raise InputError("file.cannot_write", file=str(folder), reason=error.strerror or "") from error
    found = sorted(folder.rglob(STUDY_NAME))
    if len(found) != 1:
        raise InputError("pack.no_study", file=path.name)
    return found[0]
