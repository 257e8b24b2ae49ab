"""Standards, speeds: trips whose minutes are known are handed in, and the speeds fitted to them are looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pandas as pd
import streamlit as st

from coverage.errors import PlannerError
from coverage.inputs.study import Study
from coverage.network.speeds import SpeedTable
from geodata.answers.calibration_words import list_groups, say_result, say_source
from geodata.answers.run_calibration import CalibrationRun, run_calibration
from geodata.intake.cells.datum import DATUMS
from geodata.intake.read_trips import TEMPLATE, read_trips
from geodata.words.i18n import Translator
from pages.ui import markup, terms, uploads
from pages.ui.drafts import Draft
from pages.ui.failures import show_failure
from pages.ui.long_jobs import shown_progress

_KEPT = "calibration"


def draw_calibration(draft: Draft, study: Study, apply: Callable[[SpeedTable, str], None], tr: Translator) -> None:
    """Draw the part.

    Parameters
    ----------
    draft
        Keeps the last fit until the part is saved or discarded.
    study
        A study with roads that is travelled by car.
    apply
        Takes the fitted table and its source once people want them.
    """
    with st.expander(tr("calibration.title")):
        markup.note(tr("calibration.help"))
        left, right = st.columns([2, 1], gap="medium")
        with left:
            upload = st.file_uploader(tr("calibration.upload"), key="w_calibration_file")
        with right:
            datum = st.selectbox(
                tr("calibration.datum"),
                DATUMS,
                format_func=lambda one: tr(f"datum.{one}"),
                key="w_calibration_datum",
                help=tr("new.datum_help"),
            )
            st.download_button(
                tr("calibration.template"),
                data=TEMPLATE[tr.language].encode("utf-8-sig"),
                file_name="trips.csv",
                mime="text/csv",
                on_click="ignore",
                key="w_calibration_template",
            )
        if upload is None:
            return
        asked = (study.fingerprint, upload.file_id, datum)
        if st.button(tr("calibration.fit"), key="w_calibration_fit"):
            draft.values.pop(_KEPT, None)
            try:
                with shown_progress(tr, "doing.calibration") as progress:
                    read = read_trips(uploads.keep_upload(upload, "trips"), study, datum=datum)
                    draft.values[_KEPT] = (asked, run_calibration(study, read, progress=progress))
            except PlannerError as error:
                show_failure(error, tr)
        kept = cast("tuple[object, CalibrationRun] | None", draft.values.get(_KEPT))
        if kept is not None and kept[0] == asked:
            _draw_fit(study, kept[1], upload.name, apply, tr)


def _draw_fit(
    study: Study, run: CalibrationRun, source: str, apply: Callable[[SpeedTable, str], None], tr: Translator
) -> None:
    for issue in run.issues:
        told = tr.describe(issue)
        rows = ", ".join(map(str, issue.rows))
        line = tr("new.finding", severity=tr(f"severity.{issue.severity}"), what=told.what,
                  rows=tr("new.rows", rows=rows) if rows else "", fix=told.fix)  # fmt: skip
        markup.note(line)
    for line in (*say_result(run, study.settings.cutoff_min, tr), *list_groups(run, tr)):
        markup.put(markup.element("p", markup.words(line), style="font-size: 15px; margin: 0"))
    st.dataframe(_list_trips(run, tr), hide_index=True)
    st.button(
        tr("calibration.apply"),
        key="w_calibration_apply",
        help=tr("calibration.apply_help"),
        on_click=apply,
        args=(run.fit.table, say_source(run, source)),
    )


def _list_trips(run: CalibrationRun, tr: Translator) -> pd.DataFrame:
    trips = run.trips
    columns = {
        "row": trips.index.to_numpy(),
        "from": trips["from"].to_numpy(),
        "to": trips["to"].to_numpy(),
        "season": [terms.season_name(str(season), tr) for season in trips["season"]],
        "minutes": trips["minutes"].round(1).to_numpy(),
        "before": trips["before_min"].round(1).to_numpy(),
        "after": trips["after_min"].round(1).to_numpy(),
        "residual": [f"{100.0 * residual:+.0f}%" for residual in trips["residual"]],
    }
    return pd.DataFrame({tr(f"calibration.column.{name}"): values for name, values in columns.items()})
