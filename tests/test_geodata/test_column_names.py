"""The one book of column names: how headers are compared, which pair of coordinates counts, what is left unused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from coverage.errors import DataIssue, InputError
from geodata.intake.cells.column_names import find_columns, find_unit
from geodata.intake.cells.position_columns import find_position_columns
from geodata.intake.cells.read_table import read_table
from geodata.intake.read_candidates import read_candidates
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_closures import read_closures
from geodata.intake.read_costs import read_costs
from geodata.intake.read_population import read_population
from geodata.intake.read_site_costs import read_site_costs
from geodata.intake.read_stations import read_stations


def write(folder: Path, text: str, name: str = "table.csv") -> Path:
    """Write a text and return its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def find_issue(issues: tuple[DataIssue, ...], code: str) -> DataIssue:
    """Return the only finding of a code."""
    (issue,) = (one for one in issues if one.code == code)
    return issue


@pytest.mark.parametrize(
    ("field", "header", "expected"),
    [
        ("code", "XZQDM", True),
        ("unit_name", "xzqmc", True),
        ("unit_name", "行政区 名称", True),
        ("township", "所属乡镇（街道）", True),
        ("population", "２０２０年末常住人口（万人）", True),
        ("population", "pop2020", True),
        ("population", "人口密度", False),
        ("id", "OBJECTID", False),
        ("id", "centroid", False),
        ("kind", "地块用途", False),
        ("capacity", "窗口数", False),
    ],
)
def test_headers(field: str, header: str, expected: bool) -> None:
    """Case, width, spaces, brackets, 所属 and years do not matter; what only looks alike is not taken."""
    assert (find_columns(field, ["other", header]) == [header]) is expected


def test_the_best_name_and_the_newest_year_go_first() -> None:
    """Residents go before registered people, the whole name before one with a year, the newest year before others."""
    assert find_columns("population", ["户籍人口", "常住人口"]) == ["常住人口", "户籍人口"]
    assert find_columns("population", ["pop2010", "pop2020", "人口"])[:2] == ["人口", "pop2020"]


@pytest.mark.parametrize(
    ("columns", "label", "datum"),
    [
        ("lng,lat,wgs84_lng,wgs84_lat", "wgs84_lng, wgs84_lat", "wgs84"),
        ("经度_gcj02,纬度_gcj02,GPS经度,GPS纬度", "GPS经度, GPS纬度", "wgs84"),
        ("bd_lng,bd_lat,经度,纬度", "经度, 纬度", None),
        ("高德经度,高德纬度", "高德经度, 高德纬度", "gcj02"),
        ("经度（BD09）,纬度（BD09）", "经度（BD09）, 纬度（BD09）", "bd09"),
        ("location,百度坐标", "location", None),
        ("坐标,lon,lat", "lon, lat", None),
    ],
)
def test_one_pair_of_coordinates_is_chosen(columns: str, label: str, datum: str | None) -> None:
    """WGS-84 by name goes first, then what says nothing, then web maps; two columns go before one."""
    first = find_position_columns(columns.split(","))[0]
    assert (first.label, first.datum) == (label, datum)


def test_the_choice_of_coordinates_is_said_and_marks_are_converted(tmp_path: Path) -> None:
    """The other pair is named; coordinates that are called Amap's are moved to where they are."""
    catalogue = read_catalogue()
    both = read_stations(
        write(tmp_path, "name,lng,lat,lng_wgs,lat_wgs\na,87.61985,43.79422,87.617,43.793\n"), catalogue
    )
    assert both.table[["lon", "lat"]].iloc[0].tolist() == [87.617, 43.793]
    assert find_issue(both.issues, "position.columns_chosen").value == "lng, lat"
    amap = read_stations(write(tmp_path, "name,gcj_lng,gcj_lat\na,87.61985,43.79422\n"), catalogue)
    assert amap.table[["lon", "lat"]].iloc[0].round(4).tolist() == [87.617, 43.793]
    assert dict(find_issue(amap.issues, "position.datum_by_name").facts)["datum"] == "gcj02"


