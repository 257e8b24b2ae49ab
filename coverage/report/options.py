"""What a user chooses of a report: sections in order, title, department, date, language."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from coverage.errors import SettingsError

# In the usual order. Those without data are left out of a report.
SECTIONS: tuple[str, ...] = (
    "summary",
    "situation",
    "mismatches",
    "gaps",
    "items",
    "conditions",
    "sites",
    "scenario",
    "plan",
    "quality",
    "methods",
    "limits",
    "appendix",
)
REPORT_LANGUAGES: tuple[str, ...] = ("zh_CN", "en")
LONGEST_TITLE = 120
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """The choices of a report.

    Parameters
    ----------
    sections
        Ids of `SECTIONS`, each at most once, in the order wanted.
    title, department
        As the user writes them; "" takes the usual title, and no department.
    date
        ISO 8601, "" for none.
    language
        One of `REPORT_LANGUAGES`.

    Raises
    ------
    SettingsError
        ``settings.unknown_choice`` for a section, date or language that does not exist, ``report.section_twice``.

    Examples
    --------
    >>> ReportOptions.from_json(ReportOptions(title="Half an hour").to_json()).title
    'Half an hour'
    """

    sections: tuple[str, ...] = SECTIONS
    title: str = ""
    department: str = ""
    date: str = ""
    language: str = "zh_CN"

    def __post_init__(self) -> None:
        for section in self.sections:
            _check_choice("sections", section, SECTIONS)
            if self.sections.count(section) > 1:
                raise SettingsError("report.section_twice", value=section)
        _check_choice("language", self.language, REPORT_LANGUAGES)
        if self.date and not _is_day(self.date):
            raise SettingsError("settings.unknown_choice", name="date", value=self.date[:40], choices="2026-11-22")
        for name in ("title", "department"):
            if len(getattr(self, name)) > LONGEST_TITLE:
                raise SettingsError("report.text_too_long", name=name, count=len(getattr(self, name)))

    def to_json(self) -> dict[str, object]:
        """Return the choices as plain JSON."""
        return {**asdict(self), "sections": list(self.sections)}

    @classmethod
    def from_json(cls, content: Mapping[str, object]) -> ReportOptions:
        """Read what `to_json` returned; what is missing takes the usual choice, what is not known is left aside."""
        texts = {name: str(content[name]) for name in ("title", "department", "date", "language") if name in content}
        listed = content.get("sections")
        sections = tuple(str(one) for one in listed) if isinstance(listed, list | tuple) else SECTIONS
        return cls(sections=sections, **texts)


def _check_choice(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise SettingsError("settings.unknown_choice", name=name, value=value[:40], choices=", ".join(known))


def _is_day(text: str) -> bool:
    """Tell whether a text is a day of the calendar, ISO 8601."""
    try:
        return bool(_DATE.match(text) and dt.date.fromisoformat(text))
    except ValueError:
        return False
