"""Scenarios of the open study: kept in the store at every change, found again by the address of the visit."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from pathlib import Path

import streamlit as st

from coverage.errors import InputError, PlannerError
from coverage.model import Study
from geodata.edit_study import is_embedded
from geodata.folders import store_folder
from geodata.i18n import Translator
from geodata.pack import open_pack
from geodata.store.changes import Change
from geodata.store.database import Store, open_store
from geodata.store.exchange import SCENARIOS_FILE, export_study, import_scenarios
from geodata.store.scenarios import (
    Saved,
    Scenario,
    ScenarioHead,
    create_scenario,
    duplicate_scenario,
    list_scenarios,
    open_scenario,
    save_changes,
)
from geodata.store.studies import keep_study
from geodata.store.versions import sweep
from pages.ui import state
from pages.ui.cached import vault


@st.cache_resource(show_spinner=False)
def _open(folder: str) -> Store:
    store = open_store(Path(folder))
    # Another planner may be at work in the same folder: what it holds stays, and so do its files.
    with contextlib.suppress(InputError):
        sweep(store)
    return store


def fetch_store() -> Store:
    """Return the store of this planner, open once for all sessions.

    Raises
    ------
    InputError
        As `geodata.store.database.open_store` does.
    """
    return _open(str(store_folder()))


def find_study_id(path: Path) -> str:
    """Return the id under which the study at a path is kept: the name of its folder, ``demo`` for the embedded one."""
    if is_embedded(path):
        return state.DEMO
    folder = state.studies_folder()
    if path.is_relative_to(folder):
        return path.relative_to(folder).parts[0]
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:32]


def keep_open_study(study: Study) -> str:
    """Put the open study into the store, or bring it up to date there; return its id."""
    path = state.study_path()
    key = (str(store_folder()), str(path), study.fingerprint)

    def build() -> str:
        return keep_study(fetch_store(), path, find_study_id(path), author=state.author()).id

    return vault().fetch("stored_study", key, build)


def encode_study(study: Study) -> bytes:
    """Write the open study and all its scenarios into one ``.zip``, as `geodata.store.exchange.export_study` does."""
    study_id = keep_open_study(study)
    with tempfile.TemporaryDirectory(prefix="study-") as place:
        path = Path(place) / "study.zip"
        export_study(fetch_store(), study_id, path)
        return path.read_bytes()


def open_with_scenarios(pack: Path, folder: Path) -> Path:
    """Unpack a study into a new folder and take over the scenarios that came with it; return its ``study.toml``.

    Raises
    ------
    InputError
        As `geodata.pack.open_pack` and `geodata.store.exchange.import_scenarios` do; no folder is left then.
    """
    try:
        study_toml = open_pack(pack, folder)
        listed = folder / SCENARIOS_FILE
        if listed.is_file():
            import_scenarios(fetch_store(), study_toml, listed, find_study_id(study_toml), author=state.author())
    except PlannerError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return study_toml


def list_heads(study: Study) -> tuple[ScenarioHead, ...]:
    """List the scenarios of the open study, the first one first."""
    return list_scenarios(fetch_store(), keep_open_study(study))


def find_current(study: Study) -> Scenario | None:
    """Return the scenario of this visit as it stands in the store, None if none is chosen.

    One that is not there, or belongs to another study, is dropped from the visit and kept as a refusal.
    """
    scenario_id = state.scenario_id()
    if not scenario_id:
        return None
    study_id = keep_open_study(study)
    try:
        found = open_scenario(fetch_store(), scenario_id)
        if found.head.study_id != study_id:
            raise InputError("store.unknown_scenario", value=scenario_id[:50])
    except InputError as error:
        state.set_scenario("")
        state.keep_refusal(error)
        return None
    return found


def record(study: Study, shown: Scenario | None, changes: tuple[Change, ...], tr: Translator) -> Saved:
    """Save changes of this visit; they are on disk when this returns, and the visit is where they are.

    Parameters
    ----------
    study
        The open study.
    shown
        The scenario as the person saw it when making the changes; None begins a new one.
    changes
        In order.
    tr
        For the name of a new scenario.

    Returns
    -------
    Where the changes are. With a conflict that is a copy, since somebody else had changed the scenario; the
    conflict is kept for the page to tell.

    Raises
    ------
    InputError
        As `geodata.store.scenarios.save_changes` does.
    """
    begun = (shown or find_current(study) or create(study, tr)).head
    # What this visit wrote since it drew the screen is no change of somebody else: two quick clicks are one person.
    written: dict[str, int] = state.whatif("written", {})
    version = max(begun.version, written.get(begun.id, 0))
    saved = save_changes(fetch_store(), begun.id, changes, version=version, author=state.author())
    head = saved.scenario.head
    if saved.conflict is not None:
        state.keep_whatif(conflict=saved)
    state.keep_whatif(written=written | {head.id: head.version})
    state.set_scenario(head.id)
    return saved


def create(study: Study, tr: Translator, name: str = "") -> Scenario:
    """Make an empty scenario and turn the visit to it; without a name it gets the next free number."""
    taken = {head.name for head in list_heads(study)}
    numbered = (tr("whatif.scenario_name", number=number) for number in range(1, len(taken) + 2))
    free = name or next(one for one in numbered if one not in taken)
    made = create_scenario(fetch_store(), keep_open_study(study), free, author=state.author())
    state.set_scenario(made.head.id)
    return made


def duplicate(study: Study, shown: Scenario, tr: Translator) -> Scenario:
    """Copy a scenario with its history, and turn the visit to the copy."""
    taken = {head.name for head in list_heads(study)}
    numbered = (
        tr("whatif.copy_name", name=shown.head.name[:150], number=number) for number in range(1, len(taken) + 2)
    )
    name = next(one for one in numbered if one not in taken)
    made = duplicate_scenario(fetch_store(), shown.head.id, name, author=state.author())
    state.set_scenario(made.head.id)
    return made
