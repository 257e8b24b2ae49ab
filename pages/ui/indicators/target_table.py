"""Targets of the plan beside today's values."""

from __future__ import annotations

import math

import pandas as pd

from coverage.inputs.indicator_registry import find_indicator
from coverage.inputs.schema import WHOLE_STUDY
from coverage.inputs.study import Study
from coverage.inputs.targets import tabulate_targets
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import downloads, gap_list, indicator_tables, markup
from pages.ui.study_contents import draw_table


def draw_targets(study: Study, indicators: pd.DataFrame, tr: Translator) -> None:
    """Draw base value, today's value, target and year of each target, and what is to go; nothing without targets."""
    if not study.targets:
        return
    markup.heading(tr("targets.title"))
    table = tabulate_targets(study.targets, indicators)
    rows = []
    for one in table.to_dict("records"):
        code, unit_id = str(one["code"]), str(one["unit_id"])
        base = indicator_tables.say_value(code, float(one["base_value"]), tr)
        is_known = math.isfinite(float(one["value"]))
        left = float(one["to_go"])
        if find_indicator(code).unit == "share":  # as the two shares beside it are read
            left = number_format.subtract_shares(float(one["value"]), float(one["target_value"]))
        to_go = indicator_tables.say_change(code, left, tr) if is_known else number_format.MISSING
        rows.append(
            {
                tr("indicators.column.name"): indicator_tables.name_indicator(code, study.catalogue, tr),
                tr("targets.unit"): gap_list.name_place(study, unit_id, tr)
                if one["unit_level"] != WHOLE_STUDY
                else tr("targets.whole"),
                tr("targets.base"): f"{base} ({one['base_year']})" if one["base_year"] else base,
                tr("targets.now"): indicator_tables.say_value(code, float(one["value"]), tr),
                tr("targets.target"): f"{indicator_tables.say_value(code, float(one['target_value']), tr)}"
                f" ({one['target_year']})",
                tr("targets.to_go"): tr("targets.met") if one["is_met"] else to_go,
                tr("targets.progress"): number_format.percent(float(one["progress"]), 0),
            }
        )
    shown = pd.DataFrame(rows)
    markup.put(draw_table(shown, left=2))
    markup.note(tr("targets.note"))
    downloads.draw_download(study, shown, "targets", tr("targets.download"))
