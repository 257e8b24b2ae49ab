"""Taking what is hidden out of a report, before anything is rendered: so every format obeys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from coverage.model import Study
from coverage.network import BoolArray
from coverage.report.redaction import HiddenStations, Redaction, find_hidden, find_shown_units
from coverage.report.suppression import suppress_small
from coverage.report.value import Fact, Figure, Finding, MapLayer, Report, Table
from coverage.stations import StationChoice, select_stations

NOTE_REDACTED, NOTE_SUPPRESSED = "redacted", "suppressed"
_STATIONS = "stations"
_TextRule = Callable[[str], tuple[str, frozenset[int]]]


def redact_report(report: Report, redaction: Redaction, study: Study, choice: StationChoice) -> Report:
    """Take what a redaction hides out of a report.

    Hidden stations are shown as the township they lie in (the next coarser unit where there is none): its name
    instead of theirs, a place that stands for it instead of theirs. Their ids, the names of finer units around them,
    their distances to the road, and areas around one of them alone are removed. Sentences are read again from the
    tables, and those that have lost a value are left out.

    Parameters
    ----------
    report
        As it was built.
    redaction
        What to hide.
    study
        The study the report is about.
    choice
        Which stations its areas are drawn around.

    Returns
    -------
    A report whose `redaction` says what was hidden; the same one if nothing is to hide.
    """
    if redaction.hides_nothing:
        return report
    hidden = find_hidden(study, redaction)
    rule = hidden.build_text_rule()
    fields = dict(redaction.fields)
    stations = study.stations.loc[select_stations(study.stations, study.catalogue, choice)]
    units = find_lonely_units(hidden, stations, study)
    tables: dict[str, Table] = {}
    suppressed = 0
    for table_id, table in report.tables().items():
        kept = _keep_fields(table, fields.get(table_id))
        shown = redact_table(kept, hidden, rule, units) if hidden else kept
        rows, count = suppress_small(shown, redaction.suppress_under)
        suppressed += count
        notes = (*shown.notes, NOTE_SUPPRESSED) if count else shown.notes
        tables[table_id] = replace(shown, rows=rows, notes=notes)
    sections = tuple(
        replace(
            section,
            findings=tuple(
                told for finding in section.findings if (told := _tell_again(finding, tables, rule)) is not None
            ),
            tables=tuple(tables[table.id] for table in section.tables),
            figures=tuple(
                redact_figure(figure, hidden, stations) for figure in section.figures if _has_columns(figure, tables)
            ),
        )
        for section in report.sections
    )
    return replace(report, sections=sections, redaction=describe_redaction(redaction, hidden, suppressed))


def describe_redaction(redaction: Redaction, hidden: HiddenStations, suppressed: int = 0) -> dict[str, object]:
    """Return what was hidden as plain JSON; it tells no id and no name of a station."""
    return {
        "families": sorted(redaction.families),
        "kinds": sorted(redaction.kinds),
        "stations": len(hidden.stations),
        "suppress_under": redaction.suppress_under,
        "suppressed_cells": suppressed,
        "fields": {name: list(columns) for name, columns in redaction.fields},
    }


def _keep_fields(table: Table, wanted: tuple[str, ...] | None) -> Table:
    if wanted is None:
        return table
    columns = tuple(column for column in table.columns if column.id in wanted)
    return replace(table, columns=columns, rows=table.rows[[column.id for column in columns]])


def find_lonely_units(hidden: HiddenStations, stations: pd.DataFrame, study: Study) -> dict[str, str]:
    """Find units finer than what is shown whose counted stations are all hidden, and the name shown instead.

    A row that says of a village that it has a station would tell where that is.
    """
    is_hidden = stations.index.astype(str).isin(hidden.stations.index)
    public = find_shown_units(study, stations["district_id"].astype(str).tolist())[1]
    open_units = {name for inner, mine in zip(public, is_hidden, strict=True) if not mine for name in inner}
    shown = hidden.stations["shown_name"].to_dict()
    return {
        name: str(shown[station])
        for station in stations.index[is_hidden].astype(str)
        for name in hidden.finer[station]
        if name not in open_units
    }


def redact_table(
    table: Table, hidden: HiddenStations, rule: _TextRule, units: Mapping[str, str] | None = None
) -> Table:
    """Take hidden stations out of the cells of a table.

    Parameters
    ----------
    table, hidden
        The table, and what is hidden.
    rule
        As `HiddenStations.build_text_rule` returns.
    units
        As `find_lonely_units` returns; looked for where a table counts stations.
    """
    rows = table.rows.copy()
    concerned: list[set[int]] = [set() for _ in range(len(rows))]
    texts = [column.id for column in table.columns if column.kind == "text"]
    for name in texts:
        cells = []
        for number, value in enumerate(rows[name].tolist()):
            text, found = rule(value) if isinstance(value, str) else (value, frozenset())
            concerned[number] |= found
            cells.append(text)
        rows[name] = pd.Series(cells, rows.index, dtype=rows[name].dtype if rows[name].dtype != object else object)
    moved = _move_degrees(table, rows, hidden, concerned)
    mine = np.array([bool(found) for found in concerned], bool)
    renamed = _rename_units(rows, texts, units or {}) if _STATIONS in rows.columns else False
    if not mine.any() and not renamed:
        return table
    for name in texts:
        rows[name] = [
            "" if isinstance(value, str) and _is_finer(value, found, hidden) else value
            for value, found in zip(rows[name].tolist(), concerned, strict=True)
        ]
    for column in table.columns:
        if column.kind == "metres" or (column.kind == "degrees" and column.id not in moved):
            rows[column.id] = rows[column.id].mask(mine, np.nan)
    return replace(table, rows=rows, notes=(*table.notes, NOTE_REDACTED))


def _rename_units(rows: pd.DataFrame, texts: list[str], units: Mapping[str, str]) -> bool:
    is_any = False
    has_station = (rows[_STATIONS] > 0).to_numpy(bool)
    for name in texts:
        told = rows[name].isin(list(units)).to_numpy(bool) & has_station
        if told.any():
            is_any = True
            rows[name] = [units[value] if mine else value for value, mine in zip(rows[name], told, strict=True)]
    return is_any


def _is_finer(text: str, found: set[int], hidden: HiddenStations) -> bool:
    return any(text in hidden.finer.get(str(hidden.stations.index[row]), frozenset()) for row in found)


def _move_degrees(table: Table, rows: pd.DataFrame, hidden: HiddenStations, concerned: list[set[int]]) -> set[str]:
    """Move places of hidden stations, note whose they were, and return the columns that were looked at."""
    degrees = {column.id for column in table.columns if column.kind == "degrees"}
    texts = [column.id for column in table.columns if column.kind == "text"]
    # Another station may stand at the same place and not be hidden.
    is_public = rows[texts].isin(hidden.public).any(axis=1).to_numpy(bool) & np.array([not one for one in concerned])
    looked: set[str] = set()
    for lon in sorted(name for name in degrees if name.endswith("lon")):
        lat = f"{lon.removesuffix('lon')}lat"
        if lat not in degrees:
            continue
        looked |= {lon, lat}
        found = hidden.find_places(rows[lon].to_numpy(float), rows[lat].to_numpy(float))
        at = (found >= 0) & ~is_public
        for number in np.flatnonzero(at):
            concerned[number].add(int(found[number]))
        for name, shown in ((lon, "shown_lon"), (lat, "shown_lat")):
            values = rows[name].to_numpy(float).copy()
            values[at] = hidden.stations[shown].to_numpy(float)[found[at]]
            rows[name] = values
    return looked


def _tell_again(finding: Finding, tables: dict[str, Table], rule: _TextRule) -> Finding | None:
    """Read the facts of a sentence again from their cells; None if one is no longer there."""
    facts: list[Fact] = []
    for fact in finding.facts:
        value = fact.value
        if fact.cell is not None:
            rows = tables[fact.cell.table].rows
            if fact.cell.column not in rows.columns:
                return None
            value = rows[fact.cell.column].iloc[fact.cell.row]
        elif isinstance(value, str) and fact.kind == "text":
            value = rule(value)[0]
        if value == "" and fact.value != "":
            return None
        if isinstance(value, float | np.floating) and np.isnan(value) and not _is_missing(fact.value):
            return None
        facts.append(replace(fact, value=value.item() if isinstance(value, np.generic) else value))
    return replace(finding, facts=tuple(facts))


def _is_missing(value: object) -> bool:
    return isinstance(value, float) and np.isnan(value)


def _has_columns(figure: Figure, tables: dict[str, Table]) -> bool:
    """Tell whether a chart still has what it draws."""
    if not figure.table:
        return True
    return {figure.label, *figure.values} - {""} <= set(tables[figure.table].rows.columns)


def redact_figure(figure: Figure, hidden: HiddenStations, stations: pd.DataFrame) -> Figure:
    """Take hidden stations out of the layers of a map.

    Parameters
    ----------
    figure, hidden
        The figure, and what is hidden.
    stations
        The stations its bands are drawn around.
    """
    if not hidden:
        return figure
    return replace(figure, layers=tuple(_redact_layer(layer, hidden, stations) for layer in figure.layers))


def _redact_layer(layer: MapLayer, hidden: HiddenStations, stations: pd.DataFrame) -> MapLayer:
    if layer.kind == "bands":
        return MapLayer(layer.kind, remove_lonely_areas(layer.frame, hidden, stations))
    if layer.kind in ("stations", "sites"):
        return MapLayer(layer.kind, move_points(layer.frame, hidden))
    return layer


def move_points(frame: gpd.GeoDataFrame, hidden: HiddenStations) -> gpd.GeoDataFrame:
    """Move the points of a map that are hidden stations, and name them by their unit; those without one go."""
    if frame.empty:
        return frame
    shapes = np.asarray(frame.geometry.to_numpy(), object)
    found = hidden.find_places(shapely.get_x(shapes), shapely.get_y(shapes))
    own = frame["name"].astype(str).to_numpy(object)
    # Another station may stand at the same place and not be hidden: its family or its name tells.
    if "family" in frame.columns:
        is_public = ~frame["family"].isin(hidden.families).to_numpy(bool) & frame["name"].isin(hidden.public).to_numpy()
    else:
        is_public = frame["name"].isin(hidden.public).to_numpy(bool)
    mine = (found >= 0) & ~is_public
    if not mine.any():
        return frame
    shown = hidden.stations.iloc[found[mine]]
    moved = shapes.copy()
    moved[mine] = shapely.points(shown["shown_lon"].to_numpy(float), shown["shown_lat"].to_numpy(float))
    names_after = own.copy()
    names_after[mine] = shown["shown_name"].to_numpy(object)
    result = frame.assign(name=pd.Series(names_after, frame.index, dtype=str)).set_geometry(
        gpd.GeoSeries(moved, index=frame.index, crs=frame.crs)
    )
    homeless = np.zeros(len(frame), bool)
    homeless[mine] = shown["shown_lon"].isna().to_numpy(bool)
    return result.loc[~homeless]


def remove_lonely_areas(frame: gpd.GeoDataFrame, hidden: HiddenStations, stations: pd.DataFrame) -> gpd.GeoDataFrame:
    """Take out of areas the parts that lie around one station alone, if it is hidden.

    Parameters
    ----------
    frame
        Polygons; parts of the same polygon may lie apart.
    hidden
        What is hidden.
    stations
        The stations the areas are drawn around: index station_id, lon and lat.
    """
    is_hidden = np.asarray(stations.index.astype(str).isin(hidden.stations.index), bool)
    if frame.empty or not is_hidden.any():
        return frame
    places = stations[["lon", "lat"]].to_numpy(float)
    points: npt.NDArray[np.object_] = np.asarray(shapely.points(places), object)
    shapes = [_keep_parts(shape, points, is_hidden) for shape in frame.geometry]
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))


def _keep_parts(shape: Any, points: npt.NDArray[np.object_], is_hidden: BoolArray) -> Any:
    if shape is None or shape.is_empty:
        return shape
    parts = shapely.get_parts(shape)
    # A ring lies around what its inner border encloses.
    filled = np.array([shapely.Polygon(part.exterior) if part.geom_type == "Polygon" else part for part in parts])
    holders = np.full(len(points), -1)
    part_of, point = shapely.STRtree(points).query(filled, predicate="intersects")
    # The smallest part around a station is the one it lies in.
    for part in np.argsort(-shapely.area(filled)):
        holders[point[part_of == part]] = part
    inside = holders >= 0
    around = np.bincount(holders[inside], minlength=len(parts))
    hidden_around = np.bincount(holders[inside & is_hidden], minlength=len(parts))
    is_lonely = (around == 1) & (hidden_around == 1)
    if not is_lonely.any():
        return shape
    kept = parts[~is_lonely]
    return kept[0] if len(kept) == 1 else shapely.multipolygons(kept)
