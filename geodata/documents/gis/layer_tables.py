"""The layers of a report as tables: everything a geographic information system should see of an assessment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.answer.answer import Answer
from coverage.inputs.bilingual_names import Name
from coverage.inputs.indicator_registry import find_indicator
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Catalogue, Study
from coverage.inputs.unit_levels import drop_outside
from coverage.network.model import IntArray
from coverage.siting.model.candidates import is_police_question
from geodata.files.crs import WGS84

if TYPE_CHECKING:  # what it is made with comes with a solver, which most reports do without
    from geodata.answers.run_siting import Suggestion

LAYER_NAMES: tuple[str, ...] = ("areas", "districts", "demand", "gaps", "stations", "sites")


@dataclass(frozen=True, slots=True, eq=False)
class ReportLayers:
    """The layers of a report, each in WGS-84; a layer may be empty.

    Parameters
    ----------
    stations
        Points, index station_id: name, kind, family, level, services (ids with ``;`` between), hours, capacity,
        status, operator, code, open_date, cost [yuan], district_id, is_counted (whether the question chose it).
    demand
        Points, index demand_id: population, weight (whom the question counts), district_id, minutes (NaN without a
        finite time), station_id ("" without one), access_m, status.
    districts
        Polygons, index district_id: name, level, parent_id, stations, has_station, total, covered, beyond, no_route,
        unconnected, share_covered, mean_min, median_min, p90_min, then every indicator of units under its code with
        ``_`` for ``.``, but not those of single items.
    gaps
        Polygons, index gap_id, as `coverage.access.gap_table.tabulate_gaps` returns: name, district_id, district_ids,
        people, points, lon, lat, status, beyond, no_route, unconnected, station_id, median_min, missing, remedy,
        remedy_people, remedy_people_total, remedy_station_id, remedy_lon, remedy_lat, remedy_road_m.
    areas
        Polygons, index area_id: from_min, to_min [min], area_km2; bands that share only outlines.
    sites
        Points, index order: site_id, name, kind, family, cost, newly_covered, cumulative_share, county, station_id,
        source; is_new_police for what would be a new police place.
    cutoff_min
        The threshold that splits the colours [min].
    names
        What kinds, levels and families are called, by ``kind.<id>``, ``level.<id>`` and ``family.<id>``.
    attribution
        Where the data are from.
    """

    stations: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    gaps: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    cutoff_min: float = 30.0
    names: Mapping[str, Name] = field(default_factory=dict)
    attribution: str = ""

    def tables(self) -> dict[str, gpd.GeoDataFrame]:
        """Return the layers that hold something by name, the lowest first."""
        return {name: frame for name in LAYER_NAMES if len(frame := getattr(self, name))}


def build_layers(answer: Answer, suggestion: Suggestion | None = None) -> ReportLayers:
    """Build the layers of a report; nothing is hidden here, whoever publishes them redacts first.

    Parameters
    ----------
    answer
        What follows from the question.
    suggestion
        The proposed sites, None without.
    """
    study, found = answer.basis.study, answer.assessment
    return ReportLayers(
        stations=_lay_stations(study, found.chosen),
        demand=_lay_demand(found.demand),
        districts=_lay_districts(study, found.districts, answer.indicators),
        gaps=answer.gaps,
        areas=answer.areas.drop(columns="station_id").rename_axis("area_id"),
        sites=_lay_sites(study.catalogue, suggestion, found.choice),
        cutoff_min=float(found.cutoff_min),
        names=_name_ids(study.catalogue),
        attribution=study.attribution,
    )


def _lay_stations(study: Study, chosen: IntArray) -> gpd.GeoDataFrame:
    stations = study.stations
    family = {kind.id: kind.family for kind in study.catalogue.kinds}
    counted = np.zeros(len(stations), bool)
    counted[chosen] = True
    table = stations.drop(columns=["lon", "lat"]).assign(
        services=pd.Series([";".join(items) for items in stations["services"]], stations.index, dtype=str),
        is_counted=counted,
    )
    table.insert(2, "family", stations["kind"].map(family).fillna("general").astype(str))
    return _as_points(table, stations)


def _lay_demand(demand: pd.DataFrame) -> gpd.GeoDataFrame:
    minutes = demand["minutes"].to_numpy(np.float64)
    table = demand.drop(columns=["lon", "lat"]).assign(
        minutes=np.where(np.isfinite(minutes), minutes, np.nan), status=demand["status"].astype(str)
    )
    return _as_points(table.rename_axis("demand_id"), demand)


def _lay_districts(study: Study, totals: pd.DataFrame, indicators: pd.DataFrame) -> gpd.GeoDataFrame:
    known = study.districts.index
    units = indicators[indicators["unit_id"].isin(known)]
    codes = [str(code) for code in units["code"].unique()]
    kept = [code for code in codes if find_indicator(code).detail in ("", "level")]
    wide = units[units["code"].isin(kept)].pivot_table(
        index="unit_id", columns="code", values="value", aggfunc="first", observed=True
    )
    shown = wide.reindex(columns=[code for code in kept if code in wide.columns]).reindex(known)
    shown.columns = [code.replace(".", "_") for code in shown.columns]
    table = drop_outside(totals, totals.index).reindex(known).drop(columns=["name", "level", "parent_id"])
    whole = pd.concat([study.districts[["name", "level", "parent_id"]], table, shown], axis=1)
    return gpd.GeoDataFrame(whole.rename_axis("district_id"), geometry=study.districts.geometry, crs=WGS84)


_SITE_COLUMNS = [
    "site_id",
    "name",
    "kind",
    "cost",
    "newly_covered",
    "cumulative_share",
    "county",
    "station_id",
    "source",
]


def _lay_sites(catalogue: Catalogue, suggestion: Suggestion | None, choice: StationChoice) -> gpd.GeoDataFrame:
    if suggestion is None:
        empty = pd.DataFrame({name: pd.Series(dtype=object) for name in (*_SITE_COLUMNS, "family", "is_new_police")})
        return gpd.GeoDataFrame(empty.rename_axis("order"), geometry=gpd.GeoSeries([], crs=WGS84))
    sites = suggestion.sites.set_index("order")
    family = {kind.id: kind.family for kind in catalogue.kinds}
    table = sites[_SITE_COLUMNS].copy()
    table.insert(3, "family", sites["kind"].map(family).fillna("general").astype(str))
    is_police = (table["family"] == "police") | is_police_question(catalogue, choice)
    return _as_points(table.assign(is_new_police=is_police & (sites["station_id"] == "")), sites)


def _as_points(table: pd.DataFrame, places: pd.DataFrame) -> gpd.GeoDataFrame:
    points = gpd.points_from_xy(places["lon"], places["lat"])
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(points, index=table.index, crs=WGS84), crs=WGS84)


def _name_ids(catalogue: Catalogue) -> dict[str, Name]:
    return {
        **{f"family.{each.id}": each.name for each in catalogue.families},
        **{f"level.{each.id}": each.name for each in catalogue.levels},
        **{f"kind.{each.id}": each.name for each in catalogue.kinds},
    }
