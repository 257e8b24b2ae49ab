"""Reports through the command line: six formats, hidden places, the same bytes twice, replay, merging."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from click.testing import CliRunner, Result
from police_study import PLACES, POLICE_IDS, POLICE_NAMES, spell_places, write_police_study
from small_study import LAT, write_small_study

from cli import main
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.report.options import ReportOptions
from coverage.report.redaction import Redaction
from geodata.documents.render import FORMATS
from geodata.documents.run_report import make_report, open_for_report, write_report
from geodata.documents.runs.find_run import read_run
from geodata.documents.runs.run_file import Recipe

DATED = ("--date", "2026-11-22", "--minutes", "3")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is built in the test's folder, and speak English."""
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("PLANNER_LANG", "en")


def _run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def _make(study: Path, out: Path, *options: object) -> bytes:
    result = _run("report", study, "--out", out, *DATED, *options)
    assert result.exit_code == 0, result.output
    assert result.stdout.strip() == str(out)
    return out.read_bytes()


def _read_texts(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a report, unpacked; those of pictures left out."""
    if path.suffix in (".docx", ".xlsx", ".zip"):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist() if not name.endswith((".png", ".gpkg")))
    else:
        yield path.read_bytes()


def _read_points(path: Path) -> np.ndarray:
    """Return every vertex of every layer of a GeoPackage."""
    shapes = []
    with sqlite3.connect(path) as base:
        layers = base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall()
        for layer, column in layers:
            for (blob,) in base.execute(f'SELECT "{column}" FROM "{layer}"'):  # noqa: S608 - names of our own
                if blob is not None:
                    # Eight bytes of head, then an envelope whose size the flags tell.
                    envelope = (0, 32, 48, 48, 64)[(blob[3] >> 1) & 7]
                    shapes.append(shapely.from_wkb(blob[8 + envelope :]))
    base.close()
    return shapely.get_coordinates(shapes)


def _write_all(study: Path, folder: Path, recipe: Recipe, kinds: Iterable[str] = FORMATS) -> Path:
    """Write a report in every format, computed once."""
    made = make_report([open_for_report(study, name="study")], recipe)
    for kind in kinds:
        write_report(folder / f"report.{kind}", made, recipe)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the police study and its report in every format."""
    place = tmp_path_factory.mktemp("all")
    study = write_police_study(place / "study")
    return _write_all(study, place, Recipe(Question(cutoff_min=3.0), ReportOptions(date="2026-11-22")))


def _find_secrets(folder: Path, kind: str) -> list[bytes]:
    spelled = [one.encode() for one in (*POLICE_IDS, *POLICE_NAMES)]
    spelled += [name.encode("unicode_escape") for name in POLICE_NAMES]
    whole = b"\n".join(_read_texts(folder / f"report.{kind}"))
    return [secret for secret in (*map(re.escape, spelled), *spell_places()) if re.search(secret, whole)]


def _find_nearest(path: Path) -> np.ndarray:
    """Return how near the vertices of a GeoPackage come to each hidden place [degrees]."""
    away: np.ndarray = np.abs(_read_points(path)[:, np.newaxis] - np.array(PLACES)[np.newaxis]).max(axis=2)
    return away.min(axis=0)


@pytest.mark.parametrize("kind", FORMATS)
def test_no_format_gives_a_hidden_place_away(kind: str, folder: Path) -> None:
    """In the bytes of every format stand no id, no name and no coordinate of a police place, in any rounding."""
    assert _find_secrets(folder, kind) == []


def test_no_layer_has_a_vertex_at_a_hidden_place(folder: Path, tmp_path: Path) -> None:
    """Neither the GeoPackage nor the one within the archive has a vertex there."""
    with zipfile.ZipFile(folder / "report.zip") as archive:
        archive.extract("layers/report.gpkg", tmp_path)
    for path in (folder / "report.gpkg", tmp_path / "layers" / "report.gpkg"):
        assert (_find_nearest(path) > 1e-6).all()


@pytest.mark.slow
def test_a_report_about_police_alone_gives_no_place_away(tmp_path: Path) -> None:
    """Where only hidden stations count, what is drawn around them and what is near them is silent too."""
    study = write_police_study(tmp_path / "study")
    question = Question(StationChoice(family="police"), cutoff_min=3.0)
    _write_all(study, tmp_path, Recipe(question, ReportOptions(date="2026-11-22")))
    assert [secret for kind in FORMATS for secret in _find_secrets(tmp_path, kind)] == []
    assert (_find_nearest(tmp_path / "report.gpkg") > 1e-6).all()


@pytest.mark.slow
def test_what_is_not_hidden_is_told(tmp_path: Path) -> None:
    """The same search finds the places where the user hides nothing, so it would find a leak."""
    study = write_police_study(tmp_path / "study")
    recipe = Recipe(Question(cutoff_min=3.0), ReportOptions(date="2026-11-22"), redaction=Redaction(families=()))
    _write_all(study, tmp_path, recipe, ("html", "gpkg", "zip"))
    spelled = {one.encode() for one in (*POLICE_IDS, *POLICE_NAMES)}
    assert {re.escape(one) for one in spelled} <= set(_find_secrets(tmp_path, "zip"))
    assert set(spell_places()) & set(_find_secrets(tmp_path, "html"))
    assert (_find_nearest(tmp_path / "report.gpkg") < 1e-6).all()


@pytest.mark.slow
def test_the_same_inputs_and_date_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    """A report made again, from a copy of the study in another place, is the same file in every format."""
    shutil.copytree(folder / "study", tmp_path / "study")
    recipe = Recipe(Question(cutoff_min=3.0), ReportOptions(date="2026-11-22"))
    _write_all(tmp_path / "study" / "study.toml", tmp_path, recipe)
    for kind in FORMATS:
        assert (tmp_path / f"report.{kind}").read_bytes() == (folder / f"report.{kind}").read_bytes(), kind
        told = b"".join(_read_texts(folder / f"report.{kind}"))
        assert str(tmp_path).encode() not in told
        assert str(folder).encode() not in told


@pytest.mark.slow
def test_the_command_gives_the_same_bytes_twice(tmp_path: Path) -> None:
    """Called twice with the same inputs and date the command writes the same file; replay says identical."""
    study = write_small_study(tmp_path / "study")
    one, two = (_make(study, tmp_path / f"{name}.html", "--service", "mediation") for name in ("one", "two"))
    assert one == two
    result = _run("replay", tmp_path / "one.html", "--study", study.parent)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("identical: all ")
    assert int(re.findall(r"all ([\d,]+) numbers", result.stdout)[0].replace(",", "")) > 100


def test_every_format_holds_the_same_run_file(folder: Path) -> None:
    """From each format the same recipe, inputs and numbers are read."""
    wanted = read_run(folder / "report.zip")
    assert len(wanted.numbers) > 10
    for kind in FORMATS:
        found = read_run(folder / f"report.{kind}")
        assert (found.recipe, found.studies, found.numbers) == (wanted.recipe, wanted.studies, wanted.numbers), kind


def test_replay_names_the_changed_file_and_the_numbers(tmp_path: Path) -> None:
    """After a change of the population the report differs: the file is named, and the numbers that moved."""
    study = write_small_study(tmp_path / "study")
    out = study.parent / "report.html"
    _make(study, out)
    people = study.parent / "population.csv"
    people.write_text(people.read_text().replace("A,87.6,43.8,100,40", "A,87.6,43.8,160,40"))
    result = _run("replay", out, "--all")
    assert result.exit_code == 1
    assert "input changed: small · population.csv" in result.stdout
    assert "stations.csv" not in result.stdout
    assert re.search(r"187 → 247", result.stdout)
    assert "cli." not in result.stdout
    assert "report." not in result.stdout.replace("report.html", "")


@pytest.mark.slow
def test_replay_tells_an_input_that_changed_nothing(tmp_path: Path) -> None:
    """A file that was only saved anew is named, but the numbers are identical."""
    study = write_small_study(tmp_path / "study")
    _make(study, study.parent / "report.xlsx")
    stations = study.parent / "stations.csv"
    stations.write_bytes(stations.read_bytes() + b"\n")
    result = _run("replay", study.parent / "report.xlsx")
    assert result.exit_code == 0, result.output
    assert "identical" in result.stdout
    assert "input changed: small · stations.csv" in result.stdout


def test_a_report_with_scenario_and_sites_is_computed_again(tmp_path: Path) -> None:
    """Edits, proposed sites, choices of text and a speed table travel in the run file."""
    study = write_small_study(tmp_path / "study")
    edits = tmp_path / "edits.json"
    edits.write_text('{"format": 1, "edits": [{"type": "close_station", "station_id": "S"}]}')
    speeds = tmp_path / "mine.toml"
    speeds.write_text('id = "mine"\n[speeds_kph]\nresidential = 20.0\n')
    options = ("--scenario", edits, "--suggest", 1, "--sections", "scenario,sites,summary", "--title", "=1+1")
    out = study.parent / "report.zip"
    _make(study, out, *options, "--speeds", speeds, "--lang", "en", "--service", "mediation")
    run = read_run(out)
    assert run.recipe.options.title == "=1+1"
    assert run.recipe.options.sections == ("scenario", "sites", "summary")
    assert len(run.recipe.edits or ()) == 1
    assert "residential = 20.0" in run.studies[0].speeds
    result = _run("replay", out)
    assert result.exit_code == 0, result.output


@pytest.mark.slow
def test_a_withheld_scenario_is_asked_for(tmp_path: Path) -> None:
    """Edits of a hidden station are not in the report; replay needs their file, and only that one will do."""
    study = write_police_study(tmp_path / "study")
    edits, others = tmp_path / "edits.json", tmp_path / "others.json"
    text = '{"format": 1, "edits": [{"type": "close_station", "station_id": "%s"}]}'
    edits.write_text(text % POLICE_IDS[0])
    others.write_text(text % "S")
    out = tmp_path / "report.html"
    content = _make(study, out, "--scenario", edits)
    assert POLICE_IDS[0].encode() not in content
    refused = _run("replay", out, "--study", study)
    assert refused.exit_code == 2
    assert "--scenario" in refused.stderr
    assert _run("replay", out, "--study", study, "--scenario", others).exit_code == 2
    assert _run("replay", out, "--study", study, "--scenario", edits).exit_code == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--out", "report.ppt"), "pdf, docx, xlsx, html, gpkg, zip"),
        (("--out", "report.pdf", "--sections", "summary,magic"), "magic"),
        (("--out", "report.pdf", "--date", "22.11.2026"), "22.11.2026"),
        (("--out", "report.pdf", "--service", "magic"), "magic"),
        (("--out", "report.pdf", "--redact", "none.toml"), "none.toml"),
        (("--out", "report.pdf", "--scenario", "0123"), "0123"),
    ],
)
def test_what_cannot_be_made_is_refused_before_the_work(
    options: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown endings, sections, dates, items, files and scenarios are named, and nothing is written."""
    study = write_small_study(tmp_path / "study")
    monkeypatch.chdir(tmp_path)
    result = _run("report", study, *options)
    assert result.exit_code == 2
    assert told in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["study"]


def _write_neighbour(folder: Path) -> Path:
    """Write the small study half a degree further north, under ids and names of its own, its station of the corps."""
    path = write_small_study(folder)
    for name in ("roads.geojson", "districts.geojson", "population.csv", "stations.csv", "study.toml"):
        text = (folder / name).read_text(encoding="utf-8")
        for north in (LAT, LAT + 0.2, LAT - 0.01, LAT - 0.1, LAT + 0.3, LAT + 0.1):
            text = re.sub(rf"(?<![\d.]){re.escape(str(north))}(?!\d)", f"@{north}@", text)
        text = re.sub(r"@([\d.]+)@", lambda match: str(float(match[1]) + 0.5), text)
        text = text.replace("6501", "6590").replace('"\\u53bf"', '"石城市"').replace('id = "small"', 'id = "second"')
        text = text.replace("existing,local", "existing,bingtuan").replace(",100,40", ",300,40")
        (folder / name).write_text(text, encoding="utf-8")
    return path


def test_studies_of_several_counties_are_merged(tmp_path: Path) -> None:
    """People are added, the share is that of the sums and not the mean of shares, the corps has its columns."""
    first, second = write_small_study(tmp_path / "a"), _write_neighbour(tmp_path / "b")
    stations = second.parent / "stations.csv"
    stations.write_text(stations.read_text(encoding="utf-8").replace("legal_consultation;", ""), encoding="utf-8")
    out = tmp_path / "merged.xlsx"
    result = _run("report", first, second, "--out", out, *DATED)
    assert result.exit_code == 0, result.output
    tables = read_run(out).numbers
    counties, total = tables["merged_counties"], tables["merged_total"]["columns"]
    assert counties["rows"] == ["县", "石城市"]
    assert counties["columns"]["people"] == [187, 387]
    assert total["people"] == [574]
    covered = counties["columns"]["covered"]
    assert total["covered"] == [sum(covered)]
    shares = [inside / people for inside, people in zip(covered, (187, 387), strict=True)]
    assert counties["columns"]["share"] == shares
    assert total["share"] == [sum(covered) / 574]
    assert total["share"][0] != pytest.approx(sum(shares) / 2)
    assert counties["columns"]["stations_bingtuan"] == [0, 1]
    assert counties["columns"]["people_bingtuan"] == [0, 387]
    assert total["share_bingtuan"] == [covered[1] / 387]
    # The second county offers no consultation: its people count, and none of them reaches it.
    items = tables["merged_items"]
    offered = next(number for number, label in enumerate(items["rows"]) if "legal_consultation" in label)
    row = {name: column[offered] for name, column in items["columns"].items()}
    assert (row["people"], row["people_covered"], row["counties_without"]) == (574, covered[0], 1)
    nowhere = [number for number, share in enumerate(items["columns"]["share"]) if share == 0]
    assert {items["columns"]["counties_without"][number] for number in nowhere} == {2}
    levels = tables["merged_levels"]["columns"]
    assert levels["units"] == [2, 4]
    assert levels["units_established"] == [2, 2]
    assert levels["units_bingtuan"] == [1, 2]
    result = _run("replay", out, "--study", first, "--study", second)
    assert result.exit_code == 0, result.output


@pytest.mark.slow
def test_a_merged_report_has_words_for_all(tmp_path: Path) -> None:
    """A merged report has words for all it tells, in both languages; its archive holds the layers of all."""
    studies = [write_small_study(tmp_path / "a"), _write_neighbour(tmp_path / "b")]
    recipe = Recipe(Question(cutoff_min=3.0), ReportOptions(date="2026-11-22"))
    made = make_report([open_for_report(study) for study in studies], recipe)
    for name, language in (("zh.docx", "zh_CN"), ("en.html", "en")):
        write_report(tmp_path / name, made, replace(recipe, options=replace(recipe.options, language=language)))
        whole = b"".join(_read_texts(tmp_path / name))
        assert not re.findall(rb"(?:report\.(?:column|table|note|section|figure)|finding)\.merged?[a-z_]*", whole), name
        assert not re.findall(rb"report\.(?:column|unit)\.[a-z_]+", whole), name
    write_report(tmp_path / "merged.zip", made, recipe)
    with zipfile.ZipFile(tmp_path / "merged.zip") as opened:
        assert {"layers/districts.geojson", "layers/report.gpkg"} <= set(opened.namelist())


def test_studies_that_do_not_add_up_are_refused(tmp_path: Path) -> None:
    """The same county twice and thresholds that differ are refused with their names."""
    first, second = write_small_study(tmp_path / "a"), _write_neighbour(tmp_path / "b")
    twice = _run("report", first, first, "--out", tmp_path / "x.pdf")
    assert twice.exit_code == 2
    assert "县" in twice.stderr
    second.write_text(second.read_text() + "[assessment]\ncutoff_min = 45\n")
    differs = _run("report", first, second, "--out", tmp_path / "x.pdf")
    assert differs.exit_code == 2
    assert 'Time threshold [min] of the study second is "45"' in differs.stderr
    assert not list(tmp_path.glob("x.*"))


@pytest.mark.slow
@pytest.mark.parametrize("family", ["legal", ""])
def test_layers_of_a_merged_report_are_those_of_all_its_studies(family: str, tmp_path: Path) -> None:
    """Units, people and stations of every study, each with its study, add up to the table; hidden stations stay so."""
    first, second = write_small_study(tmp_path / "a"), _write_neighbour(tmp_path / "b")
    out, redaction = tmp_path / "merged.gpkg", tmp_path / "redaction.json"
    redaction.write_text(json.dumps({"families": [family] if family else []}), encoding="utf-8")
    hide = ("--redact", redaction)
    result = _run("report", first, second, "--out", out, *hide, *DATED, "--services", "mediation")
    assert result.exit_code == 0, result.output
    counties = read_run(out).numbers["merged_counties"]["columns"]
    layers = {name: gpd.read_file(out, layer=name) for name in ("districts", "demand", "stations", "gaps", "areas")}
    for number, study in enumerate(("small", "second")):
        mine = {name: table[table["study"] == study] for name, table in layers.items()}
        assert mine["demand"]["weight"].sum() == counties["people"][number]
        covered = mine["demand"]["weight"][mine["demand"]["status"] == "covered"].sum()
        assert covered == counties["covered"][number]
        alone = tmp_path / f"{study}.gpkg"
        path = (first, second)[number]
        assert _run("report", path, "--out", alone, *hide, *DATED, "--services", "mediation").exit_code == 0
        for name, table in mine.items():
            same = gpd.read_file(alone, layer=name)
            assert table.drop(columns="study").reset_index(drop=True).equals(same), name
    assert layers["stations"].crs == "EPSG:4326"
    assert ("示意点01" in set(layers["stations"]["name"])) == (not family)


@pytest.mark.slow
def test_a_threshold_of_no_minutes_is_answered(tmp_path: Path) -> None:
    """At 0 minutes, which the command takes, nothing is drawn, and the report is made all the same."""
    study = write_small_study(tmp_path / "study")
    result = _run("report", study, "--out", tmp_path / "r.html", "--minutes", "0", "--date", "2026-11-22")
    assert result.exit_code == 0, result.output
    recipe = read_run(tmp_path / "r.html").recipe
    assert recipe.question.cutoff_min == 0.0
    _write_all(study, tmp_path, recipe, ("gpkg",))
    assert read_run(tmp_path / "report.gpkg").recipe.question.cutoff_min == 0.0
