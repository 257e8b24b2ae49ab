"""Tables to edit on the Sites page: candidates one by one, and class costs."""

from __future__ import annotations

import zlib

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.inputs.question import Question
from coverage.inputs.study import Study
from geodata.answers.siting_candidates import CandidateList
from geodata.words.i18n import Translator
from pages.ui import drafts, markup, terms
from pages.ui.siting import siting_quotas, siting_words
from pages.ui.siting.siting_fields import edit_sheet, get_form, put
from pages.ui.siting.siting_form import build_costs, build_question

_HEIGHT_PX = 260
_CLOSING = "other"


def draw_details(study: Study, question: Question, listed: CandidateList, tr: Translator) -> None:
    """Draw the choice of the table, and the one that is open."""
    parts = ["sites", "costs"] + (["quotas"] if len(study.districts) else [])
    chosen = st.pills(
        tr("siting.details"),
        parts,
        format_func=lambda one: tr(f"siting.detail.{one}", count=len(listed.table)),
        key="w_siting_detail",
        label_visibility="collapsed",
    )
    if chosen == "sites":
        _draw_sites(study, listed, tr)
    elif chosen == "costs":
        _draw_costs(study, question, listed, tr)
    elif chosen == "quotas":
        siting_quotas.draw_quotas(study, tr)
    if listed.issues:
        _draw_left_out(study, listed, tr)


def _draw_left_out(study: Study, listed: CandidateList, tr: Translator) -> None:
    """Draw, folded, what was left out and why: one line each, with the way out."""
    with st.expander(tr("siting.left_out", count=sum(issue.count for issue in listed.issues))):
        for issue in listed.issues:
            said = tr.describe(siting_words.say_issue(study, issue, tr))
            markup.put(markup.element("p", markup.words(" ".join((said.what, said.fix)).strip()), look="p-fact"))


def _draw_sites(study: Study, listed: CandidateList, tr: Translator) -> None:
    """Draw all candidates, each with ticks for those that must open and those that must not."""
    table, form = listed.table, get_form()

    def build() -> pd.DataFrame:
        return pd.DataFrame(
            {
                "required": table.index.isin(form.required) | (table["role"] == "required"),
                "forbidden": table.index.isin(form.forbidden) | (table["role"] == "forbidden"),
                "name": siting_words.name_sites(table, tr),
                "source": [tr(f"siting.source.{one}") for one in table["source"]],
                "kind": siting_words.name_kinds(study, table["kind"], tr),
                "county": siting_words.name_counties(study, table["county"]),
                "cost": table["cost"].to_numpy(float),
            },
            index=table.index,
        )

    columns: dict[str, ColumnConfig] = {
        name: st.column_config.CheckboxColumn(tr(f"siting.column.{name}"), width="small")
        for name in ("required", "forbidden")
    }
    columns |= {name: st.column_config.TextColumn(tr(f"siting.column.{name}")) for name in ("name", "source", "kind")}
    if len(study.districts):
        columns["county"] = st.column_config.TextColumn(tr("siting.column.county"))
    columns["cost"] = st.column_config.NumberColumn(tr("siting.column.cost"), format="localized", alignment="right")
    base = zlib.crc32(",".join(map(str, table.index)).encode()), float(table["cost"].sum())
    fixed = [name for name in columns if name not in ("required", "forbidden")]
    now = edit_sheet("sites", base, build, columns, tr, disabled=fixed, height=_HEIGHT_PX)
    by_file = set(table.index[table["role"] != "candidate"])
    must = now["required"].to_numpy(bool)
    never = now["forbidden"].to_numpy(bool) & ~must
    put(
        required=tuple(str(one) for one in now.index[must] if one not in by_file),
        forbidden=tuple(str(one) for one in now.index[never] if one not in by_file),
    )
    markup.note(tr("siting.sites_note"))


def keep_known(listed: CandidateList) -> None:
    """Forget the ticks of candidates that are no longer there."""
    form, known = get_form(), set(listed.table.index)
    required, forbidden = (tuple(one for one in ids if one in known) for ids in (form.required, form.forbidden))
    if (required, forbidden) != (form.required, form.forbidden):
        put(required=required, forbidden=forbidden)


def _draw_costs(study: Study, question: Question, listed: CandidateList, tr: Translator) -> None:
    """Draw what one site of each kind costs, what adding the item costs, and what closing costs."""
    costs, table = build_costs(get_form()), listed.table
    is_new = (table["station_id"] == "").to_numpy(bool)
    rows = [("kind", kind, costs.find_kind_cost(kind)) for kind in sorted(table["kind"][is_new].unique())]
    items = (question.service,) if question.service and not is_new.all() else ()
    rows += [("item", item, costs.find_item_cost(item)) for item in build_question(get_form()).services or items]
    if get_form().moves:
        rows.append(("closing", _CLOSING, costs.find_closing_cost(_CLOSING)))

    def say(section: str, key: str) -> str:
        if section == "kind":
            return tr("siting.cost.kind", name=terms.say(study.catalogue.kind(key).name, tr))
        if section == "item":
            return tr("siting.cost.item", name=terms.say(study.catalogue.item(key).name, tr))
        return tr("siting.cost.closing")

    def build() -> pd.DataFrame:
        return pd.DataFrame({"what": [say(of, key) for of, key, _ in rows], "yuan": [yuan for *_, yuan in rows]})

    columns: dict[str, ColumnConfig] = {
        "what": st.column_config.TextColumn(tr("siting.column.what"), width="large"),
        "yuan": st.column_config.NumberColumn(
            tr("siting.column.cost"),
            min_value=-1e9,
            max_value=1e12,
            format="localized",
            alignment="right",
            required=True,
        ),
    }
    left, right = st.columns([1.6, 1], gap="medium")
    with left:
        now = edit_sheet("costs", [row[:2] for row in rows], build, columns, tr, disabled=["what"])
    with right:
        markup.note(tr("siting.costs_note"))
    edited = {(of, key): yuan for of, key, yuan in get_form().costs}
    for (section, key, old), yuan in zip(rows, now["yuan"], strict=True):
        value = drafts.clean(yuan)
        if value is not None and value != old and (value >= 0 or section == "closing"):
            edited[section, key] = float(value)
    kept = tuple(sorted((of, key, yuan) for (of, key), yuan in edited.items()))
    if kept != get_form().costs:
        put(costs=kept)
        st.rerun()
