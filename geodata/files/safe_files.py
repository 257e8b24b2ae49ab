"""Guards around files that users bring: they must be local, of sane size, and archives must stay in their folder."""

from __future__ import annotations

import contextlib
import errno
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from coverage.errors import InputError, MissingInputError

MAX_FILE_MB = 2000.0
MAX_ZIP_FILES = 200
MAX_ZIP_MB = 2000.0
MAX_ZIP_RATIO = 200.0

_CHUNK = 1 << 20
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
_DISK_REFUSALS = (errno.ENOSPC, errno.EACCES, errno.EPERM, errno.EROFS)
DAMAGED_ZIP = (
    OSError,
    zipfile.BadZipFile,
    RuntimeError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    LookupError,
    ValueError,
    struct.error,
)
_FREE_RATIO_BYTES = 10 * _CHUNK  # small members may compress as well as they like


def check_input_file(path: str | Path, *, max_mb: float = MAX_FILE_MB) -> Path:
    """Check that a path names an existing local file of sane size, and return it as absolute `Path`.

    Addresses (``http://…``) and GDAL's virtual paths (``/vsi…``) are no local files and are refused.

    Parameters
    ----------
    path
        The file as the user named it.
    max_mb
        Largest size accepted [MB].

    Raises
    ------
    MissingInputError
        ``file.missing`` if there is no such file.
    InputError
        ``file.not_local``, ``file.not_a_file``, ``file.empty`` or ``file.too_large``.
    """
    text = str(path)
    name = Path(text).name or text[:100]
    flat = text.replace("\\", "/")
    if "\0" in text or "://" in flat or flat.lower().startswith("/vsi") or flat.lower().startswith(("http:", "https:")):
        raise InputError("file.not_local", file=text[:200].replace("\0", "?"))
    found = Path(text)
    try:
        status = found.stat()
    except OSError as error:
        raise MissingInputError("file.missing", file=text[:200]) from error
    if not stat.S_ISREG(status.st_mode):
        raise InputError("file.not_a_file", file=name)
    if status.st_size == 0:
        raise InputError("file.empty", file=name)
    if status.st_size > max_mb * 1e6:
        raise InputError("file.too_large", file=name, size_mb=round(status.st_size / 1e6, 1), max_mb=round(max_mb))
    return found.resolve()


def explain_os_error(error: OSError) -> InputError:
    """Put what the system refused into an error of ours; only the file's name is told, not its folder."""
    name = Path(str(error.filename)).name if error.filename else ""
    return InputError("file.refused", file=name, reason=error.strerror or str(error))


def _member_name(info: zipfile.ZipInfo) -> str:
    """Return the name of a member; archives made by Chinese Windows store it in GB18030."""
    if info.flag_bits & _UTF8_FLAG:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename


def _safe_parts(name: str, archive: str) -> tuple[str, ...]:
    pure = PurePosixPath(name.replace("\\", "/"))
    unsafe = pure.is_absolute() or ".." in pure.parts or "\0" in name or bool(PureWindowsPath(name).drive)
    if unsafe or not pure.parts or any(":" in part for part in pure.parts):
        raise InputError("zip.path_unsafe", file=archive, value=name[:200])
    return pure.parts


def extract_zip(
    path: str | Path,
    folder: Path,
    *,
    max_files: int = MAX_ZIP_FILES,
    max_mb: float = MAX_ZIP_MB,
    max_ratio: float = MAX_ZIP_RATIO,
) -> list[Path]:
    """Unpack an archive into a folder, or nothing at all if any member is suspicious.

    Parameters
    ----------
    path
        The archive.
    folder
        An existing folder that belongs to the caller.
    max_files, max_mb, max_ratio
        Limits on the number of members, their unpacked size together [MB] and how much larger than
        its packed size a member may be. Sizes are counted while unpacking, not taken on trust.

    Returns
    -------
    The files written, in the order of the archive.

    Raises
    ------
    InputError
        ``zip.invalid``, ``zip.too_many_files``, ``zip.too_large``, ``zip.path_unsafe``,
        ``zip.link``, ``zip.encrypted`` or ``zip.name_twice``; ``file.cannot_write`` if the disk refuses.
    """
    source = check_input_file(path)
    with _open_zip(source) as archive:
        targets = _check_members(archive, source.name, max_files, max_mb, max_ratio)
        try:
            return _write_members(archive, source.name, targets, folder, max_mb)
        except OSError as error:
            if error.errno not in _DISK_REFUSALS:
                raise
            raise InputError("file.cannot_write", file=str(folder), reason=error.strerror or str(error)) from error


