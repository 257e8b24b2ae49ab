"""Tables of what to do: suggested sites, the curve, who is left out, years, targets, a scenario beside today."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.inputs.indicator_registry import find_indicator
from coverage.inputs.unit_levels import drop_outside
from coverage.siting.model.curve import MEASURES, Measure
from coverage.tables.cell_reading import build_table
from coverage.tables.evidence import Evidence
from coverage.tables.report_value import TOTAL, CellKind, Column, Table
from coverage.tables.unit_tables import MOST_RANKED

_MOST_SITES = 60


def build_site_totals(evidence: Evidence) -> Table | None:
    """Build what a plan does as a whole."""
    plan = evidence.plan
    if plan is None or plan.sites.empty:
        return None
    gained = float(plan.sites["newly_covered"].sum())
    cost = float(plan.sites["cost"].sum(min_count=len(plan.sites)))
    total = plan.total if plan.total > 0 else np.nan
    row = {
        "sites": float(len(plan.sites)),
        "newly_covered": gained,
        "share_before": plan.covered_before / total,
        "share_after": (plan.covered_before + gained) / total,
        "change": gained / total,
        "cost": cost,
        "cost_per_person": cost / gained if gained > 0 else np.nan,
    }
    columns = (
        Column("sites", "count"),
        Column("newly_covered", "people", evidence.whom_gained),
        *(Column(name, "share") for name in ("share_before", "share_after")),
        Column("change", "points"),
        *(Column(name, "yuan") for name in ("cost", "cost_per_person")),
    )
    notes = ("proved",) if plan.is_proved else ("not_proved",)
    frame = pd.DataFrame([row])
    return build_table("site_totals", columns, frame, notes=(*notes, "costs"), optional=("cost", "cost_per_person"))


def build_site_services(evidence: Evidence) -> Table | None:
    """Build what a plan for several services brings to each; a site that gives two of them costs for both."""
    plan = evidence.plan
    if plan is None or plan.sites.empty or plan.services.empty:
        return None
    given = [set(str(items).split(";")) for items in plan.sites["services"]]
    cost = plan.sites["cost"].to_numpy(float)
    spent = [sum(cost[row] for row, items in enumerate(given) if one in items) for one in plan.services["service"]]
    frame = plan.services.assign(cost=spent, change=plan.services["share_after"] - plan.services["share_before"])
    columns = (
        Column("service", "word", "item"),
        Column("sites", "count", "giving"),
        Column("newly_covered", "people", "any"),
        *(Column(name, "share") for name in ("share_before", "share_after")),
        Column("change", "points"),
        Column("cost", "yuan"),
        Column("unserved", "people", "any"),
    )
    return build_table("site_services", columns, frame, notes=("site_services", "costs"), optional=("cost",))


def build_sites(evidence: Evidence) -> Table | None:
    """Build the sites in build order with what each adds and costs, and what speaks for it."""
    plan = evidence.plan
    if plan is None or plan.sites.empty:
        return None
    frame = plan.sites.head(_MOST_SITES)
    names = {str(one): str(name) for one, name in evidence.study.districts["name"].items()}
    frame = frame.assign(
        county=[names.get(str(one), "") for one in frame["county"]],
        site_name=[str(name) or str(one) for name, one in zip(frame["name"], frame["site_id"], strict=True)],
    )
    loss, unit = frame["loss_without"], frame["loss_unit"]
    frame["loss_people"], frame["loss_minutes"] = loss.where(unit == "people"), loss.where(unit == "min")
    frame["loss_points"] = -loss.where(unit == "share")
    losses = (
        Column("loss_people", "people", evidence.whom_gained),
        Column("loss_minutes", "minutes"),
        Column("loss_points", "points"),
    )
    columns = (
        Column("order", "count"),
        Column("site_name", "text", "site"),
        Column("county", "text", "above"),
        Column("kind", "word", "kind"),
        *((Column("services", "word", "item"),) if len(plan.services) else ()),
        Column("newly_covered", "people", evidence.whom_gained),
        Column("cumulative_share", "share"),
        *(Column(name, "yuan") for name in ("cost", "cost_per_person")),
        *losses,
        Column("alternatives_within_1pct", "count"),
    )
    optional = ("county", "cost", "cost_per_person", *(one.id for one in losses))
    return build_table("sites", columns, frame, notes=("sites", "costs"), optional=optional)


def build_frontier(evidence: Evidence) -> Table | None:
    """Build the most people each number of sites, or sum of money, can cover."""
    if evidence.plan is None or len(evidence.plan.frontier) < 2:
        return None
    table = evidence.plan.frontier
    measure = MEASURES[table["measure"].iloc[0]]
    kinds: dict[str, CellKind] = {"min": "minutes", "share": "share", "people": "people"}
    # Sites and money that a share takes stand in columns of their own.
    is_own = measure.id != "covered" and measure.unit in kinds
    columns = (
        *((Column("target", "share"),) if "target" in table.columns else ()),
        Column("sites", "count"),
        Column("money", "yuan"),
        *((Column(measure.id, kinds[measure.unit], _whom(evidence, measure)),) if is_own else ()),
        Column("gained", "people", evidence.whom_gained),
        Column("share", "share"),
        Column("proof", "word", "report.proof"),
    )
    frame = table.rename(columns={"status": "proof", "value": measure.id})
    note = "frontier" if measure.id == "covered" else "frontier_aim"
    return build_table("frontier", columns, frame, notes=(note,), optional=("sites", "money"))


def _whom(evidence: Evidence, measure: Measure) -> str:
    return evidence.whom if measure.unit == "people" else ""


def build_unserved(evidence: Evidence) -> Table | None:
    """Build whom no site can bring inside, by the reason."""
    if evidence.plan is None or evidence.plan.unserved.empty:
        return None
    by = ["service", "reason"] if "service" in evidence.plan.unserved else ["reason"]
    frame = evidence.plan.unserved.groupby(by, observed=True)["people"].agg(["size", "sum"]).reset_index()
    frame = frame.rename(columns={"size": "places", "sum": "people"}).sort_values("people", ascending=False)
    columns = (
        *((Column("service", "word", "item"),) if "service" in by else ()),
        Column("reason", "word", "siting.reason"),
        Column("places", "count"),
        Column("people", "people", "any" if "service" in by else evidence.whom),
    )
    return build_table("unserved", columns, frame)


def build_years(evidence: Evidence) -> Table | None:
    """Build the plan by year, prefecture and level."""
    if evidence.plan is None or evidence.plan.years.empty:
        return None
    frame = evidence.plan.years.rename(columns={"prefecture_name": "prefecture_named"})
    columns = (
        Column("year", "year"),
        Column("prefecture_named", "text", "unit"),
        Column("level", "word", "level"),
        Column("number", "count"),
        Column("cost", "yuan"),
        Column("newly_covered", "people", evidence.whom_gained),
        *(Column(name, "share") for name in ("share_after", "study_share_after")),
    )
    return build_table("years", columns, frame, notes=("costs",), optional=("cost",))


def build_targets(evidence: Evidence) -> Table | None:
    """Build targets with base value, today's value and what is to go, each in its unit."""
    if evidence.answer.targets.empty:
        return None
    names = {str(one): str(name) for one, name in evidence.study.districts["name"].items()} | {"": TOTAL}
    units = [find_indicator(str(code)).unit for code in evidence.answer.targets["code"]]
    unit = ["index" if one in ("capacity", "trips") else one for one in units]
    to_go = evidence.answer.targets["to_go"].to_numpy(float)
    frame = evidence.answer.targets.assign(
        unit=unit,
        unit_name=[names.get(str(one), str(one)) for one in evidence.answer.targets["unit_id"]],
        base_year=evidence.answer.targets["base_year"].where(evidence.answer.targets["base_year"] > 0),
        today=evidence.answer.targets["value"],
        to_go=np.abs(to_go),
        met=np.where(evidence.answer.targets["is_met"], "met", np.where(np.isnan(to_go), "unknown", "open")),
    )
    columns = (
        Column("code", "word", "indicator"),
        Column("unit_name", "text", "unit"),
        Column("unit", "word", "report.unit"),
        Column("base_year", "year"),
        Column("base_value", "number"),
        Column("today", "number"),
        Column("target_year", "year"),
        Column("target_value", "number"),
        Column("to_go", "number", "difference"),
        Column("progress", "share"),
        Column("met", "word", "report.met"),
    )
    optional = ("base_year", "base_value", "progress")
    return build_table("targets", columns, frame, notes=("targets",), optional=optional)


