"""What is filled in on the Sites page, and what it asks of the siting engine."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from coverage.inputs.question import Question
from coverage.inputs.site_costs import Amounts, SiteCosts
from coverage.inputs.study import Study
from coverage.siting.model.candidates import is_police_question
from coverage.siting.model.from_study import SiteQuota
from coverage.siting.plan.solve import SITING_METHODS, SitingMethod, SitingQuestion
from geodata.answers.siting_candidates import GENERATED_SOURCES, SitingOptions
from geodata.intake.read_site_costs import read_site_costs

# Objectives; ``bundle`` is that of ``mclp`` for several services at once.
FormMethod = SitingMethod | Literal["bundle"]
FORM_METHODS: tuple[FormMethod, ...] = ("mclp", "bundle", *(one for one in SITING_METHODS if one != "mclp"))
YUAN_PER_WAN = 10_000.0
# Objectives for which stations may close, and those for which a budget may stand in for the number of sites.
MOVING: tuple[FormMethod, ...] = ("mclp", "capacitated", "fair")
BY_MONEY: tuple[FormMethod, ...] = (*MOVING, "bundle", "bacop")
COMPLETE: tuple[FormMethod, ...] = ("lscp", "lscp-b")
OSM_ENDINGS: tuple[str, ...] = (".osm", ".pbf")


def _next_year() -> int:
    return dt.date.today().year + 1


@dataclass(frozen=True, slots=True)
class SitingForm:
    """What is filled in.

    Parameters
    ----------
    method, services
        The objective, and the items that ``bundle`` is about.
    limited_by, sites, budget_wan
        Whether the number of sites or money is limited, and the two numbers [10,000 yuan].
    percent
        Share of the people to cover, or floor of every county [%]; 100 is everybody.
    by_county, least_money, moves
        As in `coverage.siting.plan.solve.SitingQuestion`.
    sources
        Of `GENERATED_SOURCES`; None for the usual ones of the study.
    any_family, min_distance_km, spacing_km, exclude, quotas, required, forbidden
        As in `geodata.answers.run_siting.SitingOptions`.
    most_each
        New sites of any county that `quotas` does not name, at most; 0 for no limit.
    places, drawn
        The uploaded list or file of OpenStreetMap, and positions clicked on the map (lon, lat) [degrees].
    costs
        Edited class costs: section, id, yuan.
    per_year, first_year
        Sites a year, 0 for all in the first; the first year.
    time_limit_s
        Seconds for solving.
    """

    method: FormMethod = "mclp"
    services: tuple[str, ...] = ()
    limited_by: Literal["sites", "money"] = "sites"
    sites: int = 5
    budget_wan: float = 50.0
    percent: float = 95.0
    by_county: bool = False
    least_money: bool = False
    moves: int = 0
    sources: tuple[str, ...] | None = None
    any_family: bool = False
    places: Path | None = None
    drawn: tuple[tuple[float, float], ...] = ()
    costs: tuple[tuple[str, str, float], ...] = ()
    min_distance_km: float = 0.0
    spacing_km: float = 5.0
    exclude: Path | None = None
    quotas: tuple[SiteQuota, ...] = ()
    most_each: int = 0
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    per_year: int = 0
    first_year: int = field(default_factory=_next_year)
    time_limit_s: float = 60.0


def usual_sources(study: Study) -> tuple[str, ...]:
    """Return the sources of candidates that are on at first."""
    return ("item", "village") if len(study.districts) else ("item", "cluster")


def offered_sources(study: Study, question: Question) -> tuple[str, ...]:
    """Return the sources that can be asked for: existing places only where the police family is meant."""
    if is_police_question(study.catalogue, question.choice):
        return ("item",)
    return tuple(source for source in GENERATED_SOURCES if source != "village" or len(study.districts))


def find_sources(form: SitingForm, study: Study, question: Question) -> tuple[str, ...]:
    """Return the sources that are on."""
    wanted = usual_sources(study) if form.sources is None else form.sources
    offered = offered_sources(study, question)
    return offered if offered == ("item",) else tuple(source for source in offered if source in wanted)


def build_question(form: SitingForm) -> SitingQuestion:
    """Build what is asked of the model; fields that an objective has no use for are left out."""
    share = form.percent / 100.0 if form.percent < 100.0 else None
    if form.method == "lscp":
        return SitingQuestion("lscp", share=share, by_county=form.by_county, least_money=form.least_money)
    if form.method == "lscp-b":
        return SitingQuestion("lscp-b", least_money=form.least_money)
    is_money = form.limited_by == "money"
    if form.method == "bundle":
        return SitingQuestion(
            "mclp",
            sites=None if is_money else form.sites,
            budget=form.budget_wan * YUAN_PER_WAN if is_money else None,
            services=form.services,
        )
    if form.method not in BY_MONEY:
        return SitingQuestion(form.method, sites=form.sites)
    return SitingQuestion(
        form.method,
        sites=None if is_money else form.sites,
        budget=form.budget_wan * YUAN_PER_WAN if is_money else None,
        share=share if form.method == "fair" else None,
        moves=form.moves if form.method in MOVING else 0,
    )


def build_costs(form: SitingForm) -> SiteCosts:
    """Return the class costs with what was edited."""
    usual = read_site_costs()
    return replace(
        usual,
        kind=_put(usual.kind, form, "kind"),
        item=_put(usual.item, form, "item"),
        closing=_put(usual.closing, form, "closing"),
    )


def _put(amounts: Amounts, form: SitingForm, section: str) -> Amounts:
    return tuple(sorted((dict(amounts) | {key: yuan for of, key, yuan in form.costs if of == section}).items()))


def is_osm_file(path: Path | None) -> bool:
    """Tell whether an uploaded file is one of OpenStreetMap, and no list of places."""
    return path is not None and path.suffix.lower() in OSM_ENDINGS


def build_options(form: SitingForm, study: Study, question: Question) -> SitingOptions:
    """Build candidates and limits; only what the police rule and the study allow is asked for."""
    is_police = is_police_question(study.catalogue, question.choice)
    is_osm = is_osm_file(form.places)
    each = (SiteQuota(at_most=form.most_each),) if form.most_each else ()
    return SitingOptions(
        sources=find_sources(form, study, question),
        candidates=None if is_police or is_osm else form.places,
        places=form.places if is_osm and not is_police else None,
        exclude=form.exclude,
        costs=build_costs(form),
        drawn=() if is_police else form.drawn,
        any_family=form.any_family,
        min_distance_km=form.min_distance_km,
        spacing_km=form.spacing_km,
        required=form.required,
        forbidden=form.forbidden,
        quotas=(*form.quotas, *each) if len(study.districts) else (),
        per_year=form.per_year or None,
        first_year=form.first_year,
        time_limit_s=form.time_limit_s,
    )
