"""The demo study for tests, opened and joined to its roads once for each process: nothing in it may be changed."""

from __future__ import annotations

from functools import cache

from coverage.inputs.study import Study
from coverage.travel.travel_basis import TravelBasis, build_travel_basis
from geodata.studies.demo import demo_folder
from geodata.studies.open_study import open_study


@cache
def open_demo() -> Study:
    """Open the demo study."""
    return open_study(demo_folder())


@cache
def join_demo() -> TravelBasis:
    """Join the demo study to its roads, as it is asked first."""
    return build_travel_basis(open_demo())
