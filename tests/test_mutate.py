"""The changes that measure the tests: what is changed, what is spared, which of them a test notices."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.mutants import build_mutant, draw_mutants, list_mutants
from scripts.mutate import read_table

ROOT = Path(__file__).resolve().parents[1]
SOURCE = '''
"""Texts stay: 1 >= 2."""
from __future__ import annotations
import functools
LIMIT = 10

@functools.lru_cache(maxsize=4)
def is_in(value: "int | None", low: int = 0) -> bool:
    """Stay, 3."""
    if value is None or not value:
        return False
    return low <= value < LIMIT and f"{value + 1}" != ""
'''


def test_each_kind_of_change_is_made_once_and_alone() -> None:
    """Comparisons, numbers, conditions, `not` and returned constants change; texts and types do not."""
    found = [(one.line, one.change.split(" -> ")[1]) for one in list_mutants(SOURCE)]
    assert sorted(found) == sorted(
        [
            (5, "LIMIT = 11"),
            (8, "value: 'int | None', low: int=1"),
            (10, "value is None and (not value)"),
            (10, "value is not None or not value"),
            (10, "value is None or value"),
            (11, "return True"),
            (12, "low < value < LIMIT and f'{value + 1}' != ''"),
            (12, "low <= value <= LIMIT and f'{value + 1}' != ''"),
            (12, "return low <= value < LIMIT or f'{value + 1}' != ''"),
            (12, "low <= value < LIMIT and f'{value + 1}' == ''"),
        ]
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = a + b", ["x = a - b"]),
        ("x = a / b", ["x = a * b"]),
        ("x += y", ["x -= y"]),
        ("x = a & ~b", ["x = a | ~b", "x = a & b"]),
        ("x = np.maximum(a, b)", ["x = np.minimum(a, b)"]),
        ("x = min(a, b)", ["x = max(a, b)"]),
        ("x = a[:b]", ["x = a[:b + 1]"]),
        ("x = a[1:]", ["x = a[2:]"]),
        ("x = -a", ["x = a"]),
        ("x = f(a, side='left')", ["x = f(a, side='right')"]),
        ("x = 2.0", ["x = 2.2"]),
        ("x = 0.0", ["x = 1.0"]),
        ("x = True", []),
        ("x = 'left'", []),
    ],
)
def test_what_becomes_of_a_line(before: str, after: list[str]) -> None:
    """A line has these changes and no others."""
    assert [one.change.split(" -> ")[1] for one in list_mutants(before)] == after


def test_a_mutant_does_what_its_change_says() -> None:
    """The compiled mutant of `value < LIMIT` takes the limit in; everything else answers as before."""
    mutant = next(one for one in list_mutants(SOURCE) if "value <= LIMIT" in one.change)
    original: dict[str, object] = {}
    changed: dict[str, object] = {}
    exec(compile(SOURCE, "source", "exec"), original)  # noqa: S102
    exec(build_mutant(SOURCE, mutant, "source"), changed)  # noqa: S102
    values = (-1, 0, 9, 10, 11)
    assert [original["is_in"](one) for one in values] == [False, False, True, False, False]  # type: ignore[operator]
    assert [changed["is_in"](one) for one in values] == [False, False, True, True, False]  # type: ignore[operator]


def test_a_sample_is_drawn_by_its_seed() -> None:
    """The same seed draws the same mutants; one that is named as equivalent makes room for another."""
    text = (ROOT / "coverage/access/equity.py").read_text(encoding="utf-8")
    drawn = draw_mutants(text, 20, 1, set())
    assert drawn == draw_mutants(text, 20, 1, set())
    assert drawn != draw_mutants(text, 20, 2, set())
    instead = draw_mutants(text, 20, 1, {drawn[0].change})
    assert (len(instead), len(set(drawn) & set(instead))) == (20, 19)


def test_the_table_names_what_exists() -> None:
    """Modules and tests are there, and each change that is called equivalent is one that would be made."""
    table = read_table()
    assert len(table) >= 10
    for central in table.values():
        changes = {one.change for one in list_mutants((ROOT / central.module).read_text(encoding="utf-8"))}
        assert [one for one in central.equivalent if one not in changes] == []
        assert [one for one in central.tests if not (ROOT / one).is_file()] == []
        assert all(len(why) > 10 for why in central.equivalent.values())


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.parametrize(("tests", "caught"), [("test_thresholds.py", 1), ("test_suspicion.py", 0)])
def test_a_tested_limit_is_caught_and_no_file_is_changed(tests: str, caught: int) -> None:
    """The limit of a threshold is noticed by its own tests and by no others; the module stays as it is on disk."""
    path = ROOT / "coverage/inputs/thresholds.py"
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    command = [sys.executable, "-m", "scripts.mutate", "--module", "coverage/inputs/thresholds.py", "--count", "99"]
    command += ["--only", "rule.minutes < MAX_MINUTES", "--tests", f"tests/test_coverage/{tests}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert f"| all | 1 | {caught} | {100 * caught} % |" in done.stdout, done.stderr
    assert done.returncode == 1 - caught
    assert before == (path.read_bytes(), path.stat().st_mtime_ns)
