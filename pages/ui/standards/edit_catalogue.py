"""Standards, catalogue: what stations are called, what they do, and which items belong to one errand."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.errors import DataIssue, PlannerError
from coverage.inputs.bilingual_names import Name
from coverage.inputs.schema import WEIGHT_COLUMNS
from coverage.inputs.study import LAYERS, Bundle, Catalogue, Kind, ServiceItem, Study
from geodata.answers.write_assessment import name_download
from geodata.intake.read_catalogue import read_catalogue
from geodata.studies.write_catalogue import encode_catalogue
from geodata.words.i18n import Translator
from pages.ui import drafts, markup, save_bar, terms, uploads
from pages.ui.drafts import Draft
from pages.ui.failures import show_failure
from pages.ui.study_contents import draw_table

_NARROW_PX, _SEVERAL_PX = 110, 330
_SHEETS: tuple[str, ...] = ("items", "kinds", "bundles")


def draw(study: Study, bar: DeltaGenerator, tr: Translator) -> None:
    """Draw the part."""
    draft = drafts.begin("catalogue", study.catalogue)
    _prepare(draft, study.catalogue)
    families, levels = draft.values.get("fixed", draft.starts["fixed"])
    start = replace(study.catalogue, families=families, levels=levels)
    for name in _SHEETS:
        markup.heading(tr(f"standards.catalogue.{name}"))
        markup.note(tr(f"standards.catalogue.{name}_help"))
        drafts.edit_sheet(draft, name, lambda: pd.DataFrame(), _make_columns(name, draft, start, tr))
    markup.note(tr("standards.sheet_help"))
    catalogue = _gather(draft, start)
    faults = _find_faults(catalogue, start, tr)
    below = st.container()
    with bar:
        save_bar.draw_bar(draft, study.catalogue, faults, below, lambda: save_bar.Edit(_build(catalogue), {}), tr)
    _draw_fixed(start, tr)
    _draw_files(draft, study, catalogue, tr)


def _build(catalogue: Catalogue) -> dict[str, bytes | None]:
    return {"catalogue": None if catalogue == read_catalogue() else encode_catalogue(catalogue)}


def _prepare(draft: Draft, catalogue: Catalogue) -> None:
    draft.starts.setdefault("fixed", (catalogue.families, catalogue.levels))
    for name, sheet in _to_sheets(catalogue).items():
        draft.sheets.setdefault(name, drafts.Sheet(sheet, sheet, sheet))


def _to_sheets(catalogue: Catalogue) -> dict[str, pd.DataFrame]:
    items = [(one.id, one.name.zh, one.name.en, one.family, one.weight, one.remote) for one in catalogue.items]
    kinds = [
        (one.id, one.name.zh, one.name.en, one.family, one.level, list(one.services), one.layer)
        for one in catalogue.kinds
    ]
    bundles = [(one.id, one.name.zh, one.name.en, list(one.items)) for one in catalogue.bundles]
    return {
        "items": pd.DataFrame(items, columns=["id", "zh", "en", "family", "weight", "remote"]),
        "kinds": pd.DataFrame(kinds, columns=["id", "zh", "en", "family", "level", "services", "layer"]),
        "bundles": pd.DataFrame(bundles, columns=["id", "zh", "en", "items"]),
    }


def _make_columns(name: str, draft: Draft, catalogue: Catalogue, tr: Translator) -> dict[str, ColumnConfig]:
    families = {one.id: terms.say(one.name, tr) for one in catalogue.families}
    levels = {one.id: terms.say(one.name, tr) for one in catalogue.levels}
    items = draft.sheets["items"].now
    spoken = items["zh" if tr.language == "zh_CN" else "en"]
    names = {str(one): str(text) for one, text in zip(items["id"], spoken, strict=True) if drafts.clean(one)}
    lists = [*draft.sheets["kinds"].now["services"], *draft.sheets["bundles"].now["items"]]
    offered = {one for cell in lists for one in drafts.clean(cell) or ()}
    names |= {one: one for one in sorted(offered - set(names))}

    def choose(column: str, known: dict[str, str], width: int | None = None) -> ColumnConfig:
        return st.column_config.SelectboxColumn(
            tr("standards.catalogue.level" if column == "level" else f"fact.key.{column}"),
            options=list(known),
            format_func=lambda one: known.get(str(one), str(one)),
            required=True,
            width=width,
        )

    several = st.column_config.MultiselectColumn(
        tr("fact.key.services"),
        options=list(names),
        format_func=lambda one: names.get(one, one),
        width=_SEVERAL_PX,
        color="#E8EFF6",
    )
    own, other = ("zh", "en") if tr.language == "zh_CN" else ("en", "zh")

    def write(column: str, help_text: str | None = None) -> ColumnConfig:
        return st.column_config.TextColumn(
            tr.word(f"fact.key.{column}", tr("standards.catalogue.id")), max_chars=100, help=help_text
        )

    columns: dict[str, ColumnConfig] = {own: write(own)}
    if name == "items":
        columns["family"] = choose("family", families, _NARROW_PX)
        columns["weight"] = choose("weight", {one: tr(f"whom.{one}") for one in WEIGHT_COLUMNS})
        columns["remote"] = st.column_config.CheckboxColumn(tr("fact.key.remote"), default=False)
    elif name == "kinds":
        columns["services"] = several
        columns |= {"level": choose("level", levels, _NARROW_PX), "family": choose("family", families, _NARROW_PX)}
        columns["layer"] = choose("layer", {one: tr(f"layer.{one}") for one in LAYERS}, _NARROW_PX)
    else:
        columns["items"] = several
    return columns | {other: write(other), "id": write("id", tr("standards.catalogue.id_help"))}


def _gather(draft: Draft, start: Catalogue) -> Catalogue:
    """Make a catalogue of the sheets, with its faults; a row without an id gets one."""
    rows = {name: _read_rows(draft.sheets[name].now, name) for name in _SHEETS}

    def name_of(row: dict[str, Any]) -> Name:
        return Name(row["zh"] or "", row["en"] or "")

    return replace(
        start,
        kinds=tuple(
            Kind(
                row["id"],
                name_of(row),
                row["family"] or "",
                row["level"] or "",
                tuple(row["services"] or ()),
                row["layer"] or "fixed",
            )
            for row in rows["kinds"]
        ),
        items=tuple(
            ServiceItem(
                row["id"], name_of(row), row["family"] or "", row["weight"] or "population", bool(row["remote"])
            )
            for row in rows["items"]
        ),
        bundles=tuple(Bundle(row["id"], name_of(row), tuple(row["items"] or ())) for row in rows["bundles"]),
    )


def _read_rows(sheet: pd.DataFrame, name: str) -> list[dict[str, Any]]:
    rows = [{str(key): drafts.clean(value) for key, value in row.items()} for row in sheet.to_dict("records")]
    taken = {row["id"] for row in rows}
    number = 1
    for row in rows:
        if row["id"] is None:
            while f"own_{name[:-1]}_{number}" in taken:
                number += 1
            row["id"] = f"own_{name[:-1]}_{number}"
            taken.add(row["id"])
    return rows


def _find_faults(catalogue: Catalogue, start: Catalogue, tr: Translator) -> list[str]:
    named = [
        entry for one in (start, catalogue) for entries in (one.items, one.kinds, one.bundles) for entry in entries
    ]
    names = {entry.id: terms.say(entry.name, tr) for entry in named}
    with tempfile.TemporaryDirectory(prefix="catalogue-") as made:
        path = Path(made) / "catalogue.toml"
        path.write_bytes(encode_catalogue(catalogue))
        try:
            read_catalogue(path)
        except PlannerError as error:
            return [tr.describe(_name_ids(fault, names)).what for fault in error.faults] or [tr.describe(error).what]
    return []


def _name_ids(fault: DataIssue, names: dict[str, str]) -> DataIssue:
    """Return a fault with its entries called as people see them."""
    entry = str(dict(fault.facts).get("entry", ""))
    value = names.get(fault.value) or fault.value
    return replace(fault.with_facts(entry=names.get(entry) or entry) if entry else fault, value=value)


def _draw_fixed(catalogue: Catalogue, tr: Translator) -> None:
    markup.heading(tr("standards.catalogue.fixed"))
    markup.note(tr("standards.catalogue.fixed_help"))
    left, right = st.columns([1, 1], gap="medium")
    for place, title, entries in (
        (left, "family", catalogue.families),
        (right, "level", catalogue.levels),
    ):
        rows = [(one.name.zh, one.name.en, one.id) for one in entries]
        titles = [tr(f"fact.key.{title}"), tr("fact.key.en"), tr("standards.catalogue.id")]
        with place:
            markup.put(draw_table(pd.DataFrame(rows, columns=titles), left=3))


def _draw_files(draft: Draft, study: Study, catalogue: Catalogue, tr: Translator) -> None:
    with st.expander(tr("standards.files")):
        st.download_button(
            tr("standards.take.toml"),
            data=lambda: encode_catalogue(catalogue),
            file_name=name_download(study, "catalogue.toml"),
            mime="application/toml",
            on_click="ignore",
            key="w_standards_catalogue_toml",
        )
        upload = st.file_uploader(tr("standards.catalogue.upload"), type=["toml"], key="w_standards_catalogue_file")
        if upload is None or not st.button(tr("standards.take_over"), key="w_standards_catalogue_take"):
            return
        try:
            read = read_catalogue(uploads.keep_upload(upload, "catalogue"))
        except PlannerError as error:
            show_failure(error, tr)
            return
        draft.values["fixed"] = (read.families, read.levels)
        for name, sheet in _to_sheets(read).items():
            drafts.put_sheet(draft, name, sheet)
        st.rerun()
