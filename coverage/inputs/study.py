"""Frozen values of the domain: catalogue, study, provenance. Tables follow ``coverage.inputs.schema``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import geopandas as gpd
import pandas as pd

from coverage.errors import DataIssue, InputError
from coverage.inputs.bilingual_names import Name
from coverage.inputs.mode_mix import ModeMix
from coverage.inputs.targets import Target
from coverage.inputs.thresholds import ThresholdTable
from coverage.network.closures import Closure
from coverage.network.measured_speeds import SpeedBounds
from coverage.network.model import RoadNetwork
from coverage.network.settings import AssessmentSettings, Mode
from coverage.network.speeds import SpeedTable

# Layers of service, counted apart: fixed, circuit (officers come at times), mobile (a vehicle stops), remote (online).
LAYERS: tuple[str, ...] = ("fixed", "circuit", "mobile", "remote")


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the service system, e.g. county centre; `rank` 1 is the highest."""

    id: str
    name: Name
    rank: int


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of station: its family, its usual level, the items it usually offers, and its layer.

    `layer` is one of `LAYERS`: a fixed point, a circuit point where officers come at times, a stop of a service
    vehicle, or a remote service, which has no place.
    """

    id: str
    name: Name
    family: str
    level: str
    services: tuple[str, ...]
    layer: str = "fixed"

    @property
    def is_fixed(self) -> bool:
        """Tell whether its points stand where they are all week, so that one can be founded or built."""
        return self.layer == "fixed"


@dataclass(frozen=True, slots=True)
class Family:
    """A family of kinds (legal, police window, traffic), shown by one shape on the map."""

    id: str
    name: Name


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """One thing a resident can get done; `weight` names the demand column it counts."""

    id: str
    name: Name
    family: str
    weight: str = "population"
    remote: bool = False


@dataclass(frozen=True, slots=True)
class Bundle:
    """Items that belong to one errand and should be done in one place."""

    id: str
    name: Name
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Families, levels, kinds, service items and bundles; ids are unique within each list."""

    families: tuple[Family, ...]
    levels: tuple[Level, ...]
    kinds: tuple[Kind, ...]
    items: tuple[ServiceItem, ...]
    bundles: tuple[Bundle, ...]

    def kind(self, kind_id: str) -> Kind:
        """Return the kind with this id; `InputError` names the known ones."""
        return _find("kind", kind_id, self.kinds)

    def item(self, item_id: str) -> ServiceItem:
        """Return the service item with this id; `InputError` names the known ones."""
        return _find("service", item_id, self.items)

    def level(self, level_id: str) -> Level:
        """Return the level with this id; `InputError` names the known ones."""
        return _find("level", level_id, self.levels)

    def family(self, family_id: str) -> Family:
        """Return the family with this id; `InputError` names the known ones."""
        return _find("family", family_id, self.families)


_Entry = TypeVar("_Entry", Kind, ServiceItem, Level, Family)


def _find(what: str, wanted: str, known: tuple[_Entry, ...]) -> _Entry:
    for entry in known:
        if entry.id == wanted:
            return entry
    ids = ", ".join(entry.id for entry in known)
    raise InputError("catalogue.unknown_id", kind=what, value=wanted, known=ids)


@dataclass(frozen=True, slots=True)
class RemoteReadiness:
    """The share of people who can use a remote channel, 0..1, as a study states it, and where that is from."""

    share: float
    source: str


@dataclass(frozen=True, slots=True)
class CapacityUse:
    """What the capacity of stations counts, cases a year, and how many of them a resident has a year, above 0."""

    visits_a_year: float


@dataclass(frozen=True, slots=True)
class Source:
    """One input of a study, for provenance: its role, relative path, content and account of rows.

    Parameters
    ----------
    role, path
        What it is for, and its path relative to the study.
    sha256, size_bytes
        Its content.
    rows_in, rows_accepted, rows_rejected
        Rows (raster cells) found, used and left out; all 0 where the input is not a table.
    """

    role: str
    path: str
    sha256: str
    size_bytes: int
    rows_in: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """One region with its inputs and settings; everything an assessment needs.

    Parameters
    ----------
    id, name
        Machine id and name shown.
    schematic
        True when the data are made up for demonstration; every page and export then says so.
    settings, speeds, catalogue
        What is asked, how fast roads are driven, what stations do.
    network
        The routable network, or None: then only the established rate can be given.
    demand, stations
        Tables as `coverage.inputs.schema` describes them, indexed by id.
    districts
        Polygons in WGS-84, indexed by district id; may be empty.
    sources, issues
        Input files with their hashes, and every finding of the readers.
    rejected
        Rows of any table that were left out: ``role``, ``row`` (as a spreadsheet shows it),
        ``problem`` (an issue code), ``field``, ``value``.
    reconciliation
        How people were scaled to official totals, as `coverage.inputs.reconcile` returns; empty if they
        were not.
    attribution
        Sources of the data in words of their publishers, printed under maps and tables.
    fingerprint
        Hash of the inputs and settings; equal fingerprints give equal answers.
    thresholds
        The study's own table of thresholds, None if it has only one for all.
    closures
        Roads that are closed at times; an assessment leaves them open unless it is asked.
    targets
        What the plan wants to reach.
    mode_mix
        Who travels otherwise than the study's mode, None if nobody is said to.
    closed_now
        Roads that are closed whatever is asked, by the edits of a scenario.
    slowed_now
        Roads that are driven at a share of their speed, and the share, by the edits of a scenario.
    province
        The region whose measured speeds are driven where the study has no speed table of its own.
    speed_bounds
        What its default speeds lie between; None where the study has a speed table of its own.
    remote
        Who can use a remote channel; None where the study does not say, and then nobody is assumed to.
    capacity_use
        How the capacity of stations compares with residents; None where the study does not say, and then it is
        compared with nobody.
    items
        Service items the study is about, as it names them; () takes what `coverage.inputs.scope.find_scope` says.
    open_mode
        Opens the same study for another mode of travel; None for one that has no folder.
    """

    id: str
    name: Name
    schematic: bool
    settings: AssessmentSettings
    speeds: SpeedTable
    catalogue: Catalogue
    network: RoadNetwork | None
    demand: pd.DataFrame
    stations: pd.DataFrame
    districts: gpd.GeoDataFrame
    sources: tuple[Source, ...]
    issues: tuple[DataIssue, ...]
    rejected: pd.DataFrame
    reconciliation: pd.DataFrame
    attribution: str
    fingerprint: str
    thresholds: ThresholdTable | None = None
    closures: tuple[Closure, ...] = ()
    targets: tuple[Target, ...] = ()
    mode_mix: ModeMix | None = None
    closed_now: tuple[Closure, ...] = ()
    slowed_now: tuple[tuple[Closure, float], ...] = ()
    province: str = ""
    speed_bounds: SpeedBounds | None = None
    remote: RemoteReadiness | None = None
    capacity_use: CapacityUse | None = None
    items: tuple[str, ...] = ()
    open_mode: Callable[[Mode], Study] | None = None
