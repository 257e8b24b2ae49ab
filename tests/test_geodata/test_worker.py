"""Work in another process: its answers, its progress, its limits, and what ends it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from coverage.errors import CancelledError, InputError, SettingsError, make_fault
from coverage.progress import ignore_progress
from geodata.files.own_files import is_own_file, note_own_file
from geodata.files.write_layers import write_gpkg
from geodata.intake.cells.vector_files import read_vector
from geodata.jobs import tasks, worker
from geodata.jobs.process_meter import measure_process
from geodata.jobs.tasks import join_bytes, split_bytes
from geodata.jobs.worker import Limits, Worker, choose_limits, one_worker

# Tasks of this file, which the other process finds as it finds those of the planner.
SPIN, EAT, CRASH, ARRAYS, CALL, REFUSE = "spin", "eat", "crash", "arrays", "call", "refuse"


@pytest.fixture
def busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """Return a process that knows a few hostile tasks."""
    main = Path(worker.__file__).with_name("worker_main.py")
    source, root = main.read_text(encoding="utf-8"), main.parents[2]
    (tmp_path / "hostile.py").write_text(
        "import os, time, socket\nimport numpy as np\nfrom geodata.jobs.tasks import Answer\n"
        "def spin(request, progress):\n    progress(0.25, 'step')\n    while True: pass\n"
        "def eat(request, progress):\n    kept = []\n    while True: kept.append(bytearray(50_000_000))\n"
        "def crash(request, progress):\n    os.abort()\n"
        "def arrays(request, progress):\n    print('noise')\n    progress(0.5, 'half')\n"
        "    return Answer({'text': '维吾尔'}, {'a': np.arange(6.0).reshape(2, 3), 'b': np.zeros(0, bool)},"
        " rows=([n] for n in range(1200)))\n"
        "def call(request, progress):\n    socket.create_connection(('127.0.0.1', 9))\n"
        "from coverage.errors import SettingsError, make_fault\n"
        "def refuse(request, progress):\n"
        "    raise SettingsError('thresholds.invalid', faults=[make_fault('entry.wrong', 'a', 2, rule=3)], file='a')\n",
        encoding="utf-8",
    )
    path_line = "    sys.path.insert(0, str(_ROOT))\n"
    source = source.replace(path_line, f"    sys.path.insert(0, {str(tmp_path)!r})\n{path_line}")
    source = source.replace("Path(__file__).resolve().parents[2]", f"Path({str(root)!r})")
    hostile = (SPIN, EAT, CRASH, ARRAYS, CALL, REFUSE)
    names = "".join(f"        TASKS[{name!r}] = 'hostile:{name}'\n" for name in hostile)
    wanted = "        from geodata.jobs.tasks import NEED_TABLES, ORDER, Order, find_task\n"
    assert wanted in source
    source = source.replace(wanted, wanted.replace("NEED", "TASKS, NEED") + names)
    (tmp_path / "main.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(worker, "_MAIN", tmp_path / "main.py")
    return Worker()


SMALL = Limits(1 << 30, 60.0)


def code_of(busy: Worker, task: str, limits: Limits) -> str:
    """Return the code of the error that a task ends with."""
    with pytest.raises(InputError) as caught:
        busy.ask(task, {}, limits, "a.gpkg", ignore_progress)
    assert caught.value.context["file"] == "a.gpkg"
    return caught.value.code


def test_answers_come_back_whole(busy: Worker) -> None:
    """Text, arrays of every shape and many rows; what a library prints is no answer."""
    told: list[tuple[float, str]] = []
    answer = busy.ask(ARRAYS, {}, SMALL, "a", lambda share, step: told.append((share, step)) is None)
    busy.close()
    assert answer.head == {"text": "维吾尔"}
    assert answer.arrays["a"].tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert answer.arrays["b"].dtype == bool
    assert list(answer.rows) == [[n] for n in range(1200)]
    assert (0.5, "half") in told


def test_faults_come_back_as_values(busy: Worker) -> None:
    """An error of the other process is the error it raised there, with its faults."""
    with pytest.raises(SettingsError, match=r"thresholds\.invalid") as caught:
        busy.ask(REFUSE, {}, SMALL, "a.gpkg", ignore_progress)
    assert caught.value.faults == (make_fault("entry.wrong", "a", 2, rule=3),)
    assert caught.value.context == {"count": 1, "file": "a"}
    busy.close()


def test_limits_end_a_task_and_the_next_one_has_a_new_process(busy: Worker) -> None:
    """Too much memory, too much time, a crash: an error of ours each, and the worker goes on."""
    assert code_of(busy, EAT, SMALL) == "file.needs_memory"
    assert code_of(busy, SPIN, Limits(1 << 30, 1.0)) == "file.needs_time"
    assert code_of(busy, CRASH, SMALL) == "file.unreadable"
    assert code_of(busy, CALL, SMALL) == "file.unreadable"
    assert busy.ask(ARRAYS, {}, SMALL, "a", ignore_progress).head == {"text": "维吾尔"}
    busy.close()


def test_the_parent_watches_where_the_system_does_not(busy: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without limits of the system (as on Windows) the parent sees memory and time and ends the process."""
    source = worker._MAIN.read_text(encoding="utf-8")
    worker._MAIN.write_text(source.replace("        _limit(order[", "        0 and _limit(order["), encoding="utf-8")
    assert code_of(busy, EAT, Limits(400 << 20, 60.0)) == "file.needs_memory"
    assert code_of(busy, SPIN, Limits(1 << 30, 1.0)) == "file.needs_time"


