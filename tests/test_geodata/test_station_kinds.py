"""Kinds of stations: the catalogue's word, else type and name, else a code; what nothing tells offers nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from coverage.inputs.schema import LoadedTable
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_stations import read_stations
from geodata.intake.station_kinds import guess_kind


def read(folder: Path, text: str) -> LoadedTable:
    """Read stations from a text."""
    path = folder / "stations.csv"
    path.write_text(text, encoding="utf-8")
    return read_stations(path, read_catalogue())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("街道公共法律服务工作站", "legal_station"),
        ("某社区公共法律服务工作室", "legal_room"),
        ("天山区公共法律服务中心", "legal_centre"),
        ("喀什地区公共法律服务中心", "legal_centre_prefecture"),
        ("某县车管所", "vehicle_office_county"),
        ("沙依巴克区车管分所", "vehicle_office_county"),
        ("板房沟交警中队", "traffic_police_window"),
        ("解放北路便民警务站", "convenience_police_post"),
        ("巡回法庭", "circuit_court_point"),
        ("某人民法庭", "people_tribunal"),
        ("人民检察院12309检察服务中心", "procuratorate_window"),
        ("邮政警邮代办点", "postal_agent"),
        ("派出所驻所人民调解室", ""),
        ("公证鉴定机构", ""),
        ("某邮政支局", ""),
        ("汽车4S店", ""),
        ("中医院", ""),
        ("流动人口服务站", ""),
    ],
)
def test_words_for_kinds(text: str, kind: str) -> None:
    """Compound words go before their parts; what only might be an agent, and every other place, is given no kind."""
    assert guess_kind(text) == kind


def test_words_go_before_codes_and_everything_is_said(tmp_path: Path) -> None:
    """Type and name decide; a code that contradicts them is said once, one that nothing else speaks against is used."""
    loaded = read(
        tmp_path,
        "id,name,type,typecode,location\n"
        'a,某派出所,机构;公检法机构;公安警察,130501,"87.61,43.79"\n'
        'b,某公证处,机构;公检法机构;公证鉴定机构,130506,"87.62,43.79"\n'
        'c,某鉴定所,机构;公检法机构;公证鉴定机构,130505,"87.63,43.79"\n'
        'd,某某,机构;交通车辆管理,130603,"87.64,43.79"\n'
        'e,解放路门市,购物;便民商店,060200,"87.65,43.79"\n',
    )
    kinds = ["police_station", "notary_office", "forensic_institute", "inspection_station", "other"]
    assert loaded.table["kind"].tolist() == kinds
    assert loaded.table["services"].iloc[4] == ()
    counts = {issue.code: issue.count for issue in loaded.issues if issue.code.startswith("stations.kind")}
    assert counts == {"stations.kind_guessed": 4, "stations.kind_code_differs": 1, "stations.kind_unknown": 1}


@pytest.mark.parametrize("head", ["name,lon,lat", "name,kind,lon,lat"])
def test_a_police_station_is_never_a_place_of_legal_consultation(tmp_path: Path, head: str) -> None:
    """Without a kind its name tells what it is; with a word nobody knows as well."""
    kind = ",公安机关" if "kind" in head else ""
    loaded = read(tmp_path, f"{head}\n天山区某派出所{kind},87.6,43.8\n某处{kind},87.7,43.8\n")
    assert loaded.table["kind"].tolist() == ["police_station", "other"]
    assert not any("legal_consultation" in items for items in loaded.table["services"])
    assert loaded.table["services"].iloc[1] == ()


def test_what_a_row_lists_it_offers_whatever_its_kind(tmp_path: Path) -> None:
    """An unknown kind takes nothing away that the list itself names."""
    loaded = read(tmp_path, "name,kind,services,lon,lat\n甲,某类,legal_aid,87.6,43.8\n乙,某类,,87.7,43.8\n")
    assert loaded.table["services"].tolist() == [("legal_aid",), ()]


def test_amap_lists_raise_the_question_of_their_datum(tmp_path: Path) -> None:
    """A list with Amap's columns is asked about where nobody has said; not where somebody has."""
    text = 'name,typecode,location\n某派出所,130501,"87.61985,43.79422"\n'
    path = tmp_path / "poi.csv"
    path.write_text(text, encoding="utf-8")
    asked = {datum: read_stations(path, read_catalogue(), datum=datum) for datum in (None, "wgs84", "gcj02")}
    raised = {datum: "position.datum_question" in {one.code for one in read.issues} for datum, read in asked.items()}
    assert raised == {None: True, "wgs84": False, "gcj02": False}
    assert asked["gcj02"].table[["lon", "lat"]].iloc[0].round(4).tolist() == [87.617, 43.793]