def test_units_in_the_brackets_of_a_header_count(tmp_path: Path) -> None:
    """12.5 under 人口（万人） are 125,000 people, and the finding says so."""
    people = read_population(write(tmp_path, "id,经度,纬度,人口（万人）\na,87.6,43.8,12.5\n"))
    assert people.table["population"].tolist() == [125_000.0]
    assert dict(find_issue(people.issues, "table.unit_applied").facts)["factor"] == 10_000
    assert find_unit("投资(亿元)") == 1e8
    assert find_unit("人口（人）") == 1.0


def test_registered_people_are_people(tmp_path: Path) -> None:
    """户籍人口 alone is the number of people; next to 常住人口 it is named as unused."""
    alone = read_population(write(tmp_path, "小区名称,经度,纬度,户籍人口\na,87.6,43.8,120\n"))
    assert alone.table["population"].tolist() == [120.0]
    both = read_population(write(tmp_path, "经度,纬度,户籍人口,常住人口\n87.6,43.8,120,90\n"))
    assert both.table["population"].tolist() == [90.0]
    assert find_issue(both.issues, "table.columns_unused").value == "户籍人口"


def test_every_column_is_used_or_named_as_unused(tmp_path: Path) -> None:
    """Each reader names all columns it takes nothing from, be they forty."""
    extra = [f"多余{n}" for n in range(40)]
    tail, blank = ",".join(extra), ",".join("x" for _ in extra)
    place = write(tmp_path, f"id,name,lon,lat,population,窗口数,{tail}\na,甲,87.6,43.8,5,2,{blank}\n")
    for read in (
        lambda path: read_stations(path, read_catalogue()).issues,
        lambda path: read_candidates(path, read_catalogue(), read_site_costs()).issues,
        lambda path: read_population(path).issues,
        lambda path: read_closures(path)[1],
    ):
        named = find_issue(read(place), "table.columns_unused").value.split(", ")
        assert set(extra) | {"窗口数"} <= set(named)
        assert not {"lon", "lat"} & set(named)
    costs = write(tmp_path, "demand_id,site_id,cost,note\na,s,1,x\n", "costs.csv")
    demand = write(tmp_path, "demand_id,weight,who\na,1,x\n", "demand.csv")
    assert [(one.source, one.value) for one in read_costs(costs, demand).issues] == [
        ("demand.csv", "who"),
        ("costs.csv", "note"),
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [["1", "甲市", "甲所", "司法所", "87.61", "43.80"], ["2", "甲市", "乙所", "公证处", "87.62", "43.81"]],
        [["天山区某社区", "社区", "87.61,43.80", "650102"], ["某村", "村", "87.62,43.81", "650102"]],
    ],
)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_table_without_names_of_columns(tmp_path: Path, rows: list[list[str]], ending: str) -> None:
    """A first row of data is recognised as that, in a workbook as in a CSV file."""
    path = tmp_path / f"stations.{ending}"
    if ending == "csv":
        pd.DataFrame(rows).to_csv(path, header=False, index=False)
    else:
        pd.DataFrame(rows).to_excel(path, header=False, index=False, engine="xlsxwriter")
    with pytest.raises(InputError, match=r"table\.no_header"):
        read_table(path)


def test_years_are_names_of_columns(tmp_path: Path) -> None:
    """A head of years is a head."""
    assert list(read_table(write(tmp_path, "名称,2019,2020,2021\na,1,2,3\n")).table.columns)[1:] == [
        "2019",
        "2020",
        "2021",
    ]


def test_candidates_of_a_web_map_keep_their_rows(tmp_path: Path) -> None:
    """A column type without any word of ours is not the column of kinds: no row is lost, and it is named as unused."""
    listed = read_candidates(
        write(tmp_path, "name,type,lon,lat\na,生活服务;物流,87.6,43.8\n"), read_catalogue(), read_site_costs()
    )
    assert listed.table["kind"].tolist() == [""]
    assert find_issue(listed.issues, "table.columns_unused").value == "type"
