"""Roads from line layers (GPKG, SHP, GeoJSON) whose lines are not joined at junctions."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from coverage.errors import DataIssue, InputError
from coverage.network.model import RoadLines
from coverage.network.settings import Mode
from coverage.progress import Progress, ignore_progress, report_progress
from geodata.files.crs import reproject_to_wgs84
from geodata.files.reading_border import reads_file
from geodata.intake.cells.vector_files import read_vector
from geodata.roads.node_lines import NodedLines, RepairReport, node_lines
from geodata.roads.road_assembly import apply_durations, build_profile_table
from geodata.roads.road_attributes import read_attributes
from geodata.roads.road_tags import Profile, read_way_tags

DEFAULT_SNAP_TOLERANCE_M = 2.0


@reads_file
def read_line_roads(
    source: Path | gpd.GeoDataFrame,
    mode: Mode,
    *,
    snap_tolerance_m: float = DEFAULT_SNAP_TOLERANCE_M,
    ferries: bool = False,
    progress: Progress = ignore_progress,
) -> tuple[RoadLines, RepairReport, tuple[DataIssue, ...]]:
    """Read a line layer and make it a network.

    Columns are found by name (OpenStreetMap's, those of shapefile extracts, Chinese ones); lines without
    a class count as ``unclassified``. Lines crossing on one level are joined there, unless bridge,
    tunnel or layer say otherwise; dangling ends are joined within the tolerance.

    Parameters
    ----------
    source
        A file, or a frame that was read already.
    mode
        How people travel.
    snap_tolerance_m
        How far a dangling end may be moved to meet another line [m].
    ferries
        True to use ferry lines too.
    progress
        Told the share done.

    Returns
    -------
    The road lines, what the repair did, and what was found in the data.

    Raises
    ------
    MissingInputError, InputError
        As `read_vector` and `reproject_to_wgs84` do; positions that are not on Earth; no road for this mode.
    """
    name = source.name if isinstance(source, Path) else "roads"
    report_progress(progress, 0.0, "roads.lines")
    frame, remarks = read_line_layer(source, progress=progress) if isinstance(source, Path) else (source, ())
    lines, rows, issues = _take_lines(frame, name)
    issues = [*remarks, *issues]
    report_progress(progress, 0.3, "roads.attributes")
    tags, found = read_attributes(frame, name)
    issues += found
    lines, rows, direction, profile, profiles = _keep_usable(lines, rows, tags, mode, ferries, name, issues)
    if len(lines) == 0:
        raise InputError("roads.none_usable", file=name, mode=mode)
    single = _find_singles(lines, direction, profile)
    dropped = len(lines) - len(single)
    report_progress(progress, 0.4, "roads.noding")
    level = tags["level"].to_numpy(dtype=np.int64)[rows]
    noded = node_lines(lines[single], level[single], snap_tolerance_m=snap_tolerance_m, duplicates_dropped=dropped)
    report_progress(progress, 1.0, "roads.noding")
    return _to_road_lines(noded, direction[single], profile[single], profiles, mode), noded.report, tuple(issues)


def read_line_layer(
    path: Path, *, progress: Progress = ignore_progress
) -> tuple[gpd.GeoDataFrame, tuple[DataIssue, ...]]:
    """Read the first layer of lines of a file (else its first layer), as `read_vector` does."""
    return read_vector(path, prefer_lines=True, progress=progress)


def _take_lines(
    frame: gpd.GeoDataFrame, name: str
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.int64], list[DataIssue]]:
    """Return single flat lines in WGS-84, the frame's row each came from, and what was left out."""
    issues: list[DataIssue] = []
    frame, remarks = reproject_to_wgs84(frame.reset_index(drop=True), name)
    issues += remarks
    shapes = np.asarray(frame.geometry.array, dtype=object)
    kind = shapely.get_type_id(shapes)
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    for code, which in (
        ("roads.geometry_empty", empty),
        ("roads.geometry_not_line", ~empty & ~np.isin(kind, (1, 2, 5))),
    ):
        if which.any():
            places = np.flatnonzero(which)
            rows = tuple((places[:20] + 2).tolist())
            issues.append(DataIssue(code, "rejected", name, len(places), rows=rows))
    good = np.flatnonzero(~empty & np.isin(kind, (1, 2, 5)))
    lines, origin = shapely.get_parts(shapely.force_2d(shapes[good]), return_index=True)
    bounds = shapely.bounds(lines)
    on_earth = (np.abs(bounds[:, (0, 2)]) <= 180.0).all(axis=1) & (np.abs(bounds[:, (1, 3)]) <= 90.0).all(axis=1)
    if not on_earth.all():
        raise InputError("roads.out_of_range", file=name, count=int((~on_earth).sum()))
    point_like = (bounds[:, 0] == bounds[:, 2]) & (bounds[:, 1] == bounds[:, 3])
    if point_like.any():
        rows = tuple((good[origin[point_like]][:20] + 2).tolist())
        issues.append(DataIssue("roads.geometry_point_like", "rejected", name, int(point_like.sum()), rows=rows))
    return lines[~point_like], good[origin[~point_like]], issues


def _keep_usable(
    lines: npt.NDArray[np.object_],
    rows: npt.NDArray[np.int64],
    tags: pd.DataFrame,
    mode: Mode,
    ferries: bool,
    name: str,
    issues: list[DataIssue],
) -> tuple[
    npt.NDArray[np.object_],
    npt.NDArray[np.int64],
    npt.NDArray[np.int8],
    npt.NDArray[np.int32],
    list[Profile],
]:
    """Judge each distinct combination of tags once; keep the lines this mode may use."""
    words = tags.drop(columns="level")
    combination = words.groupby(list(words.columns), sort=False, dropna=False).ngroup().to_numpy()
    _, first = np.unique(combination, return_index=True)
    size = len(first)
    direction, profile = np.zeros(size, dtype=np.int8), np.full(size, -1, dtype=np.int32)
    profiles: dict[Profile, int] = {}
    counts = np.bincount(combination[rows], minlength=size)
    reversible = 0
    unreadable: dict[str, list[str | int]] = {}
    for number, values in enumerate(words.iloc[first].itertuples(index=False, name=None)):
        stated = {key: value for key, value in zip(words.columns, values, strict=True) if value}
        travel = read_way_tags(stated, mode, ferries=ferries)
        if isinstance(travel, str):
            reversible += int(counts[number]) if travel == "reversible" else 0
            continue
        direction[number] = travel.direction
        profile[number] = profiles.setdefault(travel.profile, len(profiles))
        for key, value in travel.unreadable:
            entry = unreadable.setdefault(key.split(":")[0], [value, 0])
            entry[1] = int(entry[1]) + int(counts[number])
    if reversible:
        issues.append(DataIssue("roads.reversible", "note", name, reversible))
    issues += [
        DataIssue(f"roads.{key}_unreadable", "note", name, int(count), column=key, value=str(value))
        for key, (value, count) in sorted(unreadable.items())
    ]
    per_line = combination[rows]
    usable = np.flatnonzero(profile[per_line] >= 0)
    per_line = per_line[usable]
    return lines[usable], rows[usable], direction[per_line], profile[per_line], list(profiles)


def _find_singles(
    lines: npt.NDArray[np.object_], direction: npt.NDArray[np.int8], profile: npt.NDArray[np.int32]
) -> npt.NDArray[np.int64]:
    """Return the places of the lines that do not repeat an earlier one, which way round it is drawn aside."""
    travelled = lines.copy()
    travelled[direction < 0] = shapely.reverse(lines[direction < 0])
    two_way = direction == 0
    travelled[two_way] = shapely.normalize(lines[two_way])
    keys = pd.DataFrame({"line": shapely.to_wkb(travelled), "two_way": two_way, "profile": profile})
    return np.flatnonzero(~keys.duplicated().to_numpy())


def _to_road_lines(
    noded: NodedLines,
    direction: npt.NDArray[np.int8],
    profile: npt.NDArray[np.int32],
    profiles: list[Profile],
    mode: Mode,
) -> RoadLines:
    run = direction[noded.piece_line]
    against = run < 0
    nothing = np.empty(0, dtype=np.int32)
    lines = RoadLines(
        mode=mode,
        lon=noded.lon,
        lat=noded.lat,
        delay_kind=np.zeros(len(noded.lon), dtype=np.uint8),
        delay_way=np.zeros(len(noded.lon), dtype=np.uint8),
        piece_from=np.where(against, noded.piece_to, noded.piece_from).astype(np.int32),
        piece_to=np.where(against, noded.piece_from, noded.piece_to).astype(np.int32),
        piece_oneway=run != 0,
        piece_profile=profile[noded.piece_line].astype(np.int32),
        profiles=build_profile_table(profiles),
        ban_from=nothing,
        ban_via=nothing,
        ban_to=nothing,
        ban_only=np.empty(0, dtype=bool),
    )
    return apply_durations(lines, noded.piece_line)
