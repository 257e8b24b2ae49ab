"""What can be done in a process of its own: the tasks by name, and the value each of them answers with.

A task takes a request (a JSON object) and reports its progress; its answer is JSON and arrays of numbers, so that it
goes through a pipe without pickle. `geodata.jobs.worker` runs a task in another process or, for a file that the planner
wrote itself, in this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from coverage.errors import DataIssue
from coverage.progress import Progress

Request = dict[str, Any]

# Each task and the function that does it; no other can be asked for.
TASKS: dict[str, str] = {
    "cut_osm": "geodata.roads.cut_roads:cut_in_process",
    "layer": "geodata.intake.cells.layer_task:read_layer",
    "osm": "geodata.roads.read_osm:read_in_process",
    "places": "geodata.intake.read_places:read_in_process",
    "raster": "geodata.intake.read_population_raster:read_in_process",
    "report": "geodata.documents.report_job:do_in_process",
    "suggest": "geodata.answers.siting_job:suggest_in_process",
    "workbook": "geodata.intake.cells.workbook_task:read_sheet",
}
# Tasks whose modules need the large libraries of tables and shapes; the others start faster without.
NEED_TABLES = frozenset({"cut_osm", "osm", "places", "raster"})


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What a job has besides its request: arrays, and whom to tell more than progress (returns whether to go on)."""

    arrays: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    tell_aside: Callable[[dict[str, Any]], bool] = lambda _: True


ORDER: ContextVar[Order] = ContextVar("order", default=Order())  # noqa: B039 - nothing in it is changed


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a task answers.

    Parameters
    ----------
    head
        JSON object; complete only after `rows` came to their end.
    arrays
        Arrays of numbers by name.
    rows
        Further JSON values, one after the other, for answers that are too long to be built at once.
    """

    head: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    rows: Iterable[Any] = ()


def find_task(name: str) -> Callable[[Request, Progress], Answer]:
    """Return the function of a task; `KeyError` for an unknown name."""
    module, _, function = TASKS[name].partition(":")
    found: Callable[[Request, Progress], Answer] = getattr(import_module(module), function)
    return found


def encode_issues(issues: Iterable[DataIssue]) -> list[list[Any]]:
    """Turn findings into JSON values."""
    return [[i.code, i.severity, i.source, i.count, i.rows, i.column, i.value, i.facts] for i in issues]


def decode_issues(values: Iterable[list[Any]]) -> tuple[DataIssue, ...]:
    """Turn the JSON values of `encode_issues` back into findings."""
    return tuple(
        DataIssue(code, severity, source, count, tuple(rows), column, value, tuple((k, v) for k, v in facts))
        for code, severity, source, count, rows, column, value, facts in values
    )


def join_bytes(parts: Iterable[bytes | None]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Join pieces of bytes into one array, with the length of each; -1 stands for None."""
    listed = list(parts)
    lengths = np.fromiter((-1 if part is None else len(part) for part in listed), np.int64, len(listed))
    return np.frombuffer(b"".join(part for part in listed if part is not None), np.uint8), lengths


def split_bytes(joined: npt.NDArray[np.uint8], lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    """Split what `join_bytes` joined, shape (n,)."""
    content = joined.tobytes()
    ends = np.cumsum(np.maximum(lengths, 0)).tolist()
    parts = np.empty(len(lengths), dtype=object)
    for number, (end, length) in enumerate(zip(ends, lengths.tolist(), strict=True)):
        parts[number] = None if length < 0 else content[end - length : end]
    return parts
