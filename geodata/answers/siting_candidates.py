"""Candidates of a study: where they come from, and the limits on them, from files and settings to one table."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import shapely

from coverage.access.assessment import find_weight_column
from coverage.errors import DataIssue, SettingsError
from coverage.inputs.far_away import find_far, name_far
from coverage.inputs.question import Question
from coverage.inputs.site_costs import Amounts, SiteCosts
from coverage.inputs.study import Study
from coverage.progress import Progress, ignore_progress
from coverage.siting.model.candidate_sources import (
    find_clusters,
    find_junctions,
    find_village_seats,
    list_drawn,
    list_item_hosts,
    list_places,
)
from coverage.siting.model.candidates import CandidateRules, gather_candidates
from coverage.siting.model.from_study import SiteQuota
from coverage.travel.travel_basis import TravelBasis
from geodata.intake.read_candidates import read_candidates, read_excluded
from geodata.intake.read_places import read_places
from geodata.intake.read_site_costs import DEFAULT_SITE_COSTS, read_site_costs
from geodata.studies.study_file import DEFAULT_MARGIN_KM

GENERATED_SOURCES: tuple[str, ...] = ("item", "village", "cluster", "junction")


@dataclass(frozen=True, slots=True)
class SitingOptions:
    """Where candidates come from, and the limits on them.

    Parameters
    ----------
    sources
        Of `GENERATED_SOURCES`; None for the usual: none beside a list of candidates or places, else items and
        village seats (clusters, where the study has no districts).
    candidates, places, exclude, costs
        Files: the user's list, an OpenStreetMap file, areas without sites, class costs (or the costs themselves).
    item_costs
        What adding some items costs [yuan], by item id, instead of the class costs.
    drawn
        Positions (lon, lat) drawn by the user [degrees].
    any_family
        Stations of every family may add the item, and places of every kind.
    min_distance_km, spacing_km
        Least distance to stations of the choice; spacing of clusters and junctions [km].
    required, forbidden, relocatable
        Ids of sites that must open or stay shut, and of stations that may close (all if moves are allowed and
        none is named).
    quotas
        New sites by county.
    limit_min
        Longest way looked at where times are improved; four times the largest threshold if not given [min].
    per_year, first_year
        Sites a year for the plan by years; None for no such plan.
    time_limit_s
        Seconds for solving; None until it is proved.
    """

    sources: tuple[str, ...] | None = None
    candidates: Path | None = None
    places: Path | None = None
    exclude: Path | None = None
    costs: Path | SiteCosts | None = None
    item_costs: Amounts = ()
    drawn: tuple[tuple[float, float], ...] = ()
    any_family: bool = False
    min_distance_km: float = 0.0
    spacing_km: float = 5.0
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    relocatable: tuple[str, ...] = ()
    quotas: tuple[SiteQuota, ...] = ()
    limit_min: float | None = None
    per_year: int | None = None
    first_year: int = 1
    time_limit_s: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CandidateList:
    """Where a site could open, and what was left out.

    Parameters
    ----------
    table
        After `coverage.siting.model.candidates.CANDIDATE_COLUMNS`.
    rejected
        Rows of the user's list that were left out.
    issues
        Findings about candidates.
    """

    table: pd.DataFrame
    rejected: pd.DataFrame
    issues: tuple[DataIssue, ...]


@dataclass(slots=True)
class FoundParts:
    """Candidates and findings while they are gathered."""

    parts: list[pd.DataFrame] = field(default_factory=list)
    issues: list[DataIssue] = field(default_factory=list)
    rejected: pd.DataFrame = field(default_factory=pd.DataFrame)


def find_costs(options: SitingOptions) -> SiteCosts:
    """Return the class costs that hold: those given, those of a file, else the planner's own assumptions."""
    costs = options.costs
    known = costs if isinstance(costs, SiteCosts) else read_site_costs(costs or DEFAULT_SITE_COSTS)
    return replace(known, item=tuple(sorted({**dict(known.item), **dict(options.item_costs)}.items())))


def list_candidates(
    basis: TravelBasis, question: Question, options: SitingOptions, *, progress: Progress = ignore_progress
) -> CandidateList:
    """List the candidates of every source that is asked for, the user's own first, less those that may not be used.

    Raises
    ------
    InputError
        If a file cannot be used, or a required or forbidden site is not among them.
    """
    found = find_parts(basis, question, options, find_costs(options), progress)
    table, issues = gather_candidates(basis.study, question.choice, found.parts, read_rules(options, found))
    return CandidateList(table, found.rejected, (*found.issues, *issues))


def find_parts(
    basis: TravelBasis, question: Question, options: SitingOptions, costs: SiteCosts, progress: Progress
) -> FoundParts:
    """Gather the candidates of every source that is asked for, the user's own first."""
    study, choice = basis.study, question.choice
    found = FoundParts()
    if options.candidates is not None:
        read = read_candidates(options.candidates, study.catalogue, costs)
        table, issues = list_places(study, choice, read.table, costs, any_kind=True)
        found.parts.append(table)
        lon, lat = read.table["lon"].to_numpy(float), read.table["lat"].to_numpy(float)
        far = find_far(lon, lat, study.districts, DEFAULT_MARGIN_KM)
        named = read.table["name"].astype(str)[far].tolist()
        rows = () if read.rows is None else tuple(int(row) for row in read.rows[far][:20])
        away = name_far("candidates.far_away", options.candidates.name, named, rows, DEFAULT_MARGIN_KM)
        found.issues += [*read.issues, *issues, *away]
        found.rejected = read.rejected
    if options.drawn:
        found.parts.append(list_drawn(study, choice, costs, list(options.drawn)))
    if options.places is not None:
        places = read_places(options.places, progress=progress)
        table, issues = list_places(study, choice, places, costs, any_kind=options.any_family)
        found.parts.append(table)
        found.issues += issues
    weight = study.demand[find_weight_column(study, choice)].to_numpy(float)
    for source in find_sources(study, options):
        if source == "item":
            found.parts.append(list_item_hosts(study, choice, costs, any_family=options.any_family))
        elif source == "village":
            found.parts.append(find_village_seats(study, choice, weight, costs))
        elif source == "cluster":
            found.parts.append(find_clusters(study, choice, weight, costs, spacing_km=options.spacing_km))
        else:
            network = basis.timed.network
            found.parts.append(find_junctions(study, choice, network, costs, spacing_km=options.spacing_km))
    return found


def find_sources(study: Study, options: SitingOptions) -> tuple[str, ...]:
    """Return the generated sources that are on: those asked for, else the usual ones where no list is given."""
    if options.sources is not None:
        unknown = [source for source in options.sources if source not in GENERATED_SOURCES]
        if unknown:
            choices = ", ".join(GENERATED_SOURCES)
            raise SettingsError("settings.unknown_choice", name="sources", value=unknown[0], choices=choices)
        return options.sources
    if options.candidates is not None or options.places is not None or options.drawn:
        return ()
    return ("item", "village") if len(study.districts) else ("item", "cluster")


def read_rules(options: SitingOptions, found: FoundParts) -> CandidateRules:
    """Return which candidates may not be used; findings about the excluded areas are added to those there are."""
    return CandidateRules(
        excluded=_read_areas(options, found),
        min_distance_m=options.min_distance_km * 1000.0,
        required=options.required,
        forbidden=options.forbidden,
    )


def _read_areas(options: SitingOptions, found: FoundParts) -> tuple[shapely.Geometry, ...]:
    if options.exclude is None:
        return ()
    areas, issues = read_excluded(options.exclude)
    found.issues += issues
    return areas
