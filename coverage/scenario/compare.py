"""Before and after: who is newly covered, who no longer is, how many minutes are saved, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.assessment import Assessment
from coverage.access.service_cost import CostAssumptions, CostChange, compare_service_cost
from coverage.access.totals import Totals
from coverage.errors import InputError
from coverage.inputs.schema import WHOLE_STUDY
from coverage.inputs.unit_levels import drop_outside, sum_groups
from coverage.network.model import BoolArray, FloatArray

CHANGES: tuple[str, ...] = ("newly_covered", "newly_lost", "faster", "slower")


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What is different after the edits of a scenario.

    Parameters
    ----------
    before, after
        Totals of all people the question counts.
    stations_before, stations_after
        Stations that count.
    newly_covered, newly_lost
        People inside after and not before, and the other way round.
    faster, slower
        People whose time to the nearest station is shorter, or longer; also those who can reach one only
        after, or only before.
    person_minutes_saved
        Minutes saved by all who can reach a station both before and after, less those lost [person min].
    mean_saved_min
        That for each of them [min]; NaN if there is nobody.
    service_cost
        What a year of visits costs them before and after (B17), by the planner's assumptions: an estimate.
    districts
        Indexed by district id, every level, the coarsest first: name, level, total, covered_before,
        covered_after, share_before, share_after, newly_covered, newly_lost, mean_min_before, mean_min_after,
        person_minutes_saved.
    points
        Indexed by demand id, only those whose time or class changed: lon, lat, district_id, weight,
        minutes_before, minutes_after (inf where none), saved_min (NaN where one of them is inf),
        station_before, station_after, status_before, status_after, change (one of `CHANGES`).
    services
        One row for each service item and level of stations that was compared: what, id, weight, stations_before,
        stations_after, total, covered_before, covered_after, newly_covered, newly_lost, mean_min_before,
        mean_min_after.
    """

    before: Totals
    after: Totals
    stations_before: int
    stations_after: int
    newly_covered: float
    newly_lost: float
    faster: float
    slower: float
    person_minutes_saved: float
    mean_saved_min: float
    service_cost: CostChange
    districts: pd.DataFrame
    points: pd.DataFrame
    services: pd.DataFrame

    def find_winners(self, count: int = 10, *, level: str = "") -> pd.DataFrame:
        """Name the districts with most people newly covered, then most minutes saved; only those that won.

        They are of the level given, or of the finest.
        """
        return self._rank(count, level, "newly_covered", "newly_lost", 1.0)

    def find_losers(self, count: int = 10, *, level: str = "") -> pd.DataFrame:
        """Name the districts with most people lost, then most minutes lost; only those that lost.

        They are of the level given, or of the finest.
        """
        return self._rank(count, level, "newly_lost", "newly_covered", -1.0)

    def find_winning_points(self, count: int = 10) -> pd.DataFrame:
        """Name the demand points that won most: those newly covered by their people, then by minutes saved."""
        return _rank_points(self.points, count, ("newly_covered", "faster"))

    def find_losing_points(self, count: int = 10) -> pd.DataFrame:
        """Name the demand points that lost most: those no longer covered by their people, then by minutes lost."""
        return _rank_points(self.points, count, ("newly_lost", "slower"))

    def _rank(self, count: int, level: str, first: str, other: str, sign: float) -> pd.DataFrame:
        table = self.districts
        if table.empty:
            return table
        table = table[table["level"] == (level or table["level"].iloc[-1])]
        table = drop_outside(table, table.index)
        net = table[first] - table[other]
        saved = sign * table["person_minutes_saved"]
        ranked: pd.DataFrame = table.assign(_net=net, _saved=saved)[(net > 0) | ((net == 0) & (saved > 0))]
        ranked = ranked.sort_values(["_net", "_saved"], ascending=False, kind="stable")
        return ranked.drop(columns=["_net", "_saved"]).head(count)


def compare(
    before: Assessment,
    after: Assessment,
    *,
    services: Mapping[tuple[str, str], tuple[Assessment, Assessment]] | None = None,
) -> Comparison:
    """Compare two answers about the same people.

    Parameters
    ----------
    before, after
        The answers; their stations, thresholds and roads may differ.
    services
        Further pairs of answers by what they are about: ``("service", item)`` or ``("level", level of stations)``.

    Raises
    ------
    InputError
        ``scenario.other_people`` if the two are not about the same demand points and the same weights.
    """
    check_same_people(before, after)
    weight = before.demand["weight"].to_numpy(float)
    old, new = (each.demand["minutes"].to_numpy(np.float32) for each in (before, after))
    roads = tuple(each.demand["route_m"].to_numpy(float) for each in (before, after))
    won, lost = _find_changes(before, after)
    saved = _compute_saved(old, new)
    both = np.isfinite(saved)
    counted = np.where(both, saved, 0.0) * weight
    reached = float(weight[both].sum())
    return Comparison(
        before=before.totals,
        after=after.totals,
        stations_before=before.station_count,
        stations_after=after.station_count,
        newly_covered=float(weight[won].sum()),
        newly_lost=float(weight[lost].sum()),
        faster=float(weight[new < old].sum()),
        slower=float(weight[new > old].sum()),
        person_minutes_saved=float(counted.sum()),
        mean_saved_min=float(counted.sum()) / reached if reached > 0 else float("nan"),
        service_cost=compare_service_cost((old, roads[0]), (new, roads[1]), weight, CostAssumptions()),
        districts=_tabulate_districts(before, after, weight, won, lost, counted),
        points=_tabulate_points(before, after, won, lost, saved),
        services=_tabulate_services(services or {}),
    )


