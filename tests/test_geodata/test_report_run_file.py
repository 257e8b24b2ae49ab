"""The run file of a report: exact round trips, numbers that can be compared, nothing that hides in it."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from police_study import POLICE_IDS, write_police_study
from told_faults import tell_faults

from coverage.errors import InputError
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.network.closures import Closure
from coverage.report.options import ReportOptions
from coverage.report.redaction import NO_REDACTION, Redaction
from coverage.scenario.edits import AddStation, CloseStation
from coverage.siting.plan.solve import SitingQuestion
from coverage.tables.report_value import Column, Report, Section, Table
from geodata.documents.replay import find_changed_inputs
from geodata.documents.runs.find_run import read_run
from geodata.documents.runs.question_json import parse_question, write_question
from geodata.documents.runs.read_redaction import parse_redaction, read_redaction, write_redaction
from geodata.documents.runs.report_numbers import Difference, find_differences, write_numbers
from geodata.documents.runs.run_file import Recipe, describe_study, embed_run, hash_edits, parse_run
from geodata.documents.runs.siting_json import ask_sites
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_thresholds import read_thresholds
from geodata.studies.open_study import open_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Return the small study with police places."""
    return open_study(write_police_study(tmp_path_factory.mktemp("police")))


def _report(names: list[str], people: list[float]) -> Report:
    rows = pd.DataFrame({"name": names, "people": people, "minutes": np.array(people) / 3.0})
    table = Table("units", (Column("name", "text"), Column("people", "people"), Column("minutes", "minutes")), rows)
    return Report("s", "S", True, "", "", "", "2026-11-22", (Section("all", tables=(table,)),))


_texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
_degrees = st.floats(-80, 80)


@given(
    st.builds(
        Question,
        choice=st.builds(StationChoice, service=_texts, family=_texts, level=_texts, on_date=st.just("2027-06-30")),
        cutoff_min=st.floats(0, 1440),
        direction=st.sampled_from([None, "to", "from"]),
        season=_texts,
        moment_min=st.none() | st.integers(0, 10_079),
        own_jurisdiction=st.booleans(),
        closures=st.lists(
            st.builds(Closure, _texts, st.lists(st.tuples(_degrees, _degrees), min_size=1, max_size=3).map(tuple)),
            max_size=2,
        ).map(tuple),
        services=st.lists(_texts, max_size=3).map(tuple),
    )
)
def test_a_question_survives_json_exactly(question: Question) -> None:
    """What is read from the JSON of a question is equal to it, to the last digit."""
    text = json.dumps(write_question(question), allow_nan=False)
    assert parse_question(json.loads(text), source="run.json") == question


def test_a_table_of_thresholds_survives_json(study: Study) -> None:
    """Every rule of the built-in tables, with and without a distance, comes back."""
    for name in ("half_hour", "town_30_country_60", "circle_15"):
        question = Question(thresholds=read_thresholds(name, study.catalogue))
        text = json.dumps(write_question(question), allow_nan=False)
        assert parse_question(json.loads(text), source="run.json") == question


@pytest.mark.parametrize("change", [{"cutoff": 3}, {"choice": None}, {"thresholds": {"id": "x"}}, {"closures": [1]}])
def test_a_question_that_was_changed_by_hand_is_refused(change: dict[str, object]) -> None:
    """A key that is unknown, missing or of another kind is told as a fault of the run file."""
    with pytest.raises(InputError, match=r"run\.invalid"):
        parse_question(write_question(Question()) | change, source="run.json")


