"""Two maps side by side that show the same part of the land: travel times of two scenarios, or what changes."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from coverage.scenario.edits import Edit
from geodata.maps.base import build_base
from geodata.maps.elements import Encoded, ScriptCall
from geodata.maps.layers import build_layers, encode_focus, encode_highlight, encode_place
from geodata.maps.scene import encode_scene
from pages.ui import legend, map_frame, markup, state
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached_compare, cached_map, cached_whatif
from pages.ui.whatif import change_legend, whatif_map
from pages.ui.whatif.whatif_acts import Work

HEIGHT_PX = 380
KEYS = ("compare_map_a", "compare_map_b")
_KEY = "w_compare_layer"
Layer = Literal["times", "changes"]


def draw_choice(work: Work) -> None:
    """Draw the choice of what the second map shows."""
    state.preset_widget(_KEY, state.whatif("compare_layer", "times"))
    st.segmented_control(
        work.tr("compare.layer"),
        ("times", "changes"),
        key=_KEY,
        format_func=lambda one: work.tr(f"compare.layer.{one}"),
        required=True,
        on_change=lambda: state.keep_whatif(compare_layer=state.widget_value(_KEY)),
    )


def draw_maps(work: Work, one: tuple[Edit, ...], other: tuple[Edit, ...], titles: tuple[str, str]) -> None:
    """Draw the maps, each with its name above and its legend beneath."""
    study, question = work.study, work.question
    is_change = state.whatif("compare_layer", "times") == "changes"
    with shown_progress(work.tr, "doing.bands") as progress:
        for edits in (one, other):
            cached_whatif.fetch_bands_after(study, question, edits, progress)
        changes = cached_compare.fetch_changes_between(study, question, one, other, progress) if is_change else None
    for column, key, edits, title in zip(st.columns(2, gap="small"), KEYS, (one, other), titles, strict=True):
        own = changes if key == KEYS[1] else None
        found = cached_whatif.fetch_outcome(study, question, edits)
        with column:
            markup.put(markup.element("p", markup.words(title), look="p-head"))
            _show(work, edits, key, own)
            if own is None:
                legend.draw_legend(found.assessment, work.tr)
            else:
                difference = cached_compare.fetch_difference(study, question, one, other)
                change_legend.draw_change_legend(difference, work.tr)
    markup.note(work.tr("map.notice"))


def _show(work: Work, edits: tuple[Edit, ...], key: str, changes: Encoded | None) -> None:
    study, question, tr = work.study, work.question, work.tr
    found = cached_whatif.fetch_outcome(study, question, edits)
    points, moves = whatif_map.list_touched(study, found.study, edits, tr)
    nothing = Encoded.of({"key": "", "mask": ""})
    layers = build_layers(
        bands=None if changes is not None else cached_whatif.fetch_bands_after(study, question, edits),
        stations=whatif_map.fetch_untouched(study, question, whatif_map.list_ids(edits), tr),
        highlight=encode_highlight(None),
        place=encode_place(None),
        focus=encode_focus(state.focus()),
        shapes=[
            ScriptCall("changes", nothing if changes is None else changes),
            ScriptCall("scene", encode_scene(points, moves=moves)),
        ],
    )
    fig = build_base(cached_map.fetch_base(study))
    fig.add_child(ScriptCall("together", {"group": "compare"}))
    map_frame.show_map(fig, layers, key=key, height=HEIGHT_PX, on_change=lambda: None, returned=())
