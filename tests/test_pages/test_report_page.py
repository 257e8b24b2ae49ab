"""The Report page: choices are kept with the study, what is hidden is said, files are those of the engine."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path

import pytest
from page_steps import open_page, read_page, wait_for
from small_study import write_small_study
from streamlit.testing.v1 import AppTest

from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.report.options import SECTIONS, ReportOptions
from coverage.report.redaction import Redaction
from coverage.scenario.edits import CloseStation
from geodata.answers.run_assessment import answer_question
from geodata.documents.build import build_report, compose_report, gather_material
from geodata.documents.content.document import Paragraph
from geodata.documents.content.word_report import word_report
from geodata.documents.history import HISTORY_FILE, MadeEntry, read_history
from geodata.documents.kept_reports import find_kept, read_kept_run
from geodata.documents.replay import replay
from geodata.documents.run_report import make_report, open_for_report, write_report
from geodata.documents.runs.find_run import read_run
from geodata.documents.runs.report_numbers import write_numbers
from geodata.documents.runs.run_file import Recipe
from geodata.files.folders import store_folder
from geodata.store.database import open_store
from geodata.store.scenarios import create_scenario
from geodata.store.studies import keep_study
from geodata.studies.open_study import open_study
from geodata.words.i18n import LANGUAGES, Language, Translator
from pages.ui.memo import cached
from pages.ui.memo.shared_results import Vault
from pages.ui.report import report_hidden, report_jobs
from pages.ui.report.report_files import KINDS, say_size
from pages.ui.report.report_form import ReportForm, move, restore_form


@pytest.fixture(autouse=True)
def nothing_was_made() -> None:
    """Forget the files that other tests of this process made: their buttons would hand them over."""
    report_jobs.files.clear()


@pytest.fixture
def own(app: AppTest, tmp_path: Path) -> Path:
    """Open a small study with roads in the application, and return its file."""
    path = write_small_study(tmp_path / "home" / "studies" / "20260101-000000-abcdef")
    app.query_params["study"] = "20260101-000000-abcdef"
    return path


def turn_to(app: AppTest) -> str:
    """Open the page and wait until the report is shown; return everything the page says."""
    open_page(app, "report")
    return wait_for(app, lambda: bool(app.get("iframe")))


def get_preview(app: AppTest) -> str:
    """Return the page in the frame."""
    return str(app.get("iframe")[0].proto.srcdoc)


def has_download(app: AppTest, kind: str) -> bool:
    """Tell whether a file of a kind can be downloaded."""
    return any(str(button.proto.id).endswith(f"w_report_get_{kind}") for button in app.get("download_button"))


def make_file(app: AppTest, own: Path, kind: str) -> Path:
    """Press the button of a kind, wait, and return the file that was kept."""
    before = len(read_history(own).made)
    app.button(key=f"w_report_make_{kind}").click().run()
    wait_for(app, lambda: has_download(app, kind))
    made = read_history(own).made
    assert len(made) == before + 1
    path = find_kept(own, made[0])
    assert path is not None
    return path


def test_a_section_less_is_a_heading_less(app: AppTest, own: Path) -> None:
    """The preview follows the ticks, the order and the title; the language of the report is its own."""
    turn_to(app)
    assert "一、摘要" in get_preview(app)
    assert "二、总体情况" in get_preview(app)
    app.checkbox(key="w_report_on_summary").uncheck().run()
    assert "摘要" not in get_preview(app)
    assert "一、总体情况" in get_preview(app)
    app.button(key="w_report_down_situation").click().run()
    assert "一、总体情况" not in get_preview(app)
    app.text_input(key="w_report_title").set_value("{{7*191}}<img onerror=x>").run()
    assert "<h1>{{7*191}}&lt;img onerror=x&gt;</h1>" in get_preview(app)
    app.segmented_control(key="w_report_language").set_value("en").run()
    assert 'lang="en"' in get_preview(app)
    assert "出报告" in read_page(app) or app.segmented_control(key="w_report_part").value == "make"


def test_a_report_computes_no_part_that_a_screen_has_shown(
    app: AppTest, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After Overview and Indicators the report finds their parts, and computes every other one once."""
    cached.vault.clear()
    report_jobs.materials.clear()
    built: Counter[tuple[str, Hashable]] = Counter()
    keep = Vault._keep

    def count(vault: Vault, kind: str, key: Hashable, value: object) -> None:
        built[kind, key] += 1
        keep(vault, kind, key, value)

    monkeypatch.setattr(Vault, "_keep", count)
    open_page(app, "overview")
    open_page(app, "indicators")
    shown = set(built)
    assert {"assessment", "indicators", "range", "seasons"} <= {kind for kind, _ in shown}
    turn_to(app)
    assert {"services", "gaps", "areas"} <= {kind for kind, _ in set(built) - shown}
    assert [one for one, times in built.items() if times > 1] == []


