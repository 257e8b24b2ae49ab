"""What a report hides: said in a sentence, and the choices behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from coverage.inputs.study import Study
from coverage.report.redaction import MAX_SUPPRESSED, Redaction, find_hidden
from coverage.tables.report_value import Table
from geodata.documents.content.id_names import name_column
from geodata.words.i18n import Translator
from pages.ui import markup, state, terms
from pages.ui.report.report_form import get_form, put


def draw_hidden(study: Study, tables: Mapping[str, Table] | None, tr: Translator) -> None:
    """Draw what is hidden; columns can be chosen once the tables are there."""
    redaction = keep_known(study, get_form(tr).redaction)
    markup.put(*(markup.element("p", markup.words(text), look="p-fact") for text in say_hidden(study, redaction, tr)))
    with st.expander(tr("report_hidden.change")):
        _draw_stations(study, redaction, tr)
        st.number_input(
            tr("report_hidden.under"),
            min_value=0,
            max_value=int(MAX_SUPPRESSED),
            step=5,
            help=tr("report_hidden.under_help"),
            **_bind("suppress_under", int(redaction.suppress_under), tr),
        )
        if tables:
            _draw_columns(redaction, tables, tr)


def keep_known(study: Study, redaction: Redaction) -> Redaction:
    """Return a redaction without the families and kinds that the study does not have: there is nothing to hide."""
    families = {one.id for one in study.catalogue.families}
    kinds = {one.id for one in study.catalogue.kinds}
    return replace(
        redaction,
        families=tuple(one for one in redaction.families if one in families),
        kinds=tuple(one for one in redaction.kinds if one in kinds),
    )


def say_hidden(study: Study, redaction: Redaction, tr: Translator) -> list[str]:
    """Say what is hidden, a sentence each."""
    said = []
    hidden = find_hidden(study, redaction)
    if hidden:
        catalogue = study.catalogue
        names = [terms.family_name(catalogue, one, tr) for one in redaction.families]
        names += [terms.say(catalogue.kind(one).name, tr) for one in redaction.kinds]
        said.append(tr("report_hidden.stations", names=tr("list.comma").join(names), count=len(hidden.stations)))
    else:
        said.append(tr("report_hidden.none"))
    if redaction.suppress_under:
        said.append(tr("report_hidden.small", count=f"{redaction.suppress_under:g}"))
    if redaction.fields:
        said.append(tr("report_hidden.fields", count=len(redaction.fields)))
    return said


def _draw_stations(study: Study, redaction: Redaction, tr: Translator) -> None:
    catalogue = study.catalogue
    families = {one.id: terms.say(one.name, tr) for one in catalogue.families}
    kinds = {one.id: terms.say(one.name, tr) for one in catalogue.kinds}
    st.multiselect(
        tr("report_hidden.families"),
        list(families),
        format_func=families.__getitem__,
        placeholder=tr("report_hidden.nothing"),
        **_bind("families", [one for one in redaction.families if one in families], tr),
    )
    st.multiselect(
        tr("report_hidden.kinds"),
        list(kinds),
        format_func=kinds.__getitem__,
        placeholder=tr("report_hidden.nothing"),
        **_bind("kinds", [one for one in redaction.kinds if one in kinds], tr),
    )


def _draw_columns(redaction: Redaction, tables: Mapping[str, Table], tr: Translator) -> None:
    """Draw the choice of a table and the columns it keeps."""
    kept = dict(redaction.fields)
    table_id = st.selectbox(
        tr("report_hidden.table"),
        ["", *tables],
        format_func=lambda one: tr(f"report.table.{one}") if one else tr("report_hidden.all_columns"),
        key="w_report_table",
    )
    if not table_id:
        return
    columns = [column.id for column in tables[table_id].columns]
    key = f"w_report_columns_{table_id}"
    state.preset_widget(key, [one for one in columns if one in kept.get(table_id, columns)])

    def change() -> None:
        chosen = tuple(one for one in columns if one in state.widget_value(key))
        fields = {**kept, table_id: chosen}
        if len(chosen) in (0, len(columns)):
            del fields[table_id]
        put(tr, redaction=replace(redaction, fields=tuple(sorted(fields.items()))))

    st.multiselect(
        tr("report_hidden.columns"),
        columns,
        format_func=lambda one: name_column(one, tr),
        key=key,
        on_change=change,
    )


def _bind(name: str, value: object, tr: Translator) -> Any:
    key = f"w_report_hidden_{name}"
    state.preset_widget(key, value)

    def change() -> None:
        now = state.widget_value(key)
        changes: dict[str, Any] = {name: tuple(now) if isinstance(now, list) else float(now or 0)}
        put(tr, redaction=replace(get_form(tr).redaction, **changes))

    return {"key": key, "on_change": change}