def test_a_run_file_survives_json(study: Study) -> None:
    """Recipe, study and numbers come back from what a report embeds."""
    recipe = Recipe(
        question=Question(choice=StationChoice(service="mediation")),
        options=ReportOptions(sections=("gaps", "summary"), title="半小时", date="2026-11-22"),
        edits=(CloseStation("S"),),
        scenario="撤点",
        suggestion=ask_sites(SitingQuestion(sites=3)),
        redaction=Redaction(kinds=("legal_station",), suppress_under=5, fields=(("units", ("name",)),)),
    )
    # A legal station is hidden here, so its scenario must not be told.
    told = replace(recipe, redaction=replace(recipe.redaction, kinds=()))
    run = describe_study(study, "small")
    report = embed_run(_report(["甲", "乙"], [3.0, float("inf")]), told, ((run, study),))
    text = json.dumps(report.run, allow_nan=False)
    found = parse_run(text, source="run.json")
    assert found.recipe == told
    assert found.studies == (run,)
    assert found.numbers == report.run["numbers"]
    assert found.versions["numpy"] == np.__version__
    assert str(Path.home()) not in text
    assert {path for _, path, _ in run.inputs} == {
        "study.toml",
        "roads.geojson",
        "population.csv",
        "stations.csv",
        "districts.geojson",
    }


def test_a_scenario_of_hidden_stations_is_withheld(study: Study) -> None:
    """Edits that name or place a hidden station leave only their hash."""
    run = describe_study(study, "small")
    for edits, redaction in (
        ((CloseStation(POLICE_IDS[0]),), Redaction()),
        ((AddStation("new", 87.61234, 43.81234, "court"),), Redaction(kinds=("court",))),
    ):
        recipe = Recipe(edits=edits, redaction=redaction)
        text = json.dumps(embed_run(_report(["甲"], [1.0]), recipe, ((run, study),)).run)
        assert not [secret for secret in (POLICE_IDS[0], "87.61234") if secret in text]
        found = parse_run(text, source="run.json")
        assert found.recipe.edits is None
        assert found.edits_sha256 == hash_edits(edits)
        open_recipe = replace(recipe, redaction=NO_REDACTION)
        open_text = json.dumps(embed_run(_report(["甲"], [1.0]), open_recipe, ((run, study),)).run)
        assert parse_run(open_text, source="run.json").recipe.edits == edits


def test_equal_reports_have_no_differences() -> None:
    """The numbers of a report compared with themselves, after JSON, differ in nothing."""
    numbers = write_numbers(_report(["甲", "乙", "甲"], [3.0, float("nan"), float("inf")]))
    assert find_differences(json.loads(json.dumps(numbers)), numbers) == ([], [])


def test_every_number_that_differs_is_found_in_its_row() -> None:
    """A changed number is told with table, row and column; rows that moved are found again by their names."""
    before = write_numbers(_report(["甲", "乙"], [3.0, 6.0]))
    after = write_numbers(_report(["乙", "甲"], [6.0, 9.0]))
    found, words = find_differences(before, after)
    assert found == [
        Difference("units", 0, "甲", "people", 3.0, 9.0),
        Difference("units", 0, "甲", "minutes", 1.0, 3.0),
    ]
    assert words == ["units"]


def test_rows_and_tables_on_one_side_differ_in_every_number() -> None:
    """A row that came is told with nothing before it; a table that went with nothing after it."""
    one, two = write_numbers(_report(["甲"], [3.0])), write_numbers(_report(["甲", "乙"], [3.0, 6.0]))
    assert find_differences(one, two)[0] == [
        Difference("units", 1, "乙", "people", None, 6.0),
        Difference("units", 1, "乙", "minutes", None, 2.0),
    ]
    assert [each.after for each in find_differences(one, {})[0]] == [None, None]


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=5))
def test_numbers_are_compared_to_the_last_digit(values: list[float]) -> None:
    """No float is changed by JSON, and the next float is a difference."""
    names = [str(number) for number in range(len(values))]
    numbers = json.loads(json.dumps(write_numbers(_report(names, values)), allow_nan=False))
    assert find_differences(numbers, write_numbers(_report(names, values))) == ([], [])
    nearby = [float(np.nextafter(value, 0.0)) for value in values]
    changed = {each.row for each in find_differences(numbers, write_numbers(_report(names, nearby)))[0]}
    assert changed == {row for row, value in enumerate(values) if value == value and value != 0.0}


def _run_text(study: Study, recipe: Recipe | None = None) -> str:
    report = embed_run(_report(["甲</script>"], [3.0]), recipe or Recipe(), ((describe_study(study, "small"), study),))
    return json.dumps(report.run, ensure_ascii=False)


