"""Taking what is hidden out of the layers of a report: what is left may be published as it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.inputs.schema import DISTRICT_LEVELS
from coverage.inputs.study import Study
from coverage.report.redact_maps import remove_lonely_areas
from coverage.report.redaction import HiddenStations, Redaction, find_hidden, find_shown_places
from coverage.tables.suppression import find_small_values
from geodata.documents.gis.layer_tables import ReportLayers

_FINEST_SHOWN = DISTRICT_LEVELS.index("township")
# Columns of people by layer, within which small numbers are left empty.
_PEOPLE: dict[str, tuple[str, ...]] = {
    "demand": ("population", "weight"),
    "districts": ("total", "covered", "beyond", "no_route", "unconnected"),
    "gaps": ("people", "beyond", "no_route", "unconnected", "remedy_people", "remedy_people_total"),
    "sites": ("newly_covered",),
}
_SHARES: dict[str, tuple[str, ...]] = {"districts": ("share_covered",), "sites": ("cumulative_share",)}
# What only a station itself has, and could be looked up by.
_OWN = ("hours", "capacity", "code", "open_date", "cost", "address")


def redact_layers(layers: ReportLayers, redaction: Redaction, study: Study) -> ReportLayers:
    """Take what a redaction hides out of the layers of a report.

    Hidden stations stand at the place of their township under its name and a new id, without hours, capacity, code,
    date and cost. People whose nearest station is hidden keep their class; their minutes, which together would
    give the place away, are removed with its id. Counts of stations of units finer than a township, and areas around
    one hidden station alone, are removed, and what a gap or a proposed site tells of a hidden place.

    Parameters
    ----------
    layers
        As they were built.
    redaction
        What to hide.
    study
        The study they are about.

    Returns
    -------
    New layers; the same ones if nothing is to hide.
    """
    if redaction.hides_nothing:
        return layers
    hidden = find_hidden(study, redaction)
    found = _hide_stations(layers, hidden, study) if hidden else layers
    tables: dict[str, Any] = {
        name: _suppress(name, table, redaction.suppress_under) for name, table in found.tables().items()
    }
    for name, kept in redaction.fields:
        if name in tables:
            table = tables[name]
            tables[name] = table[[column for column in table.columns if column in (*kept, table.geometry.name)]]
    return replace(found, **tables)


def _hide_stations(layers: ReportLayers, hidden: HiddenStations, study: Study) -> ReportLayers:
    counted = layers.stations.loc[layers.stations["is_counted"]]
    places = study.stations.loc[counted.index, ["lon", "lat"]]
    return replace(
        layers,
        stations=_hide_points(layers.stations, hidden),
        demand=_hide_nearest(layers.demand, hidden),
        districts=_hide_counts(layers.districts, counted, hidden),
        gaps=_hide_gaps(layers.gaps, hidden),
        areas=remove_lonely_areas(layers.areas, hidden, places),
        sites=_hide_sites(layers.sites, hidden, study),
    )


def _hide_points(stations: gpd.GeoDataFrame, hidden: HiddenStations) -> gpd.GeoDataFrame:
    mine = np.asarray(stations.index.astype(str).isin(hidden.stations.index), bool)
    shown = hidden.stations.loc[stations.index[mine].astype(str)]
    table = stations.copy()
    for column in (name for name in _OWN if name in table.columns):
        empty: float | str = np.nan if pd.api.types.is_float_dtype(table[column]) else ""
        table[column] = table[column].mask(mine, empty)
    table.loc[mine, "name"] = shown["shown_name"].to_numpy(object)
    if "district_id" in table.columns:
        table.loc[mine, "district_id"] = shown["unit_id"].to_numpy(object)
    table = _move(table, mine, shown)
    ids = np.where(mine, "", table.index.astype(str).to_numpy(object)).astype(object)
    ids[mine] = shown["shown_id"].to_numpy(object)
    table = table.set_axis(pd.Index(ids.astype(str), name=stations.index.name))
    # The order of the rows would tell which was which.
    number = [int(one.removeprefix("hidden-")) if own else 0 for one, own in zip(ids, mine, strict=True)]
    return table.iloc[np.argsort(number, kind="stable")]


def _move(table: gpd.GeoDataFrame, mine: np.ndarray, shown: pd.DataFrame) -> gpd.GeoDataFrame:
    shapes = np.asarray(table.geometry.to_numpy(), object).copy()
    lon, lat = shown["shown_lon"].to_numpy(float), shown["shown_lat"].to_numpy(float)
    moved = np.asarray(shapely.points(lon, lat), object)
    moved[np.isnan(lon)] = shapely.Point()
    shapes[mine] = moved
    return table.set_geometry(gpd.GeoSeries(shapes, index=table.index, crs=table.crs))


def _hide_nearest(demand: gpd.GeoDataFrame, hidden: HiddenStations) -> gpd.GeoDataFrame:
    mine = demand["station_id"].isin(hidden.stations.index)
    return demand.assign(station_id=demand["station_id"].mask(mine, ""), minutes=demand["minutes"].mask(mine, np.nan))


def _hide_counts(districts: gpd.GeoDataFrame, counted: gpd.GeoDataFrame, hidden: HiddenStations) -> gpd.GeoDataFrame:
    """Remove from villages whether they have a station, if hidden ones are among those counted."""
    if districts.empty or not counted.index.astype(str).isin(hidden.stations.index).any():
        return districts
    fine = districts["level"].isin(DISTRICT_LEVELS[_FINEST_SHOWN + 1 :]).to_numpy(bool)
    concerned = [name for name in districts.columns if name in ("stations", "has_station") or name.startswith("A1_")]
    return districts.assign(**{name: districts[name].astype(float).mask(fine, np.nan) for name in concerned})


def _hide_gaps(gaps: gpd.GeoDataFrame, hidden: HiddenStations) -> gpd.GeoDataFrame:
    ids = hidden.stations.index
    nearest, remedy = gaps["station_id"].isin(ids), gaps["remedy_station_id"].isin(ids)
    at = hidden.find_places(gaps["remedy_lon"].to_numpy(float), gaps["remedy_lat"].to_numpy(float)) >= 0
    place = remedy | at
    return gaps.assign(
        station_id=gaps["station_id"].mask(nearest, ""),
        remedy_station_id=gaps["remedy_station_id"].mask(remedy, ""),
        remedy_lon=gaps["remedy_lon"].mask(place, np.nan),
        remedy_lat=gaps["remedy_lat"].mask(place, np.nan),
        remedy_road_m=gaps["remedy_road_m"].mask(place, np.nan),
    )


def _hide_sites(sites: gpd.GeoDataFrame, hidden: HiddenStations, study: Study) -> gpd.GeoDataFrame:
    """Move proposed sites at hidden stations, and places of hidden kinds that are none yet."""
    if sites.empty:
        return sites
    shapes = np.asarray(sites.geometry.to_numpy(), object)
    lon, lat = shapely.get_x(shapes), shapely.get_y(shapes)
    ids = sites["station_id"].astype(str)
    mine = (ids.isin(hidden.stations.index) | sites["kind"].isin(hidden.kinds)).to_numpy(bool)
    mine = mine | (hidden.find_places(lon, lat) >= 0) & sites["family"].isin(hidden.families).to_numpy(bool)
    if not mine.any():
        return sites
    shown = find_shown_places(study, lon[mine], lat[mine])
    table = sites.copy()
    table.loc[mine, ["site_id", "station_id"]] = ""
    table.loc[mine, "name"] = shown["shown_name"].to_numpy(object)
    return _move(table, mine, shown)


def _suppress(name: str, table: gpd.GeoDataFrame, under: float) -> gpd.GeoDataFrame:
    people = [column for column in _PEOPLE.get(name, ()) if column in table.columns]
    if under <= 0 or not people or table.empty:
        return table
    small = find_small_values(table[people].to_numpy(float), under)
    columns = {
        column: table[column].astype(float).mask(small[:, number], np.nan) for number, column in enumerate(people)
    }
    shares = [column for column in _SHARES.get(name, ()) if column in table.columns]
    columns |= {column: table[column].mask(np.asarray(small.any(axis=1), bool), np.nan) for column in shares}
    return table.assign(**columns)
