"""Edits that are not saved yet: tables and values on screen, kept while people look elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.inputs.study import Study
from pages.ui import state

_T = TypeVar("_T")


@dataclass(slots=True)
class Sheet:
    """A table that is being edited: as the study has it, as it was put on screen, and as it stands now."""

    start: pd.DataFrame
    shown: pd.DataFrame
    now: pd.DataFrame
    version: int = 0
    look: str = ""


@dataclass(slots=True)
class Draft:
    """What is being edited in one part of the page.

    Parameters
    ----------
    part
        The part of the page.
    base
        What the study held when editing began, as text.
    sheets
        Tables by name.
    starts, values
        Single values by name: as the study has them, and as they stand now.
    language
        In which its widgets are drawn.
    """

    part: str
    base: str
    sheets: dict[str, Sheet] = field(default_factory=dict)
    starts: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    language: str = ""

    @property
    def is_changed(self) -> bool:
        """Tell whether anything differs from the study."""
        if any(not _is_same(sheet.start, sheet.now) for sheet in self.sheets.values()):
            return True
        return any(self.values.get(name, start) != start for name, start in self.starts.items())


def begin(part: str, base: object) -> Draft:
    """Return the draft of a part; it begins afresh where nothing was edited and the study has changed."""
    kept: Draft | None = state.drafts().get(part)
    if kept is None or (kept.base != repr(base) and not kept.is_changed):
        discard(part)
        kept = Draft(part, repr(base))
        state.drafts()[part] = kept
    language = state.translator().language
    if kept.language != language:  # a choice on screen keeps the word it was made in until it is drawn afresh
        state.forget_widgets(f"w_draft_{part}_")
        kept.language = language
    return kept


def find_own_file(study: Study, role: str) -> Path | None:
    """Return the file that a study itself names for an input, None if it names none."""
    own = [source.path for source in study.sources if source.role == role]
    return state.study_path().parent / own[0] if own else None


def is_stale(draft: Draft, base: object) -> bool:
    """Tell whether the study was changed elsewhere since editing began."""
    return draft.base != repr(base)


def discard(part: str) -> None:
    """Forget the edits of a part; its widgets begin afresh."""
    state.drafts().pop(part, None)
    state.forget_widgets(f"w_draft_{part}_")


def list_changed() -> set[str]:
    """List the parts with edits that are not saved."""
    return {part for part, draft in state.drafts().items() if draft.is_changed}


def edit_sheet(
    draft: Draft,
    name: str,
    start: Callable[[], pd.DataFrame],
    columns: dict[str, ColumnConfig],
    *,
    rows: Literal["fixed", "dynamic", "delete"] = "dynamic",
    disabled: Iterable[str] = (),
    numbered: bool = True,
) -> pd.DataFrame:
    """Draw a table to edit and return it as it stands now.

    Parameters
    ----------
    draft, name
        Where it is kept.
    start
        Gives the table as the study has it.
    columns
        Title and kind of each column, in their order; the table's other columns are kept out of sight.
    rows
        Whether rows can be added and removed.
    disabled
        Columns that are only shown.
    numbered
        Number the rows, so that a fault can name one.

    Returns
    -------
    Indexed by the number that each row shows.
    """
    if name not in draft.sheets:
        first = _number(start())
        draft.sheets[name] = Sheet(first, first, first)
    sheet = draft.sheets[name]
    look = str(columns)
    if look != sheet.look:  # other words or choices make another editor, which knows nothing of the changes
        sheet.version += 1 if sheet.look else 0
        sheet.look = look
    key = f"w_draft_{draft.part}_{name}_{sheet.version}"
    # An editor keeps only its changes to the table it was given: one that comes back gets the table as it stands.
    if not state.has_widget(key):
        sheet.shown = sheet.now = _number(sheet.now)
    sheet.now = show_editor(
        sheet.shown,
        key=key,
        num_rows=rows,
        column_config=columns,
        column_order=list(columns),
        disabled=list(disabled),
        hide_index=not numbered,
        placeholder="—",
    )
    return sheet.now


def show_editor(table: pd.DataFrame, **how: Any) -> pd.DataFrame:
    """Show an editor; the one place that does, so that tests can stand in for people."""
    return st.data_editor(table, **how)


def put_sheet(draft: Draft, name: str, table: pd.DataFrame) -> None:
    """Replace a table that is being edited by another one."""
    sheet = draft.sheets[name]
    sheet.now = sheet.shown = _number(table)
    sheet.version += 1


def keep_value(draft: Draft, name: str, start: _T, draw: Callable[[str], _T]) -> _T:
    """Draw a widget by its key and return its value, which is kept in the draft.

    Parameters
    ----------
    draft, name
        Where it is kept.
    start
        The value that the study has.
    draw
        Draws the widget with the key it is given.
    """
    draft.starts.setdefault(name, start)
    key = f"w_draft_{draft.part}_{name}"
    if not state.has_widget(key):
        state.preset_widget(key, draft.values.get(name, draft.starts[name]))
    value = draft.values[name] = draw(key)
    return value


def put_value(draft: Draft, name: str, value: object) -> None:
    """Replace a value that is being edited; to be called before its widget is drawn."""
    draft.values[name] = value
    state.forget(f"w_draft_{draft.part}_{name}")


def _number(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_axis(pd.RangeIndex(1, len(table) + 1))


def _is_same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    if list(one.columns) != list(other.columns) or len(one) != len(other):
        return False
    return _to_cells(one) == _to_cells(other)


def _to_cells(table: pd.DataFrame) -> list[list[object]]:
    return [[clean(value) for value in row] for row in table.to_numpy(object).tolist()]


def clean(value: Any) -> Any:
    """Return a cell as plain Python: None where it is empty, a list where it holds several, texts stripped."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list | tuple) or hasattr(value, "tolist"):
        several = value.tolist() if hasattr(value, "tolist") else list(value)
        return several if isinstance(several, list) else clean(several)
    return None if value is None or pd.isna(value) else value