def build_target_counts(evidence: Evidence) -> Table | None:
    """Build how many targets are met."""
    if evidence.answer.targets.empty:
        return None
    met, known = (
        evidence.answer.targets["is_met"].to_numpy(bool),
        evidence.answer.targets["value"].notna().to_numpy(bool),
    )
    row = {"targets": float(len(met)), "targets_met": float(met.sum()), "targets_open": float((known & ~met).sum())}
    return build_table("target_counts", tuple(Column(name, "count") for name in row), pd.DataFrame([row]))


def build_scenario(evidence: Evidence) -> Table | None:
    """Build a scenario beside today: one row of before, one of after, one of the difference."""
    found = evidence.comparison
    if found is None:
        return None
    before, after = found.before, found.after
    row = {
        "stations_before": float(found.stations_before),
        "stations_after": float(found.stations_after),
        "share_before": before.share_covered,
        "share_after": after.share_covered,
        "change": after.share_covered - before.share_covered,
        "newly_covered": found.newly_covered,
        "newly_lost": found.newly_lost,
        "mean_before": before.mean_min,
        "mean_after": after.mean_min,
    }
    columns = (
        *(Column(name, "count") for name in ("stations_before", "stations_after")),
        *(Column(name, "share") for name in ("share_before", "share_after")),
        Column("change", "points"),
        *(Column(name, "people", evidence.whom) for name in ("newly_covered", "newly_lost")),
        *(Column(name, "minutes") for name in ("mean_before", "mean_after")),
    )
    return build_table("scenario", columns, pd.DataFrame([row]), notes=("scenario",))


