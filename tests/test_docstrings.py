"""Examples in docstrings are run, so that none of them can grow old."""

from __future__ import annotations

import doctest
import importlib
import io
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_example_in_a_docstring_holds() -> None:
    """Every `>>>` of the product gives what is printed below it."""
    files = [path for room in ("coverage", "geodata", "pages") for path in sorted((ROOT / room).rglob("*.py"))]
    told, count = io.StringIO(), 0
    finder, runner = doctest.DocTestFinder(exclude_empty=True), doctest.DocTestRunner(verbose=False)
    for path in files:
        if ">>>" not in path.read_text(encoding="utf-8"):
            continue
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        examples = [one for one in finder.find(importlib.import_module(name), name) if one.examples]
        assert examples, f"{name} has an example nobody finds"
        count += len(examples)
        for one in examples:
            runner.run(one, out=told.write)
    assert told.getvalue() == ""
    assert count > 30
