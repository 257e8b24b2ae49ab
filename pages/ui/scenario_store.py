"""Scenarios of the open study: kept in the store at every change, found again by the address of the visit."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import streamlit as st

from coverage.errors import InputError, PlannerError
from coverage.inputs.study import Study
from geodata.files.folders import deleted_folder, make_private, store_folder
from geodata.files.write_tables import explain_refusal
from geodata.store.changes import HISTORY_KINDS, Change
from geodata.store.database import UNWRITABLE, Store, open_store
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
from geodata.store.studies import StoredStudy, find_study_record, keep_study, open_stored_study
from geodata.store.trial import carry_over, open_trial_store
from geodata.store.versions import DELETED_DAYS, delete_study, restore_study, sweep
from geodata.studies.edit_study import check_is_present, is_embedded
from geodata.studies.pack import open_pack
from geodata.words.i18n import Translator
from pages.ui import state
from pages.ui.memo.cached import vault
from pages.ui.older_version import Older

_T = TypeVar("_T")


@st.cache_resource(show_spinner=False)
def _open(folder: str) -> Store:
    store = open_store(Path(folder))
    # Another planner may be at work in the same folder: what it holds stays, and so do its files.
    with contextlib.suppress(InputError):
        sweep(store)
        _remove_deleted()
    return store


def fetch_store() -> Store:
    """Return the store of this planner, open once for all sessions.

    A visit that found the disk full or read-only goes on in a copy in memory, see `use_store`.

    Raises
    ------
    InputError
        As `geodata.store.database.open_store` does.
    """
    trial = state.trial()
    if trial is not None:
        return trial[0]
    try:
        return _open(str(store_folder()))
    except InputError as error:
        if error.code not in UNWRITABLE:
            raise
        return _begin_trial(error)


def use_store(act: Callable[[Store], _T]) -> _T:
    """Do something with the store; where the disk takes nothing, do it in a copy in memory, which the page says."""
    store = fetch_store()
    try:
        return act(store)
    except InputError as error:
        if error.code not in UNWRITABLE or not store.keeps_files:
            raise
        return act(_begin_trial(error))


def _begin_trial(reason: InputError) -> Store:
    store = open_trial_store(store_folder())
    state.keep_trial((store, reason))
    return store


def save_trial(study: Study) -> None:
    """Save what this visit tried in memory, and let it save again.

    Raises
    ------
    InputError
        As `geodata.store.database.open_store` and `geodata.store.trial.carry_over` do; the visit then stays in memory.
    """
    trial = state.trial()
    if trial is None:
        return
    store, path = _open(str(store_folder())), state.study_path()
    kept = keep_study(store, path, find_study_id(path), author=state.author())
    found = carry_over(trial[0], store, kept.id, author=state.author())
    state.keep_trial(None)
    trial[0].close()
    state.keep_whatif(written={}, whole=True)
    state.set_scenario(found.get(state.scenario_id(), ""))


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
    return find_version(study)[0]


def find_version(study: Study) -> tuple[str, str]:
    """Return the id of the open study in the store and the version of it that is open; as `keep_open_study`."""
    older = state.older()
    if older is not None:
        return older.study_id, older.content
    path = state.study_path()
    kept = use_store(lambda store: _keep(store, path, study.fingerprint))
    return kept.id, kept.content


def _keep(store: Store, path: Path, fingerprint: str) -> StoredStudy:
    place = str(store_folder()) if store.keeps_files else f"memory {id(store)}"

    def build() -> StoredStudy:
        return keep_study(store, path, find_study_id(path), author=state.author())

    kept = vault().fetch("stored_study", (place, str(path), fingerprint), build)
    try:
        is_there = find_study_record(store, kept.id).content == kept.content
    except InputError as error:  # deleted since
        if error.code != "store.unknown_study":
            raise
        is_there = False
    # A study that was changed and changed back is the old version again.
    return kept if is_there else build()


def encode_study(study: Study) -> bytes:
    """Write the open study and all its scenarios into one ``.zip``, as `geodata.store.exchange.export_study` does."""
    study_id = keep_open_study(study)
    with tempfile.TemporaryDirectory(prefix="study-") as place:
        path = Path(place) / "study.zip"
        export_study(fetch_store(), study_id, path)
        return path.read_bytes()


def open_with_scenarios(pack: Path, folder: Path, name: str) -> Path:
    """Unpack a study into a new folder and take over the scenarios that came with it; return its ``study.toml``.

    Parameters
    ----------
    pack, folder
        The file, and the folder.
    name
        Name of the file as the user knows it.

    Raises
    ------
    InputError
        As `geodata.studies.pack.open_pack` and `geodata.store.exchange.import_scenarios` do; no folder is left then.
    """
    try:
        study_toml = open_pack(pack, folder)
        listed = folder / SCENARIOS_FILE
        if listed.is_file():
            import_scenarios(
                fetch_store(), study_toml, listed, find_study_id(study_toml), source=name, author=state.author()
            )
    except PlannerError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return study_toml


def delete(path: Path) -> None:
    """Delete a study with its scenarios; one that the planner made goes aside for 30 days, see `restore`.

    Raises
    ------
    InputError
        As `geodata.store.versions.delete_study` does; ``file.cannot_write``.
    """
    study_id, folder = find_study_id(path), state.studies_folder()
    is_own = path.is_relative_to(folder)
    try:
        delete_study(fetch_store(), study_id)
    except InputError as error:
        # One without scenarios need not be in the store.
        if error.code != "store.unknown_study" or not is_own:
            raise
    if is_own:
        with explain_refusal(folder):
            make_private(deleted_folder())
            (folder / study_id).rename(deleted_folder() / study_id)
            os.utime(deleted_folder() / study_id)


def restore(study_id: str) -> None:
    """Bring back a study that was deleted, its folder with its list of reports and its scenarios.

    Raises
    ------
    InputError
        ``store.unknown_study`` if nothing of it is left; ``file.cannot_write``.
    """
    aside, folder = deleted_folder() / study_id, state.studies_folder()
    is_own = aside.is_dir()
    if is_own:
        with explain_refusal(folder):
            aside.rename(folder / study_id)
    try:
        restore_study(fetch_store(), study_id)
    except InputError as error:
        if error.code != "store.unknown_study" or not is_own:
            raise


def _remove_deleted() -> None:
    """Remove the folders of studies that were deleted 30 days ago."""
    for folder in deleted_folder().glob("*"):
        if time.time() - folder.stat().st_mtime > DELETED_DAYS * 86_400.0:
            shutil.rmtree(folder, ignore_errors=True)


def look_at_older(shown: Scenario) -> None:
    """Turn the visit to the data that a scenario was made for, where everything can be looked at, nothing changed.

    Raises
    ------
    InputError
        As `geodata.store.studies.open_stored_study` does.
    """
    study_id, content = shown.head.study_id, shown.head.content
    path = open_stored_study(fetch_store(), study_id, content=content)
    older = Older(state.study_path(), study_id, content, find_made_at(shown))
    state.look_at_older(path, older, shown.head.id)


def leave_older() -> None:
    """Turn back from older data to the study as it is, with the scenario that was looked at."""
    older = state.older()
    if older is not None:
        scenario = state.scenario_id()
        state.open_study_at(older.home)
        state.set_scenario(scenario)


def find_made_at(shown: Scenario) -> str:
    """Return when the edits of a scenario last met the data they were made for."""
    made = [entry.made_at for entry in shown.entries if entry.change.kind in HISTORY_KINDS]
    return made[-1] if made else shown.head.created_at


def list_heads(study: Study) -> tuple[ScenarioHead, ...]:
    """List the scenarios of the open study, the first one first; of an older version those that were made for it."""
    study_id, content = find_version(study)
    heads = list_scenarios(fetch_store(), study_id)
    return heads if state.older() is None else tuple(head for head in heads if head.content == content)


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
        As `geodata.store.scenarios.save_changes` does; ``study.older_version`` while older data are looked at.
    """
    check_is_present(state.study_path())
    begun = (shown or find_current(study) or create(study, tr)).head
    # What this visit wrote since it drew the screen is no change of somebody else: two quick clicks are one person.
    written: dict[str, int] = state.whatif("written", {})
    version = max(begun.version, written.get(begun.id, 0))
    author = state.author()
    saved = use_store(lambda store: save_changes(store, begun.id, changes, version=version, author=author))
    head = saved.scenario.head
    if saved.conflict is not None:
        state.keep_whatif(conflict=saved)
    state.keep_whatif(written=written | {head.id: head.version})
    state.set_scenario(head.id)
    return saved


def create(study: Study, tr: Translator, name: str = "") -> Scenario:
    """Make an empty scenario and turn the visit to it; without a name it gets the next free number."""
    check_is_present(state.study_path())
    taken = {head.name for head in list_heads(study)}
    numbered = (tr("whatif.scenario_name", number=number) for number in range(1, len(taken) + 2))
    free = name or next(one for one in numbered if one not in taken)
    study_id, author = keep_open_study(study), state.author()
    made = use_store(lambda store: create_scenario(store, study_id, free, author=author))
    state.set_scenario(made.head.id)
    return made


def duplicate(study: Study, shown: Scenario, tr: Translator) -> Scenario:
    """Copy a scenario with its history, and turn the visit to the copy."""
    check_is_present(state.study_path())
    taken = {head.name for head in list_heads(study)}
    numbered = (
        tr("whatif.copy_name", name=shown.head.name[:150], number=number) for number in range(1, len(taken) + 2)
    )
    name = next(one for one in numbered if one not in taken)
    author = state.author()
    made = use_store(lambda store: duplicate_scenario(store, shown.head.id, name, author=author))
    state.set_scenario(made.head.id)
    return made