def build_scenario_units(evidence: Evidence, level: str) -> Table | None:
    """Build the units of a level that win or lose most people."""
    found = evidence.comparison
    if found is None or found.districts.empty:
        return None
    frame = drop_outside(found.districts, found.districts.index)
    frame = frame[frame["level"] == level]
    moved = frame["newly_covered"] + frame["newly_lost"]
    frame = frame.assign(change=frame["share_after"] - frame["share_before"], _moved=moved)[moved > 0]
    frame = frame.sort_values("_moved", ascending=False, kind="stable").head(2 * MOST_RANKED)
    columns = (
        Column("name", "text", "unit"),
        *(Column(name, "share") for name in ("share_before", "share_after")),
        Column("change", "points"),
        *(Column(name, "people", evidence.whom) for name in ("newly_covered", "newly_lost")),
    )
    return build_table("scenario_units", columns, frame)


def build_scenario_services(evidence: Evidence) -> Table | None:
    """Build the service items and levels a scenario changes."""
    found = evidence.comparison
    if found is None or found.services.empty:
        return None
    frame = found.services[found.services["newly_covered"] + found.services["newly_lost"] > 0]
    total = frame["total"].to_numpy(float)
    before, after = (frame[f"covered_{when}"].to_numpy(float) / total for when in ("before", "after"))
    words = [
        f"{'item' if what == 'service' else 'level'}.{one}"
        for what, one in zip(frame["what"], frame["id"], strict=True)
    ]
    frame = frame.assign(what=words, share_before=before, share_after=after, change=after - before)
    columns = (
        Column("what", "word"),
        *(Column(name, "share") for name in ("share_before", "share_after")),
        Column("change", "points"),
        *(Column(name, "people", "any") for name in ("newly_covered", "newly_lost")),
    )
    return build_table("scenario_services", columns, frame)
