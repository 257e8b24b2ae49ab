"""Fields of the Sites page: what is filled in stays while people look elsewhere."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pandas as pd
from streamlit.elements.lib.column_types import ColumnConfig

from geodata.words.i18n import Translator
from pages.ui import drafts, state
from pages.ui.siting.siting_form import SitingForm

_FORM = "form"


def get_form() -> SitingForm:
    """Return what is filled in."""
    form = state.siting(_FORM)
    if form is None:
        form = SitingForm()
        state.keep_siting(_FORM, form)
    return form  # type: ignore[no-any-return]  # what `put` kept


def put(**changes: Any) -> None:
    """Change what is filled in."""
    state.keep_siting(_FORM, replace(get_form(), **changes))


def bind(name: str, *, take: Callable[[Any], Any] | None = None, give: Callable[[Any], Any] | None = None) -> Any:
    """Return key and callback of the widget of a field; a change is kept before the page runs again.

    Parameters
    ----------
    name
        Field of `SitingForm`.
    take, give
        From the widget's value to the field's, and back, where they differ.
    """
    key = f"w_siting_{name}"
    value = getattr(get_form(), name)
    state.preset_widget(key, give(value) if give else value)

    def change() -> None:
        now = state.widget_value(key)
        put(**{name: take(now) if take else now})

    return {"key": key, "on_change": change}


def edit_sheet(
    name: str,
    base: object,
    build: Callable[[], pd.DataFrame],
    columns: dict[str, ColumnConfig],
    tr: Translator,
    *,
    disabled: Iterable[str] = (),
    height: int | None = None,
) -> pd.DataFrame:
    """Draw a table to edit and return it as it stands; it begins afresh when what it rests on changes.

    Parameters
    ----------
    name, base
        Which table, and what it rests on.
    build
        Builds it with what is filled in already.
    columns, disabled, height
        How it looks, which columns are only shown, and its height [px].
    tr
        The words.
    """
    key = f"w_siting_sheet_{name}_{zlib.crc32(repr((base, tr.language)).encode())}"
    # An editor knows only its changes to the table it was given: one that comes back gets the table as it stands.
    if not state.has_widget(key) or state.siting(key) is None:
        state.keep_siting(key, build())
    how: dict[str, Any] = {} if height is None else {"height": height}
    return drafts.show_editor(
        state.siting(key),
        key=key,
        num_rows="fixed",
        column_config=columns,
        column_order=list(columns),
        disabled=list(disabled),
        hide_index=True,
        placeholder="—",
        **how,
    )
