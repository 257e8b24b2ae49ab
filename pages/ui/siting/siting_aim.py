"""First part of the Sites page: what the sites are to achieve, in plain words, and how many or for how much."""

from __future__ import annotations

import streamlit as st

from coverage.inputs.study import Study
from geodata.words.i18n import Translator
from pages.ui import markup, terms
from pages.ui.siting.siting_fields import bind, get_form
from pages.ui.siting.siting_form import BY_MONEY, COMPLETE, FORM_METHODS, FormMethod


def draw_aim(study: Study, tr: Translator) -> None:
    """Draw the objective and its numbers."""
    markup.heading(tr("siting.aim"))
    methods = [method for method in FORM_METHODS if method != "fair" or len(study.districts)]
    st.selectbox(
        tr("siting.aim"),
        methods,
        format_func=lambda one: tr(f"siting.aim.{one}"),
        label_visibility="collapsed",
        **bind("method"),
    )
    method = get_form().method
    markup.note(tr(f"siting.aim.{method}.help"))
    if method == "bundle":
        names = {item.id: terms.say(item.name, tr) for item in study.catalogue.items}
        st.multiselect(
            tr("siting.services"),
            list(names),
            format_func=lambda one: names.get(one, one),
            placeholder=tr("siting.services_none"),
            select_all=False,  # its word is in English only
            label_visibility="collapsed",
            **bind("services", take=tuple, give=lambda given: [one for one in given if one in names]),
        )
    if method in BY_MONEY:
        st.segmented_control(
            tr("siting.limited_by"),
            ["sites", "money"],
            format_func=lambda one: tr(f"siting.limited_by.{one}"),
            label_visibility="collapsed",
            required=True,
            **bind("limited_by"),
        )
    left, right = st.columns(2, gap="small", vertical_alignment="bottom")
    with left:
        if method not in COMPLETE:
            _draw_amount(method, tr)
        elif method == "lscp":
            _draw_percent(method, tr)
    with right:
        if method == "fair":
            _draw_percent(method, tr)
    if method == "lscp" and len(study.districts):
        st.toggle(tr("siting.by_county"), help=tr("siting.by_county_help"), **bind("by_county"))
    if method in COMPLETE:
        st.toggle(tr("siting.least_money"), help=tr("siting.least_money_help"), **bind("least_money"))


def _draw_amount(method: FormMethod, tr: Translator) -> None:
    """Draw how many sites, or how much money."""
    if method in BY_MONEY and get_form().limited_by == "money":
        label = tr("siting.budget")
        st.number_input(label, min_value=0.0, max_value=1e8, step=10.0, format="%g", **bind("budget_wan"))
    else:
        st.number_input(tr("siting.sites"), min_value=1, max_value=5000, step=1, **bind("sites"))


def _draw_percent(method: FormMethod, tr: Translator) -> None:
    """Draw the share of the people that is to be reached."""
    st.number_input(
        tr(f"siting.percent.{method}"),
        min_value=1.0,
        max_value=100.0,
        step=1.0,
        format="%g",
        help=tr(f"siting.percent.{method}_help"),
        **bind("percent"),
    )
