"""What is hidden in the layers of a report, before they are written in any format."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from police_study import PLACES, POLICE_IDS, POLICE_NAMES, write_police_study

from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.report.redaction import NO_REDACTION, Redaction
from geodata.answers.run_assessment import answer_question
from geodata.documents.gis.layer_tables import ReportLayers, build_layers
from geodata.documents.gis.redact_layers import redact_layers
from geodata.studies.open_study import open_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Return the small study with police places."""
    return open_study(write_police_study(tmp_path_factory.mktemp("police")))


@pytest.fixture(scope="module")
def layers(study: Study) -> ReportLayers:
    """Return the layers of everything within two minutes."""
    return build_layers(answer_question(study, Question(cutoff_min=2.0)))


@pytest.fixture(scope="module")
def police_layers(study: Study) -> ReportLayers:
    """Return the layers of police alone."""
    return build_layers(answer_question(study, Question(choice=StationChoice(family="police"), cutoff_min=2.0)))


def _list_vertices(layers: ReportLayers) -> set[tuple[float, float]]:
    shapes = [shape for table in layers.tables().values() for shape in table.geometry if shape is not None]
    return {tuple(np.round(place, 6)) for place in shapely.get_coordinates(shapes).tolist()}


def test_hidden_stations_stand_at_their_township(study: Study, layers: ReportLayers) -> None:
    """Their place, name and id are the township's or new, what could be looked up is empty; others are unchanged."""
    shown = redact_layers(layers, Redaction(), study).stations
    assert shown.index.tolist() == ["S", "P", "hidden-1", "hidden-2"]
    assert shown["name"].tolist() == ["示意点01", "示意点02", "镇南", "镇南"]
    assert shown["hours"].tolist()[2:] == ["", ""]
    assert shown.geometry.iloc[2] == shown.geometry.iloc[3]
    assert shown.geometry.iloc[2].within(study.districts.geometry["650101"])
    assert shown["services"].tolist()[2:] == ["household_certificate", "household_certificate"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(shown.loc[["S", "P"]].drop(columns="geometry")),
        pd.DataFrame(layers.stations.loc[["S", "P"]].drop(columns="geometry")),
    )


def test_nothing_of_a_hidden_station_is_left(study: Study, layers: ReportLayers, police_layers: ReportLayers) -> None:
    """No cell holds an id or a name, no vertex lies at one of the places."""
    for each in (layers, police_layers):
        assert {tuple(np.round(place, 6)) for place in PLACES} <= _list_vertices(each)
        found = redact_layers(each, Redaction(), study)
        assert not {tuple(np.round(place, 6)) for place in PLACES} & _list_vertices(found)
        cells = "\n".join(table.drop(columns="geometry").to_csv() for table in found.tables().values())
        assert not [secret for secret in (*POLICE_IDS, *POLICE_NAMES) if secret in cells]


def test_people_near_a_hidden_station_keep_their_class_only(study: Study, police_layers: ReportLayers) -> None:
    """Minutes and the id of the nearest station are gone, status and people are not."""
    found = redact_layers(police_layers, Redaction(), study).demand
    assert found["minutes"].isna().all()
    assert (found["station_id"] == "").all()
    assert found["status"].tolist() == police_layers.demand["status"].tolist()
    assert found["population"].sum() == police_layers.demand["population"].sum()
    assert police_layers.demand["minutes"].notna().any()


def test_areas_of_single_hidden_stations_are_gone(study: Study, police_layers: ReportLayers) -> None:
    """Around H, which stands alone, nothing is left of the area of two minutes."""
    found = redact_layers(police_layers, Redaction(), study).areas
    before = shapely.area(police_layers.areas.geometry).sum()
    assert shapely.area(found.geometry).sum() < before
    assert list(found.columns) == list(police_layers.areas.columns)
    for shape in found.geometry:
        for part in shapely.get_parts(shape):
            inside = [shapely.Polygon(part.exterior).intersects(shapely.Point(place)) for place in PLACES]
            assert sum(inside) != 1


