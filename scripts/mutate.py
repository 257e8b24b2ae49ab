"""Change the product in one small place, run the tests that guard it, and list what no test noticed.

    python -m scripts.mutate                                  # the central modules of scripts/mutate.toml
    python -m scripts.mutate --module coverage/access/equity.py      # one of them
    python -m scripts.mutate --module coverage/access/gaps.py --tests tests/test_coverage/test_gaps.py --count 40 --seed
    2

No file is changed: each mutant lives in a process of its own, which compiles the module from its changed syntax tree
and runs the tests there. Tests that start other processes do not meet it. Runs where ``fork`` exists (Linux, macOS).

A mutant is caught if a test fails, or if the tests take far longer than without it. Those that give the same answers as
the original are named in scripts/mutate.toml with the reason; others take their place in the sample.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
import tempfile
import time
import tomllib
import types
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts.mutants import Mutant, build_mutant, draw_mutants

ROOT = Path(__file__).resolve().parents[1]
TABLE = Path(__file__).with_suffix(".toml")
# Loaded before the first fork, so that no mutant pays for them again; none of them imports the rooms' modules.
LOADED_BEFORE = (
    *("geodata", "numpy", "pandas", "scipy.sparse.csgraph", "scipy.spatial", "shapely", "geopandas"),
    *("pytest", "_pytest.pytester", "hypothesis.strategies", "hypothesis.extra.numpy", "execnet"),
)
# Of the plugins, those that conftest and the options of pyproject.toml need.
PLUGINS = ("xdist.plugin", "pytest_socket", "_hypothesis_pytestplugin", "no:cacheprovider")
OPTIONS = ("-x", "-q", "-n", "0", *(f"-p{name}" for name in PLUGINS))
NEVER_IMPORTED = 99
MOST_MEMORY_BYTES = 6 << 30


@dataclass(frozen=True, slots=True)
class Central:
    """A module, the test files that guard it, and its mutants that change no answer (change: reason)."""

    module: str
    tests: tuple[str, ...]
    equivalent: dict[str, str] = field(default_factory=dict)


def read_table(path: Path = TABLE) -> dict[str, Central]:
    """Read the central modules, by the path of each."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["module"]
    return {
        one["path"]: Central(one["path"], tuple(one["tests"]), {e["change"]: e["why"] for e in one.get("same", ())})
        for one in entries
    }


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module with the code of a mutant instead of that of its file."""

    def __init__(self, name: str, path: Path, code: types.CodeType) -> None:
        super().__init__(name, str(path))
        self.code, self.was_used = code, False

    def get_code(self, fullname: str) -> types.CodeType:
        """Return the code of the mutant."""
        self.was_used = True
        return self.code


class _Finder(importlib.abc.MetaPathFinder):
    """Finds that one module, before anybody finds its file."""

    def __init__(self, loader: _Loader) -> None:
        self.loader = loader

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Answer for the module alone."""
        if fullname != self.loader.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.loader.path, loader=self.loader)


class _FailAtOnce:
    """Property tests try the same examples for every mutant, and do not look for a smaller one when one fails."""

    def pytest_sessionstart(self) -> None:
        """Change the profile that conftest has loaded."""
        from hypothesis import Phase, settings

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutants", parent=settings(), phases=phases, database=None, derandomize=True)
        settings.load_profile("mutants")


