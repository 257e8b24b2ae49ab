"""Steps on the Sites page that its tests share."""

from __future__ import annotations

from page_steps import open_page, wait_for
from streamlit.testing.v1 import AppTest

from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study


def turn_to(app: AppTest, language: str = "zh", *, question: Question | None = None, study: Study | None = None) -> str:
    """Open the page, with a question of a study where they are given, and return everything it says."""
    if question is None or study is None:
        return open_page(app, "siting", language)
    return open_page(app, "siting", language, question=question, question_of=study.fingerprint)


def run_to_end(app: AppTest) -> str:
    """Press the button and wait until the proposal is there."""
    app.button(key="w_siting_run").click().run()
    return wait_for(app, lambda: not any(button.key == "w_siting_stop" for button in app.button))


def ask_legal_aid(study: Study) -> Question:
    """Return a question about legal aid at the stations of the legal family."""
    return Question(StationChoice(service="legal_aid", family="legal"), season=study.settings.season)
