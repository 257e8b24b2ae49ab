"""Words of a report: nothing is left without a word, numbers read as people write them, numbering runs on."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from report_samples import Sample, build_full, build_plain

from coverage.report.sections import CONTENTS
from coverage.tables.report_value import CellKind
from geodata.documents.content.cell_numbers import say_cell, say_cell_with_unit, say_in_sentence
from geodata.documents.content.document import DocFigure, DocTable, Document, Paragraph
from geodata.documents.content.word_report import RENDERER_WORDS, word_report
from geodata.documents.web.html_charts import draw_chart
from geodata.words.i18n import LANGUAGES, Language, Translator, load_messages

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = {"plain": build_plain, "full": build_full}
# What would show that an id of ours has no word, or a placeholder no fact.
UNWORDED = re.compile(r"\{\w*\}|\b(report|finding|indicator|method|issue|strip|missing|remedy|season|unit)\.[a-z_]+")


@pytest.fixture(params=[(name, language) for name in SAMPLES for language in LANGUAGES], ids=str, scope="module")
def worded(request: pytest.FixtureRequest) -> tuple[Sample, Document]:
    """Return each report of the demo with its words in each language."""
    name, language = request.param
    sample: Sample = SAMPLES[name]()
    return sample, word_report(sample.report, language)


def list_texts(document: Document) -> Iterator[str]:
    """Go through every text a reader sees, cells included."""
    yield document.title
    yield from (text for pair in document.strip for text in pair)
    yield from document.marks
    yield from (text for name, text in document.words.items() if name != "page")
    for section in document.sections:
        yield section.title
        for block in section.blocks:
            if isinstance(block, Paragraph):
                yield block.text
                continue
            yield from (block.number, block.title, *block.notes)
            if isinstance(block, DocFigure):
                yield from (entry.text for entry in block.legend)
            else:
                yield from (column.title for column in block.columns)
                yield from block.texts.to_numpy().ravel().tolist()


def test_everything_has_words(worded: tuple[Sample, Document]) -> None:
    """No text shows an id, an unfilled placeholder or nothing at all."""
    for text in list_texts(worded[1]):
        assert isinstance(text, str)
        assert text.strip()
        assert not UNWORDED.search(text), text


def test_english_has_no_chinese_words_of_ours(worded: tuple[Sample, Document]) -> None:
    """Titles, headings and columns are of the language asked for; only names of the data stay as they are."""
    _, document = worded
    if document.language == "en":
        titles = [section.title for section in document.sections]
        for table in document.tables():
            titles += [table.title, table.number, *(column.title for column in table.columns), *table.notes]
        ours = [text for text in titles if "Source:" not in text]
        assert not [text for text in ours if re.search(r"[\u4e00-\u9fff]", text)]


def test_numbers_run_on(worded: tuple[Sample, Document]) -> None:
    """Tables are numbered 1, 2, 3 in order, and figures on their own."""
    _, document = worded
    for blocks in (document.tables(), document.figures()):
        assert [int(re.sub(r"\D", "", block.number)) for block in blocks] == list(range(1, len(blocks) + 1))


def test_values_are_those_of_the_report(worded: tuple[Sample, Document]) -> None:
    """The raw values of a table in words are the numbers of the report's table, cell for cell."""
    sample, document = worded
    tables = sample.report.tables()
    assert {table.id for table in document.tables()} == set(tables)
    for table in document.tables():
        for column in tables[table.id].columns:
            if column.kind not in ("text", "word", "date"):
                expected = tables[table.id].rows[column.id].to_numpy(float)
                np.testing.assert_array_equal(table.values[column.id].to_numpy(float), expected)
        assert table.values.shape == table.texts.shape == tables[table.id].rows.shape


def test_charts_know_their_table(worded: tuple[Sample, Document]) -> None:
    """A chart stands after the table it draws and holds it."""
    _, document = worded
    charts = [block for block in document.figures() if block.figure.table]
    assert charts
    for chart in charts:
        assert isinstance(chart.table, DocTable)
        assert chart.table.id == chart.figure.table
        assert {chart.figure.label, *chart.figure.values} <= set(chart.table.values.columns)


def test_the_marks_stand_on_schematic_data(worded: tuple[Sample, Document]) -> None:
    """Schematic data say so on the document and on every map, with the mark on outlines and the footer."""
    _, document = worded
    tr = Translator(document.language)
    marks = [tr(f"report.mark.{one}") for one in ("schematic", "map", "secret")]
    assert list(document.marks) == marks
    for block in document.figures():
        if block.figure.kind == "map":
            assert all(mark in block.notes[-1] for mark in marks[:2])
            assert sum("2026" in note for note in block.notes) == 1


def test_the_legend_counts_everybody() -> None:
    """The people of the bands of a map add up to everybody, and each band has a line in the legend."""
    sample = build_plain()
    figure = word_report(sample.report, "zh_CN").figures()[0]
    bands = figure.figure.layers[0].frame
    assert np.isclose(bands["people"].sum(), sample.answer.assessment.totals.total)
    symbols = [entry.symbol for entry in figure.legend if entry.symbol.startswith("band.")]
    assert symbols == [
        "band.10", "band.20", "band.30", "band.45", "band.60", "band.inf", "band.no_route", "band.unconnected",
    ]  # fmt: skip
    assert figure.legend[0].text == "≤10分钟：399.5万人"


def test_the_headline_reads_as_it_should() -> None:
    """The headline in both languages, letter by letter."""
    report = build_full().report
    found = {}
    for language in LANGUAGES:
        blocks = word_report(report, language).sections[0].blocks
        found[language] = next(block.text for block in blocks if isinstance(block, Paragraph))
    assert found["zh_CN"] == (
        "按“半小时”标准，乌鲁木齐（示意数据）405.4万居民中，25.3万人（6.2%）在时限内到不了"
        "公共法律服务的乡镇（街道）工作站，区间为5.9%至7.1%。"
    )
    assert found["en"].startswith("Of 4,054,369 residents in Urumqi (schematic data), 25")


