"""Files that people bring: our names, our folder; tables to take away are harmless in a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from small_study import write_small_study

from coverage.errors import InputError
from geodata.intake.read_boundaries import read_districts
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_population import read_population
from geodata.intake.read_stations import read_stations
from geodata.studies.open_study import open_study
from geodata.words.i18n import Translator
from pages.ui import downloads
from pages.ui.memo.step_checks import STEPS, check_step
from pages.ui.uploads import keep_upload, new_study_folder


class Upload:
    """What Streamlit hands over."""

    def __init__(self, name: str, content: bytes, file_id: str = "one") -> None:
        self.name, self.file_id, self._content = name, file_id, content

    def getbuffer(self) -> memoryview:
        """Return the content."""
        return memoryview(self._content)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Keep everything in the test's own folder."""
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("人口（2020）终稿.csv", "人口（2020）终稿.csv"),
        ("people list-1.CSV", "people list-1.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\a.csv", "a.csv"),
        ("a.vrt", "a"),
        ("a.csv/../../b", "b"),
        ("a!x?<b>.csv", "a_x__b.csv"),
        ("con.csv", "population.csv"),
        (".csv", "population"),
        ("x" * 300 + ".csv", "x" * 120 + ".csv"),
    ],
)
def test_the_user_s_name_is_kept_and_decides_no_path(name: str, kept: str, home: Path) -> None:
    """Messages can name the user's own file; wherever its name points, the file lies in our folder."""
    path = keep_upload(Upload(name, b"a,b\n1,2\n"), "population")
    assert path.resolve().is_relative_to(home.resolve())
    assert path.name == kept
    assert path.read_bytes() == b"a,b\n1,2\n"


def test_an_upload_is_written_once_and_never_mixed_up(home: Path) -> None:
    """The same upload keeps its file; another one, even of the same name, has its own."""
    first = keep_upload(Upload("a.csv", b"1"), "stations")
    stamp = first.stat().st_mtime_ns
    assert keep_upload(Upload("a.csv", b"1"), "stations") == first
    assert first.stat().st_mtime_ns == stamp
    assert keep_upload(Upload("a.csv", b"2", "two"), "stations") != first
    assert new_study_folder() != new_study_folder()


def test_each_step_counts_what_its_file_holds(tmp_path: Path) -> None:
    """The small study's files give their counts and the area an outline."""
    folder = write_small_study(tmp_path / "small").parent
    files = dict(zip(STEPS, ("districts.geojson", "population.csv", "roads.geojson", "stations.csv"), strict=True))
    found = {step: check_step(step, folder / name, area=None) for step, name in files.items()}
    assert dict(found["area"].facts) == {"count": 3, "levels": 2}
    assert found["area"].area is not None
    assert dict(found["population"].facts) == {"people": 187, "points": 4, "rejected": 0}
    assert dict(found["roads"].facts)["pieces"] >= 4
    assert dict(found["stations"].facts) == {"count": 2, "kinds": 1, "rejected": 0}
    with pytest.raises(InputError):
        check_step("area", folder / "population.csv", area=None)
    for language in ("zh_CN", "en"):
        for result in found.values():
            said = Translator(language).t(result.message, **dict(result.facts))
            assert "{" not in said
            assert said != result.message


def test_templates_are_read_as_they_are(tmp_path: Path) -> None:
    """The example rows go through the readers without a row left out, and Excel knows the encoding."""
    for build, read in (
        (downloads.station_template, lambda path: read_stations(path, read_catalogue())),
        (downloads.population_template, read_population),
    ):
        path = tmp_path / "template.csv"
        path.write_bytes(downloads.to_csv_bytes(build()))
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        table = read(path)
        assert (table.rows_in, table.rows_rejected) == (1, 0)
        assert [issue for issue in table.issues if issue.severity != "note"] == []


def test_formulas_are_defused() -> None:
    """A cell that a spreadsheet would compute gets an apostrophe."""
    text = downloads.to_csv_bytes(pd.DataFrame({"what": ["=1+1", "@x", "天山区"]})).decode("utf-8-sig")
    assert text.split() == ["what", "'=1+1", "'@x", "天山区"]


def test_findings_and_rejected_rows_are_in_words(tmp_path: Path) -> None:
    """Each finding has its severity and what to do; each row left out its problem."""
    path = write_small_study(tmp_path / "small")
    population = path.parent / "population.csv"
    population.write_text(population.read_text("utf-8") + "E,abc,43.8,10,1\nF,87.6,43.8,-5,1\n", "utf-8")
    study = open_study(path)
    for language in ("zh_CN", "en"):
        tr = Translator(language)
        findings = downloads.list_issues(study, tr)
        assert len(findings) == len(study.issues) > 0
        assert (findings[tr("column.what")].str.len() > 0).all()
        rejected = downloads.list_rejected(study, tr)
        assert len(rejected) == 2
        assert not rejected[tr("column.problem")].str.contains(r"^\w+\.\w+", regex=True).any()


def test_a_pack_opens_as_the_same_study(tmp_path: Path) -> None:
    """What is taken away holds everything: the study that comes out has the same fingerprint."""
    from geodata.studies.pack import open_pack

    path = write_small_study(tmp_path / "small")
    pack = tmp_path / "pack.zip"
    pack.write_bytes(downloads.to_pack_bytes(path.parent))
    assert open_study(open_pack(pack, tmp_path / "out")).fingerprint == open_study(path).fingerprint


def test_the_example_area_is_an_area(tmp_path: Path) -> None:
    """The small study's districts are what the first step asks for."""
    districts, _ = read_districts(write_small_study(tmp_path / "small").parent / "districts.geojson")
    assert set(districts["level"]) == {"county", "township"}
