"""The Methods page: every definition, the speeds of the study, its settings and its provenance, in both languages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from page_steps import open_page, read_page
from streamlit.testing.v1 import AppTest

from coverage.inputs.indicator_registry import INDICATORS
from coverage.inputs.study import Study
from coverage.network.settings import MODES, SnapSettings
from coverage.network.speeds import compute_profile_speeds
from geodata.intake.read_speeds import default_speeds_path, read_speeds
from geodata.words.i18n import LANGUAGES, Language, Translator
from pages.ui.methods import method_texts


def test_every_definition_stands_on_the_page(app: AppTest, study: Study) -> None:
    """All codes are there, and the inputs show their whole checksums; in English too."""
    page = open_page(app, "methods")
    for one in INDICATORS:
        assert f">{one.code.replace('_', '&#95;')}</td>" in page
    assert all(source.sha256 in page for source in study.sources)
    assert study.fingerprint in page
    app.sidebar.segmented_control(key="w_language").set_value("en").run()
    assert "Door-to-door time" in read_page(app)


def test_a_study_without_roads_has_its_methods(app: AppTest, bare: Path) -> None:
    """The page needs no roads and no stations."""
    assert "门到门时间" in open_page(app, "methods", study_path=str(bare))


def test_listed_speeds_are_those_that_are_driven(study: Study) -> None:
    """Every speed of the table is what the engine drives on a road of that class without an upper limit."""
    assert study.network is not None
    profiles = study.network.profiles
    bare = profiles["maxspeed_forward_kph"].isna()
    for column in ("surface", "smoothness", "tracktype", "service"):
        bare &= ~profiles[column].isin(dict(getattr(study.speeds, f"{column}_kph")))
    tr = Translator("en")
    listed = method_texts.list_speeds(study.speeds, tr).set_index("Class")
    compared = 0
    for season, name in (("summer", "Summer"), ("winter", "Winter"), ("heavy_snow", "Heavy snow")):
        forward, _ = compute_profile_speeds(study.network, study.speeds, season)
        for number in bare.to_numpy().nonzero()[0]:
            told = listed[name][method_texts.say_class(str(profiles["highway"].iloc[number]), tr)]
            assert told == (f"{forward[0, number]:.1f}" if forward[0, number] > 0 else "closed")
            compared += 1
    assert compared > 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_speed_table_can_be_said(mode: str, language: Language) -> None:
    """Classes, limits and delays of the tables that come with the program have words."""
    tr, speeds = Translator(language), read_speeds(default_speeds_path(mode))
    lists = (method_texts.list_speeds, method_texts.list_limits, method_texts.list_delays)
    text = "\n".join(make(speeds, tr).to_csv() for make in lists)
    assert "method." not in text
    assert [one for one, _ in speeds.speeds_kph if method_texts.say_class(one, tr) == one] == []


def test_settings_are_said_in_plain_words(study: Study) -> None:
    """The sentences hold the numbers in force; another motorway setting gives another sentence."""
    tr = Translator("zh_CN")
    said = "".join(method_texts.describe_settings(study, tr))
    assert f"{study.settings.cutoff_min:g}分钟" in said
    assert "2,000米" in said
    assert "method." not in said
    near = replace(study, settings=replace(study.settings, snap=SnapSettings(motorway_within_m=15.0)))
    assert "15米" in "".join(method_texts.describe_settings(near, tr))
    assert len(method_texts.list_classes_of_people(tr)) == 4
