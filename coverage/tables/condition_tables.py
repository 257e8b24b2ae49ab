"""Tables of conditions: opening hours, seasons, groups of people, fairness, capacity, the way up the levels."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.access.layer_coverage import tabulate_uncounted
from coverage.access.referral import summarise_referrals
from coverage.inputs.hours import MINUTES_PER_DAY, MINUTES_PER_WEEK, WeekHours, is_open
from coverage.inputs.stations import select_stations
from coverage.inputs.unit_levels import drop_outside
from coverage.tables.cell_reading import build_table
from coverage.tables.evidence import Evidence
from coverage.tables.report_value import TOTAL, Column, Table
from coverage.tables.unit_tables import MOST_RANKED

GROUPS: tuple[str, ...] = (
    "urban",
    "rural",
    "pastoral",
    "children",
    "aged",
    "disabled",
    "carless",
    "drivers",
    "vehicles",
)
# Groups of people counted in a column of their own; the others are zones.
_OWN_COUNT: tuple[str, ...] = GROUPS[3:]
_SATURDAY = 5 * MINUTES_PER_DAY
_EVENING_MIN = 19.5 * 60.0
_STEP_MIN = 30


def _opens_at_weekend(hours: WeekHours) -> bool:
    return any(is_open(hours, minute) for minute in range(_SATURDAY, MINUTES_PER_WEEK, _STEP_MIN))


def _opens_in_evening(hours: WeekHours) -> bool:
    return any(is_open(hours, day * MINUTES_PER_DAY + _EVENING_MIN) for day in range(5))


def build_opening(evidence: Evidence) -> Table | None:
    """Build how many of the stations asked about tell their hours, and open at weekends or in the evening.

    In the evening means half past seven on a working day: offices in Xinjiang close that late.
    """
    study, choice = evidence.study, evidence.question.choice
    chosen = np.flatnonzero(select_stations(study.stations, study.catalogue, choice))
    if not evidence.answer.hours or not len(chosen):
        return None
    known = [hours for hours in (evidence.answer.hours[row] for row in chosen) if hours is not None]
    # Many stations keep the same hours: each kind of week is looked at once.
    at_weekend = {hours: _opens_at_weekend(hours) for hours in set(known)}
    in_evening = {hours: _opens_in_evening(hours) for hours in set(known)}
    row = {
        "stations": float(len(chosen)),
        "known": float(len(known)),
        "unknown": float(len(chosen) - len(known)),
        "weekend": float(sum(at_weekend[hours] for hours in known)),
        "evening": float(sum(in_evening[hours] for hours in known)),
    }
    row["weekend_share"] = row["weekend"] / row["known"] if known else np.nan
    row["evening_share"] = row["evening"] / row["known"] if known else np.nan
    columns = (
        *(Column(name, "count") for name in ("stations", "known", "unknown", "weekend")),
        Column("weekend_share", "share"),
        Column("evening", "count"),
        Column("evening_share", "share"),
    )
    return build_table("opening", columns, pd.DataFrame([row]), notes=("opening",))


def build_uncounted(evidence: Evidence) -> Table | None:
    """Build the stations that meet what is asked and are no fixed services, with their hours and why."""
    found = tabulate_uncounted(evidence.study, evidence.question.choice)
    frame = found.rename(columns={"name": "station", "layer": "layer_of_station", "reason": "reason_uncounted"})
    frame = frame.assign(least_hours=evidence.question.choice.least_hours_week)
    columns = (
        Column("station", "text"),
        Column("kind", "word", "kind"),
        Column("layer_of_station", "word", "layer"),
        Column("hours_week", "hours"),
        Column("visits_month", "visits"),
        Column("reason_uncounted", "word", "fact.uncounted"),
        Column("least_hours", "hours"),
    )
    return build_table("uncounted", columns, frame, notes=("uncounted",))


def build_weekly_hours(evidence: Evidence, level: str) -> Table | None:
    """Build the weekly hours in reach: everybody's, then the units of a level that have fewest."""
    value, _, people = evidence.read_indicator("B8")
    if not np.isfinite(value):
        return None
    rows = [(TOTAL, people, value)]
    table = evidence.indicators
    mine = table[(table["code"] == "B8") & (table["unit_level"] == level) & table["value"].notna()]
    mine = drop_outside(mine, mine["unit_id"])
    names = {str(one): str(name) for one, name in evidence.study.districts["name"].items()}
    for one, hours, lived in mine.sort_values("value", kind="stable")[["unit_id", "value", "denominator"]].to_numpy():
        rows.append((names.get(str(one), ""), float(lived), float(hours)))
    frame = pd.DataFrame(rows[: 1 + MOST_RANKED], columns=["name", "people", "weekly_hours"])
    columns = (
        Column("name", "text", "unit"),
        Column("people", "people", evidence.whom),
        Column("weekly_hours", "hours"),
    )
    return build_table("weekly_hours", columns, frame, notes=("weekly_hours",))


