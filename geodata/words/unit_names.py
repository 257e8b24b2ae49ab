"""Names for rows of tables by unit that stand for no unit: the whole study, and what lies outside all districts."""

from __future__ import annotations

from typing import TypeVar

import pandas as pd

from coverage.inputs.bilingual_names import Name
from geodata.words.i18n import Language, Translator

Rows = TypeVar("Rows", bound=pd.DataFrame)

_WHOLE = ("study", "all")


def name_units(table: Rows, language: Language, study: Name | None = None) -> Rows:
    """Fill in the names that a table by unit lacks; ids stay as they are.

    Parameters
    ----------
    table
        Rows with ``name`` and, if they are of several levels, ``level`` or ``unit_level``; others come back unchanged.
    language
        Language of the words.
    study
        Name of the study, for the rows of all of it; None for a table that has none.
    """
    if "name" not in table:
        return table
    nameless = table["name"].astype(str) == ""
    level = next((table[column].astype(str) for column in ("unit_level", "level") if column in table), None)
    whole = nameless & level.isin(_WHOLE) if level is not None else nameless & False
    names = table["name"].astype(object).mask(nameless, Translator(language)("report.outside"))
    if study is not None:
        names = names.mask(whole, study.zh if language == "zh_CN" else study.en)
    return table.assign(name=names)
