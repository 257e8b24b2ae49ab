"""What new sites cost, and which kind of station is founded where: assumptions of the planner, editable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coverage.errors import InputError
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Catalogue, Kind

OTHER = "other"
Amounts = tuple[tuple[str, float], ...]
Words = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SiteCosts:
    """Class costs of sites [yuan]; every figure is an assumption.

    Parameters
    ----------
    kind
        What founding a station of a kind costs, by kind id; ``other`` for the rest.
    item
        What adding one service item to an existing station costs, by item id; ``other`` for the rest.
    closing
        What closing an existing station costs, by kind id; negative where money is set free.
    usual
        Kind that is founded where there is nothing yet, by family id.
    place
        Kind that a place of a list can become, by the class of the place (``post_office``, …).
    """

    kind: Amounts
    item: Amounts
    closing: Amounts
    usual: Words
    place: Words

    def find_kind_cost(self, kind_id: str) -> float:
        """Return what founding a station of a kind costs [yuan]."""
        return _find(self.kind, kind_id)

    def find_item_cost(self, item_id: str) -> float:
        """Return what adding an item costs [yuan]."""
        return _find(self.item, item_id)

    def find_closing_cost(self, kind_id: str) -> float:
        """Return what closing a station of a kind costs [yuan]."""
        return _find(self.closing, kind_id)


def _find(amounts: Amounts, key: str) -> float:
    known = dict(amounts)
    return known.get(key, known.get(OTHER, 0.0))


def find_new_kind(catalogue: Catalogue, choice: StationChoice, costs: SiteCosts) -> Kind:
    """Find the kind that is founded for a choice where there is nothing yet.

    Of the fixed kinds of the family asked for (the item's own family where none is named) one of the level
    asked for, the usual one first, then one that offers the item. A township station is no village room,
    and costs what it costs.

    Raises
    ------
    InputError
        ``siting.no_kind`` if the family has no kind that could be founded.
    """
    family = choice.family or (catalogue.item(choice.service).family if choice.service else "general")
    usual = dict(costs.usual).get(family, "")
    kinds = [kind for kind in catalogue.kinds if kind.family == family and kind.is_fixed]
    kinds.sort(
        key=lambda kind: (
            bool(choice.level) and kind.level != choice.level,
            kind.id != usual,
            bool(choice.service) and choice.service not in kind.services,
        )
    )
    if not kinds:
        raise InputError("siting.no_kind", family=family)
    return kinds[0]


def find_services(kind: Kind, asked: Sequence[str]) -> tuple[str, ...]:
    """Return what a new station of a kind offers: the kind's usual items and those asked for."""
    return (*kind.services, *(item for item in asked if item not in kind.services))
