"""The house stays in order: who may import whom, what a file may be, what must never be a dependency.

Every law reads the same parsed files and names all that break it.
"""

from __future__ import annotations

import ast
import gc
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("coverage", "geodata", "pages")
ENTRIES = ("app", "cli")
OUTSIDE = ("scripts", "benchmarks", "tests")  # they use the house, and nothing of the house knows them
# From the roof down: a module imports from its own layer and from those below. The deepest folder named here counts.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("app", "cli"),
    ("pages",),
    ("pages.ui",),
    ("geodata",),
    ("geodata.commands",),
    ("geodata.documents",),
    ("geodata.documents.web",),
    ("geodata.documents.sheets",),
    ("geodata.documents.paper",),
    ("geodata.documents.runs",),
    ("geodata.documents.gis",),
    ("geodata.documents.content",),
    ("geodata.maps",),
    ("geodata.answers",),
    ("geodata.store",),
    ("geodata.studies",),
    ("geodata.intake",),
    ("geodata.roads",),
    ("geodata.intake.cells",),
    ("geodata.jobs",),
    ("geodata.files",),
    ("geodata.words",),
    ("coverage.report",),
    ("coverage.findings",),
    ("coverage.tables",),
    ("coverage.answer",),
    ("coverage.siting.plan",),
    ("coverage.siting.cover", "coverage.siting.p_center"),
    ("coverage.siting.p_median",),
    ("coverage.scenario",),
    ("coverage.siting.model",),
    ("coverage.access",),
    ("coverage.travel",),
    ("coverage.inputs",),
    ("coverage.network",),
    ("coverage",),
)
# Neighbours that stay apart although the layers would let them meet: from, to.
APART = (
    ("app", "cli"),
    ("cli", "app"),
    ("cli", "pages"),
    ("app", "geodata.commands"),
    ("pages", "geodata.commands"),
    ("geodata.maps", "geodata.store"),
    ("geodata.maps", "geodata.answers"),
    ("coverage.siting.cover", "coverage.siting.p_center"),
    ("coverage.siting.p_center", "coverage.siting.cover"),
)
MOST_MODULES = 30
SCIENCE = {"numpy", "pandas", "geopandas", "shapely", "scipy", "highspy", "contourpy", "opening_hours"}
# Parts of the standard library that reach out of the science: files, network, processes, clocks.
OUTSIDE_WORLD = {
    *("io", "os", "pathlib", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "time", "urllib", "http"),
}
PICKLING = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "stuff"}
LONGEST_FILE = 400


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One file, read and parsed once for all laws."""

    place: str  # from the repository's folder, with slashes
    module: str  # dotted name; a package goes by that of its folder
    lines: int
    docstring: str | None
    nodes: tuple[ast.AST, ...]
    imports: frozenset[str]  # dotted names, wherever in the file, also through ``import_module``
    early: frozenset[str]  # those that run when the file itself is imported

    @property
    def tops(self) -> set[str]:
        """First parts of the imported names."""
        return {name.split(".")[0] for name in self.imports}


@pytest.fixture(scope="module")
def tests() -> tuple[Source, ...]:
    """Parse the tests."""
    return _read_all(sorted((ROOT / "tests").rglob("*.py")))


@pytest.fixture(scope="module")
def house() -> tuple[Source, ...]:
    """Parse the rooms and the entries."""
    rooms = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return _read_all([*rooms, *(ROOT / f"{entry}.py" for entry in ENTRIES)])


def _read_all(paths: list[Path]) -> tuple[Source, ...]:
    gc.disable()  # a million nodes, none of them garbage
    try:
        return tuple(_read(path) for path in paths)
    finally:
        gc.enable()


def _read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    nodes = tuple(ast.walk(tree))
    place = path.relative_to(ROOT)
    parts = place.with_suffix("").parts
    return Source(
        place.as_posix(),
        ".".join(parts[:-1] if parts[-1] == "__init__" else parts),
        len(text.splitlines()),
        ast.get_docstring(tree),
        nodes,
        frozenset(name for node in nodes for name in _name_imports(node)),
        frozenset(name for node in _walk_early(tree) for name in _name_imports(node)),
    )


def _name_imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        yield module
        yield from (f"{module}.{alias.name}" for alias in node.names)  # the name may be a module of a folder
    elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in ("import_module", "__import__"):
            yield str(node.args[0].value)


def _walk_early(node: ast.AST) -> Iterator[ast.AST]:
    """Go through what runs on import: no bodies of functions, nothing that only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.expr):
            continue
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            continue
        yield child
        yield from _walk_early(child)


