"""The What-if page as a person uses it, on a small study: its map, its buttons, and what must hold after each step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import streamlit as st
from page_steps import open_page, read_page
from small_study import LAT, LON, STEP
from streamlit.testing.v1 import AppTest

from coverage.inputs.question import Question
from coverage.scenario.edits import Edit
from geodata.answers.run_whatif import WhatIf, run_whatif
from geodata.files.folders import store_folder
from geodata.maps.layers import name_station_key
from geodata.store.database import open_store
from geodata.store.scenarios import Scenario, open_scenario
from geodata.words import number_format
from pages.ui.first_question import first_question
from pages.ui.memo import cached
from pages.ui.whatif import whatif_map

SMALL = "20260101-000000-abcdef"
AT_B = (LON + 2 * STEP, LAT)


class EventMap:
    """Stands in for the map in the browser: keeps what it was given, and reports what a test does on it."""

    def __init__(self) -> None:
        self.layers: dict[str, str] = {}
        self.bases: list[str] = []
        self.event: dict[str, Any] | None = None
        self.count = 0

    def show(self, fig: Any, layers: Any, *, key: str, on_change: Any, **_: Any) -> None:
        """Take the place of `map_frame.show_map`; an event waiting here happens and runs the page again."""
        if key != whatif_map.KEY:
            return
        calls = [child for child in layers._children.values() if hasattr(child, "encoded")]
        self.layers = {json.loads(call.encoded).get("slot", call.function): call.encoded for call in calls}
        self.bases.append("".join(child.encoded for child in fig._children.values() if hasattr(child, "encoded")))
        if self.event is not None:
            self.count += 1
            event, self.event = self.event | {"number": f"n{self.count}"}, None
            st.session_state[key] = {"event": event}
            on_change()
            st.rerun()

    def read(self, slot: str) -> Any:
        """Return the data of a layer."""
        return json.loads(self.layers[slot])


class Page:
    """The page as a person uses it, on a small study."""

    def __init__(self, app: AppTest, fake: EventMap) -> None:
        self.app, self.map = app, fake

    def do(self, **event: Any) -> str:
        """Do something on the map and return what the page says then."""
        self.map.event = event
        self.app.run()
        return self.read()

    def click(self, place: tuple[float, float]) -> str:
        """Click the map at lon, lat."""
        return self.do(kind="place", lng=place[0], lat=place[1])

    def choose(self, station: str) -> str:
        """Click a station on the map."""
        return self.do(kind="station", id=name_station_key(station))

    def press(self, key: str) -> str:
        """Press a button."""
        self.app.button(key=key).click().run()
        return self.read()

    def keep(self, **kept: Any) -> str:
        """Turn to a part, an act or another thing that the page keeps, and return what it says then."""
        self.app.session_state["whatif"] = {**self.app.session_state["whatif"], **kept}
        self.app.run()
        return self.read()

    def read(self) -> str:
        """Return everything the page says."""
        return read_page(self.app)

    def scenario(self) -> Scenario:
        """Return the scenario of the visit as it is on disk."""
        with open_store(store_folder()) as store:
            return open_scenario(store, self.app.session_state["scenario"])

    def check(self, *edits: Edit, question: Question | None = None) -> WhatIf:
        """Check that these edits hold on disk, and that the page has the numbers of the engine for them."""
        assert self.scenario().edits == edits
        study = cached.fetch_study(Path(self.app.session_state["study_path"]))
        found = run_whatif(study, question or first_question(study), edits)
        delta, page = found.comparison, self.read()
        assert f'新增覆盖 <b class="p-gain">{number_format.people(delta.newly_covered)}人' in page
        assert f'失去覆盖 <b class="p-loss">{number_format.people(delta.newly_lost)}人' in page
        assert f"{number_format.number(delta.after.mean_min, 2)}分钟" in page
        assert f"{number_format.number(found.cost / 1e4, 1)} 万元" in page
        return found


def open_bench(app: AppTest, fake: EventMap, language: str = "zh", **session: Any) -> Page:
    """Open the page on the study of the session."""
    open_page(app, "what_if", language, **session)
    return Page(app, fake)
