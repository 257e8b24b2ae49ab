"""The travel basis of a study whose stations were edited: what did not move is not joined to the roads again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from coverage.inputs.study import Study
from coverage.inputs.unit_levels import number_station_districts
from coverage.network.model import IntArray
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.travel.snapping import Snapped, find_nets, snap_points
from coverage.travel.travel_basis import TravelBasis, build_travel_basis, change_basis, find_level_units
from coverage.travel.travel_time import Places, place_points


def change_stations(basis: TravelBasis, study: Study) -> TravelBasis:
    """Return a basis for the same study with other stations: only those that are new or elsewhere are joined anew.

    Parameters
    ----------
    basis
        The basis.
    study
        `basis.study` with further stations at the end, or with stations that moved or changed; its roads, people
        and districts are the same.

    Notes
    -----
    Where a station makes a small net on its own a true one, or leaves it, people are joined to the roads anew as well.
    """
    old, new = basis.study.stations, study.stations
    lon, lat = new["lon"].to_numpy(float), new["lat"].to_numpy(float)
    touched = np.ones(len(new), bool)
    touched[: len(old)] = (lon[: len(old)] != old["lon"].to_numpy(float)) | (
        lat[: len(old)] != old["lat"].to_numpy(float)
    )
    rows = np.flatnonzero(touched)
    if not len(rows) and not basis.own_level:
        return replace(basis, study=study)
    if len(rows) and not np.array_equal(find_nets(basis.snap_index, lon, lat), basis.snap_index.is_net):
        return build_travel_basis(
            study, season=basis.season, direction=basis.direction, own_level=basis.own_level, closed=basis.closed
        )
    joined = snap_points(basis.snap_index, lon[rows], lat[rows])
    snap = study.settings.snap
    unit = None
    if basis.own_level:
        unit = find_level_units(study, basis.own_level, number_station_districts(study))
    places = place_points(basis.timed, joined, snap)
    kept = np.flatnonzero(~touched)
    return replace(
        basis,
        study=study,
        station_snapped=_merge_snapped(basis.station_snapped, kept, joined, rows),
        stations=_merge_places(basis.stations, kept, places, rows, unit=unit),
    )


def change_roads(basis: TravelBasis, study: Study, *, progress: Progress = ignore_progress) -> TravelBasis:
    """Return a basis for the same study with other roads closed or slowed, and perhaps other stations.

    The network is priced anew and everything has to be searched again, but people stay where they met the roads,
    which is most of the work of a new basis.

    Parameters
    ----------
    basis
        The basis.
    study
        `basis.study` after edits.
    progress
        Told the share done.
    """
    report_progress(progress, 0.0, "network")
    roads_only = replace(study, stations=basis.study.stations)
    priced = change_basis(replace(basis, study=roads_only))
    report_progress(progress, 0.9, "snap")
    changed = change_stations(priced, study)
    report_progress(progress, 1.0, "snap")
    return changed


def _merge_snapped(first: Snapped, kept: npt.NDArray[np.intp], second: Snapped, rows: npt.NDArray[np.intp]) -> Snapped:
    """Return the kept points of one set under their numbers, and all of another under the numbers `rows`."""
    order = np.argsort(np.concatenate((kept, rows)))
    names = Snapped.__slots__
    return Snapped(*(np.concatenate((getattr(first, name)[kept], getattr(second, name)))[order] for name in names))


def _merge_places(
    first: Places,
    kept: npt.NDArray[np.intp],
    second: Places,
    rows: npt.NDArray[np.intp],
    *,
    unit: IntArray | None,
) -> Places:
    """Return the places of the kept points under their numbers, and those of another set under the numbers `rows`."""
    stay = np.isin(first.point, kept)
    point = np.concatenate((first.point[stay], rows[second.point])).astype(np.int32)
    order = np.argsort(point, kind="stable")

    access = np.concatenate((first.access_s[kept], second.access_s))
    return Places(
        point=point[order],
        edge=np.concatenate((first.edge[stay], second.edge))[order],
        from_tail_s=np.concatenate((first.from_tail_s[stay], second.from_tail_s))[order],
        to_head_s=np.concatenate((first.to_head_s[stay], second.to_head_s))[order],
        access_s=access[np.argsort(np.concatenate((kept, rows)))],
        unit=unit,
    )
