"""Standards, thresholds: the table of minutes by service, zone, level, mode and season."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.errors import DataIssue, PlannerError, make_fault
from coverage.inputs.bilingual_names import Name
from coverage.inputs.schema import ZONES
from coverage.inputs.study import Study
from coverage.inputs.thresholds import (
    ANY,
    MAX_HOURS_WEEK,
    MAX_MINUTES,
    ThresholdRule,
    ThresholdTable,
    find_rule,
    find_rule_faults,
)
from geodata.answers.write_assessment import name_download
from geodata.intake.read_thresholds import read_presets, read_thresholds
from geodata.intake.rule_sheet import Words, encode_rule_sheet, read_rule_sheet
from geodata.studies.write_thresholds import encode_thresholds
from geodata.words.i18n import Translator, choose_half
from pages.ui import drafts, markup, save_bar, terms, uploads
from pages.ui.drafts import Draft
from pages.ui.failures import show_failure
from pages.ui.standards import rule_words
from pages.ui.study_contents import draw_table

_OWN_ID = "own"
_COLUMNS: tuple[str, ...] = (*rule_words.FIELDS, "minutes", "distance_km", "speed_kph", "converted_min")


def draw(study: Study, bar: DeltaGenerator, tr: Translator) -> None:
    """Draw the part."""
    words = rule_words.list_words(study, tr)
    draft = drafts.begin("thresholds", study.thresholds)
    start = study.thresholds or _plain_table(study)
    is_own = drafts.keep_value(
        draft,
        "is_own",
        study.thresholds is not None,
        lambda key: st.toggle(tr("standards.thresholds.own"), key=key, help=tr("standards.thresholds.own_help")),
    )
    if not is_own:
        markup.note(tr("standards.thresholds.one_for_all", minutes=f"{study.settings.cutoff_min:g}"))
        with bar:
            save_bar.draw_bar(draft, study.thresholds, [], bar, lambda: save_bar.Edit({"thresholds": None}, {}), tr)
        _draw_presets(draft, study, start, words, tr)
        _draw_preview(study, _plain_table(study), words, tr, has_own=False)
        return
    table, faults = _draw_own(draft, start, words, tr)
    below = st.container()
    with bar:
        save_bar.draw_bar(
            draft,
            study.thresholds,
            faults,
            below,
            lambda: save_bar.Edit({"thresholds": encode_thresholds(_need(table))}, {}),
            tr,
        )
    if table is not None:
        _draw_preview(study, table, words, tr, has_own=True)
    _draw_presets(draft, study, start, words, tr)
    _draw_files(draft, study, table, words, tr)


def _need(table: ThresholdTable | None) -> ThresholdTable:
    if table is None:
        raise TypeError("a table with faults is not saved")
    return table


def _plain_table(study: Study) -> ThresholdTable:
    """Return the one threshold for all as a table to start from."""
    named = Name(
        Translator("zh_CN").t("standards.thresholds.own_name"), Translator("en").t("standards.thresholds.own_name")
    )
    return ThresholdTable(_OWN_ID, named, "", (ThresholdRule(minutes=study.settings.cutoff_min),))


def _draw_presets(draft: Draft, study: Study, start: ThresholdTable, words: Words, tr: Translator) -> None:
    """Show the standards that come along, with their sources, and let one be the beginning of the own table."""
    presets = {table.id: table for table in read_presets()}
    mode = rule_words.say_field(words, "mode", study.settings.mode, tr)
    rows = []
    for table in presets.values():
        minutes = [find_rule(table, mode=study.settings.mode, zone=zone).minutes for zone in ZONES]
        rows.append(
            (terms.say(table.name, tr), choose_half(table.source, tr.language), *(f"{one:g}" for one in minutes))
        )
    zones = [tr("standards.thresholds.in_zone", zone=rule_words.say_field(words, "zone", zone, tr)) for zone in ZONES]
    titles = [tr("standards.thresholds.preset"), tr("indicators.column.source"), *zones]
    markup.heading(tr("standards.thresholds.presets", mode=mode))
    markup.put(draw_table(pd.DataFrame(rows, columns=titles), left=2))
    left, right, _ = st.columns([2, 1, 2], vertical_alignment="bottom")
    with left:
        chosen = st.selectbox(
            tr("standards.thresholds.preset"),
            list(presets),
            format_func=lambda one: terms.say(presets[one].name, tr),
            key=f"w_standards_preset_{tr.language}",
            label_visibility="collapsed",
        )
    with right:
        st.button(
            tr("standards.thresholds.use"),
            key="w_standards_use_preset",
            width="stretch",
            on_click=lambda: _put(draft, presets[chosen], start),
        )


def _put(draft: Draft, table: ThresholdTable, start: ThresholdTable, rules: tuple[ThresholdRule, ...] = ()) -> None:
    """Put a table in place of the one that is edited."""
    first = _to_sheet(start.rules)
    draft.sheets.setdefault("rules", drafts.Sheet(first, first, first))
    drafts.put_sheet(draft, "rules", _to_sheet(rules or table.rules))
    drafts.put_value(draft, "is_own", True)
    if not rules:
        for name, value in (("zh", table.name.zh), ("en", table.name.en), ("source", table.source)):
            drafts.put_value(draft, name, value)
        drafts.put_value(draft, "least_hours_week", table.least_hours_week)


def _to_sheet(rules: tuple[ThresholdRule, ...]) -> pd.DataFrame:
    rows = [
        (*(getattr(rule, field) for field in rule_words.FIELDS), rule.minutes, rule.distance_km, rule.speed_kph)
        for rule in rules
    ]
    table = pd.DataFrame(rows, columns=list(_COLUMNS[:-1]))
    return table.assign(converted_min=table["minutes"].where(table["distance_km"].notna()))


def _to_rules(sheet: pd.DataFrame) -> tuple[ThresholdRule, ...]:
    """Make rules of rows; minutes that were changed by hand lose the distance they came from."""
    rules = []
    for row in sheet.to_dict("records"):
        named: dict[str, Any] = {field: str(drafts.clean(row[field]) or ANY) for field in rule_words.FIELDS}
        minutes = drafts.clean(row["minutes"])
        rule = ThresholdRule(**named, minutes=float("nan") if minutes is None else float(minutes))
        if drafts.clean(row["converted_min"]) == rule.minutes:
            rule = replace(rule, distance_km=float(row["distance_km"]), speed_kph=float(row["speed_kph"]))
        rules.append(rule)
    return tuple(rules)


def _draw_own(
    draft: Draft, start: ThresholdTable, words: Words, tr: Translator
) -> tuple[ThresholdTable | None, list[str]]:
    titles = rule_words.list_titles(tr)
    columns: dict[str, ColumnConfig] = {
        field: st.column_config.SelectboxColumn(
            titles[field],
            options=[ANY, *words[field]],
            format_func=partial(rule_words.say_field, words, field, tr=tr),
            default=ANY,
            required=True,
        )
        for field in rule_words.FIELDS
    }
    columns["minutes"] = st.column_config.NumberColumn(
        titles["minutes"], min_value=0.0, max_value=MAX_MINUTES, format="%g", required=True, alignment="right"
    )
    names = st.columns([1, 1, 2])
    texts = {}
    for place, field, value in zip(
        names, ("zh", "en", "source"), (start.name.zh, start.name.en, start.source), strict=True
    ):
        with place:
            texts[field] = drafts.keep_value(draft, field, value, partial(_draw_text, field, tr)).strip()
    least = drafts.keep_value(draft, "least_hours_week", start.least_hours_week, partial(_draw_least_hours, tr))
    sheet = drafts.edit_sheet(draft, "rules", lambda: _to_sheet(start.rules), columns)
    markup.note(tr("standards.sheet_help"))
    markup.note(tr("standards.thresholds.priority"))
    rules = _to_rules(sheet)
    converted = [str(row) for row, rule in zip(sheet.index, rules, strict=True) if rule.is_converted]
    if converted:
        markup.note(tr("standards.thresholds.converted", rows=tr("list.comma").join(converted)))
    found = [_renumber(fault, sheet.index) for fault in find_rule_faults(rules)]
    found += [make_fault("entry.missing", one) for one in ("zh", "en") if not texts[one]]
    faults = [tr.describe(fault).what for fault in found]
    if faults:
        return None, faults
    return ThresholdTable(start.id, Name(texts["zh"], texts["en"]), texts["source"], rules, least), []


def _renumber(fault: DataIssue, rows: pd.Index) -> DataIssue:
    """Return a fault of rules with the numbers that their rows show on screen."""
    facts = dict(fault.facts)
    return fault.with_facts(**{name: str(rows[int(facts[name]) - 1]) for name in ("rule", "other") if name in facts})


def _draw_text(field: str, tr: Translator, key: str) -> str:
    return st.text_input(tr(f"fact.key.{field}"), key=key, max_chars=300)


def _draw_least_hours(tr: Translator, key: str) -> float:
    return st.number_input(
        tr("standards.thresholds.least_hours_week"),
        min_value=0.0,
        max_value=MAX_HOURS_WEEK,
        step=1.0,
        format="%g",
        key=key,
        help=tr("standards.thresholds.least_hours_week_help"),
        width=260,
    )


def _draw_preview(study: Study, table: ThresholdTable, words: Words, tr: Translator, *, has_own: bool) -> None:
    markup.heading(tr("standards.thresholds.preview"))
    catalogue, settings = study.catalogue, study.settings
    chosen: dict[str, str] = {}
    for place, field, options, first in zip(
        st.columns(3),
        ("service", "mode", "season"),
        ([ANY, *words["service"]], list(words["mode"]), list(words["season"])),
        (ANY, settings.mode, settings.season),
        strict=True,
    ):
        with place:
            chosen[field] = st.selectbox(
                tr(f"fact.key.{field}"),
                options,
                index=options.index(first) if first in options else 0,
                format_func=partial(rule_words.say_field, words, field, tr=tr),
                key=f"w_standards_preview_{field}_{tr.language}",
            )
    service = "" if chosen["service"] == ANY else chosen["service"]
    place_in = {rule.pattern: number for number, rule in enumerate(table.rules, start=1)}
    rows = []
    for zone in ZONES:
        row = {tr("fact.key.zone"): rule_words.say_field(words, "zone", zone, tr)}
        for level in ("", *(one.id for one in catalogue.levels)):
            rule = find_rule(
                table, service=service, level=level, mode=chosen["mode"], season=chosen["season"], zone=zone
            )
            minutes = f"{rule.minutes:g}"
            row[terms.level_name(catalogue, level, tr)] = (
                tr("standards.thresholds.cell", minutes=minutes, row=place_in[rule.pattern])
                if has_own
                else tr("minutes.n", minutes=minutes)
            )
        rows.append(row)
    markup.put(draw_table(pd.DataFrame(rows)))
    markup.note(tr("standards.thresholds.preview_note" if has_own else "standards.thresholds.preview_note_plain"))


def _draw_files(draft: Draft, study: Study, table: ThresholdTable | None, words: Words, tr: Translator) -> None:
    with st.expander(tr("standards.files")):
        if table is not None:
            with st.container(horizontal=True):
                for ending, mime, build in (
                    ("csv", "text/csv", lambda: encode_rule_sheet(table.rules, words, rule_words.list_titles(tr))),
                    ("toml", "application/toml", lambda: encode_thresholds(table)),
                ):
                    st.download_button(
                        tr(f"standards.take.{ending}"),
                        data=build,
                        file_name=name_download(study, f"thresholds.{ending}"),
                        mime=mime,
                        on_click="ignore",
                        key=f"w_standards_take_{ending}",
                    )
        upload = st.file_uploader(tr("standards.thresholds.upload"), type=["csv", "toml"], key="w_standards_rules_file")
        if upload is None or not st.button(tr("standards.take_over"), key="w_standards_take_over"):
            return
        path = uploads.keep_upload(upload, "thresholds")
        try:
            _take_over(draft, path, upload.name, study, words, tr)
        except PlannerError as error:
            show_failure(error, tr)


def _take_over(draft: Draft, path: Path, name: str, study: Study, words: Words, tr: Translator) -> None:
    start = study.thresholds or _plain_table(study)
    if name.lower().endswith(".toml"):
        _put(draft, read_thresholds(path, study.catalogue), start)
    else:
        rules, issues = read_rule_sheet(path, words)
        left_out = [issue for issue in issues if issue.severity == "rejected"]
        if left_out:
            for issue in left_out:
                show_failure(issue, tr)
            return
        _put(draft, start, start, rules)
    st.rerun()
