"""The process that does tasks for `geodata.jobs.worker`: started as a script, never imported.

It reads one order after the other, each a line of JSON, and answers with lines of JSON and arrays in between. It opens
no connection and starts no process; its memory and processor time are limited for each order, where the system can.
Started with ``--job`` it does jobs of our own instead of reading what people bring: then it may start readers, takes
arrays with an order, and hears while it works that it is to stop.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
import time
import traceback
import types
from pathlib import Path
from typing import Any, BinaryIO

_ROOT = Path(__file__).resolve().parents[2]
_LIBRARIES = ("geopandas", "pandas", "pyarrow", "pyproj", "shapely")
_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "pty.spawn")
_ROWS_AT_ONCE = 500
_TELL_EVERY_S = 0.1


def main() -> None:
    """Do what is ordered until there are no more orders."""
    answers = os.fdopen(os.dup(1), "wb", buffering=1 << 20)
    os.dup2(2, 1)  # what a library prints is no answer
    if sys.argv[1:] == ["--job"]:
        sys.path[:0] = [str(_ROOT)]
        _do_jobs(answers)
        return
    _prepare_imports()
    sys.addaudithook(_refuse)
    for line in sys.stdin.buffer:
        order = json.loads(line)
        _limit(order["memory_bytes"], order["processor_s"])
        _do(order, answers, {}, threading.Event())
        answers.flush()


def _do_jobs(answers: BinaryIO) -> None:
    """Do one job after the other; what comes in meanwhile is read beside."""
    orders: queue.SimpleQueue[tuple[dict[str, Any], dict[str, Any]]] = queue.SimpleQueue()
    stop = threading.Event()
    threading.Thread(target=_listen, args=(orders, stop), daemon=True).start()
    while True:
        order, arrays = orders.get()
        stop.clear()
        _limit(order["memory_bytes"], order["processor_s"])
        _do(order, answers, arrays, stop)
        answers.flush()


def _listen(orders: queue.SimpleQueue[tuple[dict[str, Any], dict[str, Any]]], stop: threading.Event) -> None:
    """Read orders with their arrays, and the word to stop; end the process with the one that started it."""
    import numpy as np

    stream = sys.stdin.buffer
    while line := stream.readline():
        order = json.loads(line)
        if "stop" in order:
            stop.set()
            continue
        arrays: dict[str, Any] = {}
        for _ in range(order["arrays"]):
            head = json.loads(stream.readline())
            array = np.empty(head["shape"], np.dtype(head["dtype"]))
            if array.nbytes:
                array.reshape(-1).view(np.uint8)[:] = np.frombuffer(stream.read(array.nbytes), np.uint8)
            arrays[head["array"]] = array
        orders.put((order, arrays))
    os._exit(0)


def _prepare_imports() -> None:
    """Let modules of ours be imported, and GDAL's library without the large ones it only looks whether they are there.

    The package `geodata` is not entered: it would load every library at once, in a process that needs few of them.
    """
    sys.path.insert(0, str(_ROOT))
    package = types.ModuleType("geodata")
    package.__path__ = [str(_ROOT / "geodata")]
    sys.modules["geodata"] = package
    for name in _LIBRARIES:
        sys.modules[name] = None  # type: ignore[assignment]  # an import of it fails, which is what is wanted


def _permit_libraries() -> None:
    """Let the large libraries be imported after all."""
    for name in [name for name in _LIBRARIES if name in sys.modules and sys.modules[name] is None]:
        del sys.modules[name]


def _refuse(event: str, _arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not allowed here")


def _limit(memory_bytes: int, processor_s: float) -> None:
    """Limit this process for the next order, where the system can (Windows cannot: there the parent watches)."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime + processor_s) + 1
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for kind, most in ((resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_CPU, seconds)):
            resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


def _do(order: dict[str, Any], answers: BinaryIO, arrays: dict[str, Any], stop: threading.Event) -> None:
    """Do one task and write its answer, or why there is none."""
    told_at, told_step = 0.0, ""

    def tell(share: float, step: str) -> bool:
        nonlocal told_at, told_step
        now = time.monotonic()
        if share >= 1.0 or step != told_step or now - told_at >= _TELL_EVERY_S:
            told_at, told_step = now, step
            _write(answers, {"tell": [share, step]})
            answers.flush()
        return not stop.is_set()

    def tell_aside(content: dict[str, Any]) -> bool:
        _write(answers, {"aside": content})
        answers.flush()
        return not stop.is_set()

    try:
        from geodata.files.drivers import permit_only_safe_drivers

        permit_only_safe_drivers()
        from geodata.jobs.tasks import NEED_TABLES, ORDER, Order, find_task

        if order["task"] in NEED_TABLES:
            _permit_libraries()
        ORDER.set(Order(arrays, tell_aside))
        answer = find_task(order["task"])(order["request"], tell)
        rows: list[Any] = []
        for row in answer.rows:
            rows.append(row)
            if len(rows) == _ROWS_AT_ONCE:
                _write(answers, {"rows": rows})
                rows = []
        _write(answers, {"rows": rows})
        for name, array in answer.arrays.items():
            _write_array(answers, name, array)
        _write(answers, {"done": answer.head})
    except BaseException as error:  # a panic of a library is no Exception
        _write(answers, _explain(error))


def _write(answers: BinaryIO, content: Any) -> None:
    answers.write(json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")


def _write_array(answers: BinaryIO, name: str, array: Any) -> None:
    import numpy as np

    whole = np.ascontiguousarray(array)
    if whole.dtype.hasobject:
        raise TypeError(f"{name} holds objects")
    _write(answers, {"array": name, "dtype": whole.dtype.str, "shape": list(whole.shape), "bytes": whole.nbytes})
    answers.write(whole.reshape(-1).view(np.uint8).data if whole.nbytes else b"")


def _explain(error: BaseException) -> dict[str, Any]:
    """Say why a task failed: in our own words, or what a library raised."""
    from coverage.errors import PlannerError
    from geodata.jobs.tasks import encode_issues

    if isinstance(error, PlannerError):
        facts = {"context": error.context, "faults": encode_issues(error.faults)}
        return {"refused": type(error).__name__, "code": error.code, **facts}
    told = "".join(traceback.format_exception(error))[-8000:]
    is_memory = isinstance(error, MemoryError) or "memory" in type(error).__name__.lower()
    return {"failed": f"{type(error).__name__}: {error}"[:500], "told": told, "is_memory": is_memory}


if __name__ == "__main__":
    main()
