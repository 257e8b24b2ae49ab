"""Tables of the situation: the headline, the classes of people, the ladder, established beside reachable."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.access.established_reachable import FINDINGS
from coverage.access.rebin import tabulate_within
from coverage.inputs.schema import DISTRICT_LEVELS, STATUSES
from coverage.tables.cell_reading import build_table
from coverage.tables.evidence import Evidence
from coverage.tables.report_value import Column, Table

# The levels at which residents are served day by day.
RUNGS: tuple[str, ...] = ("village", "township", "county")


def build_headline(evidence: Evidence) -> Table | None:
    """Build the one row the headline is read from; its range is that of the share outside."""
    totals = evidence.assessment.totals
    low, high = (evidence.read_indicator(code)[0] for code in ("B15.low", "B15.high"))
    row = {
        "people": totals.total,
        "covered": totals.covered,
        "share": totals.share_covered,
        "uncovered": totals.uncovered,
        "share_uncovered": totals.uncovered / totals.total if totals.total > 0 else np.nan,
        "uncovered_low": 1.0 - high,
        "uncovered_high": 1.0 - low,
    }
    columns = (
        *(Column(name, "people", evidence.whom) for name in ("people", "covered")),
        Column("share", "share"),
        Column("uncovered", "people", evidence.whom),
        *(Column(name, "share") for name in ("share_uncovered", "uncovered_low", "uncovered_high")),
    )
    optional = ("uncovered_low", "uncovered_high")
    return build_table("headline", columns, pd.DataFrame([row]), notes=("range",), optional=optional)


def build_ladder_summary(evidence: Evidence) -> Table | None:
    """Build the short ladder of the summary: three rates by family, for village, township and county level."""
    frame = evidence.ladder[evidence.ladder["level"].isin(RUNGS)]
    frame = evidence.ladder if frame.empty else frame
    columns = (
        Column("family", "word", "family"),
        Column("level", "word", "level"),
        *(Column(name, "share") for name in ("established_rate", "reachable_rate", "unit_reach_rate")),
        Column("unit_difference", "points"),
    )
    return build_table("ladder", columns, frame, notes=("rates",))


def build_services_by_level(evidence: Evidence) -> Table | None:
    """Build the whole ladder, every rate with what it divides."""
    columns = (
        Column("family", "word", "family"),
        Column("level", "word", "level"),
        *(Column(name, "count") for name in ("stations", "units", "units_established")),
        Column("established_rate", "share"),
        Column("people_covered", "people"),
        Column("reachable_rate", "share"),
        *(Column(name, "count") for name in ("units_with_people", "units_reached")),
        Column("unit_reach_rate", "share"),
        Column("unit_difference", "points"),
    )
    return build_table("services_by_level", columns, evidence.ladder, notes=("rates", "ladder_people"))


def build_established(evidence: Evidence) -> Table | None:
    """Build A1, B1 and B2 by level of unit for the stations asked about, and how many units differ.

    Units below the level asked about have no stations of their own: their signs are not known, rather than 0.
    """
    summary, listed = evidence.answer.established.summary, evidence.answer.established.mismatches
    counts = listed.groupby(["finding", "level"], observed=True).size().to_dict()
    found = {name: [float(counts.get((name, level), 0)) for level in summary["level"]] for name in FINDINGS}
    difference = summary["unit_reach_rate"].astype(float) - summary["established_rate"].astype(float)
    frame = summary.assign(**found, unit_difference=difference).rename(columns={"level": "unit_level"})
    below = frame["unit_level"].isin(_list_below(evidence.question.level))
    signs = ["units_established", "established_rate", "unit_difference"]
    frame[signs] = frame[signs].astype(float).mask(below)
    columns = (
        Column("unit_level", "word", "unit"),
        *(Column(name, "count") for name in ("units", "units_established")),
        Column("established_rate", "share"),
        *(Column(name, "people", evidence.whom) for name in ("people", "people_covered")),
        Column("reachable_rate", "share"),
        *(Column(name, "count") for name in ("units_with_people", "units_reached")),
        Column("unit_reach_rate", "share"),
        Column("unit_difference", "points"),
        *(Column(name, "count") for name in FINDINGS),
    )
    return build_table("established", columns, frame, notes=("rates", "unit_people"))


def _list_below(level: str) -> tuple[str, ...]:
    """List the levels of units below a level of stations, which have no stations of their own; none below any."""
    return DISTRICT_LEVELS[DISTRICT_LEVELS.index(level) + 1 :] if level in DISTRICT_LEVELS else ()


def build_classes(evidence: Evidence) -> Table | None:
    """Build the four classes that everybody falls into."""
    totals = evidence.assessment.totals
    people = [float(getattr(totals, status)) for status in STATUSES]
    share = [one / totals.total if totals.total > 0 else np.nan for one in people]
    why = [";".join(evidence.answer.reasons.present) if status == "no_route" else "" for status in STATUSES]
    frame = pd.DataFrame({"status": STATUSES, "people": people, "share_of_all": share, "reasons": why})
    columns = (
        Column("status", "word", "method.class"),
        Column("people", "people", evidence.whom),
        Column("share_of_all", "share"),
        Column("reasons", "word", "reason"),
    )
    return build_table("classes", columns, frame, notes=("classes",), optional=("reasons",))


def build_times(evidence: Evidence) -> Table | None:
    """Build mean, median and nine tenths of the minutes."""
    totals = evidence.assessment.totals
    row = {"mean": totals.mean_min, "median": totals.median_min, "p90": totals.p90_min}
    columns = tuple(Column(name, "minutes") for name in row)
    return build_table("times", columns, pd.DataFrame([row]), notes=("finite",)) if totals.mean_min >= 0 else None


def build_within(evidence: Evidence) -> Table | None:
    """Build the people within each class limit of the study."""
    found = tabulate_within(evidence.assessment, evidence.study.settings.cutoffs_min)
    frame = found.rename(columns={"cutoff_min": "cutoff", "share": "share_of_all"})
    columns = (
        Column("cutoff", "minutes"),
        Column("people", "people", evidence.whom),
        Column("share_of_all", "share"),
    )
    return build_table("within", columns, frame, notes=("everybody",))
