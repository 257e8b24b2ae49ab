"""Areas as files: RFC 7946 GeoJSON and GeoPackage that read back, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coverage.errors import InputError
from coverage.inputs.bilingual_names import Name
from coverage.inputs.study import Catalogue, Kind
from geodata.files import write_areas
from geodata.files.write_areas import hide_police_places, leave_out_police, write_geojson, write_geopackage
from geodata.intake.cells.vector_files import read_vector


def _table() -> gpd.GeoDataFrame:
    """Return a square with a hole in two parts, drawn clockwise, and an empty area."""
    outer = [(87.0, 43.0), (87.0, 44.0), (88.0, 44.0), (88.0, 43.0)]
    hole = [(87.4, 43.4), (87.6, 43.4), (87.6, 43.6), (87.4, 43.6)]
    far = [(89.0, 43.0), (89.0, 43.123456789), (89.1, 43.1), (89.0, 43.0)]
    area = shapely.MultiPolygon([shapely.Polygon(outer, [hole]), shapely.Polygon(far)])
    return gpd.GeoDataFrame(
        {
            "name": ["天山区 =1+1", "b"],
            "people": [12.5, np.nan],
            "median_min": np.array([np.inf, 3.0], np.float32),
            "points": np.array([3, 4]),
            "has_station": [True, False],
        },
        geometry=[area, shapely.MultiPolygon()],
        index=pd.RangeIndex(1, 3, name="gap_id"),
        crs="EPSG:4326",
    )


def test_geojson_after_the_standard(tmp_path: Path) -> None:
    """Outer rings anticlockwise, holes clockwise, closed, seven decimals, no crs member, no NaN."""
    path = write_geojson(tmp_path / "new" / "gaps.geojson", _table(), members={"schematic": True, "attribution": "©"})
    text = path.read_text(encoding="utf-8")
    content = json.loads(text)
    assert content["type"] == "FeatureCollection"
    assert (content["schematic"], content["attribution"]) == (True, "©")
    assert "crs" not in content
    assert "NaN" not in text
    first, second = content["features"]
    assert first["properties"] == {
        "gap_id": 1,
        "name": "天山区 =1+1",
        "people": 12.5,
        "median_min": None,
        "points": 3,
        "has_station": True,
    }
    assert second["geometry"] is None
    assert second["properties"]["people"] is None
    assert first["geometry"]["type"] == "MultiPolygon"
    parts = first["geometry"]["coordinates"]
    assert sorted(len(rings) for rings in parts) == [1, 2]
    for rings in parts:
        for number, ring in enumerate(rings):
            assert ring[0] == ring[-1]
            assert shapely.LinearRing(ring).is_ccw == (number == 0)
    assert [89.0, 43.1234568] in [point for rings in parts for point in rings[0]]


def test_geojson_reads_back(tmp_path: Path) -> None:
    """Any reader finds the same areas and properties."""
    path = write_geojson(tmp_path / "gaps.geojson", _table())
    read, _ = read_vector(path)
    assert read["gap_id"].tolist() == [1, 2]
    assert read.crs == "EPSG:4326"
    assert read.geometry.iloc[0].normalize().equals_exact(_table().geometry.iloc[0].normalize(), 1e-6)
    empty = write_geojson(tmp_path / "none.geojson", _table().iloc[:0])
    assert json.loads(empty.read_text(encoding="utf-8"))["features"] == []


def test_other_systems_are_converted(tmp_path: Path) -> None:
    """A table in metres is written in degrees; one that does not say where it is, is refused."""
    metres = _table().iloc[[0]].to_crs("EPSG:32645")
    content = json.loads(write_geojson(tmp_path / "m.geojson", metres).read_text(encoding="utf-8"))
    assert content["features"][0]["geometry"]["coordinates"][0][0][0][0] == pytest.approx(87.0, abs=2.1)
    with pytest.raises(InputError, match=r"crs\.missing"):
        write_geojson(tmp_path / "x.geojson", _table().set_crs(None, allow_override=True))


def test_rounding_keeps_areas_valid(tmp_path: Path) -> None:
    """A sliver thinner than the last digit disappears instead of turning into a broken ring."""
    spike = shapely.Polygon([(87, 43), (88, 43), (88, 44), (87.5, 43.00000001), (87, 44)])
    table = gpd.GeoDataFrame({"geometry": [spike]}, geometry="geometry", crs="EPSG:4326")
    feature = json.loads(write_geojson(tmp_path / "a.geojson", table).read_text(encoding="utf-8"))["features"][0]
    assert shapely.geometry.shape(feature["geometry"]).is_valid


def test_geopackage_holds_layers(tmp_path: Path) -> None:
    """Layers read back by name with their areas; the file is replaced as a whole and leaves nothing beside it."""
    route = gpd.GeoDataFrame({"minutes": [3.5]}, geometry=[shapely.LineString([(87, 43), (88, 44)])], crs="EPSG:4326")
    path = tmp_path / "out" / "areas.gpkg"
    for _ in range(2):
        write_geopackage(path, {"gaps": _table(), "route": route, "nothing": _table().iloc[:0]})
    assert [one.name for one in path.parent.iterdir()] == ["areas.gpkg"]
    gaps, _ = read_vector(path, layer="gaps")
    assert gaps["gap_id"].tolist() == [1, 2]
    assert gaps.geometry.iloc[0].area == pytest.approx(_table().geometry.iloc[0].area, rel=1e-6)
    assert read_vector(path, layer="route")[0].geom_type.tolist() == ["MultiLineString"]
    assert len(read_vector(path, layer="nothing")[0]) == 0
    with pytest.raises(InputError, match=r"areas\.no_layer"):
        write_geopackage(path, {})


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the last step fails, the file of before is still there, whole."""
    path = write_geopackage(tmp_path / "areas.gpkg", {"gaps": _table()})
    before = path.read_bytes()

    def refuse(target: Path, content: bytes) -> None:
        raise InputError("file.cannot_write", file=target.name, reason="full")

    monkeypatch.setattr(write_areas, "write_bytes", refuse)
    for write in (lambda: write_geopackage(path, {"gaps": _table()}), lambda: write_geojson(path, _table())):
        with pytest.raises(InputError):
            write()
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["areas.gpkg"]


def test_places_of_the_police_are_not_given_away() -> None:
    """The position of a police place that would add an item is left out; its id and others' positions stay."""
    kinds = tuple(
        Kind(one, Name(one, one), family, "", ()) for one, family in (("post", "police"), ("office", "legal"))
    )
    study = SimpleNamespace(
        catalogue=Catalogue((), (), kinds, (), ()),
        stations=pd.DataFrame({"kind": ["post", "office"]}, index=pd.Index(["p1", "o1"], name="station_id")),
    )
    gaps = _table().assign(remedy_station_id=["p1", "o1"], remedy_lon=[87.5, 87.6], remedy_lat=[43.5, 43.6])
    hidden = hide_police_places(gaps, study)  # type: ignore[arg-type]
    assert np.isnan(hidden["remedy_lon"].iloc[0])
    assert np.isnan(hidden["remedy_lat"].iloc[0])
    assert hidden["remedy_lon"].iloc[1] == 87.6
    assert hidden["remedy_station_id"].tolist() == ["p1", "o1"]
    areas = _table().assign(station_id=["p1", "o1"])
    assert leave_out_police(areas, study)["station_id"].tolist() == ["o1"]  # type: ignore[arg-type]