def _is_in(module: str, folder: str) -> bool:
    return module == folder or module.startswith(f"{folder}.")


@cache
def _find_layer(module: str) -> int | None:
    """Return the number of the layer a module of ours is in, 0 at the top; None for everything else."""
    named = ((folder, level) for level, folders in enumerate(LAYERS) for folder in folders)
    homes = [(len(folder), level) for folder, level in named if _is_in(module, folder)]
    return max(homes)[1] if homes else None


def _may_import(module: str, name: str) -> bool:
    own, level = _find_layer(module), _find_layer(name)
    if name.startswith(".") or name.split(".")[0] in OUTSIDE or (level is not None and own is not None and level < own):
        return False
    return not any(_is_in(module, one) and _is_in(name, other) for one, other in APART)


def test_imports_run_one_way(house: tuple[Source, ...]) -> None:
    """Screens know the outside world, the outside world knows the science, never the other way round."""
    assert [source.place for source in house if _find_layer(source.module) is None] == []
    pairs = [(source, name) for source in house for name in sorted(source.imports)]
    assert [f"{one.place} imports {name}" for one, name in pairs if not _may_import(one.module, name)] == []


def test_every_layer_and_neighbour_exists(house: tuple[Source, ...]) -> None:
    """A layer without files, or a pair nobody could break, would guard nothing."""
    modules = [source.module for source in house]
    named = {folder for folders in LAYERS for folder in folders} | {folder for pair in APART for folder in pair}
    assert {folder for folder in named if not any(_is_in(module, folder) for module in modules)} == set()


def test_no_room_is_an_attic(house: tuple[Source, ...]) -> None:
    """A folder holds no more files than one can overlook."""
    held = Counter(Path(source.place).parent.as_posix() for source in house)
    assert {folder: count for folder, count in held.items() if count > MOST_MODULES} == {}


def test_documents_name_files_that_exist() -> None:
    """A path in the documents leads somewhere."""
    texts = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {
        (text.name, path)
        for text in texts
        if text.name != "CHANGELOG.md"  # it tells of files as they were called then
        for path in re.findall(r"`((?:coverage|geodata|pages)/[\w/]+\.py)`", text.read_text(encoding="utf-8"))
    }
    assert {(text, path) for text, path in named if not (ROOT / path).exists()} == set()
    assert len(named) > 30


def test_no_circle_of_imports(house: tuple[Source, ...]) -> None:
    """Modules can be loaded one after the other: none needs, on its import, one that needs it."""
    ours = {source.module: source for source in house}
    needs = {module: {name for name in source.early if name in ours} - {module} for module, source in ours.items()}
    circle: list[str] = []
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle = error.args[1]
    assert circle == []


def test_science_is_pure(house: tuple[Source, ...]) -> None:
    """The science imports numbers, geometry and calendars only: no files, no network, no clock, no screen."""
    science = [source for source in house if _is_in(source.module, "coverage")]
    known = set(sys.stdlib_module_names) - OUTSIDE_WORLD | SCIENCE | {"coverage"}
    wrong = [f"{source.place} imports {name}" for source in science for name in sorted(source.tops - known)]
    wrong += [
        f"{source.place} calls {node.func.id}"
        for source in science
        for node in source.nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id in ("open", "print", "input", "exec", "eval")
    ]
    assert wrong == []


