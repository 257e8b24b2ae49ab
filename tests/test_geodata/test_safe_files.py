"""Files that users bring: local, of sane size, and archives that stay in their folder."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from coverage.errors import InputError, MissingInputError
from geodata.files.safe_files import check_input_file, extract_zip


def write_zip(path: Path, members: dict[str, bytes]) -> Path:
    """Write an archive with these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "path", ["http://127.0.0.1/x.csv", "/vsicurl/http://127.0.0.1/x", "/VSIzip/a.zip/b", "C:\\\\vsi://x", "a\0b"]
)
def test_addresses_are_no_files(path: str) -> None:
    """An address, a virtual path or a NUL in the name is refused before anything is opened."""
    with pytest.raises(InputError) as caught:
        check_input_file(path)
    assert caught.value.code == "file.not_local"


def test_missing_empty_large_and_folders(tmp_path: Path) -> None:
    """Each way in which a path can be no usable file has its own code."""
    (tmp_path / "empty.csv").touch()
    (tmp_path / "large.csv").write_bytes(b"x" * 2_000_000)
    with pytest.raises(MissingInputError) as missing:
        check_input_file(tmp_path / "none.csv")
    codes = []
    for name in ("empty.csv", "large.csv", "."):
        with pytest.raises(InputError) as caught:
            check_input_file(tmp_path / name, max_mb=1)
        codes.append(caught.value.code)
    assert [missing.value.code, *codes] == ["file.missing", "file.empty", "file.too_large", "file.not_a_file"]


def test_archive_is_unpacked(tmp_path: Path) -> None:
    """Members in folders are written below the target, names of Chinese Windows included."""
    source = write_zip(tmp_path / "a.zip", {"roads/x.csv": b"1", "y.csv": b"2"})
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr("站点.csv".encode("gb18030").decode("cp437"), b"3")
    raw = source.read_bytes()
    folder = tmp_path / "out"
    folder.mkdir()
    names = [path.relative_to(folder).as_posix() for path in extract_zip(source, folder)]
    assert names[:2] == ["roads/x.csv", "y.csv"]
    assert (folder / "roads" / "x.csv").read_bytes() == b"1"
    assert raw == source.read_bytes()


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "C:\\evil", "..\\evil", "a:b"])
def test_members_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    """A member with a path out of the folder makes the whole archive refused, nothing is written."""
    source = write_zip(tmp_path / "a.zip", {"fine.csv": b"1", name: b"2"})
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(InputError) as caught:
        extract_zip(source, folder)
    assert caught.value.code == "zip.path_unsafe"
    assert list(folder.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "out"]


def test_links_bombs_crowds_and_twins_are_refused(tmp_path: Path) -> None:
    """Links, archives that swell, too many members and names that differ by case only are refused."""
    folder = tmp_path / "out"
    folder.mkdir()
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    write_zip(tmp_path / "bomb.zip", {"zeros": bytes(30_000_000)})
    write_zip(tmp_path / "crowd.zip", {f"f{n}": b"" for n in range(6)})
    write_zip(tmp_path / "twins.zip", {"a.csv": b"1", "A.csv": b"2"})
    write_zip(tmp_path / "sum.zip", {"a": b"x" * 700_000, "b": b"y" * 700_000})
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 not an archive")
    codes = []
    for name in ("link", "bomb", "crowd", "twins", "sum", "broken"):
        with pytest.raises(InputError) as caught:
            extract_zip(tmp_path / f"{name}.zip", folder, max_files=5, max_mb=1 if name == "sum" else 100)
        codes.append(caught.value.code)
    expected = ["zip.link", "zip.too_large", "zip.too_many_files", "zip.name_twice", "zip.too_large", "zip.invalid"]
    assert codes == expected
    assert list(folder.iterdir()) == []


def test_sizes_are_counted_not_believed(tmp_path: Path) -> None:
    """An archive that lies about the size of a member does not get past the limit."""
    source = write_zip(tmp_path / "liar.zip", {"a": b"x" * 3_000_000})
    honest = (3_000_000).to_bytes(4, "little")
    source.write_bytes(source.read_bytes().replace(honest, (10).to_bytes(4, "little")))
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(InputError):
        extract_zip(source, folder, max_mb=1)
    assert list(folder.iterdir()) == []


def test_damaged_archives_are_told(tmp_path: Path) -> None:
    """An archive whose directory points before its beginning, or names nothing, is invalid."""
    whole = write_zip(tmp_path / "whole.zip", {"a.txt": b"x" * 50, "b.txt": b"y" * 50}).read_bytes()
    end, entry = whole.rindex(b"PK\x05\x06"), whole.index(b"PK\x01\x02")
    damages = (
        whole[:end] + whole[end:].replace(whole[end + 16 : end + 20], b"\xff\xff\xff\x0f"),
        whole[: entry + 28] + b"\0\0" + whole[entry + 30 :],
        whole[: entry + 42] + b"\xff\xff\xff\x7f" + whole[entry + 46 :],
        whole[: entry + 10] + b"\x63" + whole[entry + 11 :],
    )
    for number, damaged in enumerate(damages):
        path, folder = tmp_path / f"{number}.zip", tmp_path / f"out{number}"
        path.write_bytes(damaged)
        folder.mkdir()
        with pytest.raises(InputError) as caught:
            extract_zip(path, folder)
        assert caught.value.code == "zip.invalid"
        assert not any(folder.iterdir())