def build_seasons(evidence: Evidence) -> Table | None:
    """Build coverage in every season and with closed roads; None if there is but one case."""
    frame = evidence.answer.seasons
    frame = frame[frame["unit_level"] == "study"] if len(frame) else frame
    if len(frame) < 2:
        return None
    columns = (
        Column("case", "word", "season"),
        *(Column(name, "people", evidence.whom) for name in ("covered", "people")),
        Column("share", "share"),
        Column("change", "points"),
        Column("newly_lost", "people", evidence.whom),
    )
    return build_table("seasons", columns, frame, notes=("seasons",))


def build_season_units(evidence: Evidence, level: str) -> Table | None:
    """Build the units of a level that lose most people, each in its worst case."""
    frame = evidence.answer.seasons
    if frame.empty:
        return None
    frame = drop_outside(frame, frame["unit_id"])
    frame = frame[(frame["unit_level"] == level) & (frame["newly_lost"] > 0)]
    frame = frame.sort_values(["newly_lost"], ascending=False, kind="stable").drop_duplicates("unit_id")
    columns = (
        Column("name", "text", "unit"),
        Column("case", "word", "season"),
        Column("people", "people", evidence.whom),
        Column("share", "share"),
        Column("change", "points"),
        Column("newly_lost", "people", evidence.whom),
    )
    return build_table("season_units", columns, frame.head(MOST_RANKED), notes=("season_units",))


def build_groups(evidence: Evidence) -> Table | None:
    """Build who is inside by zone and by group of people."""
    rows = []
    for group in GROUPS:
        share, covered, total = evidence.read_indicator(f"B1.{group}")
        if np.isfinite(share):
            rows.append((group, total, covered, total - covered, share))
    frame = pd.DataFrame(rows, columns=["group", "people", "people_covered", "uncovered", "share"])
    columns = (
        Column("group", "word", "report.group"),
        *(Column(name, "people", "any") for name in ("people", "people_covered", "uncovered")),
        Column("share", "share"),
    )
    return build_table("groups", columns, frame, notes=("groups",))


def build_equity(evidence: Evidence) -> Table | None:
    """Build how evenly times are spread."""
    codes = {"B10.urban_rural": "points", "B10.lowest_county": "share", "B10.worst_tenth": "minutes",
             "B10.gini": "index", "B5.fgt1": "index", "B5.fgt2": "index"}  # fmt: skip
    return build_code_table(evidence, "equity", codes)


def build_capacity(evidence: Evidence) -> Table | None:
    """Build double coverage and supply; a note says why there is no load where capacities cannot be compared."""
    codes = {"B6": "share", "B9.access": "index", "B9.overloaded": "share"}
    has_load = any(np.isfinite(evidence.read_indicator(code)[0]) for code in list(codes)[1:])
    return build_code_table(evidence, "capacity", codes, notes=() if has_load else ("no_load",))


def build_burden(evidence: Evidence) -> Table | None:
    """Build what getting a matter done costs a resident in a year, an estimate."""
    codes = {"B17.hours": "hours", "B17.km": "km", "B17.yuan": "yuan"}
    return build_code_table(evidence, "burden", codes, notes=("estimate",))


def build_code_table(
    evidence: Evidence, table_id: str, units: dict[str, str], *, notes: tuple[str, ...] = ()
) -> Table | None:
    """Build indicators of the study one below the other, each in its unit; those that are not known are left out."""
    rows = []
    for code, unit in units.items():
        value, _, denominator = evidence.read_indicator(code)
        if np.isfinite(value):
            rows.append((code, value, unit, denominator))
    frame = pd.DataFrame(rows, columns=["code", "value", "unit", "denominator"])
    columns = (
        Column("code", "word", "indicator"),
        Column("value", "number"),
        Column("unit", "word", "report.unit"),
        Column("denominator", "count"),
    )
    return build_table(table_id, columns, frame, notes=notes)


def build_referrals(evidence: Evidence) -> Table | None:
    """Build the steps up the levels: stations, and those within the threshold of the next level."""
    referrals = evidence.answer.referrals
    if referrals.empty:
        return None
    frame = summarise_referrals(referrals).rename(columns={"median_min": "median", "share_within": "share"})
    columns = (
        Column("level", "word", "level"),
        Column("next_level", "word", "level"),
        Column("stations", "count"),
        *(Column(name, "count") for name in ("reached", "within")),
        Column("share_within", "share"),
        Column("median", "minutes"),
    )
    return build_table("referrals", columns, frame.rename(columns={"share": "share_within"}), notes=("referrals",))
