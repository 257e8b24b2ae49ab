"""Result files hold numbers to the last digit and no formulas."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coverage.errors import InputError
from geodata.files.write_tables import defuse, write_bytes, write_csv, write_json


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_formulas_are_defused(text: str) -> None:
    """Texts a spreadsheet would compute get an apostrophe."""
    assert defuse(text) == "'" + text


@pytest.mark.parametrize("text", ["天山区", "-3.5", "+86", "1e-5", "-1e-5", "", "a=b"])
def test_plain_texts_and_numbers_stay(text: str) -> None:
    """Numbers with a sign and plain texts are left as they are."""
    assert defuse(text) == text


def test_csv_keeps_every_digit_and_leaves_missing_empty(tmp_path: Path) -> None:
    """Float32 and float64 values read back to the same bits; inf and nan are empty cells."""
    minutes = np.array([np.float32(29.999998), np.float32(0.1), np.inf, np.nan], np.float32)
    table = pd.DataFrame({"minutes": minutes, "x": [0.1 + 0.2, 1e-9, 1e12, np.nan], "flag": [True, False, True, False]})
    table.index = pd.Index(["a", "b", "=c", "d"], name="id")
    write_csv(tmp_path / "t.csv", table)
    content = (tmp_path / "t.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfid,minutes,x,flag\r\n")
    back = pd.read_csv(tmp_path / "t.csv", index_col="id")
    np.testing.assert_array_equal(back["minutes"].to_numpy(np.float32)[:2], minutes[:2])
    assert back["minutes"].isna().tolist() == [False, False, True, True]
    assert back["x"].tolist()[:3] == [0.1 + 0.2, 1e-9, 1e12]
    assert back["flag"].tolist() == [1, 0, 1, 0]
    assert back.index[2] == "'=c"


def test_json_has_null_for_what_is_not_finite(tmp_path: Path) -> None:
    """JSON stays valid: NaN and infinite numbers become null, numpy numbers plain ones."""
    write_json(tmp_path / "t.json", {"a": np.float64("nan"), "b": [np.int64(3), float("inf")], "名": (1.5,)})
    assert json.loads((tmp_path / "t.json").read_text(encoding="utf-8")) == {"a": None, "b": [3, None], "名": [1.5]}


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk fails before the end, the file that was there stays whole."""
    target = tmp_path / "t.bin"
    write_bytes(target, b"old")

    def fail(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(InputError, match="disk full"):
        write_bytes(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["t.bin"]


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    """Where the system refuses, the error names the file and what the system said."""
    (tmp_path / "taken").write_bytes(b"x")
    with pytest.raises(InputError) as caught:
        write_bytes(tmp_path / "taken" / "t.csv", b"new")
    assert caught.value.code == "file.cannot_write"
    assert "t.csv" in str(caught.value.context["file"])
    assert caught.value.context["reason"]
