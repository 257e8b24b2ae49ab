"""Give damaged files of every format to every reader: each is read or refused in our own words, or it is a fault.

    python -m scripts.fuzz_readers --count 20000 --seed 1 --timeout 30 --memory 2GB

The inputs follow from the seed and their number alone, so that ``--first 137 --count 1`` shows one again. The readers
run in a process that is watched: one that takes longer than the timeout (processor time, or ten times as long by the
clock), or more memory, is ended and counted, and the next input is read in a new one. Exit code 1 on any fault.
"""

from __future__ import annotations

import argparse
import json
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import IO, Any

from coverage.errors import PlannerError
from geodata.jobs.process_meter import measure_process
from geodata.jobs.worker import one_worker
from scripts.fuzz.mutate import mutate
from scripts.fuzz.seeds import make_seeds

_LOOK_EVERY_S = 0.2
_UNITS = {"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
_PATIENCE = 10  # by the clock, a busy machine lets a process wait


def main(arguments: list[str] | None = None) -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds for one input")
    parser.add_argument("--memory", type=_read_size, default=2 << 30, help="e.g. 2GB")
    parser.add_argument("--report-every", type=int, default=1000)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.serve:
        _serve(asked.seed, asked.first, asked.count)
        return 0
    return _watch(asked)


def _read_size(text: str) -> int:
    number, unit = text[:-2], text[-2:].upper()
    return int(float(number) * _UNITS[unit])


def _serve(seed: int, first: int, count: int) -> None:
    """Read the inputs one after the other and say what came of each, a line of JSON before and after."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place, one_worker():
        folder = Path(place)
        (folder / "seeds").mkdir()
        seeds = make_seeds(folder / "seeds")
        for number in range(first, first + count):
            chance = random.Random(f"{seed}/{number}")
            chosen = seeds[number % len(seeds)]
            reader = chance.choice(chosen.readers)
            label = f"{chosen.name} {getattr(reader, '__name__', reader)}"
            (folder / "in").mkdir(exist_ok=True)
            path = folder / "in" / f"{number}-{chosen.name}"
            path.write_bytes(mutate(chosen.content, chance))
            _say({"begin": number, "label": label})
            outcome, detail = "read", ""
            try:
                reader(path)
            except PlannerError as error:
                outcome, detail = "refused", error.code
            except OSError as error:
                outcome, detail = ("refused", "OSError") if error.errno is not None else ("foreign", repr(error))
            except Exception:  # whatever is not ours is what is looked for
                outcome, detail = "foreign", traceback.format_exc()[-1500:]
            path.unlink(missing_ok=True)
            _say({"end": number, "label": label, "outcome": outcome, "detail": detail})


def _say(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


def _watch(asked: argparse.Namespace) -> int:
    counts: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    faults: list[str] = []
    most = 0
    number, last = asked.first, asked.first + asked.count
    while number < last:
        arguments = ["--serve", "--seed", asked.seed, "--first", number, "--count", last - number]
        command = [sys.executable, "-m", "scripts.fuzz_readers", *map(str, arguments)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as server:  # noqa: S603 - this script
            lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
            threading.Thread(target=_receive, args=(server.stdout, lines), daemon=True).start()
            current, fault, peak = _follow(server.pid, lines, asked, counts, codes, faults)
            most = max(most, peak)
            if fault:
                server.kill()
                counts[fault] += 1
                faults.append(f"{fault}: {current}")
                number = int(current["begin"]) + 1
                continue
        if server.returncode:
            counts["ended"] += 1
            faults.append(f"the process ended with {server.returncode}: {current}")
            number = int(current.get("begin", number)) + 1
            continue
        break
    print(json.dumps({"counts": counts, "most_mb": most >> 20, "codes": dict(codes.most_common())}, indent=1))
    for line in faults:
        print(line)
    return 1 if faults else 0


def _receive(stream: IO[bytes], lines: queue.SimpleQueue[dict[str, Any] | None]) -> None:
    for line in stream:
        lines.put(json.loads(line))
    lines.put(None)


def _follow(
    server: int,
    lines: queue.SimpleQueue[dict[str, Any] | None],
    asked: argparse.Namespace,
    counts: Counter[str],
    codes: Counter[str],
    faults: list[str],
) -> tuple[dict[str, Any], str, int]:
    """Take in what the readers say until they end or one goes too far; return the input, the fault and most memory."""
    current: dict[str, Any] = {}
    begun, worked, most, looked = time.monotonic(), -1.0, 0, 0.0
    while True:
        try:
            line = lines.get(timeout=_LOOK_EVERY_S)
        except queue.Empty:
            line = {}
        if line is None:
            return current, "", most
        if "begin" in line:
            current, begun, worked = line, time.monotonic(), -1.0
        if "end" in line:
            counts[line["outcome"]] += 1
            if line["outcome"] == "foreign":
                faults.append(f"foreign: {line}")
            elif line["detail"]:
                codes[line["detail"]] += 1
            if (line["end"] + 1) % asked.report_every == 0:
                print(json.dumps(counts), f"{most >> 20} MB", file=sys.stderr, flush=True)
            continue
        if time.monotonic() - looked < _LOOK_EVERY_S or not current:
            continue
        looked = time.monotonic()
        processes = _list_processes(server)
        worked = _sum_time(processes) if worked < 0.0 else worked
        used = [usage for one in processes if (usage := measure_process(one))]
        most = max([most, *(usage.memory_bytes for usage in used)])
        if any(usage.memory_bytes > asked.memory for usage in used):
            return current, "memory", most
        took = looked - begun
        if took > asked.timeout and (_sum_time(processes) - worked > asked.timeout or took > _PATIENCE * asked.timeout):
            return current, "hang", most


def _list_processes(server: int) -> list[int]:
    """List a process and those that it started itself (where the system tells)."""
    try:
        started = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii").split()
    except OSError:
        started = []
    return [server, *map(int, started)]


def _sum_time(processes: list[int]) -> float:
    return sum(usage.processor_s for one in processes if (usage := measure_process(one)))


if __name__ == "__main__":
    sys.exit(main())
