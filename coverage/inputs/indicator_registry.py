"""The registry of indicators: what each code counts. Names, formulas and sources are in the catalogues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from coverage.errors import InputError

IndicatorUnit = Literal[
    "share", "minutes", "people", "hours", "metres", "index", "capacity", "yuan", "km", "trips", "visits"
]

# Share of a unit's people that must be inside for the unit to count as reached (B2).
DEFAULT_UNIT_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Indicator:
    """What a code stands for.

    Parameters
    ----------
    code
        Id; the catalogues hold ``indicator.<code>.name``, ``.formula``, ``.denominator`` and ``.source``.
    unit
        What the value is measured in. A share lies between 0 and 1.
    is_ratio
        The value is numerator / denominator.
    is_additive
        Numerators and denominators of all units of a level add up to those of the study.
    detail
        What follows the code in a table, after a dot: ``"level"`` (``A1.county``), ``"level.item"``
        (``A1k.county.notarisation``), ``"id"`` (``B7.item.notarisation``), or "" for nothing.
    is_estimate
        Rests on assumptions the planner edits, and is marked so wherever it is shown.
    is_weekly
        Holds for the whole week whatever moment is asked about: points that were set up, hours a week, the quality
        of the data. Those of a usual week or a year (B9, B14, B17) are not given at a moment.
    """

    code: str
    unit: IndicatorUnit
    is_ratio: bool = True
    is_additive: bool = True
    detail: Literal["", "level", "level.item", "id"] = ""
    is_estimate: bool = False
    is_weekly: bool = False


INDICATORS: tuple[Indicator, ...] = (
    Indicator("A1", "share", detail="level", is_weekly=True),
    Indicator("A1k", "share", detail="level.item", is_weekly=True),
    Indicator("B1", "share"),
    Indicator("B1.beyond", "share"),
    Indicator("B1.no_route", "share"),
    Indicator("B1.unconnected", "share"),
    Indicator("B1.urban", "share"),
    Indicator("B1.rural", "share"),
    Indicator("B1.pastoral", "share"),
    Indicator("B1.other_mode", "share"),
    Indicator("B1.mix", "share", is_estimate=True),
    Indicator("B1.children", "share"),
    Indicator("B1.aged", "share"),
    Indicator("B1.disabled", "share"),
    Indicator("B1.carless", "share"),
    Indicator("B1.drivers", "share"),
    Indicator("B1.vehicles", "share"),
    Indicator("B2", "share", detail="level"),
    Indicator("B4.mean", "minutes"),
    Indicator("B4.median", "minutes", is_ratio=False, is_additive=False),
    Indicator("B4.p90", "minutes", is_ratio=False, is_additive=False),
    Indicator("B5.people", "people", is_ratio=False),
    Indicator("B5.fgt0", "index"),
    Indicator("B5.fgt1", "index"),
    Indicator("B5.fgt2", "index"),
    Indicator("B6", "share"),
    Indicator("B7.family", "share", detail="id"),
    Indicator("B7.item", "share", detail="id"),
    Indicator("B7.bundle", "share", detail="id"),
    Indicator("B8", "hours", is_weekly=True),
    Indicator("B9.access", "capacity"),
    Indicator("B9.overloaded", "share"),
    Indicator("B10.gini", "index", is_additive=False),
    Indicator("B10.worst_tenth", "minutes", is_additive=False),
    Indicator("B10.urban_rural", "share", is_additive=False),
    Indicator("B10.lowest_county", "share", is_additive=False),
    Indicator("B11", "share"),
    Indicator("B12.fixed", "share"),
    Indicator("B12.mobile", "share"),
    Indicator("B12.remote", "share"),
    Indicator("B13.hours", "hours"),
    Indicator("B13.visits", "visits"),
    Indicator("B14.people", "people", is_ratio=False),
    Indicator("B14.cost", "yuan", is_additive=False, is_estimate=True),
    Indicator("B15.low", "share", is_additive=False),
    Indicator("B15.high", "share", is_additive=False),
    Indicator("B16.matched", "share", is_weekly=True),
    Indicator("B16.stations_matched", "share", is_weekly=True),
    Indicator("B16.access_m", "metres", is_ratio=False, is_additive=False, is_weekly=True),
    Indicator("B16.rejected", "share", is_additive=False, is_weekly=True),
    Indicator("B17.trips", "trips", is_estimate=True),
    Indicator("B17.hours", "hours", is_estimate=True),
    Indicator("B17.km", "km", is_estimate=True),
    Indicator("B17.yuan", "yuan", is_estimate=True),
)

_BY_CODE = {indicator.code: indicator for indicator in INDICATORS}


def find_indicator(code: str) -> Indicator:
    """Find the definition of a code as it stands in a table, with or without its detail.

    Parameters
    ----------
    code
        E.g. ``B1``, ``B4.mean``, ``A1.county`` or ``B7.item.notarisation``.

    Raises
    ------
    InputError
        ``indicator.unknown`` if no definition begins the code; it names the known ones.

    Examples
    --------
    >>> find_indicator("B7.item.notarisation").code
    'B7.item'
    """
    known = code
    while known not in _BY_CODE:
        known, dot, _ = known.rpartition(".")
        if not dot:
            raise InputError("indicator.unknown", value=code, known=", ".join(_BY_CODE))
    found = _BY_CODE[known]
    if known != code and not found.detail:
        raise InputError("indicator.unknown", value=code, known=", ".join(_BY_CODE))
    return found
