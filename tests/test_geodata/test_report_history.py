"""What was chosen for the reports of a study, and which were made."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import pytest
from small_study import write_small_study

from coverage.report.options import ReportOptions
from geodata.documents.history import (
    HISTORY_FILE,
    MOST_KEPT,
    ReportHistory,
    find_history_file,
    note_report,
    read_history,
    save_options,
)
from geodata.studies.demo import demo_folder
from geodata.studies.open_study import open_study

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
OPTIONS = ReportOptions(sections=("gaps", "summary"), title="半小时", department="司法局", language="en")


def test_choices_come_back(tmp_path: Path) -> None:
    """Sections in order, title, department and language are kept with the study, which stays the same study."""
    study = write_small_study(tmp_path / "study")
    before = open_study(study).fingerprint
    assert read_history(study) == ReportHistory()
    save_options(study, OPTIONS)
    assert read_history(study).options == OPTIONS
    assert open_study(study).fingerprint == before


def test_reports_are_listed_the_last_first(tmp_path: Path) -> None:
    """Each report is listed with its hash, without the way to it; the oldest of many are forgotten."""
    study = write_small_study(tmp_path / "study")
    for number in range(MOST_KEPT + 5):
        later = NOON + dt.timedelta(minutes=number)
        note_report(study, f"/elsewhere/r{number}.pdf", b"%d" % number, OPTIONS, fingerprint="f", now=later)
    made = read_history(study).made
    assert len(made) == MOST_KEPT
    assert made[0].file == f"r{MOST_KEPT + 4}.pdf"
    assert made[0].format == "pdf"
    assert made[0].sha256 == hashlib.sha256(b"%d" % (MOST_KEPT + 4)).hexdigest()
    assert [each.made_at for each in made] == sorted((each.made_at for each in made), reverse=True)
    assert read_history(study).options == OPTIONS
    assert "/elsewhere" not in (study.parent / HISTORY_FILE).read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 9}', b'{"format": 1, "made": [{}]}', b"\xff"])
def test_a_damaged_list_is_begun_anew(content: bytes, tmp_path: Path) -> None:
    """A list that cannot be read stands in nobody's way."""
    study = write_small_study(tmp_path / "study")
    (study.parent / HISTORY_FILE).write_bytes(content)
    assert read_history(study) == ReportHistory()
    note_report(study, "r.pdf", b"1", OPTIONS, fingerprint="f", now=NOON)
    assert len(read_history(study).made) == 1


def test_the_embedded_study_is_not_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of the demo lies in the planner's own folder."""
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path))
    study = demo_folder() / "study.toml"
    assert find_history_file(study).is_relative_to(tmp_path)
    note_report(study, "r.pdf", b"1", OPTIONS, fingerprint="f", now=NOON)
    assert read_history(study).made[0].file == "r.pdf"
    assert not (demo_folder() / HISTORY_FILE).exists()
