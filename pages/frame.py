"""The frame of every page: page configuration, language, navigation. ``app.py`` serves it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from geodata.files.drivers import assert_safe_drivers
from geodata.words.i18n import Language, Translator
from pages.ui import markup, state
from pages.ui.failures import guard
from pages.ui.frame import banner, long_lived

_ICON = str(Path(__file__).parent / "ui" / "icon.svg")
_LANGUAGE_NAMES: dict[Language, str] = {"zh_CN": "中文", "en": "English"}


def main() -> None:
    """Draw the frame of every page, then the page that was chosen."""
    language = state.settle_language()
    state.settle_study()
    tr = Translator(language)
    st.set_page_config(layout="wide", initial_sidebar_state="expanded")
    markup.apply_looks(tr("app.title"), tr("upload.choose"), language)
    page = st.navigation(
        {
            "": [st.Page("overview.py", title=tr("nav.overview"), url_path="overview", default=True)],
            tr("nav.group.data"): [
                st.Page("data.py", title=tr("nav.data"), url_path="data"),
                st.Page("standards.py", title=tr("nav.standards"), url_path="standards"),
            ],
            tr("nav.group.assess"): [
                st.Page("coverage_gaps.py", title=tr("nav.coverage"), url_path="coverage_gaps"),
                st.Page("indicators.py", title=tr("nav.indicators"), url_path="indicators"),
            ],
            tr("nav.group.plan"): [
                st.Page("siting.py", title=tr("nav.siting"), url_path="siting"),
                st.Page("what_if.py", title=tr("nav.whatif"), url_path="what_if"),
            ],
            tr("nav.group.results"): [
                st.Page("report.py", title=tr("nav.report"), url_path="report"),
                st.Page("methods.py", title=tr("nav.methods"), url_path="methods"),
            ],
        }
    )
    st.set_page_config(page_title=tr("app.page_title", page=page.title, app=tr("app.title")), page_icon=_ICON)
    with st.sidebar:
        _draw_language(language, tr)
    with guard(tr):
        assert_safe_drivers()
        page.run()
    banner.draw_footer(tr)
    long_lived.set_aside(page.url_path)
    long_lived.collect_when_idle()


def _draw_language(language: Language, tr: Translator) -> None:
    def change() -> None:
        chosen = state.widget_value("w_language")
        if chosen:
            state.set_language(chosen)

    state.preset_widget("w_language", language)
    st.segmented_control(
        tr("language.label"),
        list(_LANGUAGE_NAMES),
        format_func=_LANGUAGE_NAMES.__getitem__,
        key="w_language",
        on_change=change,
        required=True,
    )


if __name__ == "__main__":
    main()
