"""Any sequence of edits, undo, redo, save and reopen equals a plain list and a from-scratch assessment."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from random_study import build_random_study
from scenario_edits import draw_edit
from small_study import write_small_study

from coverage.access.assessment import assess
from coverage.errors import InputError
from coverage.inputs.stations import StationChoice
from coverage.scenario.apply_edits import apply_edits
from coverage.scenario.compare import compare
from coverage.scenario.edit_order import find_order_of_moves, order_edits
from coverage.scenario.edited_basis import change_stations
from coverage.scenario.edits import Edit
from coverage.scenario.updated_times import ScenarioTimes
from coverage.travel.travel_basis import build_travel_basis
from geodata.store.changes import Change
from geodata.store.database import new_id, open_store
from geodata.store.exchange import SCENARIOS_FILE, export_study, import_scenarios
from geodata.store.scenarios import create_scenario, list_scenarios, open_scenario, save_changes
from geodata.store.studies import add_study
from geodata.studies.edits_json import parse_edits, write_edits
from geodata.studies.pack import open_pack

CHOICE = StationChoice(service="notary")


class Scenarios(RuleBasedStateMachine):
    """A scenario in the store beside a plain list of its edits and a list of those undone."""

    @initialize(seed=st.integers(0, 10**6))
    def begin(self, seed: int) -> None:
        """Make a random study, what is searched once for it, and an empty scenario."""
        self.folder = Path(tempfile.mkdtemp(prefix="states-"))
        self.study = build_random_study(seed, people=25, stations=5)
        self.times = ScenarioTimes(build_travel_basis(self.study))
        self.store = open_store(self.folder / "store")
        study = add_study(self.store, write_small_study(self.folder / "study"))
        self.study_id = study.id
        self.scenario = create_scenario(self.store, study.id, "方案")
        # What held after each change, and what would hold again after a redo.
        self.past: list[tuple[Edit, ...]] = [()]
        self.future: list[tuple[Edit, ...]] = []

    def _save(self, change: Change) -> None:
        head = self.scenario.head
        saved = save_changes(self.store, head.id, (change,), version=head.version)
        assert saved.conflict is None
        self.scenario = saved.scenario

    @rule(seed=st.integers(0, 10**6))
    def edit(self, seed: int) -> None:
        """Make an edit; what was undone is gone."""
        done = self.past[-1]
        made = draw_edit(self.study, done, seed)
        self._save(Change("edit", made))
        self.past.append((*done, made))
        self.future.clear()

    @precondition(lambda self: len(self.past[-1]) > 1)
    @rule(position=st.integers(0, 20), by=st.sampled_from([-2, -1, 1, 2]))
    def reorder(self, position: int, by: int) -> None:
        """Move an edit up or down, where it does not come before what it needs."""
        done = self.past[-1]
        order = find_order_of_moves(len(done), position % len(done), by)
        try:
            ordered = order_edits(self.study, done, order)
        except InputError:
            return
        self._save(Change("order", order=order))
        self.past.append(ordered)
        self.future.clear()

    @precondition(lambda self: len(self.past) > 1)
    @rule()
    def undo(self) -> None:
        """Take back the last edit, or the last order."""
        self._save(Change("undo"))
        self.future.append(self.past.pop())

    @precondition(lambda self: self.future)
    @rule()
    def redo(self) -> None:
        """Make again what was taken back last."""
        self._save(Change("redo"))
        self.past.append(self.future.pop())

    @rule()
    def reopen(self) -> None:
        """Close the store and open it again."""
        self.store.close()
        self.store = open_store(self.folder / "store")
        self.scenario = open_scenario(self.store, self.scenario.head.id)

    @rule()
    def carry_over(self) -> None:
        """Go on in the copy of a file that was written and read."""
        path = self.folder / "carried.zip"
        export_study(self.store, self.study_id, path)
        number = [head.id for head in list_scenarios(self.store, self.study_id)].index(self.scenario.head.id)
        self.study_id = new_id()
        folder = self.folder / self.study_id
        import_scenarios(self.store, open_pack(path, folder), folder / SCENARIOS_FILE, self.study_id)
        head = list_scenarios(self.store, self.study_id)[number]
        self.scenario = open_scenario(self.store, head.id)

    @invariant()
    def the_list_is_kept(self) -> None:
        """Compare what is stored, also through JSON, with the plain list."""
        if not hasattr(self, "scenario"):
            return
        assert self.scenario.edits == self.past[-1]
        assert len(self.scenario.history.past) == len(self.past) - 1
        assert len(self.scenario.history.future) == len(self.future)
        assert parse_edits(write_edits(self.scenario.edits)) == self.past[-1]

    @invariant()
    def answers_are_those_from_scratch(self) -> None:
        """Compare the updated answer with an assessment of the edited study that knows nothing of the old one."""
        if not hasattr(self, "scenario"):
            return
        after = apply_edits(self.study, self.scenario.edits)
        basis = change_stations(self.times.basis, after)
        updated = assess(basis, CHOICE, found=self.times.find_nearest(basis, CHOICE))
        scratch = assess(build_travel_basis(after), CHOICE)
        assert updated.demand.equals(scratch.demand)
        assert updated.districts.equals(scratch.districts)
        assert updated.totals == scratch.totals or np.isnan(scratch.totals.mean_min)
        assert compare(updated, scratch).points.empty

    def teardown(self) -> None:
        """Remove the store."""
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.folder)


_EXAMPLES = max(3, settings.default.max_examples // 6)  # 3 in the quick run, 8 in the thorough one
Scenarios.TestCase.settings = settings(max_examples=_EXAMPLES, stateful_step_count=12, deadline=None)


class TestScenarios(Scenarios.TestCase):
    """Run the machine as a test."""