def test_choices_are_saved_with_the_study_and_restored(app: AppTest, own: Path) -> None:
    """Another visit finds sections, order, department, language and what is hidden; the study itself is not changed."""
    fingerprint = open_study(own).fingerprint
    turn_to(app)
    app.checkbox(key="w_report_on_limits").uncheck().run()
    app.button(key="w_report_up_gaps").click().run()
    app.text_input(key="w_report_department").set_value("司法局").run()
    app.number_input(key="w_report_hidden_suppress_under").set_value(10).run()
    assert "少于 10 人的格子留空" in read_page(app)
    saved = read_history(own)
    assert saved.options is not None
    assert saved.redaction is not None
    assert "limits" not in saved.options.sections
    assert saved.options.sections.index("gaps") < saved.options.sections.index("mismatches")
    assert saved.redaction.suppress_under == 10
    form = restore_form(saved.options, saved.redaction, today="2030-01-02")
    assert form.build_options().sections == saved.options.sections
    assert (form.department, form.date, form.off) == ("司法局", "2030-01-02", ("limits",))
    assert open_study(own).fingerprint == fingerprint
    assert (own.parent / HISTORY_FILE).is_file()


@pytest.mark.slow
def test_files_are_those_of_the_engine(app: AppTest, own: Path) -> None:
    """Workbook and archive hold the run file; its replay from the study alone is identical."""
    turn_to(app)
    assert [button.key for button in app.button if str(button.key).startswith("w_report_make_")] == [
        f"w_report_make_{kind}" for kind in KINDS
    ]
    path = make_file(app, own, "xlsx")
    run = read_run(path)
    assert run.recipe.options.language == "zh_CN"
    assert run.recipe.redaction == Redaction()
    found = replay(run, [own])
    assert found.is_identical
    assert found.count > 50
    pictures = make_file(app, own, "png")
    with zipfile.ZipFile(io.BytesIO(pictures.read_bytes())) as archive:
        assert archive.namelist()[0] == "01_map_reach.png"
        assert all(archive.read(name)[:8] == b"\x89PNG\r\n\x1a\n" for name in archive.namelist())


def test_a_report_made_is_listed_and_computed_again(app: AppTest, own: Path) -> None:
    """The list says when, what and from which data; the check says identical, and after a change what moved."""
    turn_to(app)
    make_file(app, own, "html")
    app.segmented_control(key="w_report_part").set_value("made").run()
    page = read_page(app)
    assert "HTML" in page
    assert "与现在相同" in page
    assert "未复算" in page
    app.button(key="w_report_replay").click().run()
    assert "完全一致" in wait_for(app, lambda: "一致" in read_page(app) and "未复算" not in read_page(app))
    people = own.parent / "population.csv"
    people.write_text(people.read_text("utf-8").replace(",100,40", ",160,40"), encoding="utf-8")
    app.run()
    assert "已变" in read_page(app)
    app.button(key="w_report_replay").click().run()
    told = wait_for(app, lambda: "population.csv" in read_page(app))
    assert "187" in told  # residents before and after
    assert "247" in told


def suggest(app: AppTest, own: Path, question: Question) -> None:
    """Ask for one site on the Site page, not within 400 m of a station, and wait for it."""
    open_page(app, "siting", question=question, question_of=cached.fetch_study(own).fingerprint)
    app.number_input(key="w_siting_sites").set_value(1).run()
    app.number_input(key="w_siting_min_distance_km").set_value(0.4).run()
    app.button(key="w_siting_run").click().run()
    wait_for(app, lambda: not any(button.key == "w_siting_stop" for button in app.button))


