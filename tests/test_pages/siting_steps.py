"""Steps on the Sites page that its tests share."""

from __future__ import annotations

import time

from streamlit.testing.v1 import AppTest

from coverage.model import Study
from coverage.question import Question
from coverage.stations import StationChoice


def read_page(app: AppTest) -> str:
    """Return everything the page says."""
    assert not app.exception
    said = [str(block.proto.body) for block in app.get("html") if "<style>" not in str(block.proto.body)]
    for kind in ("button", "selectbox", "number_input", "toggle"):
        said += [str(entry.label) for entry in getattr(app, kind)]
    said += [str(button.label) for button in app.get("download_button")]
    return "\n".join(said)


def turn_to(app: AppTest, language: str = "zh", *, question: Question | None = None) -> str:
    """Open the page, with a question where one is given, and return everything it says."""
    app.query_params["lang"] = language
    app.run()
    if question is not None:
        app.session_state["question"] = question
    app.switch_page("pages/siting.py").run()
    return read_page(app)


def run_to_end(app: AppTest) -> str:
    """Press the button and wait until the proposal is there."""
    app.button(key="w_siting_run").click().run()
    for _ in range(200):
        if not any(button.key == "w_siting_stop" for button in app.button):
            return read_page(app)
        time.sleep(0.2)
        app.run()
    raise AssertionError("no proposal after 40 s")


def ask_legal_aid(study: Study) -> Question:
    """Return a question about legal aid at the stations of the legal family."""
    return Question(StationChoice(service="legal_aid", family="legal"), season=study.settings.season)