def run_tests(module: str, code: types.CodeType, tests: Sequence[str], seconds: float) -> tuple[str, float]:
    """Run tests in a process in which a module has this code.

    Returns
    -------
    ``passed``, ``failed``, ``timeout`` or what went wrong, and the processor time it took [s].
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = _run_in_child(module, code, tests, seconds)
        finally:
            os._exit(status)
    # Whoever waits for something that never comes uses no processor time.
    give_up = time.monotonic() + 30.0 * seconds
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() > give_up:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "timeout", seconds
        time.sleep(0.02)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if os.WIFSIGNALED(status):
        return ("timeout" if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL) else "failed"), used
    known = {0: "passed", 1: "failed", 2: "failed", NEVER_IMPORTED: f"{module} is not imported by its tests"}
    return known.get(os.WEXITSTATUS(status), f"pytest ended with {os.WEXITSTATUS(status)}"), used


def _run_in_child(module: str, code: types.CodeType, tests: Sequence[str], seconds: float) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 3))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    name = module.removesuffix(".py").replace("/", ".")
    if name in sys.modules:
        raise RuntimeError(f"{name} was loaded before its mutant")
    loader = _Loader(name, ROOT / module, code)
    sys.meta_path.insert(0, _Finder(loader))
    with tempfile.TemporaryDirectory() as home, Path(os.devnull).open("w") as nowhere:
        os.environ.update(PLANNER_HOME=home, HYPOTHESIS_STORAGE_DIRECTORY=home, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        import pytest

        status = int(pytest.main([*OPTIONS, *tests], plugins=[_FailAtOnce()]))
    return status if status or loader.was_used else NEVER_IMPORTED


def measure(central: Central, count: int, seed: int, *, only: str = "") -> tuple[int, list[Mutant]]:
    """Run a sample of a module's mutants against its tests.

    Parameters
    ----------
    central
        The module.
    count, seed
        How many mutants (all there are, if fewer), and what draws them.
    only
        Runs only those whose change contains this text.

    Returns
    -------
    How many were run, and those that survived.
    """
    path = ROOT / central.module
    text = path.read_text(encoding="utf-8")
    verdict, used = run_tests(central.module, compile(text, str(path), "exec"), central.tests, 300.0)
    if verdict != "passed":
        raise SystemExit(f"{central.module}: its tests fail without any change ({verdict})")
    print(f"{central.module}: {used:.1f} s of processor time for its tests", flush=True)
    limit = 3.0 * used + 10.0
    mutants = [one for one in draw_mutants(text, count, seed, set(central.equivalent)) if only in one.change]
    survivors = []
    for number, mutant in enumerate(mutants, start=1):
        code = build_mutant(text, mutant, str(path))
        verdict, used = run_tests(central.module, code, central.tests, limit)
        if verdict not in ("passed", "failed", "timeout"):
            raise SystemExit(f"{central.module}:{mutant.line}: {mutant.change}: {verdict}")
        if verdict == "passed":
            survivors.append(mutant)
        word = "SURVIVED" if verdict == "passed" else verdict
        print(
            f"  {number}/{len(mutants)} {word} {used:.1f} s  {central.module}:{mutant.line}  {mutant.change}",
            flush=True,
        )
    return len(mutants), survivors


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure modules, print the table of scores and the survivors; 1 if the score of all is below the target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", action="append", help="file below the repository; again for several")
    parser.add_argument("--tests", nargs="+", help="test files, for one module that the table does not name")
    parser.add_argument("--count", type=int, default=30, help="mutants of each module")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="only mutants whose change contains this text")
    parser.add_argument("--target", type=float, default=0.85, help="least score of all together")
    told = parser.parse_args(arguments)
    table = read_table()
    if told.tests and len(told.module or ()) != 1:
        parser.error("--tests belongs to one --module")
    wanted = told.module or list(table)
    unknown = [one for one in wanted if one not in table and not told.tests]
    if unknown:
        parser.error(f"no tests known for {', '.join(unknown)}: name them by --tests")
    os.chdir(ROOT)
    for name in LOADED_BEFORE:
        importlib.import_module(name)
    rows, lost = [], []
    for module in wanted:
        known = table.get(module, Central(module, ()))
        central = Central(module, tuple(told.tests or known.tests), known.equivalent)
        run, survivors = measure(central, told.count, told.seed, only=told.only)
        rows.append((module, run, run - len(survivors)))
        lost += [(module, one) for one in survivors]
    print("\n| module | mutants | caught | score |\n|---|---|---|---|")
    rows.append(("all", sum(run for _, run, _ in rows), sum(caught for _, _, caught in rows)))
    for module, run, caught in rows:
        print(f"| {module} | {run} | {caught} | {100.0 * caught / max(run, 1):.0f} % |")
    for module, one in lost:
        print(f"survived: {module}:{one.line}  {one.change}")
    _, run, caught = rows[-1]
    return int(caught < told.target * run)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