def check_same_people(before: Assessment, after: Assessment) -> None:
    """Refuse answers about different demand points or weights with ``scenario.other_people``."""
    same = before.demand.index.equals(after.demand.index) and before.weight_column == after.weight_column
    if not same or not np.array_equal(before.demand["weight"].to_numpy(), after.demand["weight"].to_numpy()):
        raise InputError("scenario.other_people", before=before.weight_column, after=after.weight_column)


def _find_changes(before: Assessment, after: Assessment) -> tuple[BoolArray, BoolArray]:
    was, is_now = ((each.demand["status"] == "covered").to_numpy(bool) for each in (before, after))
    return is_now & ~was, was & ~is_now


def _compute_saved(old: npt.NDArray[np.float32], new: npt.NDArray[np.float32]) -> FloatArray:
    """Compute minutes saved by each point; NaN where one of the times is infinite."""
    both = np.isfinite(old) & np.isfinite(new)
    saved = np.full(len(old), np.nan)
    saved[both] = old[both].astype(np.float64) - new[both].astype(np.float64)
    return saved


def _tabulate_districts(
    before: Assessment,
    after: Assessment,
    weight: FloatArray,
    won: BoolArray,
    lost: BoolArray,
    counted: FloatArray,
) -> pd.DataFrame:
    old, new = before.districts, after.districts
    table = pd.DataFrame(
        {
            "name": old["name"],
            "level": old["level"],
            "total": old["total"],
            "covered_before": old["covered"],
            "covered_after": new["covered"],
            "share_before": old["share_covered"],
            "share_after": new["share_covered"],
        }
    )
    parts: list[FloatArray] = []
    for level in (one for one in before.units if one.level != WHOLE_STUDY):
        columns = [sum_groups(values, level.group, level.count) for values in (weight * won, weight * lost, counted)]
        part = np.column_stack(columns)
        parts.append(part if level.has_outside else part[:-1])
    sums = np.concatenate(parts) if parts else np.zeros((0, 3))
    table = table.assign(newly_covered=sums[:, 0], newly_lost=sums[:, 1])
    table = table.assign(mean_min_before=old["mean_min"], mean_min_after=new["mean_min"])
    return table.assign(person_minutes_saved=sums[:, 2])


def _tabulate_points(
    before: Assessment, after: Assessment, won: BoolArray, lost: BoolArray, saved: FloatArray
) -> pd.DataFrame:
    old, new = before.demand, after.demand
    faster = (new["minutes"] < old["minutes"]).to_numpy(bool)
    slower = (new["minutes"] > old["minutes"]).to_numpy(bool)
    rows = np.flatnonzero(won | lost | faster | slower)
    change = np.select([won[rows], lost[rows], faster[rows]], CHANGES[:3], CHANGES[3])
    old, new = old.iloc[rows], new.iloc[rows]
    return pd.DataFrame(
        {
            "lon": old["lon"],
            "lat": old["lat"],
            "district_id": old["district_id"],
            "weight": old["weight"],
            "minutes_before": old["minutes"],
            "minutes_after": new["minutes"],
            "saved_min": saved[rows],
            "station_before": old["station_id"],
            "station_after": new["station_id"],
            "status_before": old["status"].astype(str),
            "status_after": new["status"].astype(str),
            "change": pd.Series(change, index=old.index, dtype=str),
        },
        index=old.index.rename("demand_id"),
    )


def _rank_points(points: pd.DataFrame, count: int, changes: tuple[str, str]) -> pd.DataFrame:
    """Order the points of two kinds of change: the first by people, then the second by the minutes of all people."""
    mine = points[points["change"].isin(changes)]
    first = (mine["change"] == changes[0]).astype(int)
    amount = mine["weight"].where(first == 1, mine["weight"] * mine["saved_min"].abs().fillna(np.inf))
    ranked = mine.assign(_first=first, _amount=amount.fillna(0.0))
    ranked = ranked.sort_values(["_first", "_amount"], ascending=False, kind="stable")
    return ranked.drop(columns=["_first", "_amount"]).head(count)


def _tabulate_services(pairs: Mapping[tuple[str, str], tuple[Assessment, Assessment]]) -> pd.DataFrame:
    rows = []
    for (what, name), (old, new) in pairs.items():
        check_same_people(old, new)
        won, lost = _find_changes(old, new)
        weight = old.demand["weight"].to_numpy(float)
        rows.append(
            {
                "what": what,
                "id": name,
                "weight": old.weight_column,
                "stations_before": old.station_count,
                "stations_after": new.station_count,
                "total": old.totals.total,
                "covered_before": old.totals.covered,
                "covered_after": new.totals.covered,
                "newly_covered": float(weight[won].sum()),
                "newly_lost": float(weight[lost].sum()),
                "mean_min_before": old.totals.mean_min,
                "mean_min_after": new.totals.mean_min,
            }
        )
    columns = ["what", "id", "weight", "stations_before", "stations_after", "total", "covered_before"]
    columns += ["covered_after", "newly_covered", "newly_lost", "mean_min_before", "mean_min_after"]
    return pd.DataFrame(rows, columns=columns)
