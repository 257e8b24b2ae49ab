"""A study in one file: packed so that equal studies give equal bytes, unpacked with care."""

from __future__ import annotations

import contextlib
import io
import tempfile
import zipfile
from pathlib import Path

from coverage.errors import InputError
from geodata.folders import find_home
from geodata.roads.network_cache import hash_file
from geodata.safe_files import check_input_file, extract_zip
from geodata.write_tables import write_bytes

_STUDY = "study.toml"
_TIME = (2020, 1, 1, 0, 0, 0)  # the same for all, or equal studies would differ


def write_pack(folder: Path, target: Path) -> None:
    """Pack a study's folder into one zip file.

    Parameters
    ----------
    folder
        The folder that holds ``study.toml``.
    target
        The file to write.

    Raises
    ------
    InputError
        If the folder holds no study.
    """
    if not (folder / _STUDY).is_file():
        raise InputError("pack.no_study", file=folder.name)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes())
    write_bytes(target, content.getvalue())


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
    found = [file for file in written if file.name == _STUDY]
    if len(found) != 1:
        raise InputError("pack.no_study", file=path.name)
    return found[0]


def find_study(path: Path) -> Path:
    """Return the ``study.toml`` a path leads to: the file itself, its folder, or the pack it is in.

    A pack is unpacked once into the planner's own folder, under the hash of its content.

    Raises
    ------
    MissingInputError, InputError
        If there is no study there, or the pack cannot be opened.
    """
    if path.suffix.lower() != ".zip":
        return path / _STUDY if path.is_dir() else path
    check_input_file(path)
    folder = find_home() / "studies" / hash_file(path)[:24]
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as made:
            open_pack(path, Path(made) / "study")
            # Another process may have unpacked the same file meanwhile.
            with contextlib.suppress(OSError):
                (Path(made) / "study").rename(folder)
    found = sorted(folder.rglob(_STUDY))
    if len(found) != 1:
        raise InputError("pack.no_study", file=path.name)
    return found[0]
