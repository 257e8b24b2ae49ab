"""A toy study for siting, and an assessment from scratch of what a plan would make of it.

One street of 12 km at 60 km/h, a kilometre a minute, from west to east; people every kilometre; two
counties that meet in the middle::

    d0  d1  d2  d3  d4  d5  d6  d7  d8  d9  d10 d11 d12
    s0                      |               s1              s0 offers advice, s1 only notary
    <------ county a ------>|<------- county b -------->
"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box
from toy_worlds import ToyWorld, build_study, demand_table, station_table, to_degrees

from coverage.access.assessment import Assessment, assess
from coverage.inputs.site_costs import SiteCosts
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.siting.model.candidate_sources import list_places
from coverage.siting.model.curve import Solved
from coverage.siting.model.from_study import ProblemSettings, StudyProblem, build_siting_problem
from coverage.siting.plan.solve import SitingQuestion, check_siting_question, solve_siting
from coverage.travel.travel_basis import TravelBasis, build_travel_basis

PEOPLE = [50.0, 10.0, 20.0, 30.0, 80.0, 10.0, 60.0, 5.0, 40.0, 10.0, 90.0, 20.0, 30.0]
ADVICE = StationChoice(service="advice")
NOTARY = StationChoice(service="notary")
COSTS = SiteCosts(
    kind=(("office", 100.0), ("other", 50.0)),
    item=(("other", 10.0),),
    closing=(("other", 5.0),),
    usual=(("legal", "office"), ("police", "window")),
    place=(("bank", "office"), ("guardhouse", "window")),
)


def build_street(*, capacity: float = np.nan) -> Study:
    """Build the study of the drawing."""
    world = ToyWorld({f"p{km}": (km * 1000.0, 0.0) for km in range(13)})
    world.road(" ".join(world.places))
    counties = ["a"] * 6 + ["b"] * 7
    demand = demand_table([(km * 1000.0, 0.0) for km in range(13)], PEOPLE, counties)
    stations = station_table(
        [(0.0, 0.0), (10_000.0, 0.0)],
        ["a", "b"],
        services=[("advice", "notary"), ("notary",)],
        capacity=[capacity, capacity],
    )
    west, east, middle = to_degrees(-3000, 0)[0], to_degrees(15_000, 0)[0], to_degrees(5500, 0)[0]
    districts = gpd.GeoDataFrame(
        {
            "name": ["甲县", "乙县"],
            "level": ["county", "county"],
            "parent_id": ["", ""],
            "population_official": [np.nan, np.nan],
        },
        geometry=[box(west, -0.1, middle, 0.1), box(middle, -0.1, east, 0.1)],
        index=pd.Index(["a", "b"], name="district_id", dtype=str),
        crs="EPSG:4326",
    )
    return build_study(world.network(), demand, stations, districts)


def draw(study: Study, kms: list[float], **columns: list[object]) -> pd.DataFrame:
    """Draw candidates on the street, at kilometres from its west end; ids ``k3`` for kilometre 3."""
    at = [to_degrees(km * 1000.0, 0.0) for km in kms]
    places = pd.DataFrame(
        {
            "name": [f"点{km:g}" for km in kms],
            "lon": [lon for lon, _ in at],
            "lat": [lat for _, lat in at],
            "kind": "",
        }
        | columns,
        index=[f"k{km:g}" for km in kms],
    )
    return list_places(study, ADVICE, places, COSTS)[0]


def assess_with(
    study: Study,
    candidates: pd.DataFrame,
    opened: list[int],
    choice: StationChoice,
    cutoffs_min: np.ndarray,
    own_level: str = "",
) -> Assessment:
    """Assess from scratch a study that has some of the candidates as stations: nothing of siting is used."""
    stations = study.stations.copy()
    services = list(stations["services"])
    new = []
    for row in opened:
        site = candidates.iloc[row]
        if site["station_id"]:
            at = stations.index.get_loc(site["station_id"])
            services[at] = (*services[at], choice.service)
        else:
            new.append((site.name, site["lon"], site["lat"], site["county"]))
    stations["services"] = pd.Series(services, stations.index, dtype=object)
    if new:
        added = station_table([(0.0, 0.0)] * len(new), [county for *_, county in new])
        added = added.assign(lon=[lon for _, lon, *_ in new], lat=[lat for *_, lat, _ in new])
        stations = pd.concat([stations, added.set_axis([f"new-{name}" for name, *_ in new], axis=0)])
    after = replace(study, stations=stations)
    return assess(build_travel_basis(after, own_level=own_level), choice, cutoffs_min=cutoffs_min)


def ask_siting(
    study: Study, candidates: pd.DataFrame, cutoffs: np.ndarray, asked: SitingQuestion, choice: StationChoice = NOTARY
) -> tuple[TravelBasis, StudyProblem, Solved]:
    """Put a question to its model, times looked at without a limit; return basis, problem and answer."""
    check_siting_question(asked)
    basis = build_travel_basis(study)
    settings = ProblemSettings(
        is_covering=asked.is_covering,
        limit_min=1e4,
        keeps_stations=asked.keeps_stations,
        relocatable=("*",) if asked.moves else (),
    )
    problem = build_siting_problem(basis, choice, cutoffs, candidates, settings=settings)
    return basis, problem, solve_siting(problem.problem, problem.cutoff, asked)


def read_minutes(found: Assessment) -> np.ndarray:
    """Return everybody's minutes of an assessment."""
    return found.demand["minutes"].to_numpy(np.float32)
