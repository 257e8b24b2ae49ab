"""Tables of honesty: data quality, official totals, what moves the headline, sources; and of all indicators."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.inputs.indicator_registry import INDICATORS, find_indicator
from coverage.network.speeds import SpeedTable
from coverage.tables.cell_reading import build_table
from coverage.tables.condition_tables import build_code_table
from coverage.tables.evidence import Evidence
from coverage.tables.report_value import TOTAL, Column, Table
from coverage.tables.unit_tables import MOST_RANKED

# Differences between two shares, told in percentage points.
DIFFERENCES: tuple[str, ...] = ("B10.urban_rural", "B11")
_MOST_RECONCILED = 30


def find_unit(code: str) -> str:
    """Find the kind of cell an indicator's value is."""
    found = find_indicator(code)
    if found.code in DIFFERENCES:
        return "points"
    return "index" if found.unit in ("capacity", "trips") else found.unit


def build_quality(evidence: Evidence) -> Table | None:
    """Build how much of the data was used, and how far people are from the roads."""
    codes = {"B16.matched": "share", "B16.stations_matched": "share", "B16.access_m": "metres", "B16.rejected": "share",
             "B1.unconnected": "share", "B1.no_route": "share"}  # fmt: skip
    return build_code_table(evidence, "quality", codes, notes=("quality",))


def build_tornado(evidence: Evidence) -> Table | None:
    """Build what moves the reachable rate, the widest first."""
    frame = evidence.tornado
    if frame.empty or frame["low"].isna().all():
        return None
    columns = (
        Column("factor", "word", "range"),
        *(Column(name, "share") for name in ("low", "base", "high")),
        Column("swing", "points"),
    )
    return build_table("tornado", columns, frame, notes=("tornado",))


def build_reconciliation(evidence: Evidence) -> Table | None:
    """Build how people were scaled to official totals, those changed most first."""
    frame = evidence.study.reconciliation
    if frame.empty:
        return None
    moved = (frame["after"] - frame["before"]).abs()
    frame = frame.assign(difference_people=frame["after"] - frame["before"], _moved=moved, unit_level=frame["level"])
    frame = frame.sort_values("_moved", ascending=False, kind="stable").head(_MOST_RECONCILED)
    columns = (
        Column("name", "text", "unit"),
        *(Column(name, "people") for name in ("before", "official", "after", "difference_people")),
        Column("factor", "index"),
    )
    return build_table("reconciliation", columns, frame, notes=("reconciliation",))


def build_reconciliation_totals(evidence: Evidence) -> Table | None:
    """Build how many people the official totals moved."""
    frame = evidence.study.reconciliation
    if frame.empty:
        return None
    row = {
        "units": float(frame["official"].notna().sum()),
        "before": float(frame["before"].sum()),
        "after": float(frame["after"].sum()),
        "difference_people": float((frame["after"] - frame["before"]).abs().sum()),
    }
    columns = (Column("units", "count"), *(Column(name, "people") for name in list(row)[1:]))
    return build_table("reconciliation_totals", columns, pd.DataFrame([row]), notes=("moved",))


def build_far_from_roads(evidence: Evidence) -> Table | None:
    """Build who lives far from any road, everybody first, then the units of the finest level."""
    table = evidence.answer.far_from_roads
    if table.empty or not float(table["far_people"].iloc[0]) > 0:
        return None
    finest = table["level"].iloc[-1]
    units = table[(table["level"] == finest) & (table["far_people"] > 0) & (table["level"] != "all")]
    units = units.sort_values("far_people", ascending=False, kind="stable").head(MOST_RANKED)
    frame = pd.concat([table.iloc[:1].assign(name=TOTAL), units])
    columns = (
        Column("name", "text", "unit"),
        *(Column(name, "people") for name in ("people", "far_people")),
        Column("share_far", "share"),
        Column("farthest_m", "metres"),
    )
    return build_table("far_from_roads", columns, frame, notes=("far",))


