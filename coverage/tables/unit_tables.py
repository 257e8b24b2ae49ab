"""Tables of places: units ranked and listed, established but not reachable by name, the gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.access.established_reachable import FINDINGS
from coverage.inputs.unit_levels import OUTSIDE, drop_outside, number_station_districts, put_outside_last
from coverage.tables.cell_reading import build_table
from coverage.tables.evidence import Evidence
from coverage.tables.report_value import Column, Table

# Columns of the lists of units and the indicators they hold.
UNIT_CODES: dict[str, str] = {
    "share": "B1",
    "uncovered": "B5.people",
    "median": "B4.median",
    "p90": "B4.p90",
    "double": "B6",
    "weekly_hours": "B8",
    "winter_drop": "B11",
    "villages_established": "A1.village",
    "villages_reached": "B2.village",
}
MOST_RANKED = 10
MOST_LISTED = 30
MOST_GAPS = 20


def build_unit_list(evidence: Evidence, level: str, *, table_id: str, most: int | None = None) -> Table | None:
    """Build the units of a level with their indicators, those with the lowest reachable rate first.

    Parameters
    ----------
    evidence
        What the report is written from.
    level
        Level of the units.
    table_id
        Id of the table.
    most
        How many are listed; None lists all, at the end of the report.
    """
    if level not in evidence.list_levels():
        return None
    frame = evidence.spread_units(level, UNIT_CODES)
    known = evidence.assessment.districts
    known = known[known["level"] == level]
    frame = frame.reindex(known.index).assign(unit_id=known.index, name=known["name"], people=known["total"])
    frame = frame.assign(stations=known["stations"].astype(float), stations_bingtuan=_count_bingtuan(evidence, level))
    frame = frame[frame["people"] > 0].sort_values(["share", "people"], ascending=[True, False], kind="stable")
    prefectures = evidence.name_above("prefecture" if level == "county" else "county")
    frame = frame.assign(above=[prefectures.get(str(one), "") for one in frame["unit_id"]])
    columns = (
        *((Column("above", "text", "above"),) if len(set(frame["above"])) > 1 else ()),
        Column("name", "text", "unit"),
        Column("people", "people", evidence.whom),
        Column("uncovered", "people", evidence.whom),
        Column("share", "share"),
        *(Column(name, "minutes") for name in ("median", "p90")),
        *(Column(name, "count") for name in ("stations", "stations_bingtuan")),
        Column("double", "share"),
        Column("weekly_hours", "hours"),
        Column("winter_drop", "points"),
        *(Column(name, "share") for name in ("villages_established", "villages_reached")),
    )
    shown = (
        put_outside_last(frame, frame["unit_id"]) if most is None else drop_outside(frame, frame["unit_id"]).head(most)
    )
    optional = (
        "stations_bingtuan",
        "weekly_hours",
        "winter_drop",
        "villages_established",
        "villages_reached",
        "double",
    )
    notes = ("units_all",) if most is None else ("units_worst",)
    return build_table(table_id, columns, shown, notes=notes, is_appendix=most is None, optional=optional)


def _count_bingtuan(evidence: Evidence, level: str) -> pd.Series:
    """Count stations of the Bingtuan by unit of a level; NaN if the study has none."""
    chosen = evidence.assessment.chosen
    is_mine = (evidence.study.stations["operator"] == "bingtuan").to_numpy(bool)[chosen]
    unit = next(one for one in evidence.assessment.units if one.level == level)
    if not is_mine.any():
        return pd.Series(np.nan, index=pd.Index(unit.ids))
    of_unit = unit.of_district[number_station_districts(evidence.study)[chosen[is_mine]]]
    return pd.Series(np.bincount(of_unit, minlength=unit.count).astype(float), index=pd.Index(unit.ids))


def build_uncovered_by_unit(evidence: Evidence, level: str) -> Table | None:
    """Build who is outside by unit of a level, most people first, with the unit's share of all of them."""
    known = evidence.assessment.districts
    frame = known[known["level"] == level]
    uncovered = frame[["beyond", "no_route", "unconnected"]].to_numpy(float).sum(axis=1)
    total = evidence.assessment.totals.uncovered
    share = uncovered / total if total > 0 else np.full(len(frame), np.nan)
    frame = frame.assign(uncovered=uncovered, share_of_uncovered=share)
    frame = frame[frame["uncovered"] > 0].sort_values("uncovered", ascending=False, kind="stable")
    outside = frame[(frame.index.astype(str) == OUTSIDE)]
    frame = pd.concat([drop_outside(frame, frame.index).head(MOST_RANKED), outside])
    columns = (
        Column("name", "text", "unit"),
        Column("uncovered", "people", evidence.whom),
        Column("share_of_uncovered", "share"),
        *(Column(name, "people", evidence.whom) for name in ("beyond", "no_route", "unconnected")),
    )
    return build_table("uncovered_by_unit", columns, frame, notes=("classes",))


