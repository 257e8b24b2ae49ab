"""``study.toml``: names of inputs and settings of one study, read and checked; paths stay inside its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from coverage.errors import DataIssue, InputError, MissingInputError, SettingsError, make_fault
from coverage.inputs.bilingual_names import Name
from coverage.inputs.mode_mix import ModeMix
from coverage.inputs.schema import ZONES
from coverage.inputs.study import CapacityUse, RemoteReadiness
from coverage.network.settings import AssessmentSettings, SnapSettings
from geodata.files.read_toml import read_toml
from geodata.files.reading_border import reads_file

FORMAT = 1
DEFAULT_MARGIN_KM = 60.0  # around the area, within which roads and stations belong to a study
INPUT_ROLES: tuple[str, ...] = (
    "roads",
    "population",
    "stations",
    "districts",
    "catalogue",
    "speeds",
    "thresholds",
    "zones",
    "closures",
    "targets",
)
# What the capacity of a station may count.
CAPACITY_UNITS: tuple[str, ...] = ("cases_a_year",)
_LEAST_VISITS, _MOST_VISITS = 0.0001, 1000.0
REQUIRED_ROLES: tuple[str, ...] = ("population",)

_SECTIONS: dict[str, frozenset[str]] = {
    "name": frozenset({"zh", "en"}),
    "inputs": frozenset(INPUT_ROLES),
    "population": frozenset({"cell_m", "year", "source", "reconcile"}),
    "stations": frozenset({"default_kind"}),
    "roads": frozenset({"ferries", "margin_km"}),
    "speeds": frozenset({"province"}),
    "assessment": frozenset(
        {"mode", "direction", "cutoff_min", "cutoffs_min", "season", "memory_budget_mb", "own_jurisdiction"}
    ),
    "mode_mix": frozenset({"other", *ZONES}),
    "snap": frozenset(SnapSettings.__dataclass_fields__),
    "remote": frozenset({"share", "source"}),
    "capacity": frozenset({"unit", "visits_a_year"}),
}
_TYPES: dict[str, dict[str, type]] = {
    "name": {"zh": str, "en": str},
    "population": {"source": str, "reconcile": bool},
    "stations": {"default_kind": str},
    "roads": {"ferries": bool},
    "speeds": {"province": str},
}
_TOP_LEVEL = frozenset({"format", "id", "schematic", "attribution", "items"})


@dataclass(frozen=True, slots=True)
class StudyFile:
    """What a ``study.toml`` says; `inputs` holds existing files by role, `items` the service items it is about."""

    path: Path
    id: str
    name: Name
    schematic: bool
    attribution: str
    inputs: tuple[tuple[str, Path], ...]
    settings: AssessmentSettings
    cell_m: float
    reconcile: bool
    population_source: str
    default_kind: str | None
    ferries: bool
    margin_km: float
    mode_mix: ModeMix | None
    province: str
    remote: RemoteReadiness | None
    capacity_use: CapacityUse | None
    items: tuple[str, ...]

    def find_input(self, role: str) -> Path | None:
        """Return the file of a role, None if the study names none."""
        return dict(self.inputs).get(role)


@reads_file
def read_study_file(path: Path) -> StudyFile:
    """Read and check a ``study.toml``.

    Parameters
    ----------
    path
        The file, or the folder that holds it.

    Raises
    ------
    MissingInputError
        If the file, or an input it names, does not exist.
    InputError
        If it is not TOML, names unknown sections or keys (all are listed), has values of the wrong
        type, or points outside its folder.
    SettingsError
        If a setting is out of range.
    """
    path = path / "study.toml" if path.is_dir() else path
    if not path.is_file():
        raise MissingInputError("study.missing", file=str(path.name))
    content = read_toml(path)
    faults = _find_faults(content)
    if faults:
        raise InputError("study.invalid", faults=faults, file=path.name)
    population, stations = content.get("population", {}), content.get("stations", {})
    name = content.get("name", {})
    return StudyFile(
        path=path,
        id=str(content["id"]),
        name=Name(str(name.get("zh") or content["id"]), str(name.get("en") or name.get("zh") or content["id"])),
        schematic=bool(content.get("schematic", False)),
        attribution=str(content.get("attribution", "")),
        inputs=tuple((role, _find_file(path, role, value)) for role, value in content["inputs"].items()),
        settings=_read_settings(content),
        cell_m=float(population.get("cell_m", 500.0)),
        reconcile=bool(population.get("reconcile", False)),
        population_source=str(population.get("source", "")),
        default_kind=None if "default_kind" not in stations else str(stations["default_kind"]),
        margin_km=float(content.get("roads", {}).get("margin_km", DEFAULT_MARGIN_KM)),
        ferries=bool(content.get("roads", {}).get("ferries", False)),
        mode_mix=_read_mix(content.get("mode_mix")),
        province=str(content.get("speeds", {}).get("province", "")),
        remote=_read_remote(content.get("remote")),
        capacity_use=_read_capacity(content.get("capacity", {})),
        items=tuple(dict.fromkeys(content.get("items", ()))),
    )


def _find_faults(content: dict[str, Any]) -> list[DataIssue]:
    faults: list[DataIssue] = []
    if content.get("format") != FORMAT:
        faults.append(make_fault("entry.unknown_choice", "format", content.get("format"), known=(FORMAT,)))
    if not isinstance(content.get("id"), str) or not content["id"].strip():
        faults.append(make_fault("entry.missing", "id"))
    if not isinstance(content.get("schematic", False), bool):
        faults.append(make_fault("entry.unknown_choice", "schematic", content["schematic"], known=("true", "false")))
    items = content.get("items", [])
    if not isinstance(items, list) or not all(isinstance(one, str) for one in items):
        faults.append(make_fault("entry.wrong", "items", items))
    for key, value in content.items():
        if key in _TOP_LEVEL:
            continue
        if key not in _SECTIONS or not isinstance(value, dict):
            faults.append(make_fault("entry.not_a_table" if key in _SECTIONS else "entry.unknown_section", section=key))
            continue
        unknown = [name for name in value if name not in _SECTIONS[key]]
        faults.extend(make_fault("entry.unknown_key", name, section=key) for name in unknown)
        faults.extend(
            make_fault("entry.wrong", name, value[name], section=key)
            for name, kind in _TYPES.get(key, {}).items()
            if name in value and not isinstance(value[name], kind)
        )
    inputs = content.get("inputs")
    if not isinstance(inputs, dict):
        faults.append(make_fault("entry.not_a_table", section="inputs"))
    else:
        missing = [role for role in REQUIRED_ROLES if role not in inputs]
        wrong = [role for role, value in inputs.items() if not isinstance(value, str)]
        faults.extend(make_fault("entry.missing", role, section="inputs") for role in missing)
        faults.extend(make_fault("entry.wrong", role, inputs[role], section="inputs") for role in wrong)
    cell = content.get("population", {})
    cell_m = cell.get("cell_m", 500.0) if isinstance(cell, dict) else 500.0
    if not isinstance(cell_m, int | float) or isinstance(cell_m, bool) or not 50 <= cell_m <= 20_000:
        facts = {"section": "population", "low": 50, "high": 20_000}
        faults.append(make_fault("entry.out_of_range", "cell_m", cell_m, **facts))
    return faults


def _find_file(study: Path, role: str, value: str) -> Path:
    pure = PurePosixPath(value.replace("\\", "/"))
    if pure.is_absolute() or ".." in pure.parts or PureWindowsPath(value).drive or not pure.parts:
        raise InputError("study.path_outside", role=role, value=value)
    found = study.parent.joinpath(*pure.parts)
    try:
        exists = found.is_file()
    except OSError:  # a name no system could give
        exists = False
    if not exists:
        raise MissingInputError("study.input_missing", role=role, value=value[:200], file=study.name)
    if not found.resolve().is_relative_to(study.parent.resolve()):
        raise InputError("study.path_outside", role=role, value=value)
    return found


def _read_mix(section: dict[str, Any] | None) -> ModeMix | None:
    if section is None:
        return None
    for zone in ZONES:
        share = section.get(zone, 0.0)
        if not isinstance(share, int | float) or isinstance(share, bool):
            raise SettingsError("settings.wrong_type", section="mode_mix", name=zone, value=str(share)[:100])
    return ModeMix(
        section.get("other", "cycle"), tuple((zone, float(section[zone])) for zone in ZONES if zone in section)
    )


def _read_capacity(section: dict[str, Any]) -> CapacityUse | None:
    """Read what capacity counts and the use of it; one without the other says nothing."""
    unit, visits = section.get("unit"), section.get("visits_a_year")
    if unit is not None and unit not in CAPACITY_UNITS:
        known = ", ".join(CAPACITY_UNITS)
        raise SettingsError("settings.unknown_choice", name="[capacity] unit", value=str(unit)[:100], choices=known)
    if visits is None:
        return None
    if not isinstance(visits, int | float) or isinstance(visits, bool):
        raise SettingsError("settings.wrong_type", section="capacity", name="visits_a_year", value=str(visits)[:100])
    if not _LEAST_VISITS <= visits <= _MOST_VISITS:
        low, high = _LEAST_VISITS, _MOST_VISITS
        raise SettingsError("settings.out_of_range", name="[capacity] visits_a_year", value=visits, low=low, high=high)
    return None if unit is None else CapacityUse(float(visits))


def _read_remote(section: dict[str, Any] | None) -> RemoteReadiness | None:
    """Read who can use a remote channel; a share without a source is an assumption, and is not taken."""
    if section is None:
        return None
    share, source = section.get("share"), section.get("source", "")
    if not isinstance(share, int | float) or isinstance(share, bool):
        raise SettingsError("settings.wrong_type", section="remote", name="share", value=str(share)[:100])
    if not 0.0 <= share <= 1.0:
        raise SettingsError("settings.out_of_range", name="[remote] share", value=share, low=0.0, high=1.0)
    if not isinstance(source, str) or not source.strip():
        raise SettingsError("settings.wrong_type", section="remote", name="source", value=str(source)[:100])
    return RemoteReadiness(float(share), source.strip())


def _read_settings(content: dict[str, Any]) -> AssessmentSettings:
    values = dict(content.get("assessment", {}))
    snap = dict(content.get("snap", {}))
    for section, entries in (("assessment", values), ("snap", snap)):
        for key, value in entries.items():
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            is_list = isinstance(value, list) and all(
                isinstance(v, int | float) and not isinstance(v, bool) for v in value
            )
            right = {"mode": str, "direction": str, "season": str, "own_jurisdiction": bool}.get(key)
            if not (isinstance(value, right) if right else is_list if key == "cutoffs_min" else is_number):
                raise SettingsError("settings.wrong_type", section=section, name=key, value=str(value)[:100])
    if "cutoffs_min" in values:
        try:
            values["cutoffs_min"] = tuple(float(value) for value in values["cutoffs_min"])
        except OverflowError as error:
            shown = str(values["cutoffs_min"])[:100]
            raise SettingsError("settings.wrong_type", section="assessment", name="cutoffs_min", value=shown) from error
    return AssessmentSettings(**values, snap=SnapSettings(**snap))
