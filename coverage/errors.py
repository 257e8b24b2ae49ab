"""Errors and findings as values: a code and its facts, never a sentence.

The words a person reads live in the message catalogues (``geodata/locale``), keyed by ``code``;
``geodata.words.i18n.describe`` turns either value into what happened, why, and how to fix it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Fact = str | int | float
Severity = Literal["note", "warning", "rejected"]
_LONGEST_FACT = 200


class PlannerError(Exception):
    """Base of every error the planner raises on purpose.

    Parameters
    ----------
    code
        Dotted id of the message, e.g. ``"study.input_missing"``. The catalogues hold
        ``error.<code>.what``, ``.why`` and ``.fix``.
    faults
        Everything that is wrong, where one error tells of several faults; told one a line after the error itself,
        whose messages have their number as ``{count}``.
    **context
        Facts named by the placeholders of those messages (file, row, column, value, …).
    """

    def __init__(self, code: str, *, faults: Sequence[DataIssue] = (), **context: Fact) -> None:
        self.code = code
        self.faults = tuple(faults)
        self.context = {"count": len(faults), **context} if faults else context
        facts = ", ".join(f"{key}={value!r}" for key, value in self.context.items())
        told = "".join(f"; {fault.code} {fault.value}".rstrip() for fault in faults)
        super().__init__(f"{code}: {facts}{told}" if facts else code)


class InputError(PlannerError, ValueError):
    """A file or table that cannot be used as it is; nothing was changed."""


class SettingsError(PlannerError, ValueError):
    """A setting outside its range, or settings that contradict each other."""


class NetworkError(PlannerError, ValueError):
    """Roads from which no routable network can be built."""


class MissingInputError(PlannerError, FileNotFoundError):
    """A named file is not where it should be."""


class CancelledError(PlannerError, RuntimeError):
    """The user asked a long job to stop."""


@dataclass(frozen=True, slots=True)
class DataIssue:
    """One finding in the input that is not fatal; `count` rows show it.

    Parameters
    ----------
    code
        Dotted id, e.g. ``"stations.outside_area"``; catalogues hold ``issue.<code>.what`` and ``.fix``.
    severity
        ``rejected``: the rows were left out. ``warning``: kept, but look. ``note``: for information.
    source
        Name of the input (file name or table name).
    count
        Number of rows or objects concerned.
    rows
        Row numbers as a spreadsheet shows them (header is row 1); may be shorter than `count`.
    column, value
        Where it was found and what stood there (the first case), empty if not applicable.
    facts
        Further placeholders of the message, as (name, value) pairs.
    """

    code: str
    severity: Severity
    source: str
    count: int = 1
    rows: tuple[int, ...] = ()
    column: str = ""
    value: str = ""
    facts: tuple[tuple[str, Fact], ...] = ()

    def placeholders(self) -> dict[str, Fact]:
        """Return every fact of the issue by name, as the catalogues use them."""
        named: dict[str, Fact] = {
            "source": self.source,
            "count": self.count,
            "column": self.column,
            "value": self.value,
        }
        return named | dict(self.facts)

    def with_facts(self, **facts: Fact) -> DataIssue:
        """Return the finding with further facts, or with others in place of its own."""
        return replace(self, facts=tuple((dict(self.facts) | facts).items()))


def make_fault(code: str, key: str = "", value: object = "", **facts: object) -> DataIssue:
    """Return what is wrong with one entry of a file that is refused whole.

    Parameters
    ----------
    code
        ``entry.<what>``.
    key, value
        Which entry, and what stands there.
    **facts
        Further placeholders: numbers, texts, a tuple of choices. Where it stands is told by one of them: ``rule`` or
        ``edit`` (its number, the first is 1), ``section``, or ``entry`` (an id) with ``kind`` (of what).
    """
    named = {"key": key, **facts}
    shown = tuple((name, one if type(one) is int else _show(one)) for name, one in named.items())
    return DataIssue(code, "rejected", "", value=_show(value), facts=shown)


def _show(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)[:_LONGEST_FACT]