@pytest.mark.slow
def test_sites_of_this_visit_go_into_the_report(app: AppTest, own: Path) -> None:
    """Sites suggested with other limits stand in the preview and the file; the file alone gives them again."""
    question = Question(StationChoice(service="mediation"), cutoff_min=1.5, season="summer")
    suggest(app, own, question)
    turn_to(app)
    assert not app.checkbox(key="w_report_on_sites").disabled
    assert app.checkbox(key="w_report_on_sites").value
    assert "建议新增1个站点" in get_preview(app)
    run = read_run(make_file(app, own, "html"))
    asked = run.recipe.suggestion
    assert asked is not None
    assert (asked.siting.sites, asked.options.min_distance_km, asked.row) == (1, 0.4, None)
    assert len(run.numbers["sites"]["rows"]) == 1
    assert replay(run, [own]).is_identical
    app.session_state["question"] = replace(question, cutoff_min=2.0)
    app.run()
    wait_for(app, lambda: bool(app.get("iframe")))
    assert app.checkbox(key="w_report_on_sites").disabled
    assert "另一个问题" in str(app.checkbox(key="w_report_on_sites").help)
    assert "建议新增1个站点" not in get_preview(app)


@pytest.mark.slow
def test_sites_for_several_services_are_told(app: AppTest, own: Path) -> None:
    """Sites for several services can be chosen as those for one can."""
    open_page(app, "siting")
    app.selectbox(key="w_siting_method").set_value("bundle").run()
    app.multiselect(key="w_siting_services").set_value(["notarisation", "mediation"]).run()
    suggest(app, own, Question(season="summer"))
    open_page(app, "report")
    assert not app.checkbox(key="w_report_on_sites").disabled


def test_a_scenario_of_the_store_is_compared(app: AppTest, own: Path) -> None:
    """A scenario that is chosen adds its section with both rates, and its edits travel in the file."""
    with open_store(store_folder()) as store:
        study_id = keep_study(store, own, own.parent.name).id
        made = create_scenario(store, study_id, "撤销示意点01", edits=(CloseStation("S"),))
        create_scenario(store, study_id, "没有调整")
    turn_to(app)
    assert app.checkbox(key="w_report_on_scenario").disabled
    assert "方案“撤销示意点01”" not in get_preview(app)
    app.selectbox(key="w_report_scenario").set_value(made.head.id).run()
    wait_for(app, lambda: bool(app.get("iframe")))
    assert not app.checkbox(key="w_report_on_scenario").disabled
    assert app.checkbox(key="w_report_on_scenario").value
    assert "方案“撤销示意点01”" in get_preview(app)
    assert "失去覆盖" in get_preview(app)
    run = read_run(make_file(app, own, "html"))
    assert run.recipe.edits == (CloseStation("S"),)
    assert run.numbers["scenario"]["columns"]["newly_lost"] == [180]
    assert replay(run, [own]).is_identical


def test_without_roads_the_page_says_what_is_missing(app: AppTest, own: Path) -> None:
    """No roads: what is missing, why, and one button; the history says that there is none yet."""
    own.write_text(own.read_text("utf-8").replace('roads = "roads.geojson"\n', ""), encoding="utf-8")
    open_page(app, "report")
    assert app.button(key="w_to_data")
    assert not app.get("iframe")
    app.segmented_control(key="w_report_part").set_value("made").run()
    assert "还没有出过报告" in read_page(app)