def test_a_stop_is_heard_while_the_task_says_nothing(busy: Worker) -> None:
    """A task that never comes back is stopped from its progress, and its process is gone."""
    asked: list[float] = []

    def stop_third(share: float, _step: str) -> bool:
        asked.append(share)
        return len(asked) < 3

    with pytest.raises(CancelledError):
        busy.ask(SPIN, {}, SMALL, "a", stop_third)
    assert busy._process is None


def test_one_process_serves_all_that_is_read_within(tmp_path: Path) -> None:
    """Nested blocks share one process, which ends with the outermost."""
    token = worker._current.set(None)
    try:
        with one_worker() as outer:
            with one_worker() as inner:
                assert inner is outer
            path = tmp_path / "a.geojson"
            path.write_text('{"type":"Point","coordinates":[87,43]}')
            read_vector(path)
            assert outer._process is not None
            number = outer._process.pid
            read_vector(path)
            assert outer._process.pid == number
        assert measure_process(number) is None
    finally:
        worker._current.reset(token)


def test_own_files_are_read_in_place_until_they_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the planner wrote needs no process; one changed byte, and it does."""
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path / "home"))
    layer = gpd.GeoDataFrame({"name": ["甲"]}, geometry=gpd.points_from_xy([87.0], [43.0]), crs=4326)
    path = tmp_path / "a.gpkg"
    write_gpkg(path, layer, "points")
    assert is_own_file(path)
    with monkeypatch.context() as patched:
        patched.setattr(Worker, "ask", lambda *_: pytest.fail("a process was asked"))
        assert read_vector(path)[0]["name"].tolist() == ["甲"]
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert not is_own_file(path)
    note_own_file(path)
    assert is_own_file(path)


def test_both_ways_read_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer with every kind of column is the same read in place and in another process."""
    path = tmp_path / "a.gpkg"
    layer = gpd.GeoDataFrame(
        {"n": [1, 2], "x": [0.5, np.nan], "t": ["甲", None], "b": [True, False]},
        geometry=[shapely.Point(87, 43), None],
        crs=4490,
    )
    layer["day"] = np.array(["2027-06-30T08:00", "NaT"], "datetime64[ms]")
    layer.to_file(path, layer="points")
    elsewhere = read_vector(path)[0]
    monkeypatch.setattr(worker, "is_own_file", lambda _: True)
    here = read_vector(path)[0]
    assert elsewhere.crs == here.crs == layer.crs
    assert elsewhere.drop(columns="geometry").equals(here.drop(columns="geometry"))
    assert elsewhere.geometry.isna().tolist() == [False, True]
    assert elsewhere["n"].tolist() == [1, 2]
    assert str(elsewhere["day"][0]) == "2027-06-30 08:00:00"


def test_bytes_are_joined_and_split() -> None:
    """Nothing is lost of empty pieces and of None."""
    assert split_bytes(*join_bytes([b"ab", None, b"", b"c"])).tolist() == [b"ab", None, b"", b"c"]


def test_every_task_is_there() -> None:
    """Each task of the list can be found, and no other."""
    assert all(callable(tasks.find_task(name)) for name in tasks.TASKS)
    with pytest.raises(KeyError):
        tasks.find_task("os.system")


def test_limits_grow_with_the_file(tmp_path: Path) -> None:
    """A small file may take seconds and two gigabytes, a large one more."""
    path = tmp_path / "a"
    path.write_bytes(b"x")
    assert choose_limits(path).processor_s == pytest.approx(20.0, abs=0.1)
    os.truncate(path, 100_000_000)
    assert choose_limits(path).processor_s == pytest.approx(520.0)


def test_the_meter_sees_this_process() -> None:
    """Memory and processor time of a running process are numbers that grow."""
    begin = measure_process(os.getpid())
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    end = measure_process(os.getpid())
    assert begin is not None
    assert end is not None
    assert end.memory_bytes > 10_000_000
    assert end.processor_s >= begin.processor_s


def test_ps_sees_what_proc_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no /proc (macOS) memory and processor time of a process come from ps, and are the same."""
    if not Path("/bin/ps").is_file() or not Path("/proc/self/stat").is_file():
        pytest.skip("ps and /proc are not both here")
    work = "kept = bytes(range(256)) * 200_000; sum(range(4_000_000)); print('ready', flush=True); input()"
    with subprocess.Popen((sys.executable, "-c", work), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        with monkeypatch.context() as patched:
            by_proc = measure_process(child.pid)
            patched.setattr(sys, "platform", "darwin")
            by_ps = measure_process(child.pid)
        assert by_proc is not None
        assert by_ps is not None
        assert by_ps.memory_bytes > 51_200_000
        assert by_proc.memory_bytes / 1.5 < by_ps.memory_bytes < by_proc.memory_bytes * 1.5
        assert by_ps.processor_s == pytest.approx(by_proc.processor_s, abs=1.0)  # ps of Linux says whole seconds
        child.communicate(b"\n")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert measure_process(child.pid) is None
