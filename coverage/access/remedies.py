"""What would help a gap: every remedy is computed anew before it is named.

Remedies, from the least to the most that must be done: ``item`` (an existing place of the same
family adds the item), ``road`` (a link to the nearest road from which a station is reached),
``point`` (a new point), ``mobile`` (a stop of a service vehicle), ``remote`` (a channel without
travel). Mobile and remote remedies are layers of their own and are never added to fixed points.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from coverage.access.assessment import Assessment
from coverage.access.explain import NEW_ROAD_KPH, select_without_item
from coverage.access.layer_coverage import find_remote_share
from coverage.inputs.stations import StationChoice
from coverage.network.model import BoolArray, IntArray
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.travel.near_roads import LONGEST_LINK_M, MissingLink, find_missing_link, find_open_roads, interpolate
from coverage.travel.place_to_stations import compute_to_all, turn_around
from coverage.travel.reach import compute_reach
from coverage.travel.route import Spot, find_spot
from coverage.travel.travel_basis import TravelBasis
from coverage.travel.travel_time import Places
from coverage.units import conformal_scale, is_within, to_conformal

REMEDIES: tuple[str, ...] = ("item", "road", "point", "mobile", "remote")
REMEDY_COLUMNS: tuple[str, ...] = (
    "gap_id",
    "remedy",
    "station_id",  # the place that adds the item, "" otherwise
    "lon",
    "lat",  # where the point or stop would be, or where the link would meet an open road
    "road_m",  # length of the link, 0 otherwise
    "newly_covered_gap",
    "newly_covered",  # everywhere, the gap included
    "is_suggested",
)
POLICE_FAMILY = "police"


@dataclass(frozen=True, slots=True)
class RemedySettings:
    """By which rule a remedy is suggested.

    Parameters
    ----------
    least_share
        Share of the gap's people it must cover to be suggested before a costlier one.
    least_people_point
        Fewest people of a gap for which a new fixed point is suggested.
    new_road_kph, longest_road_m
        Speed on a link [km/h], and the longest link that is considered [m].
    hosts
        Existing places tried for a gap.
    """

    least_share: float = 0.5
    least_people_point: float = 1000.0
    new_road_kph: float = NEW_ROAD_KPH
    longest_road_m: float = LONGEST_LINK_M
    hosts: int = 3


@dataclass(frozen=True, slots=True, eq=False)
class _Gap:
    gap_id: int
    members: IntArray  # rows of demand
    spot: Spot  # its heaviest point
    centre: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """A remedy to be computed: a place that would count as a station, with seconds added to its access."""

    gap: _Gap
    remedy: str
    station_id: str
    lon: float
    lat: float
    place: Places
    link: MissingLink | None = None


def find_remedies(
    basis: TravelBasis,
    assessment: Assessment,
    gap_of: IntArray,
    *,
    top: int = 10,
    settings: RemedySettings | None = None,
    progress: Progress = ignore_progress,
) -> pd.DataFrame:
    """Compute what each remedy would change for the largest gaps, and suggest one for each.

    Parameters
    ----------
    basis, assessment
        The study joined to its roads, and its answer.
    gap_of
        The gap of each demand point as `coverage.access.gaps.find_gaps` tells, shape (p,).
    top
        How many gaps, from number 1 on.
    settings
        The rule.
    progress
        Told the share done.

    Returns
    -------
    `REMEDY_COLUMNS`, for every gap those remedies that are possible at all. The first of `REMEDIES`
    that covers at least `least_share` of the gap's people is suggested, else the one that covers
    most of them; none where nothing covers anybody.

    Notes
    -----
    For each gap one search from its heaviest point and at most five bounded ones. A new point of
    the police family is never proposed: only items at existing places.
    """
    rule = settings or RemedySettings()
    gaps = [_gather(basis, assessment, gap_of, number) for number in range(1, min(top, int(gap_of.max(initial=0))) + 1)]
    trials: list[_Trial] = []
    outward = turn_around(basis) if gaps else basis.timed
    usable = _UsableStations(basis, assessment.chosen)
    hosts = _find_hosts(basis, assessment.choice)
    for done, gap in enumerate(gaps):
        report_progress(progress, 0.5 * done / len(gaps), "remedies")
        minutes = compute_to_all(basis, outward, gap.spot.places)
        trials += _try_hosts(basis, gap, hosts, minutes, rule.hosts)
        trials += _try_points(basis, gap)
        trials += _try_road(basis, assessment, gap, usable, rule)
    rows = _evaluate(basis, assessment, gap_of, trials, rule, progress)
    rows += _count_remote(basis, assessment, gaps)
    return _suggest(basis, assessment, gaps, rows, rule)


class _UsableStations:
    """The chosen stations that residents of a unit may go to, and the roads from which one is reached."""

    def __init__(self, basis: TravelBasis, chosen: IntArray) -> None:
        self._basis, self._chosen = basis, chosen
        self._known: dict[int, tuple[Places, BoolArray]] = {}

    def find(self, spot: Spot) -> tuple[Places, BoolArray]:
        """Return the stations for residents of a place, and a mask of open roads, shape (r,)."""
        unit = -1 if spot.places.unit is None else int(spot.places.unit[0])
        if unit not in self._known:
            rows = self._chosen[self._basis.find_allowed(unit)[self._chosen]]
            stations = replace(self._basis.stations.subset(rows.astype(np.intp)), unit=None)
            self._known[unit] = stations, find_open_roads(self._basis, stations)
        return self._known[unit]


def _gather(basis: TravelBasis, assessment: Assessment, gap_of: IntArray, number: int) -> _Gap:
    members = np.flatnonzero(gap_of == number).astype(np.int32)
    part = assessment.demand.iloc[members]
    weight = part["weight"].to_numpy(float)
    lon, lat = part["lon"].to_numpy(float), part["lat"].to_numpy(float)
    heaviest = int(np.argmax(weight))
    spot = find_spot(basis, float(lon[heaviest]), float(lat[heaviest]))
    return _Gap(number, members, spot, (float(np.average(lon, weights=weight)), float(np.average(lat, weights=weight))))


def is_police(basis: TravelBasis, choice: StationChoice) -> bool:
    """Tell whether a choice is about the police family, for which no new post is proposed."""
    family = choice.family or (basis.study.catalogue.item(choice.service).family if choice.service else "")
    return family == POLICE_FAMILY


def _find_hosts(basis: TravelBasis, choice: StationChoice) -> BoolArray:
    return select_without_item(basis, choice) if choice.service else np.zeros(len(basis.study.stations), bool)


def _try_hosts(
    basis: TravelBasis, gap: _Gap, hosts: BoolArray, minutes: npt.NDArray[np.float32], count: int
) -> list[_Trial]:
    rows = np.flatnonzero(hosts & np.isfinite(minutes))
    rows = rows[np.argsort(minutes[rows], kind="stable")][:count]
    table = basis.study.stations
    return [
        _Trial(
            gap,
            "item",
            str(table.index[row]),
            float(table["lon"].iloc[row]),
            float(table["lat"].iloc[row]),
            basis.stations.subset(np.array([row])),
        )
        for row in rows.tolist()
    ]


def _try_points(basis: TravelBasis, gap: _Gap) -> list[_Trial]:
    """Try a point on the road at the gap's centre and one at its heaviest place."""
    trials = []
    for spot in (find_spot(basis, *gap.centre), gap.spot):
        if spot.snapped.road[0] >= 0:
            at = interpolate(basis.timed.network, spot.snapped)
            place = replace(spot.places, access_s=np.zeros(1))
            trials.append(_Trial(gap, "point", "", *at, place))
    return trials