def test_no_pickle_and_no_numba(house: tuple[Source, ...]) -> None:
    """Nothing unpickles, nothing needs numba, and arrays from disk may hold no objects."""
    wrong = [f"{s.place} imports {name}" for s in house for name in s.tops & (PICKLING | {"numba", "spopt"})]
    for source in house:
        for node in source.nodes:
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in ("read_pickle", "to_pickle"):
                wrong.append(f"{source.place} calls {node.func.attr}")
            for keyword in node.keywords:
                told = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
                if keyword.arg == "allow_pickle" and told is not False:
                    wrong.append(f"{source.place}:{node.lineno} allows pickle")
    assert wrong == []


def test_screens_stay_out_of_the_outside_world(house: tuple[Source, ...]) -> None:
    """Only screens know streamlit, and only map builders and the screens' shared part know folium."""
    wrong = []
    for source in house:
        if source.tops & {"streamlit", "streamlit_folium"} and not source.place.startswith(("pages/", "app.py")):
            wrong.append(f"{source.place} knows streamlit")
        if source.tops & {"folium", "branca"} and not source.place.startswith(("geodata/maps/", "pages/ui/")):
            wrong.append(f"{source.place} knows folium")
    assert wrong == []


def test_files_are_short_and_have_a_name_of_their_own(house: tuple[Source, ...]) -> None:
    """No file is longer than 400 lines (the web entry 80, a page 120) or called utils, helpers, common or misc."""
    too_long, nameless = [], []
    for source in house:
        path = Path(source.place)
        most = 80 if source.place == "app.py" else 120 if path.parent.as_posix() == "pages" else LONGEST_FILE
        if source.lines > most:
            too_long.append(f"{source.place}: {source.lines} lines, at most {most}")
        if NO_NAMES & set(path.stem.lower().split("_")):
            nameless.append(source.place)
    assert too_long == []
    assert nameless == []


def test_every_file_says_what_it_is(house: tuple[Source, ...]) -> None:
    """Every module opens with a docstring, and the door of every room lists what the room offers."""
    assert [source.place for source in house if not source.docstring] == []
    closed = []
    for source in house:
        if source.place.endswith("__init__.py"):
            stored = {
                node.id for node in source.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
            closed += [] if "__all__" in stored else [source.place]
    assert closed == []


def test_every_test_says_what_it_shows(tests: tuple[Source, ...]) -> None:
    """Every test has a docstring, and no test file shares its name with another."""
    without = [
        f"{source.place}: {node.name}"
        for source in tests
        for node in source.nodes
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert without == []
    names = [Path(source.place).name for source in tests if not source.place.endswith("conftest.py")]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_test_folders_are_no_packages(tests: tuple[Source, ...]) -> None:
    """No test folder is a package: `tests/test_coverage` must not hide the room of that name."""
    assert [source.place for source in tests if source.place.endswith("__init__.py")] == []


def test_requirements_name_nothing_that_breaks_the_house() -> None:
    """coverage.py would hide our own room, and numba dies beside it: neither is ever required."""
    files = sorted(ROOT.glob("requirements*.txt"))
    assert {"requirements.txt", "requirements-dev.txt"} <= {path.name for path in files}
    banned = {"coverage", "pytest-cov", "numba", "spopt", "pandana", "pyrosm"}
    named = [
        (path.name, re.split(r"[\s\[<>=!~;#@]", line.strip(), maxsplit=1)[0].lower().replace("_", "-"))
        for path in files
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assert [(file, name) for file, name in named if name in banned] == []


def test_the_application_is_never_installed() -> None:
    """There is no build system: an installed package named coverage would hide another one."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert "[build-system]" not in text
    assert "[project]" not in text


def test_nobody_names_a_variable_coverage(house: tuple[Source, ...]) -> None:
    """The name of the room is not used for anything else."""
    stored = [
        (source.place, node.id if isinstance(node, ast.Name) else node.arg)
        for source in house
        for node in source.nodes
        if (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)) or isinstance(node, ast.arg)
    ]
    assert [place for place, name in stored if name == "coverage"] == []
