"""Work in another process, with progress, a stop, and limits to memory and time.

A file that somebody brings may be a program to the library that reads it: it may run for ever, ask for all memory or
end the process it is read in. So it is read in a process of its own. What the planner wrote itself, and nobody changed
since, is read in place. Jobs of minutes, such as siting and reports, run in processes of the same kind
(`geodata.jobs.job_pool`), which know all of our rooms and may start readers themselves.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import numpy.typing as npt

from coverage import errors
from coverage.errors import CancelledError, InputError, PlannerError
from coverage.progress import Progress, ignore_progress, report_progress
from geodata.files.own_files import is_own_file
from geodata.files.reading_border import log_failure
from geodata.jobs.process_meter import measure_process
from geodata.jobs.tasks import Answer, Request, decode_issues, find_task

_MAIN = Path(__file__).with_name("worker_main.py")
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # only Windows has it
_LOOK_EVERY_S = 0.2
_WALL_PER_PROCESSOR_S = 10.0  # on a busy machine a process waits for its turn
_PIECE = 1 << 20
_LONGEST_END_S = 60.0  # a job that is stopped comes to its end within this time, or is ended
# Threads that only wait take address space, which is what the system limits.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "RUST_BACKTRACE": "0",
}
# By what signal the system ends a process that took too much of each; Windows has none.
_SIGNALS = {"time": int(getattr(signal, "SIGXCPU", 1 << 16)), "memory": int(getattr(signal, "SIGKILL", 1 << 16))}


@dataclass(frozen=True, slots=True)
class Limits:
    """Most memory [bytes] and processor time [s] of a task, and what the messages speak of: a file, or a job."""

    memory_bytes: int
    processor_s: float
    about: Literal["file", "job"] = "file"


def choose_limits(file: Path) -> Limits:
    """Return what reading a file may take: far more than any honest file of its size needs."""
    is_shapefile = file.suffix.lower() == ".shp"
    parts = [one for one in file.parent.iterdir() if one.stem == file.stem] if is_shapefile else [file]
    size = sum(one.stat().st_size for one in parts)
    return Limits((2 << 30) + 16 * size, 20.0 + 5.0 * size / 1e6)


def run_task(
    task: str, file: Path, request: Request, *, source: str = "", progress: Progress = ignore_progress
) -> Answer:
    """Do a task with a file: in another process, or in place if the planner wrote the file itself.

    Parameters
    ----------
    task
        One of ``geodata.jobs.tasks.TASKS``.
    file
        The file it works on, a checked local one; it decides the limits.
    request
        What else the task needs, JSON values.
    source
        Name of the file in messages; that of `file` if empty.
    progress
        Told the share done, and asked five times a second whether to go on.

    Returns
    -------
    The answer, its rows a list.

    Raises
    ------
    PlannerError
        What the task raises; ``file.needs_memory`` or ``file.needs_time`` if it went beyond its limits;
        ``file.unreadable`` if a library failed; `CancelledError` if it was stopped.
    """
    name = source or file.name
    request = {**request, "file": str(file), "source": name}
    if is_own_file(file):
        answer = find_task(task)(request, progress)
        rows = list(answer.rows)
        return Answer(answer.head, answer.arrays, rows)
    with one_worker() as worker:
        return worker.ask(task, request, choose_limits(file), name, progress)


_current: ContextVar[Worker | None] = ContextVar("worker", default=None)


@contextlib.contextmanager
def one_worker() -> Iterator[Worker]:
    """Keep one process for everything that is read within; it starts with the first task and ends with the block."""
    kept = _current.get()
    if kept is not None:
        yield kept
        return
    worker = Worker()
    token = _current.set(worker)
    try:
        yield worker
    finally:
        _current.reset(token)
        worker.close()


class Worker:
    """A process that does one task after the other; started when it is needed, and again after it was ended."""

    def __init__(self, *, is_job: bool = False) -> None:
        self._is_job = is_job
        self._process: subprocess.Popen[bytes] | None = None
        self._frames: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._complaints: deque[bytes] = deque(maxlen=16)
        self._listener: threading.Thread | None = None
        self._turn = threading.Lock()

    def ask(
        self,
        task: str,
        request: Request,
        limits: Limits,
        source: str,
        progress: Progress,
        *,
        arrays: Mapping[str, npt.NDArray[Any]] | None = None,
        aside: Callable[[dict[str, Any]], None] = lambda _: None,
    ) -> Answer:
        """Do one task, see `run_task`; whatever goes wrong but a refusal in our own words ends the process.

        Parameters
        ----------
        task, request, limits, source, progress
            As for `run_task`. A job that is stopped is asked to come to its end first, with what it has by then.
        arrays
            What a job needs besides the request.
        aside
            Given what a job tells besides its progress.
        """
        with self._turn:
            is_sound = False
            try:
                answer, last = self._converse(task, request, limits, source, progress, arrays or {}, aside)
                is_sound = True
            finally:
                if not is_sound:
                    self.close()
        if "refused" in last:
            raise _build_error(last)
        return answer

    @property
    def is_busy(self) -> bool:
        """Tell whether it does something."""
        return self._turn.locked()

    def close(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            with contextlib.suppress(OSError):
                _input_of(process).close()

    def _start(self) -> subprocess.Popen[bytes]:
        self._frames, self._complaints = queue.SimpleQueue(), deque(maxlen=16)
        self._process = process = subprocess.Popen(  # noqa: S603 - our own script; what people bring comes as orders
            (sys.executable, "-P", str(_MAIN), *(["--job"] if self._is_job else [])),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **({} if self._is_job else _ENVIRONMENT)},
            creationflags=_NO_WINDOW,
        )
        threading.Thread(target=_receive, args=(process.stdout, self._frames), daemon=True).start()
        self._listener = threading.Thread(target=_drain, args=(process.stderr, self._complaints), daemon=True)
        self._listener.start()
        return process

    def _converse(
        self,
        task: str,
        request: Request,
        limits: Limits,
        source: str,
        progress: Progress,
        sent: Mapping[str, npt.NDArray[Any]],
        aside: Callable[[dict[str, Any]], None],
    ) -> tuple[Answer, dict[str, Any]]:
        """Send an order; return the answer and the last message that came back, ``done`` or ``refused``."""
        process = self._process or self._start()
        order = {"task": task, "request": request, **asdict(limits), "arrays": len(sent)}
        with contextlib.suppress(OSError):  # it has ended; there will be no answer, and that says why
            _send(_input_of(process), order, sent)
        watch = _Watch(process.pid, limits, source)
        told: tuple[float, str] | None = None
        stopped_at: float | None = None
        arrays: dict[str, npt.NDArray[Any]] = {}
        rows: list[Any] = []
        while True:
            watch.look()
            with contextlib.suppress(queue.Empty):
                frame = self._frames.get(timeout=_LOOK_EVERY_S)
                if frame is None:
                    raise self._explain_end(process, limits, source)
                if "failed" in frame:
                    raise _explain_failure(frame, limits, source)
                if "done" in frame or "refused" in frame:
                    return Answer(frame.get("done", {}), arrays, rows), frame
                if "array" in frame:
                    arrays[frame["array"]] = frame["content"]
                rows += frame.get("rows", ())
                told = frame.get("tell", told)
                if "aside" in frame:
                    aside(frame["aside"])
            if told is None:
                continue
            # Also while nothing new comes, so that it can be stopped.
            if not self._is_job:
                report_progress(progress, *told)
            elif stopped_at is None and not progress(*told):
                stopped_at = time.monotonic()
                with contextlib.suppress(OSError):
                    _send(_input_of(process), {"stop": True}, {})
            elif stopped_at is not None and time.monotonic() - stopped_at > _LONGEST_END_S:
                raise CancelledError("job.cancelled", step=told[1])

    def _explain_end(self, process: subprocess.Popen[bytes], limits: Limits, source: str) -> InputError:
        """Say why a process ended without an answer."""
        code = process.wait()
        if self._listener is not None:
            self._listener.join(1.0)
        said = b"".join(self._complaints).decode("utf-8", "replace")
        log_failure(source, f"the process ended with {code}: {said}")
        if code == -_SIGNALS["time"]:
            return _say_limit("needs_time", source, limits)
        if code == -_SIGNALS["memory"] or "memory allocation" in said or "bad_alloc" in said:
            return _say_limit("needs_memory", source, limits)
        return _say_failure(limits, source, f"the process ended with {code}")


class _Watch:
    """Looks after a process while it does a task: systems without limits of their own need it."""

    def __init__(self, number: int, limits: Limits, source: str) -> None:
        begin = measure_process(number)
        self._number, self._limits, self._source = number, limits, source
        self._processor_s = begin.processor_s if begin else 0.0
        self._begun = self._looked = time.monotonic()

    def look(self) -> None:
        """Raise `InputError` if the task went beyond its limits; looks at most a few times a second."""
        now = time.monotonic()
        if now - self._looked < _LOOK_EVERY_S:
            return
        self._looked = now
        used = measure_process(self._number)
        if used is not None and used.memory_bytes > self._limits.memory_bytes:
            raise _say_limit("needs_memory", self._source, self._limits)
        most_s = self._limits.processor_s
        worked_s = used.processor_s - self._processor_s if used is not None else 0.0
        if worked_s > most_s or now - self._begun > _WALL_PER_PROCESSOR_S * most_s:
            raise _say_limit("needs_time", self._source, self._limits)


def _input_of(process: subprocess.Popen[bytes]) -> IO[bytes]:
    stream = process.stdin
    if stream is None:
        raise OSError("no input")
    return stream


def _send(stream: IO[bytes], order: dict[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write an order, and the arrays that belong to it."""
    stream.write(json.dumps(order).encode() + b"\n")
    for name, array in arrays.items():
        whole = np.ascontiguousarray(array)
        head = {"array": name, "dtype": whole.dtype.str, "shape": list(array.shape)}
        stream.write(json.dumps(head).encode() + b"\n")
        stream.write(whole.reshape(-1).view(np.uint8).data if whole.nbytes else b"")
    stream.flush()