def _try_road(
    basis: TravelBasis, assessment: Assessment, gap: _Gap, usable: _UsableStations, rule: RemedySettings
) -> list[_Trial]:
    """Try a link from the heaviest place without a time; roads it touches come along."""
    part = assessment.demand.iloc[gap.members]
    cut_off = part[part["status"].isin(["no_route", "unconnected"])]
    if cut_off.empty:
        return []
    row = cut_off.iloc[int(np.argmax(cut_off["weight"].to_numpy(float)))]
    spot = find_spot(basis, float(row["lon"]), float(row["lat"]))
    stations, is_open = usable.find(spot)
    if stations.count == 0:
        return []
    link = find_missing_link(basis, spot.lon, spot.lat, stations, is_open, road_kph=rule.new_road_kph)
    if link is None or link.length_m > rule.longest_road_m or not np.isfinite(link.minutes):
        return []
    access = np.array([link.minutes * 60.0]) + spot.places.access_s
    here = _Gap(gap.gap_id, gap.members, spot, gap.centre)
    return [_Trial(here, "road", "", link.lon, link.lat, replace(spot.places, access_s=access), link)]


def _evaluate(
    basis: TravelBasis,
    assessment: Assessment,
    gap_of: IntArray,
    trials: list[_Trial],
    rule: RemedySettings,
    progress: Progress,
) -> list[dict[str, object]]:
    """Search from every trial's place and count the uncovered people it would bring within the threshold."""
    weight = assessment.demand["weight"].to_numpy(float)
    uncovered = (assessment.demand["status"] != "covered").to_numpy(bool)
    limit = float(assessment.cutoffs_min.max(initial=0.0))
    rows: list[dict[str, object]] = []
    for done, trial in enumerate(trials):
        report_progress(progress, 0.5 + 0.5 * done / len(trials), "remedies")
        minutes = np.full(len(weight), np.inf, np.float32)
        for block in compute_reach(basis.timed, basis.demand, trial.place, limit_min=limit):
            pairs = block.find_pairs()
            minutes[np.repeat(np.arange(len(weight)), np.diff(pairs.ptr))] = pairs.minutes
        if trial.link is not None:
            members = trial.gap.members
            if basis.demand.unit is not None and trial.place.unit is not None:
                members = members[basis.demand.unit[members] == trial.place.unit[0]]
            walked = _walk_to_link(basis, assessment.demand.iloc[members], trial, trial.link)
            minutes[members] = np.minimum(minutes[members], walked)
        new = uncovered & is_within(minutes, assessment.cutoffs_min)
        values = (
            trial.gap.gap_id,
            trial.remedy,
            trial.station_id,
            trial.lon,
            trial.lat,
            trial.link.length_m if trial.link else 0.0,
            float(weight[new & (gap_of == trial.gap.gap_id)].sum()),
            float(weight[new].sum()),
        )
        rows.append(dict(zip(REMEDY_COLUMNS[:-1], values, strict=True)))
    return rows


