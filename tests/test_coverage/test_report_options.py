"""What a user chooses of a report survives being saved, and what does not exist is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.errors import SettingsError
from coverage.report.options import LONGEST_TITLE, REPORT_LANGUAGES, SECTIONS, ReportOptions

texts = st.text(max_size=LONGEST_TITLE)


@given(
    sections=st.lists(st.sampled_from(SECTIONS), unique=True),
    title=texts,
    department=texts,
    date=st.dates().map(str) | st.just(""),
    language=st.sampled_from(REPORT_LANGUAGES),
)
def test_options_survive_json(sections: list[str], title: str, department: str, date: str, language: str) -> None:
    """Any choice written as JSON and read again is the same choice."""
    options = ReportOptions(tuple(sections), title, department, date, language)
    assert ReportOptions.from_json(json.loads(json.dumps(options.to_json()))) == options


def test_missing_and_unknown_fields_are_no_fault() -> None:
    """Options saved by an older or newer version take the usual choice for what they lack."""
    assert ReportOptions.from_json({"title": "标题", "paper": "A3"}) == ReportOptions(title="标题")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"sections": ("summary", "unknown")}, "settings.unknown_choice"),
        ({"sections": ("gaps", "gaps")}, "report.section_twice"),
        ({"language": "fr"}, "settings.unknown_choice"),
        ({"date": "2026-13-01"}, "settings.unknown_choice"),
        ({"date": "2026-02-31"}, "settings.unknown_choice"),
        ({"date": "22.11.2026"}, "settings.unknown_choice"),
        ({"title": "长" * (LONGEST_TITLE + 1)}, "report.text_too_long"),
    ],
)
def test_what_does_not_exist_is_refused(fields: dict[str, str], code: str) -> None:
    """Unknown sections, languages and dates, a section twice and a title too long are refused by their code."""
    with pytest.raises(SettingsError) as caught:
        ReportOptions(**fields)  # type: ignore[arg-type]
    assert caught.value.code == code
