"""What goes into a report: title, department, date and language, the sections and their order, what is put beside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import streamlit as st

from coverage.inputs.study import Study
from coverage.report.options import LONGEST_TITLE, REPORT_LANGUAGES
from geodata.words.i18n import Translator
from pages.ui import markup, state
from pages.ui.report.report_beside import Beside
from pages.ui.report.report_form import bind, get_form, move, put

_LANGUAGE_NAMES = {"zh_CN": "中文", "en": "English"}


def draw_choices(study: Study, beside: Beside, tr: Translator) -> None:
    """Draw every choice but what is hidden."""
    st.text_input(
        tr("report_page.title"),
        max_chars=LONGEST_TITLE,
        placeholder=tr("report_page.usual_title"),
        **bind("title", tr),
    )
    st.text_input(tr("report_page.department"), max_chars=LONGEST_TITLE, **bind("department", tr))
    with st.container(horizontal=True):  # one above the other where there is no room
        _draw_date(tr)
        st.segmented_control(
            tr("report_page.language"),
            REPORT_LANGUAGES,
            format_func=_LANGUAGE_NAMES.__getitem__,
            required=True,
            **bind("language", tr),
        )
    if beside.scenarios:
        names = dict(beside.scenarios)
        st.selectbox(
            tr("report_page.scenario"),
            ["", *names],
            format_func=lambda one: names.get(one) or tr("report_page.no_scenario"),
            **bind("scenario", tr, value=get_form(tr).scenario if get_form(tr).scenario in names else ""),
        )
    _draw_sections(study, beside, tr)


def _draw_date(tr: Translator) -> None:
    text = get_form(tr).date
    st.date_input(
        tr("report_page.date"),
        format="YYYY-MM-DD",
        width=150,
        **bind(
            "date",
            tr,
            take=lambda day: day.isoformat() if isinstance(day, dt.date) else "",
            value=dt.date.fromisoformat(text) if text else None,
        ),
    )


def find_missing(study: Study, beside: Beside) -> dict[str, str]:
    """Tell which sections would be empty, and what is missing for each: sites, scenario or targets."""
    missing = {}
    if beside.suggestion is None:
        missing["sites"] = beside.lacks_sites
    if not beside.edits:
        missing["scenario"] = "scenario"
    if beside.suggestion is None and not study.targets:
        missing["plan"] = "plan"
    return missing


def _draw_sections(study: Study, beside: Beside, tr: Translator) -> None:
    form, missing = get_form(tr), find_missing(study, beside)
    markup.put(markup.element("p", markup.words(tr("report_page.sections")), look="p-note"))

    def turn(section: str) -> Callable[[], None]:
        def change() -> None:
            is_on = bool(state.widget_value(f"w_report_on_{section}"))
            off = [one for one in get_form(tr).off if one != section]
            put(tr, off=tuple(off if is_on else [*off, section]))

        return change

    def shift(section: str, by: int) -> Callable[[], None]:
        return lambda: put(tr, order=move(get_form(tr), section, by))

    with st.container(border=True, gap=None, key="report_sections"):
        for number, section in enumerate(form.order):
            with st.container(horizontal=True, vertical_alignment="center", gap=None, key=f"report_row_{section}"):
                key = f"w_report_on_{section}"
                state.preset_widget(key, section not in form.off and section not in missing)
                st.checkbox(
                    tr(f"report.section.{section}"),
                    key=key,
                    on_change=turn(section),
                    disabled=section in missing,
                    help=tr(f"report_page.missing.{missing[section]}") if section in missing else None,
                    width="stretch",
                )
                for way, by, is_end in (("up", -1, number == 0), ("down", 1, number == len(form.order) - 1)):
                    st.button(
                        "↑" if by < 0 else "↓",
                        key=f"w_report_{way}_{section}",
                        on_click=shift(section, by),
                        disabled=is_end,
                        type="tertiary",
                        help=tr(f"report_page.{way}", section=tr(f"report.section.{section}")),
                    )