def test_villages_do_not_tell_which_has_a_hidden_station(study: Study, police_layers: ReportLayers) -> None:
    """The count of stations of a village is empty, that of a township is not."""
    villages = police_layers.districts.assign(level=["county", "township", "village"])
    found = redact_layers(replace(police_layers, districts=villages), Redaction(), study).districts
    assert found["stations"].isna().tolist() == [False, False, True]
    assert found["has_station"].isna().tolist() == [False, False, True]
    assert found["A1_township"].isna().tolist()[2]


def test_gaps_do_not_tell_the_place_of_a_remedy(study: Study, layers: ReportLayers) -> None:
    """Id, place and distance to the road of a hidden remedy are gone; the gap itself stays."""
    gaps = gpd.GeoDataFrame(
        {
            "station_id": [POLICE_IDS[0], "S"],
            "remedy_station_id": [POLICE_IDS[1], "S"],
            "remedy_lon": [PLACES[1][0], 87.6],
            "remedy_lat": [PLACES[1][1], 43.8],
            "remedy_road_m": [12.0, 13.0],
            "people": [5.0, 50.0],
        },
        geometry=[shapely.box(87, 43, 88, 44)] * 2,
        crs="EPSG:4326",
        index=pd.Index(["g1", "g2"], name="gap_id"),
    )
    found = redact_layers(replace(layers, gaps=gaps), Redaction(suppress_under=10), study).gaps
    assert found["station_id"].tolist() == ["", "S"]
    assert found["remedy_station_id"].tolist() == ["", "S"]
    assert found["remedy_lon"].isna().tolist() == [True, False]
    assert found["remedy_road_m"].isna().tolist() == [True, False]
    assert found["people"].isna().all()


def test_proposed_sites_at_hidden_places_are_moved(study: Study, layers: ReportLayers) -> None:
    """A police place that is to add an item is shown as its township, without ids."""
    sites = gpd.GeoDataFrame(
        {
            "site_id": [f"item:{POLICE_IDS[0]}", "village:650102"],
            "name": [POLICE_NAMES[0], "镇北"],
            "kind": ["police_station", "legal_station"],
            "family": ["police", "legal"],
            "station_id": [POLICE_IDS[0], ""],
            "newly_covered": [40.0, 7.0],
        },
        geometry=[shapely.Point(PLACES[0]), shapely.Point(87.65, 43.95)],
        crs="EPSG:4326",
        index=pd.Index([1, 2], name="order"),
    )
    found = redact_layers(replace(layers, sites=sites), Redaction(), study).sites
    assert found["site_id"].tolist() == ["", "village:650102"]
    assert found["name"].tolist() == ["镇南", "镇北"]
    assert found.geometry.iloc[0].distance(shapely.Point(PLACES[0])) > 0.001
    assert found.geometry.iloc[1] == sites.geometry.iloc[1]


def test_small_numbers_and_fields_of_layers(study: Study, layers: ReportLayers) -> None:
    """Demand points with few people are empty, and a layer keeps only the fields that were chosen."""
    kept = Redaction((), suppress_under=40, fields=(("stations", ("name", "kind")),))
    found = redact_layers(layers, kept, study)
    population = layers.demand["population"]
    assert found.demand["population"].isna()[(population > 0) & (population < 40)].all()
    assert found.demand["population"].notna()[population >= 100].all()
    assert list(found.stations.columns) == ["name", "kind", "geometry"]


def test_nothing_hidden_leaves_layers_alone(study: Study, layers: ReportLayers) -> None:
    """A redaction that hides nothing returns the same layers."""
    assert redact_layers(layers, NO_REDACTION, study) is layers


def test_a_study_without_districts_hides_places_altogether(tmp_path: Path) -> None:
    """With no township to stand for them hidden stations have no place and no name."""
    path = write_police_study(tmp_path / "study")
    path.write_text(path.read_text().replace('districts = "districts.geojson"\n', ""))
    study = open_study(path)
    layers = build_layers(answer_question(study, Question()))
    found = redact_layers(layers, Redaction(), study).stations
    assert found.geometry.is_empty.tolist() == [False, False, True, True]
    assert found["name"].tolist()[2:] == ["", ""]
