"""What the store keeps of the open study: its scenarios, the data they were made for, and the way to delete it all."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from coverage.errors import InputError, PlannerError
from coverage.inputs.study import Study
from geodata.store.versions import Version, find_differences, list_versions
from geodata.studies.demo import demo_folder
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import markup, scenario_store, state, terms
from pages.ui.failures import show_failure
from pages.ui.frame.older_data import say_day
from pages.ui.study_contents import draw_table


def draw_versions(study: Study, tr: Translator) -> None:
    """Draw the scenarios of the study by the data they were made for, and the button that deletes the study."""
    if state.older() is not None:
        return
    path = state.study_path()
    study_id = scenario_store.find_study_id(path)
    is_own = path.is_relative_to(state.studies_folder())
    versions = _list_kept(study, study_id)
    scenarios = [name for version in versions for name in version.scenarios]
    if not scenarios and not is_own:
        return
    markup.heading(tr("versions.title"))
    refused = state.take_refusal()
    if refused is not None:
        show_failure(refused, tr)
    if scenarios:
        markup.put(draw_table(_tabulate(study_id, versions, tr), left=3))
        markup.note(tr("versions.note"))
    else:
        markup.note(tr("versions.none"))
    with st.popover(tr("versions.delete" if is_own else "versions.delete_scenarios")):
        markup.put(
            markup.element("p", markup.element("b", markup.words(tr("versions.ask", name=terms.say(study.name, tr)))))
        )
        if scenarios:
            names = tr("list.comma").join(scenarios)[:300]
            markup.note(tr("versions.ask_scenarios", count=len(scenarios), names=names))
        markup.note(tr("versions.ask_files" if is_own else "versions.ask_kept"))
        st.button(tr("versions.confirm"), key="w_delete_study", type="primary", on_click=_delete, args=(tr,))


def _list_kept(study: Study, study_id: str) -> tuple[Version, ...]:
    try:
        found = list_versions(scenario_store.fetch_store(), study_id)
        if any(version.scenarios for version in found):
            # What is called present here is what is open.
            scenario_store.keep_open_study(study)
            found = list_versions(scenario_store.fetch_store(), study_id)
    except InputError as error:
        if error.code == "store.unknown_study":
            return ()
        raise
    return tuple(version for number, version in enumerate(found) if version.scenarios or number == 0)


def _tabulate(study_id: str, versions: tuple[Version, ...], tr: Translator) -> pd.DataFrame:
    rows = []
    for version in versions:
        is_present = version is versions[0]
        differs = number_format.MISSING
        if not is_present:
            roles = find_differences(scenario_store.fetch_store(), study_id, versions[0].content, version.content)
            differs = tr("list.comma").join(tr(f"role.{role}") for role in roles)
        rows.append(
            {
                tr("versions.data"): tr("versions.present")
                if is_present
                else tr("versions.until", day=say_day(version.seen_at, tr)),
                tr("versions.differs"): differs,
                tr("versions.scenarios"): tr("list.comma").join(version.scenarios) or number_format.MISSING,
            }
        )
    return pd.DataFrame(rows)


def _delete(tr: Translator) -> None:
    """Delete the study of this visit from the store, and its folder where the planner made it; open the demo then."""
    path = state.study_path()
    is_own = path.is_relative_to(state.studies_folder())
    try:
        scenario_store.delete(path)
    except PlannerError as error:
        if error.code != "store.unknown_study":
            state.keep_refusal(error)
            return
    if is_own:
        state.open_study_at(demo_folder() / "study.toml")
    else:
        state.set_scenario("")
    st.toast(tr("versions.deleted"))
