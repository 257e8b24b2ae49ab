"""Changing a study that exists: inputs and settings are checked first, then saved by replacing one file."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
from tomlkit.exceptions import TOMLKitError

from coverage.errors import InputError, PlannerError, SettingsError
from coverage.inputs.schema import DISTRICT_COLUMNS
from geodata.files.folders import store_folder
from geodata.files.write_tables import write_bytes
from geodata.intake.read_boundaries import read_districts
from geodata.intake.read_catalogue import DEFAULT_CATALOGUE, read_catalogue
from geodata.intake.read_closures import read_closures
from geodata.intake.read_speeds import default_speeds_path, read_speeds
from geodata.intake.read_stations import read_stations
from geodata.intake.read_targets import read_targets
from geodata.intake.read_thresholds import read_thresholds
from geodata.intake.read_zones import read_zones
from geodata.studies.edit_toml import Section, change_toml, rewrite_toml
from geodata.studies.study_file import StudyFile, read_study_file
from geodata.studies.write_catalogue import encode_catalogue
from geodata.studies.write_speeds import encode_speeds
from geodata.studies.write_thresholds import encode_thresholds

# Names under which inputs are saved. The list of stations that people brought is never replaced: plans go beside it.
FILE_NAMES: dict[str, str] = {
    "thresholds": "thresholds.toml",
    "speeds": "speeds.toml",
    "zones": "zones.csv",
    "closures": "closures.geojson",
    "targets": "targets.csv",
    "catalogue": "catalogue.toml",
    "stations": "stations_planned.csv",
}
# Inputs that people write by hand: read, and written as the planner writes them.
_LAYOUTS: dict[str, Callable[[Path], bytes]] = {
    "thresholds": lambda path: encode_thresholds(read_thresholds(path)),
    "speeds": lambda path: encode_speeds(read_speeds(path)),
    "catalogue": lambda path: encode_catalogue(read_catalogue(path)),
}
_PACKAGE = Path(__file__).resolve().parents[1]
_lock = threading.RLock()  # two sessions of one server never save at the same time


@dataclass(frozen=True, slots=True)
class Saving:
    """What a saving did, so that it can be taken back.

    Parameters
    ----------
    path
        The ``study.toml``.
    replaced
        The one file in use that was replaced; equal `before` and `after` if none was.
    before, after
        Its content before and after.
    added
        New files with their content.
    """

    path: Path
    replaced: Path
    before: bytes
    after: bytes
    added: tuple[tuple[Path, bytes], ...] = ()


def save_inputs(
    study_toml: Path,
    changes: Mapping[str, bytes | None],
    sections: Mapping[str, Section | None] | None = None,
    *,
    keep_old: bool = False,
) -> Saving:
    """Save new inputs and settings of a study, or change nothing on disk.

    Everything is read back from a copy beside before anything is replaced. At most one file that is in
    use is replaced, in one step: the input itself where nothing else changes, else ``study.toml``, after
    the new inputs were written beside the old ones. So a study is at every moment either the old or
    the new one, even if the machine stops in between. A file that the study does not name is never
    overwritten, and none is removed. Comments, order and layout of a TOML file stay as they were, also where a
    file of another name takes its place.

    Parameters
    ----------
    study_toml
        The study.
    changes
        New content of inputs by role (the keys of `FILE_NAMES`); None takes an input out of the study.
    sections
        Settings to change, as `geodata.studies.edit_toml.change_toml` takes them.
    keep_old
        Write new inputs beside those in use, which stay in the folder under their names.

    Returns
    -------
    What was done, for `undo_saving`.

    Raises
    ------
    InputError
        As `check_is_own` does; ``file.cannot_write`` if the disk refuses.
    MissingInputError, InputError, SettingsError
        As the readers do, if the changed study could not be read; nothing was changed then.
    """
    with _lock:
        check_is_own(study_toml)
        named = read_study_file(study_toml)
        old = named.path.read_bytes()
        changes = {role: content and _keep_layout(named, role, content) for role, content in changes.items()}
        names, text = _plan(named, old.decode("utf-8-sig"), changes, dict(sections or {}), may_replace=not keep_old)
        new = old if text is None else text.encode()
        contents = {names[role]: content for role, content in changes.items() if content is not None}
        _check(named, new, contents, set(changes))
        files = {named.path.parent / name: content for name, content in contents.items()}
        in_use = [path for path in files if path in {used for _, used in named.inputs}]
        added = tuple((path, content) for path, content in files.items() if not path.exists())
        for path, content in files.items():
            if path not in in_use:
                write_bytes(path, content)
        replaced = in_use[0] if in_use else named.path  # at most one is in use, and then the text stays, see `_plan`
        before, after = replaced.read_bytes(), files.get(replaced, new)
        if before != after:
            write_bytes(replaced, after)
        return Saving(named.path, replaced, before, after, added)


def undo_saving(saving: Saving) -> None:
    """Put back what a saving replaced.

    Raises
    ------
    InputError
        ``study.changed_since`` if the file is no longer as it was saved; it is then left alone.
    """
    with _lock:
        check_is_own(saving.path)
        try:
            now = saving.replaced.read_bytes()
        except FileNotFoundError as error:
            raise InputError("study.changed_since", file=saving.replaced.name) from error
        if now != saving.after:
            raise InputError("study.changed_since", file=saving.replaced.name)
        write_bytes(saving.replaced, saving.before)
        for path, content in saving.added:
            with contextlib.suppress(OSError):
                if path.read_bytes() == content:
                    path.unlink()


def is_embedded(study_toml: Path) -> bool:
    """Tell whether a study lies inside the program itself, where nothing is ever written."""
    return study_toml.resolve().is_relative_to(_PACKAGE)


def check_is_own(study_toml: Path) -> None:
    """Refuse a study that is never written.

    Raises
    ------
    InputError
        ``study.embedded`` for one inside the program, ``study.older_version`` for one as a store keeps it.
    """
    if is_embedded(study_toml):
        raise InputError("study.embedded", file=study_toml.name)
    check_is_present(study_toml)


def check_is_present(study_toml: Path) -> None:
    """Refuse a version of a study that the store put together: it stays as it was (``study.older_version``)."""
    if study_toml.resolve().is_relative_to(store_folder().resolve()):
        raise InputError("study.older_version", file=study_toml.name)


def _plan(
    named: StudyFile,
    text: str,
    changes: Mapping[str, bytes | None],
    sections: dict[str, Section | None],
    *,
    may_replace: bool,
) -> tuple[dict[str, str], str | None]:
    """Choose the names of new inputs and the new text of ``study.toml``, None if it stays as it is."""
    unknown = [role for role in changes if role not in FILE_NAMES]
    if unknown:
        raise InputError("study.role_fixed", role=unknown[0])
    given = {role: content for role, content in changes.items() if content is not None}

    def write(names: dict[str, str]) -> str | None:
        inputs = {role: names.get(role) for role in changes}
        edited = change_toml(text, {**sections, **({"inputs": inputs} if inputs else {})})
        return None if tomllib.loads(edited) == tomllib.loads(text) else edited

    names = {role: _choose_name(named, role, content, may_replace=may_replace) for role, content in given.items()}
    edited = write(names)
    in_use = {path for _, path in named.inputs}
    live = [name for name in names.values() if named.path.parent / name in in_use]
    if len(live) + (edited is not None) > 1:
        names = {role: _choose_name(named, role, content, may_replace=False) for role, content in given.items()}
        edited = write(names)
    return names, edited


def _keep_layout(named: StudyFile, role: str, content: bytes) -> bytes:
    """Return new content in the layout of the input that it changes; as it is where that does not say the same."""
    path = named.find_input(role)
    if path is None or role not in _LAYOUTS:
        return content
    with tempfile.TemporaryDirectory(prefix="layout-") as made, contextlib.suppress(PlannerError, TOMLKitError):
        copy = Path(made) / path.name

        def normalise(text: bytes) -> bytes:
            copy.write_bytes(text)
            return _LAYOUTS[role](copy)

        text, wanted = path.read_bytes().decode("utf-8-sig"), normalise(content)
        old = tomllib.loads(normalise(text.encode()).decode()) | {"id": tomllib.loads(text).get("id")}
        edited = rewrite_toml(text, old, tomllib.loads(content.decode("utf-8-sig"))).encode()
        return edited if normalise(edited) == wanted else content
    return content


def _choose_name(named: StudyFile, role: str, content: bytes, *, may_replace: bool) -> str:
    """Choose a name that is free, holds the content already, or is the role's own and may be replaced."""
    usual = Path(FILE_NAMES[role])
    ending = ".geojson" if role == "zones" and content.lstrip().startswith(b"{") else usual.suffix
    in_use = {path: of for of, path in named.inputs}
    number = 1
    while True:
        name = f"{usual.stem}{'' if number == 1 else f'-{number}'}{ending}"
        path = named.path.parent / name
        if path in in_use:
            if may_replace and in_use[path] == role and list(dict(named.inputs).values()).count(path) == 1:
                return name
        elif not path.exists() or (path.is_file() and path.read_bytes() == content):
            return name
        number += 1


