"""A plan as stations of its study: planned ones, each with the day it is to open and what it costs."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from coverage.inputs.schema import STATION_COLUMNS
from coverage.inputs.site_costs import find_services
from coverage.siting.plan.planned_stations import find_site_level
from geodata.answers.run_siting import Suggestion
from geodata.answers.write_suggestion import to_station_file
from geodata.files.write_tables import encode_csv


def find_open_dates(found: Suggestion) -> list[str]:
    """Return the day by which each site of a plan is open, in build order: the last of its year."""
    first = found.options.first_year
    if "period" not in found.sites.columns:
        return [f"{first:04d}-12-31"] * len(found.sites)
    return [f"{first + int(period) - 1:04d}-12-31" for period in found.sites["period"]]


def add_planned(found: Suggestion, names: Sequence[str]) -> pd.DataFrame:
    """Return the stations of a study with the sites of a plan as planned ones.

    Parameters
    ----------
    found
        The suggestion.
    names
        What each site is called, in build order.

    Returns
    -------
    Columns of `coverage.inputs.schema.STATION_COLUMNS`, indexed by station id; today's stations are as they were. An
    item that an existing station is to add stands as a planned station of its own at the same place, which offers
    that item only: so it has its own day, and the place counts today as it did. Stations that a plan closes
    stay as they are.
    """
    study, choice = found.basis.study, found.question.choice
    today, sites = study.stations[list(STATION_COLUMNS)], found.sites
    kinds = [study.catalogue.kind(str(kind)) for kind in sites["kind"]]
    hosts = [str(host) for host in sites["station_id"]]
    rows = found.asked.candidates.index.get_indexer(pd.Index(sites["site_id"]))
    given = [found.asked.list_given(int(row), choice) for row in rows]
    capacity = found.asked.candidates["capacity"].reindex(sites["site_id"]).to_numpy(float)
    added = pd.DataFrame(
        {
            "name": list(names),
            "kind": [kind.id for kind in kinds],
            "level": [find_site_level(study, choice, kind.id, host) for kind, host in zip(kinds, hosts, strict=True)],
            "services": [
                items if host else find_services(kind, items)
                for kind, host, items in zip(kinds, hosts, given, strict=True)
            ],
            "hours": [str(study.stations["hours"].loc[host]) if host else "" for host in hosts],
            "capacity": capacity,
            "status": "planned",
            "operator": [str(study.stations["operator"].loc[host]) if host else "local" for host in hosts],
            "code": [str(study.stations["code"].loc[host]) if host else "" for host in hosts],
            "open_date": find_open_dates(found),
            "cost": sites["cost"].to_numpy(float),
            "lon": sites["lon"].to_numpy(float),
            "lat": sites["lat"].to_numpy(float),
        },
        index=pd.Index(sites["site_id"].astype(str), dtype=str),
        columns=list(STATION_COLUMNS),
    )
    both = pd.concat([today, added]) if len(today) else added
    return both.rename_axis("station_id")


def encode_stations(found: Suggestion, stations: pd.DataFrame) -> bytes:
    """Write stations as the CSV that `geodata.intake.read_stations` reads back as they are."""
    return encode_csv(to_station_file(found.basis.study, stations))
