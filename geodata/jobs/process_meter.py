"""How much memory and processor time another process of ours has used, asked of the system."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LONGEST_PS_S = 5.0


@dataclass(frozen=True, slots=True)
class Usage:
    """Memory in use now [bytes] and processor time since the start [s]."""

    memory_bytes: int
    processor_s: float


def measure_process(number: int) -> Usage | None:
    """Measure a running process.

    Parameters
    ----------
    number
        Its process id.

    Returns
    -------
    None where it has ended, or where the system does not say.
    """
    try:
        if sys.platform == "win32":
            return _measure_on_windows(number)
        if sys.platform == "darwin":
            return _measure_by_ps(number)
        return _measure_on_linux(number)
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return None


def _measure_by_ps(number: int) -> Usage:
    """Ask the program ``ps``, which every Unix has: macOS keeps no ``/proc``."""
    done = subprocess.run(  # noqa: S603 - a program of the system, and a number
        ("/bin/ps", "-o", "rss=", "-o", "time=", "-p", str(int(number))),
        capture_output=True,
        timeout=_LONGEST_PS_S,
        check=True,  # it fails for a process that has ended
        env={"LC_ALL": "C"},
    )
    kibibytes, worked = done.stdout.decode("ascii").split()
    return Usage(int(kibibytes) * 1024, _read_duration(worked))


def _read_duration(text: str) -> float:
    """Read a duration of ``ps`` [s].

    Examples
    --------
    >>> _read_duration("75:02.50"), _read_duration("1-02:00:03")
    (4502.5, 93603.0)
    """
    days, _, clock = text.rpartition("-")
    seconds = 0.0
    for part in clock.split(":"):
        seconds = seconds * 60.0 + float(part)
    return float(days or 0) * 86_400.0 + seconds


def _measure_on_linux(number: int) -> Usage:
    import os

    fields = Path(f"/proc/{number}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    user, system, pages = int(fields[11]), int(fields[12]), int(fields[21])
    return Usage(pages * os.sysconf("SC_PAGE_SIZE"), (user + system) / os.sysconf("SC_CLK_TCK"))


def _measure_on_windows(number: int) -> Usage | None:
    import ctypes
    from ctypes import wintypes

    class Counters(ctypes.Structure):
        _fields_ = (
            ("size", wintypes.DWORD),
            ("faults", wintypes.DWORD),
            *((name, ctypes.c_size_t) for name in ("peak", "working", "paged_peak", "paged", "other_peak", "other")),
            ("page_file", ctypes.c_size_t),
            ("page_file_peak", ctypes.c_size_t),
        )

    system: Any = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    system.OpenProcess.restype = wintypes.HANDLE
    handle = system.OpenProcess(0x1000 | 0x0010, False, number)  # limited information, reading of memory figures
    if not handle:
        return None
    handle = wintypes.HANDLE(handle)
    try:
        counters = Counters(size=ctypes.sizeof(Counters))
        times = [wintypes.FILETIME() for _ in range(4)]
        if not system.K32GetProcessMemoryInfo(handle, ctypes.byref(counters), counters.size):
            return None
        if not system.GetProcessTimes(handle, *(ctypes.byref(one) for one in times)):
            return None
        ticks = sum((one.dwHighDateTime << 32) + one.dwLowDateTime for one in times[2:])
        return Usage(max(counters.working, counters.page_file), ticks / 1e7)
    finally:
        system.CloseHandle(handle)
