"""A report in words made by hand: every kind of block and of figure, and names that try to be more than names."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.tables.report_value import CellKind, Figure, MapLayer
from geodata.documents.content.document import (
    DocColumn,
    DocFigure,
    DocSection,
    DocTable,
    Document,
    LegendEntry,
    Paragraph,
)
from geodata.words.i18n import Language

HOSTILE = (
    "{{7*191}}",
    "<img src=x onerror=alert(1)>",
    "=1+1",
    "#set page(fill: red)",
    "$x^2$ \\alpha",
    "@cite <label> [x] *b* _i_",
    "`raw` // no comment /* none */",
    "测试司法所😀",
)
LONG = "新疆维吾尔自治区乌鲁木齐市达坂城区东沟乡高崖子牧场社区公共法律服务工作室（流动点）" * 2
UNBROKEN = "Extraordinarily" * 6

_LON, _LAT = 87.6, 43.8


def _words(language: Language, zh: str, en: str) -> str:
    return zh if language == "zh_CN" else en


def _table(
    table_id: str,
    number: str,
    title: str,
    columns: list[tuple[str, str, CellKind]],
    rows: list[tuple[object, ...]],
    notes: tuple[str, ...] = (),
    *,
    is_appendix: bool = False,
) -> DocTable:
    values = pd.DataFrame(rows, columns=[column[0] for column in columns])
    texts = pd.DataFrame(
        {name: [_write(value, kind) for value in values[name]] for name, _, kind in columns}, dtype=object
    )
    told = tuple(DocColumn(*column) for column in columns)
    return DocTable(table_id, number, title, told, values, texts, notes, is_appendix)


def _write(value: object, kind: CellKind) -> str:
    if isinstance(value, float) and math.isnan(value):
        return "—"
    if kind == "share":
        return f"{float(str(value)) * 100:.1f}%"
    return f"{value:,.0f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _map(language: Language) -> DocFigure:
    grid = [
        (HOSTILE[i] if i < len(HOSTILE) else LONG if i == 10 else f"第{i}乡",
         shapely.box(west, south, west + 0.2, south + 0.15))
        for i, (south, west) in enumerate((_LAT + 0.15 * y, _LON + 0.2 * x) for y in range(3) for x in range(4))
    ]  # fmt: skip
    boundary = gpd.GeoDataFrame({"name": [name for name, _ in grid]}, geometry=[b for _, b in grid], crs=4326)
    centre = shapely.Point(_LON + 0.35, _LAT + 0.22)
    rings, inner = [], shapely.Polygon()
    for radius in (0.05, 0.1, 0.14, 0.19, 0.24, 0.3):
        disc = centre.buffer(radius)
        rings.append(shapely.difference(disc, inner))
        inner = disc
    bands = gpd.GeoDataFrame(
        {"band_min": [10.0, 20.0, 30.0, 45.0, 60.0, math.inf], "people": 1000.0}, geometry=rings, crs=4326
    )
    roads = gpd.GeoDataFrame(
        {"name": ["", ""]},
        geometry=[
            shapely.LineString([(_LON, _LAT + 0.2), (_LON + 0.4, _LAT + 0.24), (_LON + 0.8, _LAT + 0.3)]),
            shapely.LineString([(_LON + 0.35, _LAT), (_LON + 0.36, _LAT + 0.45)]),
        ],
        crs=4326,
    )
    gaps = gpd.GeoDataFrame(
        {"gap_id": ["g1", "g2"], "people": [900.0, 200.0], "district": ["a", "b"]},
        geometry=[
            shapely.box(_LON + 0.58, _LAT + 0.3, _LON + 0.76, _LAT + 0.42),
            shapely.Point(_LON + 0.1, _LAT + 0.05).buffer(0.03),
        ],
        crs=4326,
    )
    families = ["legal", "police", "traffic", "court", "general", "legal"]
    stations = gpd.GeoDataFrame(
        {
            "name": list(HOSTILE[:6]),
            "family": families,
            "level": ["county", "township", "township", "village", "prefecture", "village"],
            "status": ["existing", "existing", "planned", "closed", "existing", "candidate"],
        },
        geometry=[shapely.Point(_LON + 0.1 + 0.1 * i, _LAT + 0.2 + 0.03 * i) for i in range(6)],
        crs=4326,
    )
    sites = gpd.GeoDataFrame(
        {"order": [1, 2], "name": ["甲", "乙"], "people": [500.0, 100.0]},
        geometry=[shapely.Point(_LON + 0.66, _LAT + 0.36), shapely.Point(_LON + 0.12, _LAT + 0.06)],
        crs=4326,
    )

    def w(zh: str, en: str) -> str:
        return _words(language, zh, en)

    legend = (
        LegendEntry("band.10", w("10分钟以内：152,310人（37.6%）", "Up to 10 min: 152,310 people (37.6%)")),
        LegendEntry("band.20", w("10–20分钟：98,004人（24.2%）", "10–20 min: 98,004 people (24.2%)")),
        LegendEntry("band.30", w("20–30分钟：61,200人（15.1%）", "20–30 min: 61,200 people (15.1%)")),
        LegendEntry("band.45", w("30–45分钟：40,000人（9.9%）", "30–45 min: 40,000 people (9.9%)")),
        LegendEntry("band.60", w("45–60分钟：30,000人（7.4%）", "45–60 min: 30,000 people (7.4%)")),
        LegendEntry("band.inf", w("60分钟以上：18,000人（4.4%）", "Over 60 min: 18,000 people (4.4%)")),
        LegendEntry("band.unconnected", w("附近无道路数据：6,021人", "Not connected: 6,021 people")),
        LegendEntry("gap", w("覆盖盲区（编号同表2）", "Gaps (numbered as in Table 2)")),
        LegendEntry("site", w("建议站点（建设次序）", "Suggested sites in build order")),
        LegendEntry("station.legal.county", w("县级公共法律服务中心", "County legal service centre")),
        LegendEntry("station.police.township", w("派出所（位置按乡镇示意）", "Police station (township)")),
        LegendEntry("station.traffic.township", w("交管服务点", "Traffic service point")),
        LegendEntry("boundary", w("乡镇界线", "Township boundary")),
        LegendEntry("roads", w("道路", "Roads")),
    )  # fmt: skip
    layers = (
        MapLayer("boundary", boundary),
        MapLayer("bands", bands),
        MapLayer("roads", roads),
        MapLayer("gaps", gaps),
        MapLayer("stations", stations),
        MapLayer("sites", sites),
    )
    title = w("公共法律服务可达时间与覆盖盲区", "Time to public legal services, and gaps")
    notes = (w("数据来源：示意数据；2026年11月22日", "Source: made data; 22 November 2026"),)
    return DocFigure(Figure("map_bands", "map", layers), w("图1", "Figure 1"), title, legend, notes)


def _change_map(language: Language) -> DocFigure:
    spots = [shapely.Point(_LON + 0.05 * i, _LAT + 0.03 * (i % 7)) for i in range(20)]
    change = gpd.GeoDataFrame(
        {"change": ["gain" if i % 3 else "loss" for i in range(20)], "people": 5.0}, geometry=spots, crs=4326
    )
    legend = (
        LegendEntry("gain", _words(language, "新增覆盖：120人", "Gained: 120 people")),
        LegendEntry("loss", _words(language, "失去覆盖：30人", "Lost: 30 people")),
    )
    title = _words(language, "方案前后变化", "Change by the scenario")
    figure = Figure("map_change", "map", (MapLayer("change", change),))
    return DocFigure(figure, _words(language, "图2", "Figure 2"), title, legend)


def _chart(
    language: Language, kind: str, number: int, table: DocTable, label: str, values: tuple[str, ...]
) -> DocFigure:
    title = _words(
        language, {"bars": "各乡镇可达率", "curve": "覆盖曲线", "tornado": "影响因素"}[kind], f"Chart of {kind}"
    )
    figure = Figure(f"chart_{kind}", kind, table=table.id, label=label, values=values)  # type: ignore[arg-type]
    return DocFigure(figure, _words(language, f"图{number}", f"Figure {number}"), title, table=table)


def make_document(language: Language = "zh_CN", *, appendix_rows: int = 60) -> Document:
    """Make the report."""

    def w(zh: str, en: str) -> str:
        return _words(language, zh, en)

    names = [*HOSTILE, LONG, UNBROKEN, "ئۈرۈمچى شەھىرى", "甲乡"]
    units = _table(
        "units", w("表1", "Table 1"), w("各乡镇设立率与可达率", "Provision and coverage by township"),
        [("name", w("乡镇", "Township"), "text"), ("people", w("居民（人）", "Residents"), "people"),
         ("a1", w("设立率", "Provision"), "share"), ("b1", w("可达率", "Covered"), "share"),
         ("mean", w("平均时间（分钟）", "Mean time (min)"), "minutes")],
        [(name, 1000.0 * (i + 1), 1.0, 0.95 - i * 0.07, 12.0 + i if i % 5 else math.nan)
         for i, name in enumerate(names)],
        (w("分母为全部居民；平均时间只计可到达者。", "Of all residents; means over those who can get there."),),
    )  # fmt: skip
    wide = _table(
        "wide", w("表2", "Table 2"), w("分级指标", "Indicators by level"),
        [("name", w("单位", "Unit"), "text"),
         *[(f"v{i}", w(f"二〇二{i}年目标值（%）", f"Target for the year 203{i} (%)"), "share") for i in range(9)]],
        [(f"地州{i}", *[0.5 + 0.01 * j for j in range(9)]) for i in range(6)],
    )  # fmt: skip
    curve = _table(
        "curve", w("表3", "Table 3"), w("覆盖曲线", "Coverage curve"),
        [("minutes", w("分钟", "Minutes"), "minutes"), ("share", w("可达率", "Covered"), "share")],
        [(float(5 * i), 1.0 - math.exp(-i / 3.0)) for i in range(13)],
    )  # fmt: skip
    tornado = _table(
        "tornado", w("表4", "Table 4"), w("影响因素", "What moves the headline"),
        [("factor", w("因素", "Factor"), "word"), ("low", w("低值", "Low"), "share"),
         ("high", w("高值", "High"), "share"), ("base", w("基准", "Base"), "share")],
        [(w("车速±20%", "Speeds ±20%"), 0.86, 0.95, 0.92), (w("冬季", "Winter"), 0.88, 0.92, 0.92),
         (w("居民点步行接驳距离", "Snap limit"), 0.91, 0.93, 0.92)],
    )  # fmt: skip
    rng = np.random.default_rng(7)
    appendix = _table(
        "appendix", w("附表1", "Table A1"), w("各乡镇指标", "Indicators by township"),
        [("code", w("代码", "Code"), "text"), ("county", w("县（市、区）", "County"), "text"),
         ("name", w("乡镇（街道）", "Township"), "text"), ("level", w("级别", "Level"), "word"),
         *[(f"x{i}", w(title, english), kind) for i, (title, english, kind) in enumerate([
             ("居民（人）", "Residents", "people"), ("可达率", "Covered", "share"), ("达标率", "Villages", "share"),
             ("平均（分钟）", "Mean (min)", "minutes"), ("P90（分钟）", "P90 (min)", "minutes"),
             ("无通路（人）", "No route", "people"), ("附近无道路数据（人）", "Not connected", "people")])]],
        [(f"6501{i:05d}", f"县{i // 12}", names[i] if i < len(names) else f"第{i}乡（镇）", w("乡镇", "township"),
          float(rng.integers(100, 90_000)), *rng.random(2).tolist(), *(rng.random(2) * 60).tolist(), 0.0, 12.0)
         for i in range(appendix_rows)],
        (w("按代码排列。", "By code."),), is_appendix=True,
    )  # fmt: skip
    lorem = w(
        "本报告以居民为出发点，计算居民沿道路前往公共服务站点办事的门到门时间，并与时间阈值比较。",
        "The report takes the resident's point of view: minutes by road from door to door, against the threshold. ",
    )
    sections = (
        DocSection("summary", w("摘要", "Summary"), 1, (
            Paragraph(w("乌鲁木齐405.4万居民中，31.2万人（7.7%）半小时内到不了公共法律服务站（区间6.9–8.8%）。",
                        "312,000 of 4,054,000 residents of Urumqi (7.7%) cannot reach a legal service point in half an "
                        "hour (range 6.9–8.8%)."), "headline"),
            Paragraph(w("共有12个乡镇已设点未达标。",
                        "12 townships have a point that cannot be reached in time."), "finding"),
            Paragraph(w("最大的盲区在{{7*191}}，涉及900人。",
                        "The largest gap lies in {{7*191}}: 900 people."), "finding"),
            _map(language))),
        DocSection("situation", w("现状", "Situation"), 1, (Paragraph(lorem * 4),)),
        DocSection("by_unit", w("按乡镇", "By township"), 2, (
            Paragraph(lorem), Paragraph(HOSTILE[3] + " " + HOSTILE[4], "finding"), units,
            _chart(language, "bars", 3, units, "name", ("a1", "b1")))),
        DocSection("by_level", w("按级别", "By level"), 3, (Paragraph(lorem), wide)),
        DocSection("change", w("方案", "Scenario"), 1, (_change_map(language), curve,
            _chart(language, "curve", 4, curve, "minutes", ("share",)), tornado,
            _chart(language, "tornado", 5, tornado, "factor", ("low", "high", "base")))),
        DocSection("methods", w("方法", "Methods"), 1, (
            Paragraph("B1 = Σ pᵢ·1[tᵢ ≤ T] ÷ P", "formula"),
            Paragraph(w("公式中 P 为全部居民。", "P are all residents."), "note"))),
        DocSection("appendix", w("附表", "Appendix"), 1, (appendix,)),
    )  # fmt: skip
    return Document(
        language=language,
        title=w("乌鲁木齐市公共法律服务半小时服务圈评估报告", "Half-hour circle of public legal services in Urumqi"),
        department=w("乌鲁木齐市司法局", "Urumqi Bureau of Justice"),
        date=w("2026年11月22日", "22 November 2026"),
        day="2026-11-22",
        strip=(
            (w("评估项目", "Study"), w("乌鲁木齐（示意）", "Urumqi (schematic)")),
            (w("服务", "Service"), w("公共法律服务", "Public legal services")),
            (w("标准", "Standard"), w("城市30分钟、农村60分钟", "Town 30 min, countryside 60 min")),
            (w("出行方式", "Mode"), w("驾车", "Car")),
            (w("季节", "Season"), w("夏季", "Summer")),
            (w("方案", "Scenario"), "{{7*191}}"),
        ),
        marks=(
            w("示意数据", "Schematic data"),
            w("内部示意，界线不作划界依据", "For internal use; boundaries are no basis of delimitation"),
            w("非涉密工具", "Not a secret paper"),
        ),
        sections=sections,
        is_schematic=True,
        run={"format": 1, "study": "sample", "date": "2026-11-22", "name": HOSTILE[1]},
        words={
            "page": w("第 {page} 页，共 {pages} 页", "Page {page} of {pages}"),
            "contents": w("目录", "Contents"),
            "source": w("来源", "Source"),
            "scale": w("比例尺", "Scale"),
            "north": w("北", "N"),
            "sort": w("排序", "Sort"),
            "sheet_notes": w("说明", "Notes"),
            "continued": w("续", "continued"),
        },
    )
