"""What an import loses is in the study's account, from the user's own files on, and travels with the study."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

from coverage.errors import InputError
from geodata.studies.import_account import ACCOUNT_NAME
from geodata.studies.new_study import NewStudy, create_pack, create_study
from geodata.studies.open_study import open_study
from geodata.studies.pack import open_pack

STATIONS = (
    "名称,种类,经度,纬度,窗口数\n"
    "甲所,司法所,87.61,43.80,2\n"
    "乙所,司法所,,,1\n"
    "丙所,奇怪的地方,87.62,43.81,1\n"
    "外省网点,司法所,116.40,39.90,1\n"
)


def write_inputs(folder: Path) -> NewStudy:
    """Write an area, people and a list of stations as offices have them."""
    area, people, stations = folder / "我的范围.geojson", folder / "people.csv", folder / "站点名单.csv"
    gpd.GeoDataFrame(
        {"XZQDM": ["650102"], "XZQMC": ["甲县"]}, geometry=[box(87.5, 43.7, 87.7, 43.9)], crs=4326
    ).to_file(area)
    people.write_text("id,lon,lat,常住人口\na,87.55,43.75,100\nb,87.65,43.75,x\nc,88.5,43.75,7\n", encoding="utf-8")
    stations.write_text(STATIONS, encoding="gb18030")
    return NewStudy(area=area, population=people, stations=stations)


def test_rows_lost_at_the_import_count(tmp_path: Path) -> None:
    """Rows of the user's file = used + left out in the sources of the study; findings name the user's own file."""
    path, issues = create_study(tmp_path / "study", write_inputs(tmp_path))
    study = open_study(path)
    rows = {one.role: (one.rows_in, one.rows_accepted, one.rows_rejected) for one in study.sources if one.rows_in}
    assert rows == {"districts": (1, 1, 0), "population": (3, 1, 2), "stations": (4, 2, 2)}
    found = {issue.code: issue for issue in study.issues}
    assert found["stations.kind_unknown"].source == "站点名单.csv"
    assert found["table.columns_unused"].value == "窗口数"
    assert (found["stations.beyond_margin"].value, found["stations.beyond_margin"].rows) == ("外省网点", (5,))
    assert {issue.code for issue in issues} <= set(found)
    lost = study.rejected[["role", "row", "problem"]].to_numpy().tolist()
    assert sorted(lost) == [
        ["population", 3, "demand.weight_not_a_number"],
        ["population", 4, "demand.outside_area"],
        ["stations", 3, "position.missing"],
        ["stations", 5, "stations.beyond_margin"],
    ]


def test_the_account_travels_and_ends_with_its_file(tmp_path: Path) -> None:
    """A pack carries it; a list written by hand in the place of the imported one has an account of its own."""
    create_pack(tmp_path / "pack.zip", write_inputs(tmp_path))
    path = open_pack(tmp_path / "pack.zip", tmp_path / "open")
    assert sum(one.rows_rejected for one in open_study(path).sources) == 4
    stations = path.parent / "stations.csv"
    stations.write_text(stations.read_text("utf-8-sig").replace("甲所", "丁所"), encoding="utf-8")
    again = {one.role: one for one in open_study(path).sources}
    assert (again["stations"].rows_in, again["stations"].rows_rejected) == (2, 0)
    assert again["population"].rows_rejected == 2


@pytest.mark.parametrize(
    "content", ["[", "[]", '{"format": 1}', '{"format": 9, "inputs": []}', '{"format": 1, "inputs": [{"rows_in": -1}]}']
)
def test_a_damaged_account_is_refused(tmp_path: Path, content: str) -> None:
    """Nothing is counted from an account that is none."""
    path, _ = create_study(tmp_path / "study", write_inputs(tmp_path))
    (path.parent / ACCOUNT_NAME).write_text(content)
    with pytest.raises(InputError, match="account_unreadable"):
        open_study(path)


def test_stations_of_another_province_are_named_when_a_study_is_opened(tmp_path: Path) -> None:
    """A study that was put together by hand says which of its stations lie far outside."""
    path, _ = create_study(tmp_path / "study", write_inputs(tmp_path))
    stations = path.parent / "stations.csv"
    head, first, *_ = stations.read_text("utf-8-sig").splitlines()
    cells = first.split(",")
    far = ",".join(["s9", "外省网点", *cells[2:-2], "116.4", "39.9"])
    stations.write_text("\n".join([head, first, far]) + "\n", encoding="utf-8")
    (issue,) = (one for one in open_study(path).issues if one.code == "stations.far_away")
    assert (issue.value, issue.rows) == ("外省网点", (3,))
    account = json.loads((path.parent / ACCOUNT_NAME).read_text("utf-8"))
    assert [one["source"] for one in account["inputs"]] == ["我的范围.geojson", "people.csv", "站点名单.csv"]