@pytest.mark.parametrize(
    ("value", "kind", "whom", "chinese", "english"),
    [
        (312_456.0, "people", "", "31.2万人", "312,456 people"),
        (9_500.0, "people", "", "9,500人", "9,500 people"),
        (120_000.0, "people", "vehicles", "12.0万辆", "120,000 vehicles"),
        (0.8734, "share", "", "87.3%", "87.3%"),
        (-0.032, "points", "", "3.2个百分点", "3.2 percentage points"),
        (28.2, "minutes", "", "28分钟", "28 min"),
        (3.14, "minutes", "", "3.1分钟", "3.1 min"),
        (15_079.0, "metres", "", "15.1公里", "15.1 km"),
        (84.0, "metres", "", "84米", "84 m"),
        (600_000.0, "yuan", "", "60.0万元", "CNY 600,000"),
        (3.3, "yuan", "", "3.3元", "CNY 3.3"),
        (0.25, "hours", "", "15分钟", "15 min"),
        (37.7, "hours", "", "37.7小时", "37.7 h"),
        (2027.0, "year", "", "2027", "2027"),
        (1_234.0, "count", "", "1,234", "1,234"),
        (float("nan"), "people", "", "—", "—"),
    ],
)
def test_numbers_in_sentences(value: float, kind: CellKind, whom: str, chinese: str, english: str) -> None:
    """Numbers in sentences carry their unit; differences have no sign, for the sentence says which way."""
    said = [say_in_sentence(value, kind, whom, Translator(language)) for language in LANGUAGES]
    assert said == [chinese, english]


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (312_456.0, "people", "312,456"),
        (0.99999, "share", ">99.9%"),
        (-0.0391, "points", "−3.9"),
        (45.08, "minutes", "45.1"),
        (1.0, "index", "1"),
        (0.3042, "index", "0.304"),
        (2027.0, "year", "2027"),
        (float("nan"), "minutes", "—"),
    ],
)
def test_numbers_in_tables(value: float, kind: CellKind, text: str) -> None:
    """Numbers in tables are bare, with one decimal where they are shares or minutes; the unit is in the title."""
    assert say_cell(value, kind) == text


def test_numbers_whose_unit_is_in_their_row() -> None:
    """Where units differ from row to row they stand in the cell."""
    tr = Translator("zh_CN")
    assert say_cell_with_unit(45.08, "minutes", tr) == "45.1分钟"
    assert say_cell_with_unit(0.037, "points", tr, signed=False) == "3.7个百分点"
    assert say_cell_with_unit(0.5, "share", tr) == "50.0%"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_and_part_has_words(language: Language) -> None:
    """Every sentence a rule may draft, every section, and every word a renderer asks for is in the catalogues."""
    known = load_messages(language)
    rules = set()
    for path in (ROOT / "coverage" / "findings").glob("*_rules.py"):
        text = path.read_text(encoding="utf-8")
        rules |= set(re.findall(r'state\(\s*"(\w+)"', text))
        rules |= set(re.findall(r'state\("(\w+)" if .*? else "(\w+)"', text)[0]) if " if known else " in text else set()
    rules |= {"items_nowhere", "bundles_nowhere"}  # chosen by a name of their own
    outside = ("beyond", "no_route", "unconnected")
    rules |= {f"classes_{'_'.join(each)}" for count in (1, 2, 3) for each in itertools.combinations(outside, count)}
    assert len(rules) > 40
    assert not {rule for rule in rules if f"finding.{rule}" not in known}
    parts = {part.id for parts in CONTENTS.values() for part in parts}
    assert not {part for part in parts if f"report.section.{part}" not in known}
    assert not {word for word in RENDERER_WORDS if f"report.word.{word}" not in known}
    wanted = set(re.findall(r'Column\("(\w+)"', _read_sources()))
    assert not {one for one in wanted if f"report.column.{one}" not in known}
    tables = set(re.findall(r'build_(?:code_)?table\(\s*(?:evidence, )?"(\w+)"', _read_sources()))
    assert len(tables) > 30
    assert not {one for one in tables if f"report.table.{one}" not in known}


def _read_sources() -> str:
    return "".join(path.read_text(encoding="utf-8") for path in (ROOT / "coverage" / "tables").glob("*_tables.py"))


def test_what_has_no_area_on_the_map_is_said_so() -> None:
    """Who is beyond the last band is counted in the legend, which says that no area shows where; in both languages."""
    wanted: tuple[tuple[Language, str], ...] = (("zh_CN", "（无图形）："), ("en", " (no area drawn): "))
    for language, words in wanted:
        legend = word_report(build_plain().report, language).figures()[0].legend
        told = {entry.symbol: entry.text for entry in legend}
        assert words in told["band.inf"]
        assert words not in told["band.60"]
        assert told["band.60"].endswith("人" if language == "zh_CN" else " people")


def test_the_range_lies_around_its_base(worded: tuple[Sample, Document]) -> None:
    """The chart of what moves the headline draws the headline itself, which lies between low and high."""
    sample, document = worded
    chart = next(figure for figure in document.figures() if figure.figure.kind == "tornado")
    assert chart.table is not None
    assert chart.figure.values == ("low", "high", "base")
    rows = chart.table.values
    assert (rows["base"] == sample.answer.headline_range.value).all()
    assert (rows["low"] <= rows["base"]).all()
    assert 'class="base"' in draw_chart(chart)
