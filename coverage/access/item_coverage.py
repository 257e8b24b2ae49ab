"""Who reaches what: coverage by family, by service item and by bundle (B7), and by how many stations (B6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.supply import PairPortions
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study
from coverage.network.model import BoolArray, IntArray
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.travel.reach import PairTimes, ReachMatrix
from coverage.travel.travel_basis import TravelBasis
from coverage.travel.travel_time import compute_nearest
from coverage.units import is_within

OfferKind = Literal["family", "item", "bundle"]

# One threshold for all [min], one for each demand point, or either by id of the family, item or
# bundle, with "" for those not named.
Cutoffs = float | npt.NDArray[np.floating]
CutoffsById = Mapping[str, Cutoffs]

_PLANE = 64  # offers that share the bits of one number
_BYTES_PER_PAIR = 8


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """What may be asked for, and the stations that do it.

    Parameters
    ----------
    kind, id
        A family, a service item or a bundle of the catalogue.
    weight
        Demand column it counts. A bundle counts the column its items share, else the population.
    stations
        Mask of the stations that do it, shape (s,). For a bundle: the stations of a place that does
        ALL its items; stations at exactly the same position are one place.
    """

    kind: OfferKind
    id: str
    weight: str
    stations: BoolArray


def list_offers(study: Study, asked: StationChoice, *, wanted: BoolArray | None = None) -> list[Offer]:
    """List every family, item and bundle of the catalogue, in its order, with the stations that do it.

    Parameters
    ----------
    study
        The study.
    asked
        Whose status, day, layer and hours the stations must have; its service, family and level decide nothing.
    wanted
        A further mask of stations, e.g. those that are open at a moment, shape (s,).
    """
    catalogue, columns = study.catalogue, study.demand.columns
    anywhere = replace(asked, service="", family="", level="")

    def select(*, family: str = "", service: str = "") -> BoolArray:
        mask = select_stations(study.stations, catalogue, replace(anywhere, family=family, service=service))
        return mask if wanted is None else mask & wanted

    offers = [Offer("family", family.id, "population", select(family=family.id)) for family in catalogue.families]
    by_item = {}
    for item in catalogue.items:
        weight = item.weight if item.weight in columns else "population"
        by_item[item.id] = Offer("item", item.id, weight, select(service=item.id))
    offers += by_item.values()
    place = _number_places(study.stations)
    for bundle in catalogue.bundles:
        items = [by_item[item] for item in bundle.items]
        does_all = np.ones(len(place), bool)
        for item_offer in items:
            does_all &= np.isin(place, place[item_offer.stations])
        does_any = np.any([offer.stations for offer in items], axis=0) if items else np.zeros(len(place), bool)
        weights = {offer.weight for offer in items}
        weight = weights.pop() if len(weights) == 1 else "population"
        offers.append(Offer("bundle", bundle.id, weight, does_all & does_any))
    return offers


def _number_places(stations: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Give stations at exactly the same position the same number, shape (s,)."""
    position = np.column_stack((stations["lon"].to_numpy(float), stations["lat"].to_numpy(float)))
    return np.unique(position, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def find_cutoff(cutoffs: Cutoffs | CutoffsById, wanted: str) -> Cutoffs:
    """Find the threshold of a family, item or bundle."""
    if isinstance(cutoffs, Mapping):
        return cutoffs[wanted] if wanted in cutoffs else cutoffs[""]
    return cutoffs


def find_covered(
    basis: TravelBasis,
    offers: Sequence[Offer],
    cutoffs: Cutoffs | CutoffsById,
    *,
    progress: Progress = ignore_progress,
) -> BoolArray:
    """Tell who reaches each offer within the threshold, shape (offers, p), by one search for each set of stations.

    See Also
    --------
    scan_pairs : the same from times that are known already.
    """
    covered = np.zeros((len(offers), basis.demand.count), bool)
    searched: dict[bytes, npt.NDArray[np.float32]] = {}
    for number, offer in enumerate(offers):
        report_progress(progress, number / len(offers), "services")
        if not offer.stations.any():
            continue
        key = offer.stations.tobytes()
        if key not in searched:
            chosen = basis.stations.subset(np.flatnonzero(offer.stations))
            searched[key] = compute_nearest(basis.timed, basis.demand, chosen).minutes
        covered[number] = is_within(searched[key], find_cutoff(cutoffs, offer.id))
    return covered


class _Streamed:
    """Pairs that are expanded anew each time they are gone through."""

    def __init__(self, reach: Sequence[ReachMatrix], wanted: BoolArray) -> None:
        self._reach, self._wanted = reach, wanted

    def __iter__(self) -> Iterator[tuple[int, PairTimes]]:
        for block in self._reach:
            for first, last in block.find_portions():
                yield first, block.find_pairs(self._wanted, first_point=first, last_point=last)


def expand_pairs(reach: Sequence[ReachMatrix], wanted: BoolArray, *, memory_budget_mb: float = 1000.0) -> PairPortions:
    """Expand kept times to pairs of demand points and the wanted stations, for going through several times.

    They are kept if they fit the memory budget, else expanded each time.
    """
    streamed = _Streamed(reach, wanted)
    kept: list[tuple[int, PairTimes]] = []
    size = 0
    for first, pairs in streamed:
        size += len(pairs.station) * _BYTES_PER_PAIR
        if size > memory_budget_mb * 1e6:
            return streamed
        kept.append((first, pairs))
    return kept


def scan_pairs(
    portions: PairPortions,
    point_count: int,
    chosen: BoolArray,
    cutoff_min: Cutoffs,
    offers: Sequence[Offer],
    cutoffs: Cutoffs | CutoffsById,
) -> tuple[IntArray, BoolArray]:
    """Count the chosen stations within the threshold, and tell who reaches each offer, in one pass.

    Parameters
    ----------
    portions
        Pairs of the stations that matter, with times up to the largest threshold.
    point_count
        Number of demand points p.
    chosen, cutoff_min
        Mask of the stations that are counted, shape (s,), and their threshold, inclusive [min].
    offers, cutoffs
        What is asked for, and within which threshold.

    Returns
    -------
    Counts, shape (p,), and answers, shape (offers, p).
    """
    count = np.zeros(point_count, np.int32)
    covered = np.zeros((len(offers), point_count), bool)
    groups = _group_by_cutoff(offers, cutoffs)
    for first, pairs in portions:
        rows = len(pairs.ptr) - 1
        per_row = np.diff(pairs.ptr)
        filled = np.flatnonzero(per_row)
        begin = pairs.ptr[filled]
        if not len(filled):
            continue

        def within(cutoff: Cutoffs, first: int = first, pairs: PairTimes = pairs, rows: int = rows) -> BoolArray:
            if np.ndim(cutoff) == 0:
                return is_within(pairs.minutes, np.asarray(cutoff))
            whose = np.asarray(cutoff)[first : first + rows].astype(np.float32)
            return is_within(pairs.minutes, np.repeat(whose, np.diff(pairs.ptr)))

        counts_here = np.add.reduceat((within(cutoff_min) & chosen[pairs.station]).astype(np.int32), begin)
        count[first + filled] += counts_here
        for cutoff, members in groups:
            near = within(cutoff)
            for low in range(0, len(members), _PLANE):
                part = members[low : low + _PLANE]
                bits = np.where(
                    near, _to_bits([offers[number].stations for number in part])[pairs.station], np.uint64(0)
                )
                reached = np.bitwise_or.reduceat(bits, begin)
                for place, number in enumerate(part):
                    covered[number, first + filled] |= (reached >> np.uint64(place)) & np.uint64(1) > 0
    return count, covered


def _group_by_cutoff(offers: Sequence[Offer], cutoffs: Cutoffs | CutoffsById) -> list[tuple[Cutoffs, list[int]]]:
    """Gather the numbers of the offers that share a threshold."""
    groups: dict[object, tuple[Cutoffs, list[int]]] = {}
    for number, offer in enumerate(offers):
        cutoff = find_cutoff(cutoffs, offer.id)
        key = ("array", id(cutoff)) if isinstance(cutoff, np.ndarray) else cutoff
        groups.setdefault(key, (cutoff, []))[1].append(number)
    return list(groups.values())


def _to_bits(masks: Sequence[BoolArray]) -> npt.NDArray[np.uint64]:
    bits = np.zeros(len(masks[0]), np.uint64)
    for place, mask in enumerate(masks):
        bits |= mask.astype(np.uint64) << np.uint64(place)
    return bits
