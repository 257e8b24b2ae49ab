"""Maps of a report as data: which layers lie over each other, in WGS-84, with people in every band."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.access.gap_table import draw_cells, find_cell_m
from coverage.answer.answer import Answer
from coverage.inputs.study import Study
from coverage.scenario.compare import Comparison
from coverage.tables.report_value import Figure, MapLayer
from coverage.tables.unit_tables import MOST_GAPS
from coverage.units import is_within
from geodata.answers.run_siting import Suggestion
from geodata.maps.palette import build_bands
from geodata.maps.simple_shapes import find_road_classes, simplify_outlines, take_lines

CRS = "EPSG:4326"
_OUTLINE_VERTICES = 20_000
_MAIN_ROADS: tuple[tuple[str, ...], ...] = (("motorway", "trunk"), ("primary",), ("secondary",))
_ROAD_VERTICES = 20_000
_MOST_STATIONS = 3000
_LINK_KM = 2.0


def build_maps(
    study: Study,
    answer: Answer,
    *,
    suggestion: Suggestion | None = None,
    comparison: Comparison | None = None,
    wanted: Sequence[str],
) -> dict[str, tuple[Figure, ...]]:
    """Build the maps of the sections wanted, by id of the section.

    Parameters
    ----------
    study, answer, suggestion, comparison
        As for `geodata.documents.build.build_report`.
    wanted
        Ids of sections.
    """
    ground = [layer for layer in (build_boundary(study), build_roads(study)) if layer is not None]
    cutoff, whom = find_main_cutoff(answer), answer.assessment.weight_column
    stations = build_stations(study, answer)
    maps: dict[str, tuple[Figure, ...]] = {}

    def draw(section: str, figure_id: str, lower: list[MapLayer], upper: list[MapLayer | None]) -> None:
        layers = (*lower, *ground, *(layer for layer in upper if layer is not None))
        maps[section] = (Figure(figure_id, "map", layers=layers, cutoff_min=cutoff, whom=whom),)

    if "summary" in wanted or "situation" in wanted:
        section = next(one for one in wanted if one in ("summary", "situation"))
        draw(section, "map_reach", [build_bands_layer(answer, cutoff)], [stations])
    if "gaps" in wanted and len(answer.gaps):
        draw("gaps", "map_gaps", [], [build_gaps(answer), stations])
    if "sites" in wanted and suggestion is not None and len(suggestion.sites):
        gaps = build_gaps(answer) if len(answer.gaps) else None
        draw("sites", "map_sites", [], [gaps, stations, build_sites(suggestion)])
    if "scenario" in wanted and comparison is not None and len(comparison.points):
        change = build_change(answer, comparison)
        if len(change.frame):
            draw("scenario", "map_change", [change], [stations])
    return maps


def find_main_cutoff(answer: Answer) -> float:
    """Find the threshold that holds for most people, the lower among equals [min]."""
    cutoffs, where = np.unique(answer.assessment.cutoffs_min, return_inverse=True)
    if len(cutoffs) == 0:
        return answer.assessment.cutoff_min
    people = np.bincount(where, weights=answer.assessment.demand["weight"].to_numpy(float))
    return float(cutoffs[int(np.argmax(people))])


def build_boundary(study: Study) -> MapLayer | None:
    """Build the outlines of counties, or of the coarsest level that has several units; None without districts."""
    districts = study.districts
    if not len(districts):
        return None
    counts = districts["level"].value_counts().to_dict()
    levels = [level for level in ("county", "prefecture", "township", "village") if counts.get(level, 0) > 1]
    level = levels[0] if levels else str(districts["level"].iloc[0])
    simpler = simplify_outlines(districts[districts["level"] == level], _OUTLINE_VERTICES)
    frame = gpd.GeoDataFrame({"name": simpler["name"].to_numpy(object)}, geometry=simpler.geometry.to_numpy(), crs=CRS)
    return MapLayer("boundary", frame)


def build_roads(study: Study) -> MapLayer | None:
    """Build the main roads, the lesser classes left out where there are too many; None without any."""
    network = study.network
    if network is None or not network.road_count:
        return None
    classes = find_road_classes(network)
    west, south, east, north = _find_extent(study)
    tolerance = max(east - west, north - south) / 4000.0
    kept: list[gpd.GeoDataFrame] = []
    left = _ROAD_VERTICES
    for names in _MAIN_ROADS:
        lines = np.asarray(shapely.simplify(take_lines(network, np.isin(classes, names)), tolerance), object)
        if not len(lines):
            continue
        left -= int(shapely.get_num_coordinates(lines).sum())
        if left < 0 and kept:
            break
        kept.append(gpd.GeoDataFrame({"name": names[0]}, geometry=lines, index=range(len(lines)), crs=CRS))
    return MapLayer("roads", pd.concat(kept, ignore_index=True)) if kept else None


def _find_extent(study: Study) -> tuple[float, float, float, float]:
    if len(study.districts):
        west, south, east, north = study.districts.total_bounds.tolist()
        return west, south, east, north
    lon, lat = (study.demand[name].to_numpy(float) for name in ("lon", "lat"))
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def build_bands_layer(answer: Answer, cutoff_min: float) -> MapLayer:
    """Build the bands with the people in each, then who is beyond the last, has no way, and is unconnected.

    The limits are those of the palette of the threshold, as far as areas were drawn for them; neighbouring areas
    between are joined.
    """
    demand = answer.assessment.demand
    minutes, weight = demand["minutes"].to_numpy(np.float32), demand["weight"].to_numpy(float)
    connected = (demand["status"] != "unconnected").to_numpy(bool)
    areas = answer.areas.sort_values("to_min", kind="stable")
    limits = _choose_limits(areas["to_min"].to_numpy(float).tolist(), cutoff_min)
    rows: list[tuple[float, str, float, object]] = []
    inside = np.zeros(len(minutes), bool)
    low = 0.0
    for limit in dict.fromkeys(limits):
        mine = areas[(areas["to_min"] > low) & (areas["to_min"] <= limit)]
        now = is_within(minutes, limit)
        # At a threshold of no minutes there is nothing to draw.
        shape = None if mine.empty else mine.geometry.union_all() if len(mine) > 1 else mine.geometry.iloc[0]
        rows.append((limit, "within", float(weight[now & ~inside].sum()), shape))
        inside, low = now, limit
    over = np.isfinite(minutes) & ~inside
    no_route = connected & ~np.isfinite(minutes)
    for limit, kind, members in (
        (np.inf, "over", over),
        (np.nan, "no_route", no_route),
        (np.nan, "unconnected", ~connected),
    ):
        rows.append((limit, kind, float(weight[members].sum()), None))
    frame = pd.DataFrame(rows, columns=["band_min", "kind", "people", "geometry"])
    return MapLayer("bands", gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS))


def _choose_limits(drawn: list[float], cutoff_min: float) -> list[float]:
    """Choose limits of bands of those that were drawn: at most three up to the threshold and two beyond."""
    wanted = [band.high_min for band in build_bands(cutoff_min) if np.isfinite(band.high_min)]
    if set(wanted) <= set(drawn):
        return wanted
    inner, outer = [one for one in drawn if one <= cutoff_min], [one for one in drawn if one > cutoff_min]
    step = max(1, -(-len(inner) // 3))
    return [*sorted(inner[::-step][:3]), *outer[:2]]


def build_gaps(answer: Answer) -> MapLayer:
    """Build the largest gaps."""
    gaps = answer.gaps.head(MOST_GAPS)
    columns = {
        "gap_id": gaps.index.to_numpy(float),
        "people": gaps["people"].to_numpy(float),
        "district": gaps["name"].to_numpy(object),
    }
    return MapLayer("gaps", gpd.GeoDataFrame(columns, geometry=gaps.geometry.to_numpy(), crs=CRS))


def build_stations(study: Study, answer: Answer) -> MapLayer | None:
    """Build the stations that count, higher levels last so that they lie on top; None without any."""
    ranks = {level.id: level.rank for level in study.catalogue.levels}
    kinds = {kind.id: kind.family for kind in study.catalogue.kinds}
    table = study.stations.iloc[answer.assessment.chosen]
    if table.empty:
        return None
    rank = table["level"].map(ranks).fillna(99)
    table = table.loc[rank.sort_values(kind="stable").index[:_MOST_STATIONS][::-1]]
    columns = {
        "name": table["name"].to_numpy(object),
        "family": table["kind"].map(kinds).fillna("").to_numpy(object),
        "level": table["level"].to_numpy(object),
        "status": table["status"].to_numpy(object),
    }
    points = shapely.points(table["lon"].to_numpy(float), table["lat"].to_numpy(float))
    return MapLayer("stations", gpd.GeoDataFrame(columns, geometry=points, crs=CRS))


def build_sites(suggestion: Suggestion) -> MapLayer:
    """Build the suggested sites with their place in the order."""
    sites, catalogue = suggestion.sites, suggestion.basis.study.catalogue
    kinds = {kind.id: kind.family for kind in catalogue.kinds}
    columns = {
        "order": sites["order"].to_numpy(float),
        "name": [str(name) or str(one) for name, one in zip(sites["name"], sites["site_id"], strict=True)],
        # Of several services at once everybody counts for each, and that is no number of people.
        "people": np.where(len(suggestion.services), np.nan, sites["newly_covered"].to_numpy(float)),
        "family": sites["kind"].map(kinds).fillna("").to_numpy(object),
    }
    points = shapely.points(sites["lon"].to_numpy(float), sites["lat"].to_numpy(float))
    return MapLayer("sites", gpd.GeoDataFrame(columns, geometry=points, crs=CRS))


def build_change(answer: Answer, comparison: Comparison) -> MapLayer:
    """Build where people are newly inside, and newly outside, as the surroundings of their places."""
    rows = []
    cell_m = find_cell_m(answer.assessment.demand, _LINK_KM)
    for change, name in (("newly_covered", "gain"), ("newly_lost", "loss")):
        mine = comparison.points[comparison.points["change"] == change]
        if len(mine):
            shape = draw_cells(mine["lon"].to_numpy(float), mine["lat"].to_numpy(float), cell_m)
            rows.append((name, float(mine["weight"].sum()), shape))
    frame = pd.DataFrame(rows, columns=["change", "people", "geometry"])
    return MapLayer("change", gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS))