def test_the_run_file_is_found_in_containers(study: Study, tmp_path: Path) -> None:
    """A run file is read from JSON, a ZIP, a web page and a PDF attachment, packed or not."""
    text = _run_text(study)
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("report/run.json", text)
    safe = text.replace("<", "\\u003c")
    page = f'<html><script>var a = 1;</script><script type="application/json" id="run">{safe}</script></html>'
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    head = b"%PDF-1.7\n1 0 obj\n<< /Type /EmbeddedFile /Params << /Size 9 >> /Filter /FlateDecode >>\nstream\n"
    (tmp_path / "a.pdf").write_bytes(head + zlib.compress(text.encode()) + b"\nendstream\nendobj")
    wanted = read_run(tmp_path / "run.json")
    for name in ("all.zip", "page.html", "a.pdf"):
        found = read_run(tmp_path / name)
        assert (found.recipe, found.studies, found.numbers) == (wanted.recipe, wanted.studies, wanted.numbers)


@pytest.mark.parametrize("name", ["a.pdf", "a.zip", "a.xlsx", "a.html"])
def test_a_file_without_a_run_file_says_so(name: str, tmp_path: Path) -> None:
    """Another file with the right ending holds no run file, whatever is in it."""
    (tmp_path / name).write_bytes(b"\x00\xffnothing of ours")
    with pytest.raises(InputError, match=r"replay\.no_run"):
        read_run(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "code"),
    [("{", "file.not_json"), ("[]", "run.format_unknown"), ('{"format": 2}', "run.format_unknown")],
)
def test_a_file_that_is_no_run_file_is_refused(text: str, code: str) -> None:
    """Broken JSON and JSON of something else are told apart."""
    with pytest.raises(InputError) as caught:
        parse_run(text, source="run.json")
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (("studies",), []),
        (("numbers",), "x"),
        (("numbers",), {"units": 1}),
        (("numbers", "units", "rows"), [["甲"]]),
        (("numbers", "units", "columns"), {"people": [{}]}),
        (("numbers", "units", "columns"), {"people": [10**400]}),
        (("question", "cutoff_min"), None),
        (("question", "cutoff_min"), -5),
        (("question", "cutoff_min"), 1e308),
        (("question", "direction"), "sideways"),
        (("question", "moment_min"), "x"),
        (("question", "moment_min"), 1e4),
        (("question", "own_jurisdiction"), "yes"),
        (("question", "season"), None),
        (("question", "choice", "family"), None),
        (("question", "choice", "on_date"), 7),
        (("suggestion", "siting"), {"method": "mclp", "sites": "x"}),
        (("suggestion", "siting"), {"method": "magic", "sites": 1}),
        (("suggestion", "siting"), {"method": "mclp", "services": [1]}),
    ],
)
def test_values_that_no_report_has_are_refused_before_the_work(
    study: Study, way: tuple[str, ...], value: object
) -> None:
    """A changed run file is told as unusable in words, whichever of its values is of the wrong type or range."""
    asked = Recipe(suggestion=ask_sites(SitingQuestion(sites=1)))
    content = json.loads(_run_text(study, asked))
    place = content
    for name in way[:-1]:
        place = place[name]
    place[way[-1]] = value
    with pytest.raises(InputError) as caught:
        parse_run(json.dumps(content), source="run.json")
    assert caught.value.code == "run.invalid"
    assert str(caught.value.context["reason"]).strip()


def test_a_siting_problem_is_read_as_it_was_written(study: Study) -> None:
    """Lists of JSON become the tuples they were, so that the problem is equal."""
    asked = ask_sites(SitingQuestion("mclp", sites=2, budget=1e6, services=("notarisation", "mediation")))
    recipe = Recipe(suggestion=asked)
    report = embed_run(_report(["甲"], [3.0]), recipe, ((describe_study(study, "small"), study),))
    assert parse_run(json.dumps(report.run), source="run.json").recipe.suggestion == asked