def _walk_to_link(
    basis: TravelBasis, people: pd.DataFrame, trial: _Trial, link: MissingLink
) -> npt.NDArray[np.float32]:
    """Compute minutes of a gap's people who walk to the link and travel along it, shape (m,) [min]."""
    snap = basis.snap_index.settings
    x, y = to_conformal(np.array([link.lon, trial.gap.spot.lon]), np.array([link.lat, trial.gap.spot.lat]))
    line = shapely.LineString(np.column_stack((x, y)))
    lat = people["lat"].to_numpy(float)
    points = shapely.points(*to_conformal(people["lon"].to_numpy(float), lat))
    walk_m = shapely.distance(line, points) / conformal_scale(lat)
    along_m = shapely.line_locate_point(line, points, normalized=True) * link.length_m
    onward_min = link.minutes - link.length_m * 0.06 / link.kph
    minutes = walk_m * 0.06 / snap.access_kph + along_m * 0.06 / link.kph + onward_min
    return np.where(walk_m <= snap.max_access_m, minutes, np.inf).astype(np.float32)


def _count_remote(basis: TravelBasis, assessment: Assessment, gaps: list[_Gap]) -> list[dict[str, object]]:
    """Count the share of each gap's people who can use a remote channel; nobody where the study states no share."""
    share = find_remote_share(basis.study, assessment.choice)
    if not share:
        return []
    weight = assessment.demand["weight"].to_numpy(float)
    everybody = float(weight[(assessment.demand["status"] != "covered").to_numpy(bool)].sum())
    rows: list[dict[str, object]] = []
    for gap in gaps:
        mine = float(weight[gap.members].sum())
        values = (gap.gap_id, "remote", "", *gap.centre, 0.0, share * mine, share * everybody)
        rows.append(dict(zip(REMEDY_COLUMNS[:-1], values, strict=True)))
    return rows


def _suggest(
    basis: TravelBasis, assessment: Assessment, gaps: list[_Gap], rows: list[dict[str, object]], rule: RemedySettings
) -> pd.DataFrame:
    """Keep the best place of each remedy, let a stop stand where a point would, and mark one per gap."""
    stops = [row | {"remedy": "mobile"} for row in rows if row["remedy"] == "point"]
    if is_police(basis, assessment.choice):
        rows = [row for row in rows if row["remedy"] != "point"]
    table = pd.DataFrame([*rows, *stops], columns=list(REMEDY_COLUMNS[:-1]))
    table["rank"] = pd.Categorical(table["remedy"], categories=list(REMEDIES), ordered=True).codes
    table = table.sort_values(
        ["gap_id", "rank", "newly_covered_gap", "newly_covered"], ascending=[True, True, False, False], kind="stable"
    )
    table = table.drop_duplicates(["gap_id", "remedy"], ignore_index=True)
    table["is_suggested"] = False
    people = {gap.gap_id: float(assessment.demand["weight"].iloc[gap.members].sum()) for gap in gaps}
    for gap_id, part in table.groupby("gap_id"):
        everybody = people[int(str(gap_id))]
        covers = part["newly_covered_gap"]
        wanted = (covers >= rule.least_share * everybody) & (covers > 0)
        wanted &= (part["remedy"] != "point") | (everybody >= rule.least_people_point)
        if wanted.any():
            table.loc[part.index[int(np.argmax(wanted.to_numpy()))], "is_suggested"] = True
        elif (covers > 0).any():
            table.loc[covers.idxmax(), "is_suggested"] = True
    return table[list(REMEDY_COLUMNS)]
