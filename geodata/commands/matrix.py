"""The command that writes travel times between two lists of places."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
import pandas as pd

from coverage.errors import DataIssue
from coverage.network.settings import MODES, Mode, SnapSettings
from coverage.travel.matrix import PAIR_REASONS, EmptyPairs, compute_matrix, find_empty_pairs
from coverage.travel.snapping import build_snap_index
from coverage.travel.travel_time import build_timed_network
from geodata.commands.command_line import FILE, StderrProgress, command, tell_issues
from geodata.files.folders import network_cache_folder
from geodata.files.write_tables import write_csv
from geodata.intake.measured_regions import find_region, propose_region, read_default_speeds
from geodata.intake.read_points import read_points
from geodata.intake.read_speeds import read_speeds
from geodata.roads.network_cache import open_network
from geodata.words.i18n import Translator


@click.command()
@click.option("--network", required=True, type=FILE, help="Road file: OSM, GraphML or line layer.")
@click.option("--origins", required=True, type=FILE, help="CSV with id, lon, lat.")
@click.option("--destinations", required=True, type=FILE, help="CSV with id, lon, lat.")
@click.option("--mode", type=click.Choice(MODES), default="drive", show_default=True)
@click.option("--speeds", type=FILE, help="Speed table (TOML); measured car speeds if not given.")
@click.option("--province", default="", help="Whose measured speeds: CN-XJ, 65, 新疆; by position if not given.")
@click.option("--season", default="summer", show_default=True)
@click.option("--out", required=True, type=FILE, help="CSV to write.")
@command
def matrix(
    network: Path,
    origins: Path,
    destinations: Path,
    mode: Mode,
    speeds: Path | None,
    province: str,
    season: str,
    out: Path,
    translator: Translator,
) -> None:
    """Travel times between two lists of places; where there is none, the minutes are empty and the reason is given."""
    progress = StderrProgress(translator)
    start, end = read_points(origins), read_points(destinations)
    tell_issues((*start.issues, *end.issues), translator)
    places = [(read.table["lon"].to_numpy(float), read.table["lat"].to_numpy(float)) for read in (start, end)]
    region = find_region(province) if province else propose_region((), *places[0])
    table = read_speeds(speeds) if speeds else read_default_speeds(mode, region.id)
    roads, _ = open_network(network, mode, table.classes, folder=network_cache_folder(), progress=progress)
    # A place of the list that lies on a motorway is a place on the motorway.
    snap = SnapSettings(motorway_within_m=1.0)
    timed = build_timed_network(roads, table, season=season)
    # A small net on its own counts where a destination stands on it.
    index = build_snap_index(roads, snap, own=places[1])
    minutes = compute_matrix(timed, index, snap, *places, progress=progress)
    empty = find_empty_pairs(index, minutes, *places)
    tell_issues(_list_reasons(empty, network.name, snap), translator)
    rows, columns = minutes.shape
    result = pd.DataFrame(
        {
            "origin_id": np.repeat(start.table.index.to_numpy(object), columns),
            "destination_id": np.tile(end.table.index.to_numpy(object), rows),
            "minutes": minutes.ravel(),
            "reason": np.array(PAIR_REASONS, object)[empty.reason.ravel()],
            "origin_road_m": np.repeat(empty.origin_road_m, columns).round(1),
            "destination_road_m": np.tile(empty.destination_road_m, rows).round(1),
        }
    )
    write_csv(out, result, with_mark=False)
    click.echo(out)


def _list_reasons(empty: EmptyPairs, source: str, snap: SnapSettings) -> list[DataIssue]:
    """List why pairs have no time."""
    count = dict(
        zip(PAIR_REASONS, np.bincount(empty.reason.ravel(), minlength=len(PAIR_REASONS)).tolist(), strict=True)
    )
    issues = []
    far = count["origin_far"] + count["destination_far"] + count["both_far"]
    if far:
        farthest_m = max(empty.origin_road_m.max(), empty.destination_road_m.max())
        facts = (("limit", round(snap.max_access_m)), ("farthest_km", round(float(farthest_m) / 1000.0, 1)))
        issues.append(DataIssue("matrix.far", "warning", source, far, facts=facts))
    issues += [
        DataIssue(f"matrix.{reason}", "warning", source, count[reason])
        for reason in ("other_net", "no_way")
        if count[reason]
    ]
    return issues
