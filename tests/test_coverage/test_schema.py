"""The contracts of tables: what is refused, and what a reader's account must add up to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from toy_worlds import demand_table, district_table, station_table

from coverage.errors import InputError
from coverage.inputs.schema import LoadedTable, check_demand, check_districts, check_stations

PLACES = [(0.0, 0.0), (100.0, 0.0)]


def _demand() -> pd.DataFrame:
    return demand_table(PLACES, [10.0, 0.0], ["", ""])


def _refusal(check: object, table: pd.DataFrame) -> InputError:
    with pytest.raises(InputError) as caught:
        check(table)  # type: ignore[operator]
    return caught.value


def test_good_tables_pass() -> None:
    """Tables after the contract, empty ones too, are accepted without a word."""
    check_demand(_demand())
    check_demand(_demand().iloc[:0])
    check_stations(station_table(PLACES, ["", ""]))
    check_stations(station_table([], []))
    check_districts(district_table([("c", "county", ""), ("t", "township", "c")]))


def test_missing_columns_are_named() -> None:
    """Every missing column stands in the error."""
    error = _refusal(check_demand, _demand().drop(columns=["zone", "lat"]))
    assert (error.code, error.context["columns"]) == ("table.columns_missing", "lat, zone")


def test_ids_must_be_unique() -> None:
    """An id that occurs twice is named."""
    error = _refusal(check_demand, pd.concat([_demand(), _demand().iloc[:1]]))
    assert (error.code, error.context["value"]) == ("table.id_not_unique", "d0")


@pytest.mark.parametrize("place", [(np.nan, 43.0), (87.0, np.inf), (181.0, 43.0), (87.0, 85.1)])
def test_places_must_be_on_the_map(place: tuple[float, float]) -> None:
    """Missing, infinite and impossible positions are refused with the first id."""
    demand, stations = _demand(), station_table(PLACES, ["", ""])
    for table in (demand, stations):
        table.loc[table.index[1], ["lon", "lat"]] = place
    for check, table, first in ((check_demand, demand, "d1"), (check_stations, stations, "s1")):
        error = _refusal(check, table)
        assert (error.code, error.context["value"], error.context["count"]) == ("table.position_invalid", first, 1)


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
def test_people_are_numbers_not_below_zero(weight: float) -> None:
    """Negative, missing and infinite weights are refused, in further weight columns too."""
    for column in ("population", "drivers"):
        demand = _demand().assign(**{column: [1.0, weight]})
        error = _refusal(check_demand, demand)
        assert (error.code, error.context["column"], error.context["value"]) == ("demand.weight_invalid", column, "d1")


def test_unknown_status_and_level() -> None:
    """A status or level outside its list is refused with the known ones."""
    error = _refusal(check_stations, station_table(PLACES, ["", ""], status=["existing", "open"]))
    assert (error.code, error.context["value"]) == ("stations.status_unknown", "open")
    error = _refusal(check_districts, district_table([("c", "province", "")]))
    assert (error.code, error.context["value"]) == ("districts.level_unknown", "province")


def test_parents_must_exist() -> None:
    """A district whose parent is not in the table is refused."""
    error = _refusal(check_districts, district_table([("t", "township", "gone")]))
    assert (error.code, error.context["value"]) == ("districts.parent_missing", "gone")


def test_a_readers_account_adds_up() -> None:
    """Rows in are rows accepted and rows rejected; a reader that loses one is stopped."""
    rejected = pd.DataFrame({"row": [4], "problem": ["x"]})
    assert LoadedTable(_demand(), rejected, 3, 2, ()).rows_rejected == 1
    with pytest.raises(InputError, match=r"table\.rows_lost"):
        LoadedTable(_demand(), rejected, 4, 2, ())
