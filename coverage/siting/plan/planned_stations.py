"""What stands once a plan is built: the stations as a table that can be assessed, and the years until then."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.inputs.schema import STATION_COLUMNS
from coverage.inputs.site_costs import find_services
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.inputs.unit_levels import build_unit_levels, number_districts
from coverage.siting.model.curve import Solved
from coverage.siting.model.from_study import StudyProblem
from coverage.siting.plan.outcome import Marginal
from coverage.siting.plan.solve import to_cover_problem
from coverage.travel.travel_basis import TravelBasis


def tabulate_years(
    basis: TravelBasis,
    choice: StationChoice,
    asked: StudyProblem,
    marginal: Marginal,
    sites: pd.DataFrame,
    *,
    first_year: int,
) -> pd.DataFrame:
    """Tabulate a plan over years by prefecture and level of the stations.

    Parameters
    ----------
    basis, choice, asked
        What was asked.
    marginal, sites
        `coverage.siting.plan.outcome.compute_marginal`, and `tabulate_sites` with periods.
    first_year
        Year of period 1.

    Returns
    -------
    year, prefecture, prefecture_name, level, number, cost, newly_covered, share_after (covered share of the
    prefecture's people after that year), study_share_after. The prefecture is "" without such districts.
    """
    study, problem = basis.study, to_cover_problem(asked.problem, asked.cutoffs_min)
    level = next(iter(build_unit_levels(study, ("prefecture",))), None)
    group = np.zeros(len(study.demand), np.int32) if level is None else level.group
    # Of several services at once everybody counts for each.
    group = np.tile(group, max(len(asked.services), 1))
    ids, names = (("",), ("",)) if level is None else (level.ids, level.names)
    number = asked.candidates.index.get_indexer(pd.Index(sites["site_id"]))
    of_county = number_districts(study, asked.candidates["county"].iloc[number])
    here = np.zeros(len(sites), np.int32) if level is None else level.of_district[of_county]
    levels = [
        find_site_level(study, choice, str(kind), str(host))
        for kind, host in zip(sites["kind"], sites["station_id"], strict=True)
    ]
    total = np.bincount(group, weights=problem.weight, minlength=len(ids))
    is_covered = marginal.stays.copy()
    rows = []
    for period in sorted(sites["period"].unique()):
        mine = np.flatnonzero((sites["period"] == period).to_numpy(bool))
        for site in number[mine]:
            is_covered[problem.demand[problem.ptr[site] : problem.ptr[site + 1]]] = True
        covered = np.bincount(group, weights=problem.weight * is_covered, minlength=len(ids))
        cells = sorted({(int(here[row]), levels[row]) for row in mine})
        for unit, word in cells:
            part = sites.iloc[[row for row in mine.tolist() if (int(here[row]), levels[row]) == (unit, word)]]
            rows.append(
                {
                    "year": first_year + int(period) - 1,
                    "prefecture": ids[unit],
                    "prefecture_name": names[unit],
                    "level": word,
                    "number": len(part),
                    "cost": float(part["cost"].sum()),
                    "newly_covered": float(part["newly_covered"].sum()),
                    "share_after": float(covered[unit] / total[unit]) if total[unit] > 0 else np.nan,
                    "study_share_after": float(covered.sum() / max(float(total.sum()), 1e-300)),
                }
            )
    columns = ["year", "prefecture", "prefecture_name", "level", "number", "cost", "newly_covered"]
    return pd.DataFrame(rows, columns=[*columns, "share_after", "study_share_after"])


def find_site_level(study: Study, choice: StationChoice, kind: str, station_id: str) -> str:
    """Find the level of a new site: that of the station that adds an item, else what was asked, else the kind's."""
    if station_id:
        return str(study.stations["level"].loc[station_id])
    return choice.level or study.catalogue.kind(kind).level


def build_stations_after(study: Study, choice: StationChoice, asked: StudyProblem, solved: Solved) -> pd.DataFrame:
    """Build the table of stations once a plan stands: new sites, items added, closed stations.

    Returns
    -------
    Columns of `coverage.inputs.schema.STATION_COLUMNS`, indexed by station id; an assessment of it with the same
    question covers whom the plan covers.
    """
    after = study.stations[list(STATION_COLUMNS)].copy()
    closed = asked.station_row[np.asarray(solved.answer.closed, np.int64) - len(asked.candidates)]
    status = after["status"].to_numpy(object, copy=True)
    status[closed] = "closed"
    services: list[tuple[str, ...]] = after["services"].tolist()
    opened = asked.candidates.iloc[solved.answer.opened]
    given = [asked.list_given(int(row), choice) for row in solved.answer.opened]
    adds = (opened["station_id"] != "").to_numpy(bool)
    hosts = after.index.get_indexer(pd.Index(opened["station_id"][adds])).tolist()
    for row, number in zip(hosts, np.flatnonzero(adds).tolist(), strict=True):
        services[row] = (*services[row], *given[number])
    after = after.assign(
        status=pd.Series(status, after.index, dtype=str), services=pd.Series(services, after.index, dtype=object)
    )
    new = opened[~adds]
    if new.empty:
        return after
    kinds = [study.catalogue.kind(str(kind)) for kind in new["kind"]]
    added = pd.DataFrame(
        {
            "name": new["name"].astype(str),
            "kind": [kind.id for kind in kinds],
            "level": [find_site_level(study, choice, kind.id, "") for kind in kinds],
            "services": [
                find_services(kind, given[number])
                for kind, number in zip(kinds, np.flatnonzero(~adds).tolist(), strict=True)
            ],
            "hours": "",
            "capacity": new["capacity"],
            "status": "existing",
            "operator": "local",
            "code": "",
            "open_date": "",
            "cost": new["cost"],
            "lon": new["lon"],
            "lat": new["lat"],
        },
        index=new.index,
    )
    both = pd.concat([after, added[list(STATION_COLUMNS)]]) if len(after) else added[list(STATION_COLUMNS)]
    return both.rename_axis("station_id")