def build_sources(evidence: Evidence) -> Table | None:
    """Build the input files with their rows and the beginning of their hash."""
    rows = []
    for one in evidence.study.sources:
        counts = (one.rows_in, one.rows_accepted, one.rows_rejected) if one.rows_in else (np.nan,) * 3
        rows.append((one.role, one.path, *counts, one.sha256[:12]))
    columns = (
        Column("role", "word", "role"),
        Column("file", "text"),
        *(Column(name, "count") for name in ("rows_in", "rows_accepted", "rows_rejected")),
        Column("sha256", "text"),
    )
    return build_table("sources", columns, pd.DataFrame(rows, columns=[one.id for one in columns]), notes=("sources",))


def build_indicators(evidence: Evidence) -> Table | None:
    """Build every indicator of the study with what it divides."""
    table = evidence.indicators
    frame = table[(table["unit_level"] == "study") & table["value"].notna()]
    frame = frame.assign(code=frame["code"].astype(str), unit=[find_unit(str(code)) for code in frame["code"]])
    is_mixed = evidence.question.moment_min is not None
    columns = (
        Column("code", "word", "indicator"),
        Column("value", "number"),
        Column("unit", "word", "report.unit"),
        *(Column(name, "count") for name in ("numerator", "denominator")),
        *((Column("period", "word", "report.period"),) if is_mixed else ()),
    )
    notes = ("indicators", "indicators_moment") if is_mixed else ("indicators",)
    return build_table("indicators", columns, frame, notes=notes, is_appendix=True)


def build_formulas(evidence: Evidence) -> Table | None:
    """Build the definition of every indicator that the report could give; cells are ids of texts."""
    known = {find_indicator(str(code)).code for code in evidence.indicators["code"].unique()}
    rows = [
        (one.code, f"{one.code}.name", f"{one.code}.formula", f"{one.code}.denominator", f"{one.code}.source")
        for one in INDICATORS
        if one.code in known
    ]
    columns = (
        Column("symbol", "text"),
        *(Column(name, "word", "indicator") for name in ("indicator", "formula", "denominator_text", "source_text")),
    )
    return build_table("formulas", columns, pd.DataFrame(rows, columns=[one.id for one in columns]))


def build_speeds(evidence: Evidence) -> Table | None:
    """Build the speed of every road class in every season, in the country, and the factor in town."""
    speeds = evidence.study.speeds
    rows = []
    for road, kph in sorted(speeds.speeds_kph, key=lambda pair: (-pair[1], pair[0])):
        rows.append((road, *(kph * _find_factor(speeds, season, road) for season in speeds.season_names),
                     dict(speeds.urban_factor).get(road, dict(speeds.urban_factor).get("*", 1.0))))  # fmt: skip
    seasons = tuple(Column(f"kph_{season}", "index", "season") for season in speeds.season_names)
    columns = (Column("road", "word", "road"), *seasons, Column("town_factor", "index"))
    return build_table("speeds", columns, pd.DataFrame(rows, columns=[one.id for one in columns]), notes=("speeds",))


def _find_factor(speeds: SpeedTable, season: str, road: str) -> float:
    factors = dict(dict(speeds.seasons).get(season, ()))
    return float(factors.get(road, factors.get("*", 1.0)))


def build_thresholds(evidence: Evidence) -> Table | None:
    """Build the rules of the thresholds in force; None where there is one threshold for all."""
    table = evidence.question.thresholds
    if table is None:
        return None
    rows = [(*rule.pattern, rule.minutes, rule.distance_km) for rule in table.rules]
    columns = (
        Column("service", "word", "item"),
        Column("level", "word", "level"),
        Column("zone", "word", "zone"),
        Column("mode", "word", "mode"),
        Column("season", "word", "season"),
        Column("minutes", "minutes"),
        Column("distance", "km"),
    )
    frame = pd.DataFrame(rows, columns=[one.id for one in columns])
    return build_table("thresholds", columns, frame, notes=("thresholds",), optional=("distance",))