def test_damaged_containers_hold_no_run_file(tmp_path: Path) -> None:
    """A stream that does not unpack and a cell that points nowhere are told in words."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("run.json", "".join(chr(40 + number * 7919 % 80) for number in range(4000)))
    content = bytearray((tmp_path / "a.zip").read_bytes())
    content[40:90] = b"\xff" * 50
    (tmp_path / "a.zip").write_bytes(content)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        sheet = '<sheet name="run.json" r:id="r1"/>'
        archive.writestr("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{relation}">{sheet}</workbook>')
        archive.writestr("xl/_rels/workbook.xml.rels", '<a><b Id="r1" Target="worksheets/sheet1.xml"/></a>')
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}"><si><t>x</t></si></sst>')
        archive.writestr("xl/worksheets/sheet1.xml", f'<a xmlns="{main}"><row><c t="s"><v>99</v></c></row></a>')
    for name in ("a.zip", "a.xlsx"):
        with pytest.raises(InputError, match=r"replay\.no_run"):
            read_run(tmp_path / name)


def test_files_made_to_be_slow_are_given_up(tmp_path: Path) -> None:
    """A PDF of half dictionaries and a view without end in a GeoPackage end soon, as files without a run file."""
    (tmp_path / "a.pdf").write_bytes(b"/EmbeddedFile " * 20_000 + b"<<" * 50_000)
    with contextlib.closing(sqlite3.connect(tmp_path / "a.gpkg")) as base:
        endless = (
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT 'x' AS name, n AS value FROM t"
        )
        base.execute(f"CREATE VIEW about AS {endless}")
    (tmp_path / "a.html").write_text("<![foo[ x")
    for name in ("a.pdf", "a.gpkg", "a.html"):
        with pytest.raises(InputError, match=r"replay\.no_run"):
            read_run(tmp_path / name)


def test_a_run_file_names_nothing_outside_of_its_study(study: Study, tmp_path: Path) -> None:
    """An absolute way and one upwards are told as files that are not there, though they are."""
    outside = tmp_path / "outside.csv"
    outside.write_text("x")
    inputs = (("roads", str(outside), ""), ("people", "../outside.csv", ""))
    was = replace(describe_study(study, "small"), inputs=inputs)
    found = find_changed_inputs(was, tmp_path / "study" / "study.toml")
    assert [each.is_there for each in found] == [False, False]


def test_a_redaction_file_is_read_and_written(tmp_path: Path) -> None:
    """TOML and JSON say the same; what is not given hides the places of police; faults are listed together."""
    catalogue = read_catalogue()
    (tmp_path / "r.toml").write_text('kinds = ["court"]\nsuppress_under = 10\n[fields]\nstations = ["name"]\n')
    found = read_redaction(tmp_path / "r.toml", catalogue)
    assert found == Redaction(("police",), ("court",), 10.0, (("stations", ("name",)),))
    (tmp_path / "r.json").write_text(json.dumps(write_redaction(found)))
    assert read_redaction(tmp_path / "r.json", catalogue) == found
    assert parse_redaction({"families": []}, source="r").hides_nothing
    (tmp_path / "r.toml").write_text('families = "police"\nunder = 3\nsuppress_under = "ten"\n')
    with pytest.raises(InputError) as caught:
        read_redaction(tmp_path / "r.toml", catalogue)
    assert caught.value.code == "redaction.invalid"
    assert all(word in tell_faults(caught.value) for word in ("families", "under", "suppress_under"))
    (tmp_path / "r.toml").write_text('kinds = ["castle"]\n')
    with pytest.raises(InputError, match=r"catalogue\.unknown_id"):
        read_redaction(tmp_path / "r.toml", catalogue)


def test_fields_that_no_report_has_are_told(tmp_path: Path) -> None:
    """A slip in the name of a table or a column is refused, not passed over; columns of layers are the study's."""
    catalogue = read_catalogue()
    path = tmp_path / "r.toml"
    path.write_text('[fields]\nunits_ranked = ["people", "poeple"]\ngasp = ["people"]\nstations = ["anything"]\n')
    with pytest.raises(InputError) as caught:
        read_redaction(path, catalogue)
    assert caught.value.code == "redaction.unknown_field"
    assert caught.value.context["fields"] == "gasp; units_ranked.poeple"
