"""Words for the ids in a report: the study's own names first, then the catalogues."""

from __future__ import annotations

from collections.abc import Mapping

from coverage.inputs.bilingual_names import Name
from coverage.inputs.indicator_registry import find_indicator
from coverage.tables.report_value import TOTAL, Column
from geodata.words.i18n import Translator, find_text
from geodata.words.number_format import MISSING

_ANY = "*"
_SPEED = "kph_"


def name_column(column_id: str, tr: Translator) -> str:
    """Name a column by its id alone, outside of a report; a column of speeds by its season.

    Examples
    --------
    >>> name_column("kph_winter", Translator("en")), name_column("kph_snowmelt", Translator("en"))
    ('Winter', 'snowmelt')
    """
    season = column_id.removeprefix(_SPEED)
    if season == column_id:
        return tr(f"report.column.{column_id}")
    return tr("report.column.kph", season=tr.word(f"season.{season}", season))


class Words:
    """Finds the words of ids in one language.

    Parameters
    ----------
    names
        Of a report: the study's own ids by ``<words>.<id>``.
    tr
        The language.
    """

    def __init__(self, names: Mapping[str, Name], tr: Translator) -> None:
        self._names, self.tr = names, tr

    def say(self, name: Name) -> str:
        """Return a name in the language."""
        return name.zh if self.tr.language == "zh_CN" else name.en

    def find(self, words: str, value: str) -> str:
        """Return the word of an id; an id that nobody names stands for itself, "" for what is missing."""
        if value == "":
            return MISSING
        if value == _ANY:
            return self.tr("report.any")
        key = f"{words}.{value}" if words else value
        if key in self._names:
            return self.say(self._names[key])
        text = find_text(key, self.tr.language)
        if text is not None:
            return text
        return self._name_indicator(value) if words == "indicator" else value

    def find_all(self, words: str, value: str) -> str:
        """Return the words of ids with ``;`` between."""
        return self.tr("list.comma").join(self.find(words, one) for one in value.split(";"))

    def list_ids(self, words: str) -> list[str]:
        """List the study's own ids of a group, in the order of its catalogue."""
        return [name.removeprefix(f"{words}.") for name in self._names if name.startswith(f"{words}.")]

    def find_place(self, text: str) -> str:
        """Return the name of a place, all of them, or what lies outside."""
        if text == TOTAL:
            return self.tr("report.total")
        return text or self.tr("report.outside")

    def find_text(self, column: Column, value: str) -> str:
        """Return a cell of text as it is shown."""
        return self.find_place(value) if column.words == "unit" else value or MISSING

    def find_around(self, name: str) -> str:
        """Return the unit around a place as it stands beside the place's name in a sentence, "" without one."""
        return self.tr("report.around", name=name) if name else ""

    def _name_indicator(self, code: str) -> str:
        """Name an indicator with its detail: ``设立率 · 县（市、区）``."""
        found = find_indicator(code)
        name = self.tr(f"indicator.{found.code}.name")
        detail = code.removeprefix(found.code).lstrip(".")
        if not detail:
            return name
        if found.detail == "id":
            return f"{name} · {self.find(found.code.removeprefix('B7.'), detail)}"
        level, _, item = detail.partition(".")
        parts = [name, self.tr(f"unit.{level}"), *([self.find("item", item)] if item else [])]
        return " · ".join(parts)
