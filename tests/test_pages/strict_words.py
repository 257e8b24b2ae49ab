"""Words under test: a message that is missing, or a field nobody fills, is an error and never passes as its id."""

from __future__ import annotations

from typing import Any

import pytest

from coverage.errors import DataIssue, PlannerError
from geodata.words import i18n
from geodata.words.i18n import Description, Language, Translator

# Their fields are filled by whatever renders the report, at every page of it.
_FILLED_LATER = "report.word."


class MissingWordsError(AssertionError):
    """A screen asked for words that are not in the catalogues, or left a field of them empty."""


def refuse_missing_words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let every translator of this process raise where words are missing, until the patch is undone.

    Returns
    -------
    What was missing so far, in the order of asking. Pages turn unexpected errors into boxes, so whoever
    patches looks at this list afterwards.
    """
    missed: list[str] = []
    say, describe = Translator.t, i18n.describe

    def fail(what: str) -> None:
        missed.append(what)
        raise MissingWordsError(what)

    def t(self: Translator, message_id: str, **facts: Any) -> str:
        text = i18n.load_messages(self.language).get(message_id)
        if text is None:
            fail(f"{message_id} ({self.language})")
        elif message_id.startswith(_FILLED_LATER):
            return text
        try:
            return say(self, message_id, **facts)
        except MissingWordsError:
            missed[-1] += f" of {message_id}"
            raise

    def describe_strictly(problem: PlannerError | DataIssue, language: Language) -> Description:
        kind = "error" if isinstance(problem, PlannerError) else "issue"
        if i18n.find_text(f"{kind}.{problem.code}.what", language) is None:
            fail(f"{kind}.{problem.code}.what ({language})")
        return describe(problem, language)

    def get_value(self: object, key: int | str, args: Any, kwargs: Any) -> Any:
        if key not in kwargs:
            fail(f"field {key}")
        return kwargs[key]

    monkeypatch.setattr(Translator, "t", t)
    monkeypatch.setattr(Translator, "__call__", t)
    monkeypatch.setattr(i18n, "describe", describe_strictly)
    monkeypatch.setattr(i18n._TolerantFormatter, "get_value", get_value)
    return missed