@pytest.mark.slow
def test_two_counties_are_put_together(app: AppTest, own: Path) -> None:
    """The second county is found by the report that is handed in; the sum is that of both."""
    other = write_small_study(own.parents[1] / "20260102-000000-abcdef")
    other.write_text(other.read_text("utf-8").replace('id = "small"', 'id = "second"'), encoding="utf-8")
    areas = other.parent / "districts.geojson"
    areas.write_text(areas.read_text("utf-8").replace('"6501', '"6502'), encoding="utf-8")
    open_page(app, "report")
    app.segmented_control(key="w_report_part").set_value("merge").run()
    assert "汇总需要两个以上" in read_page(app)
    opened = open_for_report(other, name=other.parent.name)
    recipe = Recipe(Question(season="summer"), ReportOptions(sections=("summary",), date="2026-11-22"))
    handed = write_report(other.parents[3] / "second.html", make_report([opened], recipe), recipe)
    app.multiselect(key="w_report_merge_studies").set_value([own.resolve()]).run()
    app.file_uploader(key="w_report_merge_files").upload("second.html", handed, "text/html").run()
    assert "second.html" in read_page(app)
    app.button(key="w_report_merge_run").click().run()
    wait_for(app, lambda: bool(app.get("iframe")))
    assert "374" in get_preview(app)  # twice 187 residents
    app.button(key="w_report_make_xlsx").click().run()
    wait_for(app, lambda: has_download(app, "xlsx"))
    kept = find_kept(own, read_history(own).made[0])
    assert kept is not None
    assert [one.id for one in read_run(kept).studies] == ["small", "second"]


def test_a_composed_report_is_the_built_one(tmp_path: Path) -> None:
    """What is gathered once gives the same numbers and words as a report built for its sections alone."""
    study = open_study(write_small_study(tmp_path / "study"))
    question = Question()
    answer = answer_question(study, question)
    material = gather_material(study, question, answer)
    for sections in (SECTIONS, ("gaps", "summary"), ("appendix",)):
        options = ReportOptions(sections=sections, language="en")
        composed, built = compose_report(material, options), build_report(study, question, answer, options)
        assert write_numbers(composed) == write_numbers(built)
        said = [
            [
                block.text
                for section in word_report(one, "en").sections
                for block in section.blocks
                if isinstance(block, Paragraph)
            ]
            for one in (composed, built)
        ]
        assert said[0] == said[1]


def test_order_and_restoring_by_hand() -> None:
    """A section moves by one place and stops at the ends; one left out stands behind its usual neighbour."""
    form = ReportForm(order=("summary", "gaps", "plan"))
    assert move(form, "gaps", -1) == ("gaps", "summary", "plan")
    assert move(form, "summary", -1) == form.order
    assert move(form, "plan", 1) == form.order
    restored = restore_form(ReportOptions(sections=("gaps", "summary")), None, today="2030-01-01")
    assert restored.order[:2] == ("gaps", "items")
    assert restored.order[-3:] == ("summary", "situation", "mismatches")
    assert sorted(restored.order) == sorted(SECTIONS)
    assert restored.build_options().sections == ("gaps", "summary")
    assert restored.redaction == Redaction()
    assert say_size(2_277_306) == "2.3 MB"
    assert say_size(900) == "0.9 kB"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_hidden_is_said_plainly(language: Language, study: Study) -> None:
    """The demo hides its police stations and says how many; without a family to hide it says so."""
    tr = Translator(language)
    police = {kind.id for kind in study.catalogue.kinds if kind.family == "police"}
    count = int(study.stations["kind"].isin(police).sum())
    assert str(count) in report_hidden.say_hidden(study, Redaction(), tr)[0]
    assert report_hidden.say_hidden(study, Redaction(families=()), tr) == [tr("report_hidden.none")]
    kept = report_hidden.keep_known(study, Redaction(families=("police", "gone"), kinds=("gone",)))
    assert (kept.families, kept.kinds) == (("police",), ())
    fewer = Redaction(suppress_under=5.0, fields=(("gaps", ("people",)),))
    assert len(report_hidden.say_hidden(study, fewer, tr)) == 3


def test_a_list_that_names_no_hash_reaches_no_other_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Entries of a list from elsewhere name nothing outside of the folder of kept reports."""
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path))
    (tmp_path / "secret.pdf").write_bytes(b"secret")
    entry = MadeEntry("2026-11-26T00:00:00+00:00", "a.pdf", "pdf", "", "zh_CN", "", "../../secret", 6)
    assert find_kept(tmp_path / "study.toml", entry) is None
    assert read_kept_run(tmp_path / "study.toml", entry) is None
