"""Trying things while the disk takes nothing: a copy of the store in memory, and the way back once it can be saved."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import cast

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from geodata.store.database import DATABASE, Store, bring_up_to_date, listen
from geodata.store.scenarios import Scenario, create_scenario, list_scenarios, open_scenario, save_changes


def open_trial_store(folder: Path) -> Store:
    """Open a copy of a store in memory; it is gone when it is closed.

    Parameters
    ----------
    folder
        The store's. What of its database can be read is there; it may be missing, or lie on a full disk.
    """
    engine = listen(create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}))
    with engine.connect() as connection:
        memory = cast("sqlite3.Connection", connection.connection.driver_connection)
        connection.rollback()
        _read_into(memory, folder / DATABASE)
    store = Store(folder, engine, keeps_files=False)
    bring_up_to_date(store)
    return store


def _read_into(memory: sqlite3.Connection, path: Path) -> None:
    # A write-ahead log needs a file beside it; where none can be made, what the log holds stays unseen.
    for mode in ("mode=ro", "immutable=1"):
        with contextlib.suppress(sqlite3.Error):
            with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)) as source:
                source.backup(memory)
            return


def carry_over(trial: Store, store: Store, study_id: str, *, author: str = "") -> dict[str, str]:
    """Save what was tried with a study in the store itself.

    Parameters
    ----------
    trial, store
        From and to; the study is in both.
    study_id
        The study.
    author
        Who saves.

    Returns
    -------
    Id of each scenario in `trial`, and of the one that holds its edits now: the same, if nobody else changed it
    meanwhile, else a new one.

    Raises
    ------
    InputError
        As `geodata.store.scenarios.save_changes` does; what was saved until then stays, and can be saved again.
    """
    known = {head.id for head in list_scenarios(store, study_id)}
    found = {}
    for head in list_scenarios(trial, study_id):
        tried = open_scenario(trial, head.id)
        if head.id in known:
            found[head.id] = _append(store, open_scenario(store, head.id), tried, author)
        else:
            found[head.id] = _create(store, tried, author)
    return found


def _append(store: Store, saved: Scenario, tried: Scenario, author: str) -> str:
    # By what was done: an attempt that saved a part before it failed saved it at another time.
    there, wanted = ([entry.change for entry in one.entries] for one in (saved, tried))
    if there[: len(wanted)] == wanted:
        return saved.head.id
    if there != wanted[: len(there)]:
        return _create(store, tried, author)
    changes = tuple(wanted[len(there) :])
    return save_changes(store, saved.head.id, changes, version=len(there), author=author).scenario.head.id


def _create(store: Store, tried: Scenario, author: str) -> str:
    head = tried.head
    made = create_scenario(store, head.study_id, head.name, author=author, note=head.note, edits=tried.edits)
    return made.head.id
