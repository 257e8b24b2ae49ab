"""Edits of a scenario in words."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from coverage.inputs.study import Study
from coverage.network.closures import Closure
from coverage.scenario.edits import (
    AddStation,
    ChangeStation,
    CloseRoads,
    CloseStation,
    Edit,
    MoveStation,
    ReopenStation,
    SetThreshold,
    SlowRoads,
)
from geodata.store.changes import Change
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import terms


def say_edits(study: Study, edits: tuple[Edit, ...], tr: Translator) -> list[str]:
    """Put edits into words, each as it stands after those before it."""
    names = name_added(edits)
    return [_say(study, edit, names, tr) for edit in edits]


def say_changes(study: Study, done: tuple[Edit, ...], future: tuple[Change, ...], tr: Translator) -> list[str]:
    """Put the edits that hold into words, then what was undone, the last undone first."""
    names = name_added((*done, *(change.edit for change in future if change.edit is not None)))
    said = [_say(study, edit, names, tr) for edit in done]
    return said + [
        tr(f"whatif.did.{change.kind}") if change.edit is None else _say(study, change.edit, names, tr)
        for change in future
    ]


def name_added(edits: tuple[Edit, ...]) -> dict[str, str]:
    """Return the names of the stations that edits add, by id."""
    return {edit.station_id: edit.name or edit.station_id for edit in edits if isinstance(edit, AddStation)}


def name_station(study: Study, station_id: str, names: dict[str, str]) -> str:
    """Name a station of the study or of the edits."""
    if station_id in names:
        return names[station_id]
    row = int(study.stations.index.get_indexer(pd.Index([station_id]))[0])
    return station_id if row < 0 else str(study.stations["name"].iloc[row])


def kind_name(study: Study, kind: str, tr: Translator) -> str:
    """Name a kind of station; one the catalogue has no more shows its id."""
    return next((terms.say(one.name, tr) for one in study.catalogue.kinds if one.id == kind), kind)


def _say(study: Study, edit: Edit, names: dict[str, str], tr: Translator) -> str:
    if isinstance(edit, AddStation):
        return tr("whatif.edit.add", name=names[edit.station_id], kind=kind_name(study, edit.kind, tr))
    if isinstance(edit, SetThreshold):
        return tr("whatif.edit.threshold", minutes=f"{edit.minutes:g}")
    if isinstance(edit, CloseRoads):
        return tr("whatif.edit.close_roads", place=say_place(edit.closure, tr))
    if isinstance(edit, SlowRoads):
        return tr("whatif.edit.slow_roads", place=say_place(edit.place, tr), percent=f"{edit.factor * 100:g}")
    name = name_station(study, edit.station_id, names)
    if isinstance(edit, MoveStation):
        return tr("whatif.edit.move", name=name)
    if isinstance(edit, CloseStation):
        return tr("whatif.edit.close", name=name)
    if isinstance(edit, ReopenStation):
        return tr("whatif.edit.reopen", name=name)
    return tr("whatif.edit.change", name=name, what=tr("list.comma").join(_list_changes(edit, tr)))


def say_place(place: Closure, tr: Translator) -> str:
    """Name a place of roads, or say where it is."""
    lon, lat = place.coordinates[0]
    return place.name or f"{number_format.number(lon, 3)}, {number_format.number(lat, 3)}"


def _list_changes(edit: ChangeStation, tr: Translator) -> list[str]:
    said = []
    if edit.services is not None:
        said.append(tr("whatif.edit.services", count=len(edit.services)))
    if edit.hours is not None:
        said.append(tr("whatif.edit.hours", hours=edit.hours[:40]))
    if edit.capacity is not None:
        said.append(tr("whatif.edit.capacity", capacity=number_format.number(edit.capacity)))
    if edit.status is not None:
        said.append(tr("whatif.edit.status", status=tr(f"station_status.{edit.status}")))
    return said


def say_shares(before: float, after: float, tr: Translator) -> tuple[str, str, str]:
    """Write two shares and their change with as many decimals, two to four, as it takes to tell them apart.

    One village is often less than 0.01 points. The change is that of the shares as they are read.
    """
    decimals = number_format.choose_decimals(before, after, least=2)
    points = number_format.subtract_shares(before, after, decimals)
    said = tr("whatif.points", number=number_format.points(points, decimals))
    return number_format.percent(before, decimals), number_format.percent(after, decimals), said


def say_money(yuan: float, tr: Translator) -> str:
    """Write an amount of money: in ten thousands of yuan in Chinese, in yuan in English."""
    amount = number_format.number(yuan / 1e4, 1) if tr.language == "zh_CN" else number_format.number(yuan)
    return tr("whatif.wan", amount=amount)


def say_moment(text: str) -> str:
    """Write a moment of the store in the time of this computer, to the minute."""
    return dt.datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")
