"""Standards, modes: how people travel, whose stations they use, how far they walk to a road."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from coverage.inputs.schema import ZONES
from coverage.inputs.study import Study
from coverage.network.settings import MODES, MOST_ACCESS_M
from geodata.studies.edit_toml import Section
from geodata.words.i18n import Translator
from pages.ui import drafts, markup, save_bar, terms
from pages.ui.drafts import Draft

# Where each value stands in study.toml.
_PLACES: dict[str, str] = {
    "mode": "assessment",
    "direction": "assessment",
    "season": "assessment",
    "own_jurisdiction": "assessment",
    "cutoff_min": "assessment",
    "cutoffs_min": "assessment",
    "max_access_m": "snap",
}


def draw(study: Study, bar: DeltaGenerator, tr: Translator) -> None:
    """Draw the part."""
    base = (study.settings, study.mode_mix)
    draft = drafts.begin("modes", base)
    left, right = st.columns([1, 1], gap="large")
    with left:
        markup.heading(tr("standards.modes.travel"))
        _draw_travel(study, draft, tr)
    with right:
        markup.heading(tr("standards.modes.time"))
        faults = _draw_times(study, draft, tr)
        markup.heading(tr("standards.modes.mix"))
        _draw_mix(study, draft, tr)
    below = st.container()
    with bar:
        save_bar.draw_bar(draft, base, faults, below, lambda: _build(study, draft), tr)


def _build(study: Study, draft: Draft) -> save_bar.Edit:
    """Name only what differs from the study, so that study.toml keeps the rest as it is."""
    sections: dict[str, Section | None] = {}
    values = draft.values | {"cutoffs_min": _read_classes(str(draft.values["cutoffs_min"]))}
    starts = draft.starts | {"cutoffs_min": list(study.settings.cutoffs_min)}
    for name, section in _PLACES.items():
        if values[name] != starts[name]:
            sections[section] = {**(sections.get(section) or {}), name: values[name]}
    if values["is_mixed"]:
        shares = {zone: round(float(values[f"without_{zone}"]) / 100.0, 6) for zone in ZONES}
        sections["mode_mix"] = {"other": values["other"], **shares}
    elif study.mode_mix is not None:
        sections["mode_mix"] = None
    changes: dict[str, bytes | None] = {}
    if values["mode"] != starts["mode"] and values.get("default_speeds"):
        changes["speeds"] = None
    return save_bar.Edit(changes, sections)


def _draw_travel(study: Study, draft: Draft, tr: Translator) -> None:
    settings = study.settings

    def choose(name: str, options: list[Any], say: Callable[[Any], str]) -> Callable[[str], Any]:
        return lambda key: st.selectbox(tr(f"standards.modes.{name}"), options, format_func=say, key=key)

    mode = drafts.keep_value(draft, "mode", settings.mode, choose("mode", list(MODES), lambda one: tr(f"mode.{one}")))
    if mode != settings.mode:
        if any(source.role == "speeds" for source in study.sources):
            drafts.keep_value(
                draft, "default_speeds", True, lambda key: st.checkbox(tr("standards.modes.default_speeds"), key=key)
            )
        markup.note(tr("standards.modes.mode_note"))
    else:
        draft.starts.pop("default_speeds", None)
    drafts.keep_value(
        draft,
        "direction",
        settings.direction,
        choose("direction", ["to", "from"], lambda one: tr(f"standards.modes.direction.{one}")),
    )
    seasons = list(dict.fromkeys((*study.speeds.season_names, settings.season)))
    drafts.keep_value(
        draft, "season", settings.season, choose("season", seasons, lambda one: terms.season_name(one, tr))
    )
    drafts.keep_value(
        draft,
        "own_jurisdiction",
        settings.own_jurisdiction,
        lambda key: st.toggle(tr("control.own_jurisdiction"), key=key, help=tr("control.own_jurisdiction_help")),
    )
    drafts.keep_value(
        draft,
        "max_access_m",
        settings.snap.max_access_m,
        lambda key: st.number_input(
            tr("standards.modes.max_access_m"), min_value=1.0, max_value=MOST_ACCESS_M, step=100.0, format="%g", key=key
        ),
    )
    markup.note(tr("standards.modes.access_note", kph=f"{settings.snap.access_kph:g}"))


def _draw_times(study: Study, draft: Draft, tr: Translator) -> list[str]:
    settings = study.settings
    drafts.keep_value(
        draft,
        "cutoff_min",
        settings.cutoff_min,
        lambda key: st.number_input(
            tr("standards.modes.cutoff_min"), min_value=1.0, max_value=1440.0, step=5.0, format="%g", key=key
        ),
    )
    text = drafts.keep_value(
        draft,
        "cutoffs_min",
        ", ".join(f"{one:g}" for one in settings.cutoffs_min),
        lambda key: st.text_input(tr("standards.modes.cutoffs_min"), key=key, max_chars=200),
    )
    markup.note(tr("standards.modes.cutoffs_note"))
    classes = _read_classes(text)
    if not classes or classes != sorted(set(classes)) or not all(0 < one <= 1440 for one in classes):
        return [tr("fault.classes", value=text)]
    return []


def _read_classes(text: str) -> list[float]:
    """Read numbers between any commas; nothing if one of them is none."""
    parts = [part for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()]
    try:
        return [float(part) for part in parts]
    except ValueError:
        return []


def _draw_mix(study: Study, draft: Draft, tr: Translator) -> None:
    mix = study.mode_mix
    is_mixed = drafts.keep_value(
        draft, "is_mixed", mix is not None, lambda key: st.toggle(tr("standards.modes.is_mixed"), key=key)
    )
    markup.note(tr("standards.modes.mix_note"))
    if not is_mixed:
        return
    known = dict(mix.without_car) if mix else {}
    drafts.keep_value(
        draft,
        "other",
        mix.other if mix else "walk",
        lambda key: st.selectbox(
            tr("standards.modes.other"), list(MODES), format_func=lambda one: tr(f"mode.{one}"), key=key
        ),
    )
    for place, zone in zip(st.columns(3), ZONES, strict=True):
        with place:
            start = round(known.get(zone, 0.0) * 100.0, 4)
            drafts.keep_value(draft, f"without_{zone}", start, partial(_draw_without, zone, tr))


def _draw_without(zone: str, tr: Translator, key: str) -> float:
    label = tr("standards.modes.without", zone=tr(f"standards.zone.{zone}"))
    return st.number_input(label, min_value=0.0, max_value=100.0, step=5.0, format="%g", key=key)
