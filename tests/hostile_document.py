"""A report in words with every kind of block, whose names try to be templates, markup, scripts and formulas."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.tables.report_value import Figure, MapLayer
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

HOSTILE_NAMES: tuple[str, ...] = (
    "{{7*191}}",
    "<img src=x onerror=alert(1)>",
    "=1+1",
    "@SUM(A1)",
    "</script><script>alert(2)</script>",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "\tTAB",
    "https://example.com/x",
    "mailto:a@example.com",
    "很长的名字" * 60,
    "😀 🏔️ \u2028 \u202e ꙮ",
    "&lt;b&gt;&amp; \"'`",
    "{=1+1}",
    "${7*191} <%= 7*191 %>",
    "'[x]!A1",
    "天山区",
    "\x01\x08\ufffe",
)
LON, LAT = 87.6, 43.8


def build_document(language: Language = "zh_CN") -> Document:
    """Build the document; equal calls give equal documents."""
    table = build_table()
    long = build_long_table()
    return Document(
        language=language,
        title=HOSTILE_NAMES[1],
        department=HOSTILE_NAMES[0],
        date="2026年11月26日" if language == "zh_CN" else "26 November 2026",
        strip=(("评估项目", HOSTILE_NAMES[4]), ("服务", "公共法律服务"), ("标准", HOSTILE_NAMES[2])),
        marks=("示意", "内部示意，界线不作划界依据"),
        sections=(
            DocSection(
                "summary",
                "摘要 " + HOSTILE_NAMES[0],
                1,
                (
                    Paragraph(f"{HOSTILE_NAMES[1]} 4,054,369 人中 3,822,863 人（94.3%）", "headline"),
                    Paragraph(f"最低的是{HOSTILE_NAMES[4]}。", "finding"),
                    Paragraph("=1+1", "finding"),
                    Paragraph("一段正文。"),
                    Paragraph("B1 = Σ p_i·1[t_i ≤ T_z] ÷ P < 1 & > 0", "formula"),
                    Paragraph("注：估算。", "note"),
                    _build_map("map.bands", ("bands", "boundary", "roads", "water", "gaps", "stations", "sites")),
                ),
            ),
            DocSection("units", "各区情况", 2, (table, _build_chart("bars", table, ("share",)))),
            DocSection("detail", "细目", 3, (_build_chart("curve", table, ("people", "minutes")),)),
            DocSection(
                "change",
                "变化",
                1,
                (_build_map("map.change", ("boundary", "change")), _build_chart("tornado", table, ("low", "high"))),
            ),
            DocSection("appendix", "附表", 1, (long,)),
        ),
        is_schematic=True,
        run={"planner": "0.1.0", "study": {"id": "s", "name": HOSTILE_NAMES[4]}, "attribution": HOSTILE_NAMES[1]},
    )


def build_table() -> DocTable:
    """Build a table whose rows are the hostile names, with a column of every kind."""
    count = len(HOSTILE_NAMES)
    steps = np.arange(count, dtype=float)
    share = steps / (count - 1)
    values = pd.DataFrame(
        {
            "name": HOSTILE_NAMES,
            "status": ["已覆盖", "=word"] * (count // 2),
            "people": steps * 12345.0,
            "count": np.arange(count),
            "share": share,
            "points": share - 0.5,
            "minutes": np.where(steps == 3, np.nan, steps * 3.3),
            "yuan": steps * 1e6,
            "index": share / 3,
            "number": share,
            "year": 2026 + np.arange(count),
            "date": ["2026-11-26"] * count,
            "lon": LON + steps / 100,
            "low": 0.4 - share / 10,
            "high": 0.4 + share / 10,
        }
    )
    kinds = {"name": "text", "status": "word", "lon": "degrees", "low": "share", "high": "share"}
    texts = values.map(str)
    for name in ("share", "low", "high", "number"):
        texts[name] = [f"{value:.1%}" for value in values[name]]
    texts["points"] = [f"{value * 100:+.1f}".replace("-", "−") for value in values["points"]]
    texts["minutes"] = ["—" if np.isnan(value) else f"{value:.1f}" for value in values["minutes"]]
    columns = tuple(
        DocColumn(name, f"{name}（{HOSTILE_NAMES[2]}）" if name == "people" else name, kinds.get(name, name))  # type: ignore[arg-type]
        for name in values.columns
    )
    notes = ("来源：示意数据。", HOSTILE_NAMES[3], HOSTILE_NAMES[1])
    return DocTable("units", "表1", "各区 [情况]: 甲/乙*?\\ " + HOSTILE_NAMES[4], columns, values, texts, notes)


def build_long_table() -> DocTable:
    """Build a table of 300 rows whose title begins like that of the first one."""
    values = pd.DataFrame({"name": [f"村{number:03d}" for number in range(300)], "people": np.arange(300) * 7.0})
    texts = pd.DataFrame({"name": values["name"], "people": [f"{value:,.0f}" for value in values["people"]]})
    columns = (DocColumn("name", "名称", "text"), DocColumn("people", "人口（人）", "people"))
    return DocTable("villages", "表1", "各区 [情况]: 甲/乙*?\\ " + HOSTILE_NAMES[4], columns, values, texts, (), True)


def _build_chart(kind: str, table: DocTable, values: tuple[str, ...]) -> DocFigure:
    figure = Figure(f"chart.{kind}", kind, table=table.id, label="name", values=values)  # type: ignore[arg-type]
    return DocFigure(figure, "图2", HOSTILE_NAMES[4], notes=("来源：表1",), table=table)


def _build_map(figure_id: str, kinds: tuple[str, ...]) -> DocFigure:
    frames = build_frames()
    layers = tuple(MapLayer(kind, frames[kind]) for kind in kinds)  # type: ignore[arg-type]
    legend = (
        LegendEntry("band.10", "10分钟以内 1,000人"),
        LegendEntry("band.30", HOSTILE_NAMES[1]),
        LegendEntry("band.unconnected", "附近无道路数据"),
        LegendEntry("gap", "覆盖盲区"),
        LegendEntry("station.legal.township", HOSTILE_NAMES[4]),
        LegendEntry("site", "建议点"),
        LegendEntry("boundary", "界线"),
        LegendEntry("water", "水体"),
        LegendEntry("roads", "道路"),
    )
    if "change" in kinds:
        legend = (LegendEntry("gain", "新增 10人"), LegendEntry("loss", "减少 5人"))
    return DocFigure(
        Figure(figure_id, "map", layers), "图1", HOSTILE_NAMES[0], legend, ("来源：示意。", HOSTILE_NAMES[1])
    )


def build_frames() -> dict[str, gpd.GeoDataFrame]:
    """Build a layer of every kind around one place, the names hostile."""
    names = list(HOSTILE_NAMES)
    count = len(names)
    places = [shapely.Point(LON + number / 50, LAT + (number % 5) / 50) for number in range(count)]
    rings = [shapely.Point(LON, LAT).buffer(radius) for radius in (0.1, 0.2, 0.3)]
    bands = [rings[0], rings[1] - rings[0], rings[2] - rings[1]]
    return {
        "bands": _frame(bands, band_min=[10.0, 30.0, np.nan], people=[1000.0, 500.0, 7.0]),
        "gaps": _frame([rings[2] - rings[1]], gap_id=[1], people=[7.0], district=[names[1]]),
        "stations": _frame(
            places,
            name=names,
            family=["legal", "police", "traffic", "court", "general", names[1]] * (count // 6),
            level=["township", "county", names[4]] * (count // 3),
            status=["existing", "planned", "closed"] * (count // 3),
        ),
        "sites": _frame(places[:3], order=[1, 2, 3], name=names[:3], people=[100.0, 50.0, np.nan]),
        "boundary": _frame([shapely.box(LON - 0.4, LAT - 0.4, LON + 0.5, LAT + 0.4)], name=[names[4]]),
        "roads": _frame([shapely.LineString([(LON - 0.4, LAT), (LON + 0.5, LAT)])], name=[names[0]]),
        "water": _frame([shapely.Point(LON + 0.3, LAT + 0.3).buffer(0.02)], name=[names[0]]),
        "change": _frame([rings[0], rings[2] - rings[1]], change=["gain", "loss"], people=[10.0, 5.0]),
    }


def _frame(shapes: list[shapely.Geometry], **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")
