"""Standards, targets: what the plan wants to reach, by indicator, unit and year."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.errors import PlannerError
from coverage.inputs.indicator_registry import INDICATORS, find_indicator
from coverage.inputs.schema import DISTRICT_LEVELS, WHOLE_STUDY
from coverage.inputs.study import Study
from coverage.inputs.targets import Target, tabulate_targets
from geodata.intake.read_targets import read_targets
from geodata.studies.write_inputs import encode_targets
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import drafts, gap_list, indicator_tables, markup, save_bar, state, uploads
from pages.ui.drafts import Draft
from pages.ui.failures import show_failure
from pages.ui.memo import cached
from pages.ui.study_contents import draw_table

_FIRST_YEAR, _LAST_YEAR = 2000, 2200
_WHOLE = "study|"


def draw(study: Study, bar: DeltaGenerator, tr: Translator) -> None:
    """Draw the part."""
    draft = drafts.begin("targets", study.targets)
    codes = _list_codes(study)
    columns = _make_columns(study, codes, tr)
    sheet = drafts.edit_sheet(draft, "targets", lambda: _to_sheet(study.targets), columns)
    markup.note(tr("standards.sheet_help"))
    markup.note(tr("standards.targets.help"))
    targets, faults = _gather(sheet, tr)
    below = st.container()
    with bar:
        save_bar.draw_bar(
            draft,
            study.targets,
            faults,
            below,
            lambda: save_bar.Edit({"targets": encode_targets(targets) if targets else None}, {}),
            tr,
        )
    _draw_today(study, targets, tr)
    _draw_files(draft, tr)


def _list_codes(study: Study) -> list[str]:
    """List every code a target may name, with its details."""
    levels = [level for level in DISTRICT_LEVELS if (study.districts["level"] == level).any()]
    catalogue = study.catalogue
    codes: list[str] = [target.code for target in study.targets]
    for one in INDICATORS:
        if one.detail == "level":
            codes += [f"{one.code}.{level}" for level in levels]
        elif one.detail == "level.item":
            codes += [f"{one.code}.{level}.{item.id}" for level in levels for item in catalogue.items]
        elif one.detail == "id":
            codes += [f"{one.code}.{entry.id}" for entry in indicator_tables.list_named(one.code, catalogue)]
        else:
            codes.append(one.code)
    return list(dict.fromkeys(codes))


def _name_code(code: str, study: Study, tr: Translator) -> str:
    unit = find_indicator(code).unit
    told = "%" if unit == "share" else tr(f"method.unit.{unit}")
    try:
        name = indicator_tables.name_indicator(code, study.catalogue, tr)
    except (PlannerError, StopIteration):  # an item the catalogue has no more
        name = code
    return tr("standards.targets.indicator_unit", name=name, unit=told)


def _make_columns(study: Study, codes: list[str], tr: Translator) -> dict[str, ColumnConfig]:
    districts = study.districts
    units = [_WHOLE]
    for level in DISTRICT_LEVELS[:3]:
        units += [f"{level}|{one}" for one in districts.index[districts["level"] == level]]
    units += [f"{one.unit_level}|{one.unit_id}" for one in study.targets]

    def say_unit(unit: str) -> str:
        level, _, unit_id = unit.partition("|")
        if level == WHOLE_STUDY:
            return tr("standards.targets.whole")
        return gap_list.name_place(study, unit_id, tr) if unit_id in districts.index else unit_id

    def number(label: str) -> ColumnConfig:
        return st.column_config.NumberColumn(label, format="%g", alignment="right", width=120)

    def year(label: str) -> ColumnConfig:
        return st.column_config.NumberColumn(
            label, format="%d", min_value=_FIRST_YEAR, max_value=_LAST_YEAR, step=1, alignment="right", width=95
        )

    return {
        "code": st.column_config.SelectboxColumn(
            tr("standards.targets.indicator"),
            options=codes,
            format_func=lambda code: _name_code(str(code), study, tr),
            required=True,
            width=180,
        ),
        "unit": st.column_config.SelectboxColumn(
            tr("standards.targets.unit"),
            options=list(dict.fromkeys(units)),
            format_func=lambda unit: say_unit(str(unit)),
            required=True,
            default=_WHOLE,
            width=100,
        ),
        "base_value": number(tr("standards.targets.base_value")),
        "base_year": year(tr("standards.targets.base_year")),
        "target_value": number(tr("standards.targets.target_value")),
        "target_year": year(tr("standards.targets.target_year")),
    }


def _to_sheet(targets: tuple[Target, ...]) -> pd.DataFrame:
    """Make rows of targets; shares are shown in per cent."""
    rows = []
    for one in targets:
        factor = 100.0 if find_indicator(one.code).unit == "share" else 1.0
        unit = f"{one.unit_level}|{one.unit_id}"
        base, aim = round(one.base_value * factor, 9), round(one.target_value * factor, 9)
        rows.append((one.code, unit, base, one.base_year or math.nan, aim, one.target_year))
    numbers = ["base_value", "base_year", "target_value", "target_year"]
    table = pd.DataFrame(rows, columns=["code", "unit", *numbers])
    return table.astype({"code": str, "unit": str, **dict.fromkeys(numbers, float)})


def _gather(sheet: pd.DataFrame, tr: Translator) -> tuple[tuple[Target, ...], list[str]]:
    targets, faults = [], []
    seen: dict[tuple[str, str, int], object] = {}
    for row, values in sheet.iterrows():
        code, unit, base, base_year, aim, year = (drafts.clean(values[name]) for name in sheet.columns)
        if code is None or aim is None or year is None:
            faults.append(tr("fault.targets.missing", row=str(row)))
            continue
        key = (code, unit or _WHOLE, int(year))
        if key in seen:
            faults.append(tr("fault.targets.twice", row=str(row), other=str(seen[key])))
        seen.setdefault(key, row)
        share = find_indicator(code).unit == "share"
        if share and not all(value is None or -100.0 <= value <= 100.0 for value in (aim, base)):
            faults.append(tr("fault.targets.share", row=str(row)))
            continue
        factor = 100.0 if share else 1.0
        level, _, unit_id = (unit or _WHOLE).partition("|")
        start = math.nan if base is None else round(base / factor, 9)
        targets.append(Target(code, round(aim / factor, 9), int(year), level, unit_id, start, int(base_year or 0)))
    return tuple(targets), faults


def _draw_today(study: Study, targets: tuple[Target, ...], tr: Translator) -> None:
    """Set today's values beside the targets, where the Indicators page has computed them already."""
    if not targets:
        markup.note(tr("standards.targets.none"))
        return
    markup.heading(tr("standards.targets.today"))
    indicators = cached.peek_indicators(study, state.question(study))
    if indicators is None:
        markup.note(tr("standards.targets.not_computed"))
        st.page_link("indicators.py", label=tr("nav.indicators"))
        return
    rows = []
    for one in tabulate_targets(targets, indicators).to_dict("records"):
        known = math.isfinite(one["value"])
        progress = one["progress"]
        rows.append(
            (
                _name_code(str(one["code"]), study, tr),
                indicator_tables.say_value(str(one["code"]), one["value"], tr) if known else number_format.MISSING,
                indicator_tables.say_value(str(one["code"]), one["target_value"], tr),
                number_format.percent(progress) if math.isfinite(progress) else number_format.MISSING,
                (tr("standards.targets.met") if one["is_met"] else tr("standards.targets.open")) if known else "",
            )
        )
    titles = [tr(f"standards.targets.{one}") for one in ("indicator", "value", "target", "progress", "state")]
    markup.put(draw_table(pd.DataFrame(rows, columns=titles)))


def _draw_files(draft: Draft, tr: Translator) -> None:
    with st.expander(tr("standards.files")):
        example = (Target("B1", 0.95, 2030, base_value=0.88, base_year=2025), Target("A1.township", 1.0, 2027))
        st.download_button(
            tr("standards.template"),
            data=lambda: encode_targets(example),
            file_name="targets.csv",
            mime="text/csv",
            on_click="ignore",
            key="w_standards_targets_template",
        )
        upload = st.file_uploader(tr("standards.targets.upload"), type=["csv"], key="w_standards_targets_file")
        if upload is None or not st.button(tr("standards.take_over"), key="w_standards_targets_take"):
            return
        try:
            targets, account = read_targets(uploads.keep_upload(upload, "targets"))
        except PlannerError as error:
            show_failure(error, tr)
            return
        left_out = [issue for issue in account.issues if issue.severity == "rejected"]
        for issue in left_out:
            show_failure(issue, tr)
        if not left_out:
            drafts.put_sheet(draft, "targets", _to_sheet(targets))
            st.rerun()
