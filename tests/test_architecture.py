"""The house stays in order: who may import whom, what a file may be, what must never be a dependency."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("coverage", "geodata", "pages")
ENTRIES = ("app", "cli")
# Which of our own rooms each may import; `scripts` and `benchmarks` stand outside the house.
MAY_IMPORT = {
    "coverage": {"coverage"},
    "geodata": {"geodata", "coverage"},
    "pages": {"pages", "geodata", "coverage"},
    "app": {"pages", "geodata", "coverage"},
    "cli": {"geodata", "coverage"},
}
SCIENCE = {"numpy", "pandas", "geopandas", "shapely", "scipy", "highspy", "contourpy"}
# Parts of the standard library that reach out of the science: files, network, processes, clocks.
OUTSIDE_WORLD = {
    "io",
    "os",
    "pathlib",
    "shutil",
    "socket",
    "sqlite3",
    "subprocess",
    "tempfile",
    "time",
    "urllib",
    "http",
}
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "stuff"}
LONGEST_FILE = 400


def _sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return found + [ROOT / f"{entry}.py" for entry in ENTRIES if (ROOT / f"{entry}.py").is_file()]


OURS = _sources(*ROOMS)


def _room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def _imports(path: Path) -> Iterator[str]:
    """List the dotted names a file imports, wherever in it, also through ``import_module``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__"):
                yield str(node.args[0].value)


def _top(name: str) -> str:
    return name.split(".")[0]


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    """Screens know the outside world, the outside world knows the science, never the other way round."""
    allowed = MAY_IMPORT[_room(path)]
    known = {*MAY_IMPORT, "scripts", "benchmarks", "tests"}
    wrong = sorted({name for name in _imports(path) if _top(name) in known and _top(name) not in allowed})
    assert not wrong, f"{path.name} may not import {wrong}"
    assert not [name for name in _imports(path) if name.startswith(".")], "imports name their room in full"


@pytest.mark.parametrize("path", _sources("coverage"), ids=lambda path: str(path.relative_to(ROOT)))
def test_science_is_pure(path: Path) -> None:
    """The science imports numbers and geometry only: no files, no network, no clock, no screen."""
    if _room(path) != "coverage":
        return
    tops = {_top(name) for name in _imports(path)}
    foreign = tops - set(sys.stdlib_module_names) - SCIENCE - {"coverage"}
    assert not foreign, f"{path.name} imports {sorted(foreign)}"
    assert not tops & OUTSIDE_WORLD
    calls = {
        n.func.id
        for n in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    assert not calls & {"open", "print", "input", "exec", "eval"}


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_pickle_and_no_numba(path: Path) -> None:
    """Nothing unpickles, nothing needs numba, and arrays from disk may hold no objects."""
    tops = {_top(name) for name in _imports(path)}
    assert not tops & {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "numba", "spopt"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in ("read_pickle", "to_pickle")
            for keyword in node.keywords:
                if keyword.arg == "allow_pickle":
                    assert isinstance(keyword.value, ast.Constant)
                    assert keyword.value.value is False


def test_screens_stay_out_of_the_outside_world() -> None:
    """Only screens know streamlit, and only map builders and the screens' shared part know folium."""
    for path in OURS:
        tops = {_top(name) for name in _imports(path)}
        place = path.relative_to(ROOT).as_posix()
        if tops & {"streamlit", "streamlit_folium"}:
            assert place.startswith("pages/") or place == "app.py", place
        if tops & {"folium", "branca"}:
            assert place.startswith(("geodata/maps/", "pages/ui/")), place


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_short_and_have_a_name_of_their_own(path: Path) -> None:
    """No file is longer than 400 lines, and none is called utils, helpers, common or misc."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    assert path.stem.lower() not in NO_NAMES
    assert not NO_NAMES & set(path.stem.lower().split("_"))


def test_the_web_entry_is_short() -> None:
    """The web entry has at most 80 lines, a page at most 120."""
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) <= 80
    for page in (ROOT / "pages").glob("*.py"):
        assert len(page.read_text(encoding="utf-8").splitlines()) <= 120, page.name


@pytest.mark.parametrize(
    "path", [path for path in OURS if path.name == "__init__.py"], ids=lambda path: path.parent.name
)
def test_every_room_says_what_belongs_in_it(path: Path) -> None:
    """The door of every room opens with a docstring and lists what it offers."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    targets: list[ast.expr] = []
    for node in tree.body:
        targets += (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
    assert "__all__" in {target.id for target in targets if isinstance(target, ast.Name)}


def test_every_file_says_what_it_is() -> None:
    """Every module of the house opens with a docstring."""
    without = [path.name for path in OURS if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert without == []


def test_every_test_says_what_it_shows() -> None:
    """Every test has a docstring, and no test file shares its name with another."""
    paths = sorted((ROOT / "tests").rglob("*.py"))
    without = [
        f"{path.name}: {node.name}"
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert without == []
    names = [path.name for path in paths if path.name != "conftest.py"]
    assert sorted(set(names)) == sorted(names)


def test_test_folders_are_no_packages() -> None:
    """No test folder is a package: `tests/test_coverage` must not hide the room of that name."""
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_requirements_name_nothing_that_breaks_the_house() -> None:
    """coverage.py would hide our own room, and numba dies beside it: neither is ever required."""
    files = sorted(ROOT.glob("requirements*.txt"))
    assert {"requirements.txt", "requirements-dev.txt"} <= {path.name for path in files}
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            name = re.split(r"[\s\[<>=!~;#@]", line.strip(), maxsplit=1)[0].lower().replace("_", "-")
            assert name not in {"coverage", "pytest-cov", "numba", "spopt", "pandana", "pyrosm"}, (path.name, line)


def test_the_application_is_never_installed() -> None:
    """There is no build system: an installed package named coverage would hide another one."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert "[build-system]" not in text
    assert "[project]" not in text


def test_nobody_names_a_variable_coverage() -> None:
    """The name of the room is not used for anything else."""
    for path in OURS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else set()
            names |= {node.arg} if isinstance(node, ast.arg) else set()
            assert "coverage" not in names, path.name
