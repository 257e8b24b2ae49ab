"""What the Coverage page is made of: remedies, outlines, explanations, routes and files of the demo study."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from coverage.access.remedies import find_remedies
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.network.closures import Closure
from geodata.maps.shapes import SLOTS
from geodata.words.i18n import LANGUAGES, Language, load_messages
from pages.ui import map_frame
from pages.ui.gaps import area_files, why_panel
from pages.ui.gaps.layer_choice import LAYERS
from pages.ui.memo import cached, cached_gaps, cached_shapes


def test_remedies_of_one_gap_equal_those_of_the_ranking(study: Study, question: Question) -> None:
    """A gap by itself and among the first ten gives the same remedies and the same suggestion."""
    basis, assessment = cached.ask(study, question).basis, cached.ask(study, question).assessment
    gaps, every = cached.ask(study, question).get("gaps")
    alone = cached_gaps.fetch_remedies(study, question, 3)
    known = every[every["gap_id"] == 3].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, known, check_dtype=False)
    assert gaps["remedy"][3] == alone.loc[alone["is_suggested"], "remedy"].iloc[0]
    nothing = find_remedies(basis, assessment, (assessment.demand["weight"] < 0).to_numpy("int32"), top=1)
    assert nothing.empty


def test_the_area_of_a_station_lies_within_that_of_all(study: Study, question: Question) -> None:
    """One station's outline covers less than everybody's, and both depend on the threshold."""
    station = str(study.stations.index[cached.ask(study, question).assessment.chosen[0]])
    own, every = cached_shapes.fetch_station_area(study, question, station), cached_shapes.fetch_area(study, question)
    wider = cached_shapes.fetch_area(study, replace(question, cutoff_min=60.0))
    assert len({own, every, wider}) == 3
    assert len(json.loads(own)["layers"][0]["rings"]) >= 1


def test_positions_of_police_places_are_not_exported(study: Study, question: Question, tmp_path: Path) -> None:
    """A remedy at a police place keeps its id and loses its position in the file."""
    gaps = cached.ask(study, question).get("gaps")[0].head(2).copy()
    police = {kind.id for kind in study.catalogue.kinds if kind.family == "police"}
    place = study.stations.index[study.stations["kind"].isin(police)][0]
    gaps["remedy_station_id"] = [place, ""]
    written = json.loads(area_files.write_gaps(tmp_path / "gaps.geojson", study, gaps).read_text("utf-8"))
    first, second = (feature["properties"] for feature in written["features"])
    assert (first["remedy_station_id"], first["remedy_lon"]) == (place, None)
    assert second["remedy_lon"] is not None


def test_a_route_is_written_with_its_minutes(study: Study, question: Question) -> None:
    """The file of the way holds its line from the place to the station and the minutes of the tables."""
    row = cached.ask(study, question).assessment.demand.query("status == 'beyond'").iloc[0]
    answer = cached_gaps.fetch_explanation(study, question, float(row["lon"]), float(row["lat"]))
    written = json.loads(why_panel.write_route(study, answer))
    (feature,) = written["features"]
    assert feature["properties"]["minutes"] == pytest.approx(float(row["minutes"]))
    assert feature["geometry"]["coordinates"][0] == pytest.approx([row["lon"], row["lat"]])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_composed_id_has_words(language: Language) -> None:
    """Layers, panels, parts, zones and columns: no control can meet an id without words."""
    known = load_messages(language)
    wanted = [f"layers.{one}" for one in LAYERS] + [f"layers.{one}_legend" for one in SLOTS]
    wanted += [f"section.{one}" for one in ("gaps", "established", "suspicion", "referral", "files")]
    wanted += [f"panel.{one}" for one in ("gaps", "why")]
    wanted += [f"cutoff.zone.{one}" for one in ("urban", "rural", "pastoral", "unknown")]
    wanted += [f"missing.{one}" for one in ("road", "item", "station")]
    wanted += [f"files.{one}" for one in ("gaps_geojson", "service_areas_geojson", "coverage_gpkg")]
    assert [one for one in wanted if not known.get(one)] == []


def test_clicks_off_the_map_are_left_alone(study: Study, question: Question) -> None:
    """A place beyond the poles of the map has no explanation, and one round the world is brought back."""
    assert map_frame.wrap_place((87.6, 89.0)) is None
    assert map_frame.wrap_place(None) is None
    assert map_frame.wrap_place((87.6 + 360.0, 43.8)) == pytest.approx((87.6, 43.8))


def test_explanations_follow_the_rules_of_the_question(study: Study, question: Question) -> None:
    """Within the own jurisdiction, at a moment and in winter a place has the minutes of the tables."""
    rules = (
        replace(question, own_jurisdiction=True, choice=StationChoice()),
        replace(question, moment_min=3 * 60, choice=StationChoice(family="police")),
        replace(question, season="winter"),
    )
    for asked in rules:
        demand = cached.ask(study, asked).assessment.demand
        for row in demand[demand["minutes"].between(5, 90)].iloc[::900].itertuples():
            answer = cached_gaps.fetch_explanation(study, asked, row.lon, row.lat)
            assert (answer.status, answer.station_id) == (row.status, row.station_id)
            assert answer.minutes == row.minutes


def test_closed_roads_of_the_question_are_drawn(study: Study, question: Question) -> None:
    """Roads a question closes lie on the map as dashed lines; a question without any has no such layer."""
    assert cached_shapes.fetch_closed_roads(study, question) is None
    network = study.network
    assert network is not None
    middle = int(network.vertex_ptr[5])
    place = float(network.vertex_lon[middle]), float(network.vertex_lat[middle])
    asked = replace(question, closures=(Closure("{{7*191}}", (place,)),))
    data = json.loads(str(cached_shapes.fetch_closed_roads(study, asked)))
    assert data["slot"] == "closed"
    assert {line["look"] for line in data["lines"]} == {"closed"}
    assert "{{" not in json.dumps(data)


def test_another_place_has_another_way_on_the_map(study: Study, question: Question) -> None:
    """The layer of the route is renewed for every place, and the same place keeps it."""
    demand = cached.ask(study, question).assessment.demand.query("status == 'beyond'").iloc[[0, 40]]
    answers = [cached_gaps.fetch_explanation(study, question, row.lon, row.lat) for row in demand.itertuples()]
    first, second = (json.loads(str(cached_shapes.encode_route(answer))) for answer in answers)
    assert first["key"] != second["key"]
    assert cached_shapes.encode_route(answers[0]) == cached_shapes.encode_route(answers[0])
    assert first["lines"][0]["look"] == "road"
    assert [line["look"] for line in first["lines"]].count("walk") == 2


def test_the_range_is_that_of_the_moment_asked_about(study: Study, question: Question) -> None:
    """The range of a moment is round the share of that moment, and leaves none behind for the whole week."""
    for asked in (replace(question, moment_min=3 * 60), question):
        found = cached.ask(study, asked).headline_range
        assert found.value == cached.ask(study, asked).assessment.totals.share_covered
        assert found.low <= found.value <= found.high
