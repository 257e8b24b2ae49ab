"""Words that the screens put together from ids: each one exists in both languages."""

from __future__ import annotations

import pytest

from coverage.inputs.question import Question
from coverage.inputs.schema import DISTRICT_LEVELS, STATION_STATUSES, STATUSES, WEIGHT_COLUMNS
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.network.settings import MODES
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_speeds import default_speeds_path, read_speeds
from geodata.studies.study_file import INPUT_ROLES
from geodata.words.i18n import LANGUAGES, Language, Translator, load_messages
from pages.ui import terms
from pages.ui.first_question import first_question
from pages.ui.memo.step_checks import STEPS
from pages.ui.overview.ladder import compute_ladder


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_composed_id_has_words(language: Language) -> None:
    """Levels, statuses, modes, seasons, weights, roles, steps: no screen can meet an id without words."""
    seasons = {season for mode in MODES for season in read_speeds(default_speeds_path(mode)).season_names}
    wanted = [f"unit.{level}" for level in DISTRICT_LEVELS]
    wanted += [f"station_status.{status}" for status in STATION_STATUSES]
    wanted += [f"short.{status}" for status in STATUSES]
    wanted += ["status.no_route", "status.unconnected"]
    wanted += [f"mode.{mode}" for mode in MODES]
    wanted += [f"season.{season}" for season in seasons]
    wanted += [f"whom.{weight}" for weight in WEIGHT_COLUMNS]
    wanted += [f"role.{role}" for role in ("study", *INPUT_ROLES)]
    wanted += [f"severity.{severity}" for severity in ("rejected", "warning", "note")]
    wanted += [f"step.{step}.{part}" for step in STEPS for part in ("title", "help", "empty", "found")]
    wanted += [f"control.{field}" for field in ("family", "level", "service", "season", "standard")]
    wanted += [f"data.section.{section}" for section in ("contents", "new", "open")]
    wanted += [f"ladder.{level}" for level in ("village", "township", "county")]
    wanted += ["circle.30", "circle.60", "templates.stations", "templates.population"]
    messages = load_messages(language)
    assert [one for one in wanted if not messages.get(one)] == []
    assert all(f"unit.{weight}_suffix" in messages for weight in WEIGHT_COLUMNS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_can_be_said_in_a_sentence(language: Language, study: Study) -> None:
    """Any family, level and item gives a name without holes, and English names begin small within it."""
    tr = Translator(language)
    catalogue = read_catalogue()
    for family in ("", *(one.id for one in catalogue.families)):
        for level in ("", *(one.id for one in catalogue.levels)):
            name = terms.target_name(study, Question(StationChoice(family=family, level=level)), tr)
            assert name
            assert "{" not in name
            assert "target." not in name
            assert language == "zh_CN" or name[0].islower()
    for item in catalogue.items:
        assert terms.target_name(study, Question(StationChoice(service=item.id)), tr)
    assert terms.standard_name(Question(cutoff_min=30.0), tr) in ("半小时", "half an hour")
    assert "20" in terms.standard_name(Question(cutoff_min=20.0), tr)
    assert terms.season_name("spring_flood", tr) == "spring_flood"


def test_the_first_question_is_a_rung_of_the_ladder(study: Study) -> None:
    """What people see first is one level of one family, never an any-level figure; the ladder shows all levels."""
    question = first_question(study)
    assert (question.family, question.level, question.cutoff_min) == ("legal", "township", 30.0)
    rungs = compute_ladder(study, question)
    assert {rung.level for rung in rungs if rung.family == "legal"} == {"village", "township", "county"}
    for rung in rungs:
        assert 0.0 <= rung.established <= 1.0
        assert 0.0 <= rung.reachable <= 1.0
        assert rung.units_with_station <= rung.units
