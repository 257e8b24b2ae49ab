"""Session state and query parameters behind one typed façade; no other file touches either."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import streamlit as st

from coverage.errors import InputError, PlannerError
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from geodata.files.folders import find_home
from geodata.maps.layers import Focus
from geodata.store.database import Store
from geodata.studies.demo import demo_folder
from geodata.studies.edit_study import is_embedded
from geodata.words.i18n import LANGUAGES, Language, Translator, resolve_language
from pages.ui.first_question import first_question
from pages.ui.older_version import Older

_LANGUAGE_PARAM = "lang"
_STUDY_PARAM = "study"
_SCENARIO_PARAM = "scenario"
DEMO = "demo"  # the embedded study in an address
_OWN_STUDY = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")
_SCENARIO = re.compile(r"[0-9a-f]{32}")
_LANGUAGE_CODES: dict[str, Language] = {"zh": "zh_CN", "en": "en"}


def _get(key: str, otherwise: Any = None) -> Any:
    return st.session_state.get(key, otherwise)


# ── language ────────────────────────────────────────────────────────────────────────────────────
def settle_language() -> Language:
    """Find the language of this visit: the address first, then what was chosen, then the browser."""
    asked = _LANGUAGE_CODES.get(str(st.query_params.get(_LANGUAGE_PARAM, "")))
    language = asked or _get("language") or resolve_language(st.context.headers.get("Accept-Language"))
    set_language(language if language in LANGUAGES else "zh_CN")
    return cast("Language", st.session_state["language"])


def set_language(language: Language) -> None:
    """Keep a language for this visit and in the address."""
    st.session_state["language"] = language
    code = next(code for code, known in _LANGUAGE_CODES.items() if known == language)
    if st.query_params.get(_LANGUAGE_PARAM) != code:
        st.query_params[_LANGUAGE_PARAM] = code


def translator() -> Translator:
    """Return the words in the language of this visit."""
    return Translator(cast("Language", _get("language", "zh_CN")))


# ── study and question ──────────────────────────────────────────────────────────────────────────
def settle_study() -> None:
    """Find the study of this visit: what was opened, else the one of ours that the address names."""
    if not _get("study_path"):
        named = str(st.query_params.get(_STUDY_PARAM, ""))
        found = _find_own_study(named) if _OWN_STUDY.fullmatch(named) else None
        if found is not None:
            st.session_state["study_path"] = str(found)
    if "scenario" not in st.session_state:
        named = str(st.query_params.get(_SCENARIO_PARAM, ""))
        st.session_state["scenario"] = named if _SCENARIO.fullmatch(named) else ""
    _name_study_in_address()


def _find_own_study(folder_name: str) -> Path | None:
    folder = studies_folder() / folder_name
    return next(iter([*folder.glob("study.toml"), *folder.glob("*/study.toml")]), None)


def studies_folder() -> Path:
    """Return the folder of the studies that were made or unpacked here."""
    return find_home() / "studies"


def _name_study_in_address() -> None:
    looked_at = older()
    path = study_path() if looked_at is None else looked_at.home
    name = path.relative_to(studies_folder()).parts[0] if path.is_relative_to(studies_folder()) else ""
    if not name and scenario_id() and is_embedded(path):
        name = DEMO
    for param, value in ((_STUDY_PARAM, name), (_SCENARIO_PARAM, scenario_id())):
        if value and st.query_params.get(param) != value:
            st.query_params[param] = value
        elif not value and param in st.query_params:
            del st.query_params[param]


def older() -> Older | None:
    """Return the older data that are looked at, None for the study as it is."""
    return cast("Older | None", _get("older"))


def look_at_older(path: Path, version: Older, scenario: str) -> None:
    """Turn to older data of the open study and to a scenario; the address goes on naming the study as it is."""
    open_study_at(path)
    st.session_state.update(older=version, scenario=scenario)


def study_path() -> Path:
    """Return the study that is open; at first the embedded demo."""
    return Path(_get("study_path") or demo_folder() / "study.toml")


def open_study_at(path: Path) -> None:
    """Turn to another study; what was asked and selected in the old one is forgotten."""
    kept = {name: _get(name) for name in ("language", "author", "trial")}
    kept |= {"study_path": str(path), "scenario": ""}
    for key in list(st.session_state):
        if not str(key).startswith("w_new_"):
            del st.session_state[key]
    st.session_state.update(kept)


def turn_to_copy(path: Path) -> None:
    """Turn to a copy of the open study; edits that are not saved yet stay."""
    st.session_state["study_path"] = str(path)


def question(study: Study) -> Question:
    """Return what is asked of this study."""
    if _get("question_of") != study.fingerprint:
        st.session_state["question"] = first_question(study)
        st.session_state["question_of"] = study.fingerprint
    return cast("Question", st.session_state["question"])


def set_question(asked: Question) -> None:
    """Keep what is asked."""
    st.session_state["question"] = asked


def carry_question(study: Study, asked: Question) -> None:
    """Keep what is asked for a study that was changed."""
    st.session_state["question"] = asked
    st.session_state["question_of"] = study.fingerprint


def data_section() -> str:
    """Return the part of the data page that is shown."""
    return str(_get("data_section", "contents"))


def set_data_section(section: str) -> None:
    """Show a part of the data page: contents, new or open."""
    st.session_state["data_section"] = section


# ── standards: edits that are not saved yet, and the last saving ────────────────────────────────
def standards_tab(otherwise: str) -> str:
    """Return the part of the standards page that is shown."""
    return str(_get("standards_tab", otherwise))


def set_standards_tab(tab: str) -> None:
    """Show a part of the standards page."""
    st.session_state["standards_tab"] = tab


def drafts() -> dict[str, Any]:
    """Return the edits that are not saved yet, by part of the page; they survive everything but another study."""
    return cast("dict[str, Any]", st.session_state.setdefault("drafts", {}))


def last_saving() -> Any:
    """Return what was saved last in this visit, None if nothing was."""
    return _get("last_saving")


def keep_saving(saving: object) -> None:
    """Keep what was saved last, so that it can be taken back; None forgets it."""
    st.session_state["last_saving"] = saving


def keep_refusal(error: PlannerError) -> None:
    """Keep an error of a callback until the page can show it."""
    st.session_state["refusal"] = error


def take_refusal() -> PlannerError | None:
    """Return the error of the last callback, once."""
    return cast("PlannerError | None", st.session_state.pop("refusal", None))


def take_new_click(key: str) -> tuple[float, float] | None:
    """Return the place of a click on a map inside its callback: lon, lat; None if it was taken already."""
    clicked = (_get(key) or {}).get("last_clicked")
    place = (float(clicked["lng"]), float(clicked["lat"])) if clicked else None
    if place is None or _get(f"{key}_taken") == place:
        return None
    st.session_state[f"{key}_taken"] = place
    return place


# ── sites ───────────────────────────────────────────────────────────────────────────────────────
def siting(key: str, otherwise: Any = None) -> Any:
    """Return what the Sites page keeps under a name."""
    return cast("dict[str, Any]", st.session_state.setdefault("siting", {})).get(key, otherwise)


def keep_siting(key: str, value: object) -> None:
    """Keep something of the Sites page under a name until another study is opened."""
    st.session_state.setdefault("siting", {})[key] = value


# ── scenarios ───────────────────────────────────────────────────────────────────────────────────
def scenario_id() -> str:
    """Return the scenario of this visit, "" for none."""
    return str(_get("scenario", ""))


def set_scenario(scenario: str) -> None:
    """Turn the visit to a scenario and name it in the address; "" leaves it."""
    st.session_state["scenario"] = scenario
    _name_study_in_address()


def author() -> str:
    """Return the name under which this visit changes scenarios, "" if none was given."""
    return str(_get("author") or "")


def set_author(name: str) -> None:
    """Keep the name under which this visit changes scenarios."""
    st.session_state["author"] = name


def trial() -> tuple[Store, InputError] | None:
    """Return the store in memory of a visit that cannot save, and why it cannot; None where it can."""
    return cast("tuple[Store, InputError] | None", _get("trial"))


def keep_trial(found: tuple[Store, InputError] | None) -> None:
    """Let this visit go on in a store in memory, for a reason; None lets it save again."""
    st.session_state["trial"] = found


def whatif(key: str, otherwise: Any = None) -> Any:
    """Return what the What-if page keeps under a name."""
    return cast("dict[str, Any]", st.session_state.setdefault("whatif", {})).get(key, otherwise)


def keep_whatif(**values: object) -> None:
    """Keep something of the What-if page under names until another study is opened."""
    cast("dict[str, Any]", st.session_state.setdefault("whatif", {})).update(values)


def report_kept() -> dict[str, Any]:
    """Return what the Report page keeps until another study is opened, by name; it is changed in place."""
    return cast("dict[str, Any]", st.session_state.setdefault("report", {}))


# ── a new study ─────────────────────────────────────────────────────────────────────────────────
def new_margin_km(otherwise: float) -> float:
    """Return how far beyond its area the new study keeps roads [km]."""
    return float(_get("w_new_margin", otherwise))


def want_roads_of(outline: str) -> None:
    """Note that roads of an outline are to be downloaded; "" for none."""
    st.session_state["roads_wanted"] = outline


def are_roads_wanted(outline: str) -> bool:
    """Tell whether roads of this outline were asked for."""
    return bool(_get("roads_wanted", "") == outline)


# ── the map ─────────────────────────────────────────────────────────────────────────────────────
def focus() -> Focus | None:
    """Return where the map is to be moved."""
    return cast("Focus | None", _get("focus"))


def move_map(bounds: tuple[float, float, float, float]) -> None:
    """Move the map to bounds: west, south, east, north [degrees]."""
    old = focus()
    st.session_state["focus"] = Focus(bounds, 1 if old is None else old.number + 1)


def selected_district() -> str:
    """Return the district that is outlined on the map, "" for none."""
    return str(_get("selected_district", ""))


def select_district(district_id: str) -> None:
    """Outline a district on the map."""
    st.session_state["selected_district"] = district_id


def asked_place() -> tuple[float, float] | None:
    """Return the place that was clicked: lon, lat."""
    return cast("tuple[float, float] | None", _get("asked_place"))


def ask_place(lon: float, lat: float) -> bool:
    """Keep the place that was clicked; False if it is the one kept already."""
    is_new = asked_place() != (lon, lat)
    st.session_state["asked_place"] = (lon, lat)
    return is_new


def selected_gap(asked: Question) -> int:
    """Return the gap that is outlined on the map, 0 for none; gaps of another question have other numbers."""
    of, gap_id = cast("tuple[Question | None, int]", _get("selected_gap", (None, 0)))
    return gap_id if of == asked else 0


def select_gap(asked: Question, gap_id: int) -> None:
    """Outline a gap of a question on the map in place of a district."""
    st.session_state["selected_gap"] = (asked, gap_id)
    select_district("")


def shown_panel() -> str:
    """Return what stands beside the map of the Coverage page: gaps or why."""
    return str(_get("shown_panel", "gaps"))


def show_panel(name: str) -> None:
    """Choose what stands beside the map: gaps or why."""
    st.session_state["shown_panel"] = name


# ── widgets and long jobs ───────────────────────────────────────────────────────────────────────
def widget_value(key: str) -> Any:
    """Return the value of a widget inside its callback."""
    return st.session_state[key]


def preset_widget(key: str, value: object) -> None:
    """Give a widget its value before it is drawn, also where one seems to be there: it may be another page's."""
    st.session_state[key] = value


def widget_or(key: str, otherwise: Any) -> Any:
    """Return the value of a widget, or another one before it is drawn for the first time."""
    return _get(key, otherwise)


def preset_selection(key: str, rows: list[int]) -> None:
    """Select rows of a table before it is drawn."""
    st.session_state[key] = {"selection": {"rows": rows, "columns": [], "cells": []}}


def has_widget(key: str) -> bool:
    """Tell whether a widget is on the screen since the last run."""
    return key in st.session_state


def forget(key: str) -> None:
    """Remove a value, e.g. of a widget that must start afresh."""
    st.session_state.pop(key, None)


def forget_widgets(prefix: str) -> None:
    """Remove the values of all widgets whose key begins like this."""
    for key in [str(key) for key in st.session_state if str(key).startswith(prefix)]:
        forget(key)


def ask_to_stop() -> None:
    """Remember that the user stopped a long job."""
    st.session_state["stopped"] = True


def was_stopped() -> bool:
    """Tell whether a long job was stopped and not taken up again."""
    return bool(_get("stopped", False))


def take_up_again() -> None:
    """Let stopped jobs run again."""
    st.session_state["stopped"] = False