def check_zip(
    path: str | Path,
    *,
    max_files: int = MAX_ZIP_FILES,
    max_mb: float = MAX_ZIP_MB,
    max_ratio: float = MAX_ZIP_RATIO,
) -> None:
    """Check an archive as `extract_zip` does, every member read once, and write nothing.

    Parameters
    ----------
    path, max_files, max_mb, max_ratio
        As of `extract_zip`.

    Raises
    ------
    InputError
        ``zip.*`` as of `extract_zip`; ``zip.invalid`` too if a member is not what its checksum says.
    """
    source = check_input_file(path)
    with _open_zip(source) as archive:
        _check_members(archive, source.name, max_files, max_mb, max_ratio)
        if archive.testzip() is not None:
            raise InputError("zip.invalid", file=source.name)


def unpack_stream(packed: IO[bytes], target: IO[bytes], source: Path) -> None:
    """Unpack a file that holds one stream, no larger than a member of an archive may be.

    Parameters
    ----------
    packed
        The stream that unpacks.
    target
        What to write to.
    source
        The packed file: its size decides how large its content may be, its name is for messages.

    Raises
    ------
    InputError
        ``file.unpacks_too_large``; ``file.cannot_write`` if the disk refuses.
    """
    most = max(_FREE_RATIO_BYTES, MAX_ZIP_RATIO * source.stat().st_size)
    size = 0
    while piece := packed.read(_CHUNK):
        size += len(piece)
        if size > most:
            raise InputError("file.unpacks_too_large", file=source.name, most_mb=round(most / 1e6))
        try:
            target.write(piece)
        except OSError as error:
            raise InputError("file.cannot_write", file=source.name, reason=error.strerror or str(error)) from error


@contextlib.contextmanager
def _open_zip(source: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive; whatever is wrong with it while it is open is an error of ours."""
    try:
        with zipfile.ZipFile(source) as archive:
            yield archive
    except InputError:
        raise
    except DAMAGED_ZIP as error:
        # A damaged directory of the archive points before its beginning, or a name is none on this system.
        raise InputError("zip.invalid", file=source.name) from error


def _check_members(
    archive: zipfile.ZipFile, name: str, max_files: int, max_mb: float, max_ratio: float
) -> list[tuple[zipfile.ZipInfo, tuple[str, ...]]]:
    members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) > max_files:
        raise InputError("zip.too_many_files", file=name, count=len(members), max_files=max_files)
    targets = []
    taken: set[str] = set()
    for info in members:
        parts = _safe_parts(_member_name(info), name)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise InputError("zip.link", file=name, value="/".join(parts))
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise InputError("zip.encrypted", file=name)
        if info.file_size > max(_FREE_RATIO_BYTES, max_ratio * max(info.compress_size, 1)):
            raise InputError("zip.too_large", file=name, max_mb=round(max_mb))
        key = "/".join(parts).casefold()
        if key in taken:
            raise InputError("zip.name_twice", file=name, value="/".join(parts))
        taken.add(key)
        targets.append((info, parts))
    if sum(info.file_size for info in members) > max_mb * 1e6:
        raise InputError("zip.too_large", file=name, max_mb=round(max_mb))
    return targets


def _write_members(
    archive: zipfile.ZipFile,
    name: str,
    targets: list[tuple[zipfile.ZipInfo, tuple[str, ...]]],
    folder: Path,
    max_mb: float,
) -> list[Path]:
    root = folder.resolve(strict=True)
    left = max_mb * 1e6
    written: list[Path] = []
    try:
        for info, parts in targets:
            target = root.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(info) as packed, target.open("xb") as out:
                written.append(target)
                while chunk := packed.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise InputError("zip.too_large", file=name, max_mb=round(max_mb))
                    out.write(chunk)
    except BaseException:
        for target in written:
            target.unlink(missing_ok=True)
        raise
    return written