def _receive(stream: IO[bytes], frames: queue.SimpleQueue[dict[str, Any] | None]) -> None:
    """Take in the messages of a process until it ends; None is the last."""
    with stream, contextlib.suppress(OSError, ValueError, LookupError, TypeError):
        while line := stream.readline():
            frame = json.loads(line)
            if "array" in frame:
                content = np.empty(frame["shape"], np.dtype(frame["dtype"]))
                _fill(stream, content.reshape(-1).view(np.uint8))
                frame["content"] = content
            frames.put(frame)
    frames.put(None)


def _fill(stream: IO[bytes], target: npt.NDArray[np.uint8]) -> None:
    at = 0
    while at < len(target):
        piece = stream.read(min(len(target) - at, _PIECE))
        if not piece:
            raise OSError("the end in the middle of an array")
        target[at : at + len(piece)] = np.frombuffer(piece, np.uint8)
        at += len(piece)


def _drain(stream: IO[bytes], complaints: deque[bytes]) -> None:
    """Keep the end of what a process complains about."""
    with stream, contextlib.suppress(OSError, ValueError):
        while piece := stream.read(4096):
            complaints.append(piece)


def _say_limit(code: str, source: str, limits: Limits) -> InputError:
    what = f"{limits.about}.{code}"
    return InputError(what, file=source, most_mb=limits.memory_bytes >> 20, most_s=round(limits.processor_s))


def _say_failure(limits: Limits, source: str, detail: str) -> InputError:
    return InputError("file.unreadable" if limits.about == "file" else "job.failed", file=source, detail=detail)


def _explain_failure(frame: dict[str, Any], limits: Limits, source: str) -> InputError:
    log_failure(source, frame["told"])
    if frame["is_memory"]:
        return _say_limit("needs_memory", source, limits)
    return _say_failure(limits, source, frame["failed"])


def _build_error(frame: dict[str, Any]) -> PlannerError:
    """Build the error that a task raised in the other process."""
    kind = getattr(errors, frame["refused"], InputError)
    error: PlannerError = kind(frame["code"], faults=decode_issues(frame["faults"]), **frame["context"])
    return error
