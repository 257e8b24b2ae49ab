"""Which families, items and bundles a study is about: what is in scope and offered nowhere counts as 0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coverage.inputs.indicator_registry import find_indicator
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study

_ITEM_CODES = ("A1k", "B7.item")


@dataclass(frozen=True, slots=True)
class Scope:
    """The families, items and bundles a study is about, each in the order of the catalogue.

    Parameters
    ----------
    families, items, bundles
        Ids of the catalogue. A bundle is in scope with all its items.
    """

    families: tuple[str, ...]
    items: tuple[str, ...]
    bundles: tuple[str, ...]

    def has(self, kind: str, wanted: str) -> bool:
        """Tell whether a ``family``, ``item`` or ``bundle`` is in scope."""
        return wanted in {"family": self.families, "item": self.items, "bundle": self.bundles}[kind]


def find_scope(study: Study, choice: StationChoice | None = None, *, also: Iterable[str] = ()) -> Scope:
    """Find what a study is about.

    Parameters
    ----------
    study
        The study. In scope are the items it names; where it names none, those of every family that has a
        point, and those a point offers whatever its family. An item for which it has a target is in scope too.
    choice
        Which stations count as points, by status and date alone, of whatever layer; None for the existing ones. The
        item it asks about is in scope.
    also
        Items that are in scope besides, as another study of the same report is about them; those the catalogue
        does not know are left aside.
    """
    catalogue = study.catalogue
    asked = choice or StationChoice()
    counted = select_stations(
        study.stations, catalogue, StationChoice(status=asked.status, on_date=asked.on_date, layer="all")
    )
    points = study.stations[counted]
    family_of = {kind.id: kind.family for kind in catalogue.kinds}
    present = {family_of.get(str(kind), "") for kind in points["kind"].unique()}
    wanted = {*also, asked.service, *_list_targeted(study)}
    if study.items:
        wanted |= set(study.items)
    else:
        offered = {item for services in points["services"] for item in services}
        wanted |= {item.id for item in catalogue.items if item.family in present or item.id in offered}
    named = {item.family for item in catalogue.items if item.id in study.items}
    return Scope(
        families=tuple(one.id for one in catalogue.families if one.id in present | named),
        items=tuple(one.id for one in catalogue.items if one.id in wanted),
        bundles=tuple(one.id for one in catalogue.bundles if one.items and set(one.items) <= wanted),
    )


def has_level(study: Study, choice: StationChoice) -> bool:
    """Tell whether the level of a choice is one its family or item should have a point at.

    That is so where the study has units of the level and the catalogue a kind that serves there: with no point the
    rates of such a level are 0. Levels nobody serves at are not applicable.
    """
    if not (study.districts["level"] == choice.level).any():
        return False
    return any(
        kind.level == choice.level
        and choice.family in ("", kind.family)
        and (not choice.service or choice.service in kind.services)
        for kind in study.catalogue.kinds
    )


def _list_targeted(study: Study) -> set[str]:
    """List the items for which a study has a target."""
    codes = [target.code for target in study.targets if find_indicator(target.code).code in _ITEM_CODES]
    return {code.rpartition(".")[2] for code in codes}
