"""Layers of a report: the assessment as tables in WGS-84, one row for each thing, no infinite numbers."""

from __future__ import annotations

import numpy as np
import pytest

from coverage.answer.answer import Answer
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.siting.plan.solve import SitingQuestion
from geodata.answers.run_assessment import answer_question
from geodata.answers.run_siting import Suggestion, suggest_sites
from geodata.documents.gis.layer_tables import LAYER_NAMES, build_layers
from geodata.studies.open_study import open_study
from tests.small_study import write_small_study

QUESTION = Question(choice=StationChoice(family="legal"), cutoff_min=2.0)


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """Assess the small study: A and B are inside two minutes, D beyond, C unconnected."""
    study = open_study(write_small_study(tmp_path_factory.mktemp("layers")))
    return answer_question(study, QUESTION)


@pytest.fixture(scope="module")
def suggestion(answer: Answer) -> Suggestion:
    """Propose one site for the small study."""
    return suggest_sites(answer.basis.study, QUESTION, SitingQuestion(sites=1), basis=answer.basis)


def test_layers_say_what_the_assessment_says(answer: Answer) -> None:
    """Every layer has the rows of its table, in WGS-84, with the numbers of the assessment."""
    layers = build_layers(answer)
    found = answer.assessment
    assert {name: len(frame) for name, frame in layers.tables().items()} == {
        "areas": len(answer.areas),
        "districts": 3,
        "demand": 4,
        "gaps": len(answer.gaps),
        "stations": 2,
    }
    assert all(frame.crs == "EPSG:4326" for frame in layers.tables().values())
    assert layers.stations["is_counted"].to_dict() == {"S": True, "P": False}
    assert layers.demand.geometry["D"].y == pytest.approx(found.demand.loc["D", "lat"])
    assert np.isnan(layers.demand.loc["C", "minutes"])
    assert layers.demand.loc["A", "minutes"] == found.demand.loc["A", "minutes"]
    units = answer.indicators[(answer.indicators["unit_id"] == "650101") & (answer.indicators["code"] == "B1")]
    assert layers.districts.loc["650101", "B1"] == units["value"].item()
    assert layers.districts.loc["650101", "covered"] == found.districts.loc["650101", "covered"]
    assert layers.names["family.legal"].en


def test_suggested_sites_are_a_layer_in_build_order(answer: Answer, suggestion: Suggestion) -> None:
    """Sites are numbered as they are to be built and keep their place and benefit; without a plan there is none."""
    layers = build_layers(answer, suggestion)
    assert tuple(layers.tables()) == LAYER_NAMES
    assert layers.sites.index.tolist() == suggestion.sites["order"].tolist()
    assert layers.sites["newly_covered"].tolist() == suggestion.sites["newly_covered"].tolist()
    assert layers.sites.geometry.x.tolist() == suggestion.sites["lon"].tolist()
    assert not layers.sites["is_new_police"].any()
    assert build_layers(answer).sites.columns.isin(layers.sites.columns).all()
