"""Timing a call, reading the peak memory, and printing tables with a verdict beside each target."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_ROADS = ROOT.parent / "shared" / "data" / "roads"

Value = TypeVar("Value")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class Measured(Generic[Value]):
    """What a call returned and the seconds of each of its runs."""

    value: Value
    runs_s: tuple[float, ...]

    @property
    def median_s(self) -> float:
        """Return the median of the runs [s]."""
        return statistics.median(self.runs_s)


def measure(
    call: Callable[[], Value],
    repeats: int = 1,
    *,
    at_least_s: float = 0.0,
    clock: Callable[[], float] = time.perf_counter,
) -> Measured[Value]:
    """Run a call several times, as an ordinary program would: the garbage collector stays on.

    Parameters
    ----------
    call
        What is timed; its last value is kept.
    repeats
        Number of runs, at least 1.
    at_least_s
        Go on until the runs together took this long, so that milliseconds have a steady median [s].
    clock
        What tells the time; `time.process_time` leaves out what other programs take of the machine.
    """
    runs: list[float] = []
    while len(runs) < max(repeats, 1) or sum(runs) < at_least_s:
        begin = clock()
        value = call()
        runs.append(clock() - begin)
    return Measured(value, tuple(runs))


def measure_in_turn(
    first: Callable[[], Value], second: Callable[[], Other], rounds: int, *, at_least_s: float = 0.0
) -> tuple[Measured[Value], Measured[Other]]:
    """Run two calls of one thread alternately, by the processor's clock.

    By the wall clock a call of a millisecond slips through between two time slices of a busy machine
    and a call of a second does not: the ratio would flatter the faster one.

    Parameters
    ----------
    first, second
        What is compared.
    rounds
        How often they take turns; each turn is as many runs as fit in `at_least_s`, one or more.
    at_least_s
        Length of a turn [s].
    """
    first_s: list[float] = []
    second_s: list[float] = []
    for _ in range(max(rounds, 1)):
        one = measure(first, at_least_s=at_least_s, clock=time.process_time)
        other = measure(second, at_least_s=at_least_s, clock=time.process_time)
        first_s += one.runs_s
        second_s += other.runs_s
    return Measured(one.value, tuple(first_s)), Measured(other.value, tuple(second_s))


def read_peak_mb() -> float:
    """Return the largest resident memory this process has had so far [MB of 10⁶ bytes].

    Linux hands `ru_maxrss` of a parent down to the programs it starts, so there the kernel's own
    mark of this process is read.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        marks = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        if marks:
            return int(marks[0]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def judge(figure: float, target: float, *, at_least: bool) -> str:
    """Put a target and its verdict into words, e.g. ``≥ 25 PASS``."""
    reached = figure >= target if at_least else figure <= target
    return f"{'≥' if at_least else '≤'} {target:,g} {'PASS' if reached else 'MISS'}"


def format_s(seconds: float) -> str:
    """Format seconds with three significant figures below 100."""
    if seconds >= 100:
        return f"{seconds:.0f}"
    return f"{seconds:.4f}" if seconds < 0.1 else f"{seconds:.2f}" if seconds >= 1 else f"{seconds:.3f}"


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table as Markdown, so that it can be pasted into the README."""
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    print(f"\n{title}\n", *lines, sep="\n", flush=True)


def print_machine() -> None:
    """Print what the figures depend on: date, system, Python, cores and how busy they are."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(
        f"{date.today().isoformat()} · {platform.system()} {platform.machine()} · Python {platform.python_version()} · "
        f"{os.cpu_count()} cores, load {load:.1f}",
        flush=True,
    )