def build_mismatches(evidence: Evidence, finding: str, *, table_id: str, most: int | None = None) -> Table | None:
    """Build the units where a sign and people's reach differ, coarse levels first, most people outside first.

    Parameters
    ----------
    evidence, table_id, most
        As for `build_unit_list`; `most` counts for each level.
    finding
        One of `coverage.access.established_reachable.FINDINGS`.
    """
    frame = list_mismatches(evidence, finding, most=most)
    people, share = frame["people"].to_numpy(float), frame["share_inside"].to_numpy(float)
    around = {
        level: evidence.name_above("prefecture" if level == "county" else "county") for level in set(frame["level"])
    }
    frame = frame.assign(
        unit_level=frame["level"],
        share=share,
        uncovered=people * (1.0 - share),
        median=frame["median_min"].to_numpy(float),
        above=[around[level].get(str(one), "") for level, one in zip(frame["level"], frame["unit_id"], strict=True)],
    )
    columns = (
        Column("unit_level", "word", "unit"),
        Column("above", "text", "above"),
        Column("name", "text", "unit"),
        Column("stations", "count"),
        Column("people", "people", evidence.whom),
        Column("share", "share"),
        Column("uncovered", "people", evidence.whom),
        Column("median", "minutes"),
    )
    notes = ("mismatch",) if finding == FINDINGS[0] else ("mismatch_other",)
    return build_table(table_id, columns, frame, notes=notes, is_appendix=most is None, optional=("above",))


def list_mismatches(evidence: Evidence, finding: str, *, most: int | None = None) -> pd.DataFrame:
    """List the units of `build_mismatches`, row by row, with their ``unit_id``."""
    listed, summary = evidence.answer.established.mismatches, evidence.answer.established.summary
    # Levels below the one asked about have no stations of their own.
    with_signs = set(summary.loc[summary["units_established"] > 0, "level"])
    frame = listed[(listed["finding"] == finding) & listed["level"].isin(with_signs)]
    return frame if most is None else frame.groupby("level", sort=False, observed=True).head(most)


def is_cut(evidence: Evidence, finding: str, most: int) -> bool:
    """Tell whether a level has more such units than are listed."""
    listed = evidence.answer.established.mismatches
    sizes = listed[listed["finding"] == finding].groupby("level", observed=True).size()
    return bool((sizes > most).any())


def build_gaps(evidence: Evidence) -> Table | None:
    """Build the largest gaps with what they lack and what would help; those outside all units by their position."""
    gaps = pd.DataFrame(evidence.answer.gaps.drop(columns="geometry")).head(MOST_GAPS)
    counties, uncovered = evidence.name_above("county"), evidence.assessment.totals.uncovered
    people = gaps["people"].to_numpy(float)
    frame = gaps.assign(
        rank=np.arange(1.0, len(gaps) + 1),
        name=[
            str(name) or f"{lon:.3f}, {lat:.3f}"
            for name, lon, lat in zip(gaps["name"], gaps["lon"], gaps["lat"], strict=True)
        ],
        county=[counties.get(str(one), "") for one in gaps["district_id"]],
        share_of_uncovered=people / uncovered if uncovered > 0 else np.full(len(gaps), np.nan),
        median=gaps["median_min"].to_numpy(float),
    )
    columns = (
        Column("rank", "count"),
        Column("county", "text", "above"),
        Column("name", "text", "unit"),
        Column("people", "people", evidence.whom),
        Column("share_of_uncovered", "share"),
        Column("median", "minutes"),
        Column("missing", "word", "missing"),
        Column("remedy", "word", "remedy"),
        *(Column(name, "people", evidence.whom) for name in ("remedy_people", "remedy_people_total")),
    )
    optional = ("county", "remedy_people", "remedy_people_total")
    return build_table("gaps", columns, frame, notes=("gaps", "remedies"), optional=optional)


def build_gap_totals(evidence: Evidence) -> Table | None:
    """Build how many gaps there are, and how much of them the largest ten hold."""
    gaps = evidence.answer.gaps
    if gaps.empty:
        return None
    people = gaps["people"].to_numpy(float)
    first = people[:MOST_RANKED]
    row = {
        "gaps": float(len(gaps)),
        "people": float(people.sum()),
        "listed": float(len(first)),
        "listed_people": float(first.sum()),
        "share_of_uncovered": float(first.sum() / people.sum()),
    }
    columns = (
        Column("gaps", "count"),
        Column("people", "people", evidence.whom),
        Column("listed", "count"),
        Column("listed_people", "people", evidence.whom),
        Column("share_of_uncovered", "share"),
    )
    return build_table("gap_totals", columns, pd.DataFrame([row]))


def build_gap_causes(evidence: Evidence) -> Table | None:
    """Build gaps and their people by what is missing there."""
    gaps = pd.DataFrame(evidence.answer.gaps.drop(columns="geometry"))
    if gaps.empty:
        return None
    frame = gaps.groupby("missing", observed=True)["people"].agg(["size", "sum"]).reset_index()
    frame = frame.rename(columns={"size": "gaps", "sum": "people"}).sort_values("people", ascending=False)
    frame = frame.assign(share_of_uncovered=frame["people"] / frame["people"].sum())
    columns = (
        Column("missing", "word", "missing"),
        Column("gaps", "count"),
        Column("people", "people", evidence.whom),
        Column("share_of_uncovered", "share"),
    )
    return build_table("gap_causes", columns, frame)
