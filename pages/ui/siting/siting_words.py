"""What sites and plans are called, and what a plan brings, in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from coverage.errors import DataIssue
from coverage.inputs.study import Study
from coverage.inputs.unit_levels import number_districts
from coverage.siting.model.candidates import find_county_level
from coverage.siting.plan.solve import TIME_METHODS
from geodata.answers.run_siting import Suggestion
from geodata.answers.write_suggestion import summarise_suggestion
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import terms
from pages.ui.siting.siting_form import YUAN_PER_WAN

_GENERATED = ("cluster", "junction", "drawn")
# Classes of places that OpenStreetMap tells of.
_PLACES = ("post_office", "townhall", "community_centre", "courthouse", "police", "insurance", "car_dealer")


def name_sites(table: pd.DataFrame, tr: Translator) -> list[str]:
    """Name candidates; generated ones, which have an id only, by their source and number.

    Parameters
    ----------
    table
        With the columns name and source; the ids are the index, or the column site_id.
    tr
        The words.
    """
    ids = table["site_id"] if "site_id" in table.columns else table.index
    return [
        tr(f"siting.name.{source}", number=str(site_id).rpartition("-")[2])
        if source in _GENERATED and str(name).startswith(f"{source}-")
        else str(name)
        for site_id, name, source in zip(ids, table["name"], table["source"], strict=True)
    ]


def name_kinds(study: Study, kinds: pd.Series, tr: Translator) -> list[str]:
    """Name kinds of stations."""
    named = {kind.id: terms.say(kind.name, tr) for kind in study.catalogue.kinds}
    return [named.get(str(one), str(one)) for one in kinds]


def name_counties(study: Study, counties: pd.Series) -> list[str]:
    """Name counties; empty outside any."""
    named = study.districts["name"].to_dict()
    return [str(named.get(str(one), "")) for one in counties]


def name_counties_of(study: Study, districts: pd.Series) -> list[str]:
    """Name the counties that districts lie in; empty outside any."""
    level = find_county_level(study)
    if level is None:
        return [""] * len(districts)
    names = np.append(np.array(level.names[: level.unit_count], object), "")
    unit = np.asarray(level.of_district)[number_districts(study, districts)]
    return [str(one) for one in names[np.minimum(unit, level.unit_count)]]


def say_money(yuan: float, tr: Translator) -> str:
    """Say an amount: in 10,000 yuan in Chinese, in yuan in English."""
    if tr.language == "en":
        return tr("siting.wan", amount=number_format.number(yuan))
    wan = yuan / YUAN_PER_WAN
    return tr("siting.wan", amount=number_format.number(wan, 0 if wan >= 100 or wan == round(wan) else 1))


def say_plan(found: Suggestion, tr: Translator) -> str:
    """Say in a sentence what a plan brings."""
    told = summarise_suggestion(found)
    asked = found.asked
    unit = terms.unit_suffix(asked.weight_column, tr)
    count = len(found.sites)
    before, after = (float(str(told[f"share_{when}"])) for when in ("before", "after"))
    decimals = number_format.choose_decimals(before, after)
    facts: dict[str, str | int] = {
        "count": count,
        "gained": number_format.people_short(float(str(told["newly_covered"])), tr.language) + unit,
        "before": number_format.percent(before, decimals),
        "after": number_format.percent(after, decimals),
        "circle": terms.standard_name(found.question, tr),
        "cost": say_money(float(str(told["cost"])), tr),
    }
    if count and found.siting.services:
        return tr("siting.headline_services", services=len(found.siting.services), **facts)
    if count and (found.sites["station_id"] != "").all():  # nothing is founded
        return tr("siting.headline_items", **facts)
    return tr("siting.headline", **facts) if count else tr("siting.headline_none", **facts)


def say_closed(found: Suggestion, tr: Translator) -> str:
    """Name the existing stations that a plan closes; "" where none closes."""
    asked, closed = found.asked, np.asarray(found.solved.answer.closed, np.int64)
    if not len(closed):
        return ""
    names = found.basis.study.stations["name"].iloc[asked.station_row[closed - len(asked.candidates)]]
    return tr("siting.closed", count=len(closed), names=tr("list.comma").join(names.astype(str)))


def say_issue(study: Study, issue: DataIssue, tr: Translator) -> DataIssue:
    """Return a finding with the candidate it tells of called as people see it."""
    source, _, number = str(issue.value).partition("-")
    if source in _GENERATED and number:
        return replace(issue, value=tr(f"siting.name.{source}", number=number))
    named = {"village": study.districts, "item": study.stations}.get(source)
    if named is not None and number in named.index:
        return replace(issue, value=str(named.loc[number, "name"]))
    return replace(issue, value=tr(f"siting.place.{issue.value}")) if issue.value in _PLACES else issue


def say_aim_reached(found: Suggestion, tr: Translator) -> str:
    """Say what else the objective is about: times, the worst county, people served; "" for plain cover."""
    told, method = summarise_suggestion(found), found.siting.method
    asked = found.asked
    if method == "p-median":
        before, after = (
            number_format.minutes(float(str(told[name])), tr.language, 1)
            for name in ("mean_min_before", "mean_min_after")
        )
        return tr("siting.reached.p-median", before=before, after=after)
    if method == "p-center":
        before, after = (
            number_format.minutes(_find_longest(minutes, asked.problem.weight), tr.language)
            for minutes in (asked.minutes_before, found.minutes_after)
        )
        return tr("siting.reached.p-center", before=before, after=after)
    if method == "fair" and found.solved.worst is not None:
        floor = found.siting.share or 1.0
        return tr("siting.reached.fair", share=number_format.percent(found.solved.worst * floor))
    if told["covered_twice_after"] is not None:
        before, after = (
            number_format.people(float(str(told[f"covered_twice_{when}"]))) + terms.unit_suffix(asked.weight_column, tr)
            for when in ("before", "after")
        )
        return tr("siting.reached.twice", before=before, after=after)
    if method == "capacitated" and told["served"] is not None:
        served, everybody = float(str(told["served"])), max(float(asked.problem.weight.sum()), 1e-300)
        return tr(
            "siting.reached.capacitated",
            people=number_format.people(served) + terms.unit_suffix(asked.weight_column, tr),
            share=number_format.percent(served / everybody),
        )
    return ""


def _find_longest(minutes: np.ndarray, weight: np.ndarray) -> float:
    known = minutes[np.isfinite(minutes) & (weight > 0)]
    return float(known.max()) if len(known) else float("nan")


def say_proof(found: Suggestion, tr: Translator) -> str:
    """Say how good a plan is proved to be: how much better any other could still be."""
    answer, siting = found.solved.answer, found.siting
    if answer.status == "infeasible":
        if siting.method not in TIME_METHODS:
            return tr("siting.proof.infeasible")
        people = float(found.asked.problem.weight[answer.unserved].sum())
        unit = terms.unit_suffix(found.asked.weight_column, tr)
        return tr("siting.proof.others", people=number_format.people(people) + unit)
    if answer.status == "optimal" or answer.gap == 0.0:
        return tr("siting.proof.optimal")
    away = abs(answer.bound - answer.objective)
    total = max(float(found.asked.problem.weight.sum()), 1e-300)
    if siting.method == "p-median":
        least = tr("siting.still.mean", minutes=number_format.number(away / total, 2))
    elif siting.method == "p-center":
        least = tr("siting.still.longest", minutes=number_format.number(away, 1))
    elif siting.method == "bacop":
        least = tr("siting.still.twice", people=number_format.people(away))
    elif siting.method in ("lscp", "lscp-b"):
        is_money = siting.least_money
        least = tr("siting.still.money", money=say_money(away, tr)) if is_money else _say_fewer(away, tr)
    else:
        least = tr("siting.still.people", people=number_format.people(away))
    stopped = "stopped" if answer.status == "cancelled" else "time"
    return tr(f"siting.proof.{stopped}", still=least, gap=number_format.percent(answer.gap, 2))


def _say_fewer(away: float, tr: Translator) -> str:
    return tr("siting.still.sites", count=number_format.number(np.ceil(away - 1e-9)))


def say_losses(sites: pd.DataFrame, tr: Translator) -> list[str]:
    """Say what the plan is worse by without each site, in the unit of its row."""
    said = []
    for loss, unit in zip(sites["loss_without"], sites["loss_unit"], strict=True):
        if unit == "people":
            value = number_format.people(loss)
        else:
            value = number_format.number(loss, 1) if unit == "min" else number_format.number(loss * 100.0, 1)
        said.append(tr(f"siting.loss.{unit}", value=value))
    return said