def _check(named: StudyFile, text: bytes, contents: Mapping[str, bytes], roles: set[str]) -> None:
    """Read the changed study back from a copy: its file, the inputs that changed, and those that name them."""
    with tempfile.TemporaryDirectory(prefix="study-") as made:
        place = Path(made)
        for name in tomllib.loads(text.decode("utf-8-sig"))["inputs"].values():
            copy = place / name.replace("\\", "/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.touch()  # inputs that stay only need to be there
        for name, content in contents.items():
            (place / name).write_bytes(content)
        study = place / named.path.name
        study.write_bytes(text)
        changed = read_study_file(study)

        def find(role: str) -> Path | None:
            path = changed.find_input(role)
            if path is None:
                return None
            name = path.relative_to(place)
            return path if name.as_posix() in contents else named.path.parent / name

        _check_inputs(find, changed, roles)


def _check_inputs(find: Callable[[str], Path | None], changed: StudyFile, roles: set[str]) -> None:
    catalogue = read_catalogue(find("catalogue") or DEFAULT_CATALOGUE)
    if "catalogue" in roles and changed.default_kind is not None:
        catalogue.kind(changed.default_kind)
    thresholds, zones, stations = find("thresholds"), find("zones"), find("stations")
    if stations is not None and "stations" in roles:
        read_stations(stations, catalogue, default_kind=changed.default_kind)
    if thresholds is not None and roles & {"thresholds", "catalogue"}:
        read_thresholds(thresholds, catalogue)
    known = read_speeds(find("speeds") or default_speeds_path(changed.settings.mode)).season_names
    season = changed.settings.season
    if season not in known:
        raise SettingsError("settings.unknown_choice", name="season", value=season, choices=", ".join(known))
    for role, read in (("closures", read_closures), ("targets", read_targets)):
        path = find(role)
        if path is not None and role in roles:
            read(path)
    if zones is not None and "zones" in roles:
        nobody = pd.DataFrame({"lon": [0.0], "lat": [0.0], "zone": [""], "district_id": [""]})
        districts = find("districts")
        read_zones(zones, nobody, _no_districts() if districts is None else read_districts(districts)[0])


def _no_districts() -> gpd.GeoDataFrame:
    empty = gpd.GeoDataFrame({name: [] for name in DISTRICT_COLUMNS}, geometry="geometry", crs="EPSG:4326")
    return empty.set_axis(pd.Index([], name="district_id", dtype=str))
