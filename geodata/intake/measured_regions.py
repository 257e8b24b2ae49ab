"""Measured car speeds of provinces: which there are, which one a study lies in, and the tables made of them."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from coverage.errors import SettingsError
from coverage.inputs.bilingual_names import Name
from coverage.network.measured_speeds import MeasuredSpeeds, SpeedBounds, build_measured_table, build_speed_bounds
from coverage.network.settings import Mode
from coverage.network.speeds import Pairs, SpeedTable
from geodata.files.folders import SHIPPED
from geodata.intake.read_speeds import default_speeds_path, read_speed_sources, read_speeds

MEASURED_SPEEDS = SHIPPED / "measured_speeds.toml"
# The average of all provinces, where none is chosen and none is near.
AVERAGE = "CN"
# A value more than this many times above or below the average of its country rests on too little to be used.
_MOST_APART = 2.0
# Lengths of codes of administrative units, from the province down to the village.
_CODE_LENGTHS = (2, 4, 6, 9, 12)
_FARTHEST_KM = 300.0
_EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Region:
    """A province, or the average of a country.

    Parameters
    ----------
    id
        As ISO 3166-2 has it, e.g. ``"CN-XJ"``; the country alone for its average.
    adcode
        First two digits of the codes of its administrative units, "" outside China.
    name
        Its name.
    """

    id: str
    adcode: str
    name: Name


def list_regions() -> tuple[Region, ...]:
    """List the regions with measured speeds, the averages of countries included, in the order of the file."""
    return tuple(
        Region(name, str(entry.get("adcode", "")), Name(str(entry["zh"]), str(entry["en"])))
        for name, entry in _load()["region"].items()
    )


def find_region(text: str) -> Region:
    """Find a region by its id, code or name: ``CN-XJ``, ``XJ``, ``65``, ``新疆``, ``Xinjiang``.

    Raises
    ------
    SettingsError
        ``settings.unknown_choice`` if there is none of that name; the ids are listed.
    """
    wanted = text.strip().casefold()
    for region in list_regions():
        if wanted in (region.id.casefold(), region.name.zh, region.name.en.casefold()):
            return region
    for region in list_regions():
        short = len(wanted) >= 2 and region.name.zh.startswith(wanted)
        digits = wanted.isdecimal() and len(wanted) in _CODE_LENGTHS and region.adcode == wanted[:2]
        if short or digits or f"CN-{wanted}".casefold() == region.id.casefold():
            return region
    choices = ", ".join(region.id for region in list_regions())
    raise SettingsError("settings.unknown_choice", name="province", value=text[:60], choices=choices)


def propose_region(codes: Iterable[str], lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> Region:
    """Propose the region of a study.

    Parameters
    ----------
    codes
        Codes of its districts; the first two digits of most of them decide, if they are codes of
        administrative units.
    lon, lat
        Places in it [degrees]; without codes the nearest town within 300 km of their middle decides.

    Returns
    -------
    The region; the average of China where neither says anything.
    """
    by_code = {region.adcode: region for region in list_regions() if region.adcode}
    heads = Counter(
        code[:2] for code in codes if code.isdecimal() and len(code) in _CODE_LENGTHS and code[:2] in by_code
    )
    if heads:
        return by_code[heads.most_common(1)[0][0]]
    regions = {region.id: region for region in list_regions()}
    if len(lon):
        names, places = _load_seats()
        apart = _measure_km(float(np.median(lon)), float(np.median(lat)), places)
        nearest = int(np.argmin(apart))
        if apart[nearest] <= _FARTHEST_KM:
            return regions[names[nearest]]
    return regions[AVERAGE]


def read_default_speeds(mode: Mode, province: str = AVERAGE) -> SpeedTable:
    """Read the default table of a mode; by car that of a province, measured averages × 1.15."""
    assumed = read_speeds(default_speeds_path(mode))
    if mode != "drive":
        return assumed
    return build_measured_table(assumed, read_measured_speeds(province), float(_load()["driven"]))


def read_speed_bounds(mode: Mode, province: str) -> SpeedBounds | None:
    """Read the bounds of the default table of a mode, see `coverage.network.measured_speeds`; None except by car."""
    if mode != "drive":
        return None
    assumed = read_speeds(default_speeds_path(mode))
    return build_speed_bounds(assumed, read_measured_speeds(province), float(_load()["driven"]))


def read_default_sources(mode: Mode) -> str:
    """Read where the figures of a default table come from."""
    assumed = read_speed_sources(default_speeds_path(mode))
    return f"{_load()['source']}; ×{_load()['driven']}; {assumed}" if mode == "drive" else assumed


def read_measured_speeds(province: str) -> MeasuredSpeeds:
    """Read the averages of a region.

    Our country and town are the source's rural and suburban. What was not measured in a region, or is
    more than twice or less than half the average of its country, is that average, else the one of China.

    Raises
    ------
    SettingsError
        If the region is not known.
    """
    region, content = find_region(province), _load()
    entries, limits = content["region"], content["general_limits_kph"]

    def gather(column: str) -> Pairs:
        kph = dict(entries[AVERAGE][column])
        for name in (region.id.partition("-")[0], region.id):
            plausible = {
                road: value
                for road, value in entries[name][column].items()
                if road not in kph or kph[road] / _MOST_APART <= value <= kph[road] * _MOST_APART
            }
            kph |= plausible
        return _sort(kph)

    return MeasuredSpeeds(
        region.id, gather("rural"), gather("suburban"), _sort(limits["country"]), _sort(limits["town"])
    )


def _sort(values: dict[str, float]) -> Pairs:
    return tuple(sorted((road, float(kph)) for road, kph in values.items()))


def _measure_km(lon: float, lat: float, places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Measure the distance on the ground to places of shape (n, 2) [km], shape (n,)."""
    here, there = np.radians([lon, lat]), np.radians(places)
    half = np.sin((there - here) / 2.0) ** 2
    apart: npt.NDArray[np.float64] = half[:, 1] + np.cos(here[1]) * np.cos(there[:, 1]) * half[:, 0]
    return 2.0 * _EARTH_KM * np.arcsin(np.sqrt(apart))


@cache
def _load() -> dict[str, Any]:
    return tomllib.loads(MEASURED_SPEEDS.read_text(encoding="utf-8"))


@cache
def _load_seats() -> tuple[list[str], npt.NDArray[np.float64]]:
    pairs = [(name, seat) for name, entry in _load()["region"].items() for seat in entry.get("seats", ())]
    return [name for name, _ in pairs], np.array([seat for _, seat in pairs], dtype=np.float64)
