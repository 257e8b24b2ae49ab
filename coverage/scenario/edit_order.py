"""What each edit of a scenario adds in the order in which they are made, and the same edits in another order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.assessment import Assessment
from coverage.errors import InputError
from coverage.inputs.study import Study
from coverage.network.model import BoolArray, FloatArray
from coverage.scenario.compare import check_same_people
from coverage.scenario.edit_checks import check_edits
from coverage.scenario.edits import Edit

GAIN_COLUMNS: tuple[str, ...] = (
    "newly_covered",
    "newly_lost",
    "net",
    "person_minutes_saved",
    "cost",
    "cumulative_net",
    "cumulative_cost",
    "covered_after",
    "share_after",
)


def tabulate_gains(answers: Iterable[Assessment], costs: Sequence[float]) -> pd.DataFrame:
    """Tabulate what each edit of an ordered list adds to those before it.

    Parameters
    ----------
    answers
        About the same people: before the edits, after the first, after the first two, and so on, k + 1 for k edits.
    costs
        Money each edit takes, `coverage.scenario.apply_edits.list_costs`, length k [yuan].

    Returns
    -------
    One row for each edit, indexed by its number (the first is 1): newly_covered and newly_lost people, net (the one
    less the other), person_minutes_saved [person min], cost [yuan], cumulative_net, cumulative_cost; covered_after,
    and share_after (NaN without people).

    Raises
    ------
    InputError
        ``scenario.other_people`` if the answers are not about the same people.
    ValueError
        If the numbers of answers and costs do not fit.

    Notes
    -----
    Consistent with `coverage.scenario.compare.compare` of the first and the last answer: net sums to people covered
    more, person_minutes_saved to the minutes saved. Minutes are those of people who can reach a station before all
    and after all edits; who cannot for a while in between keeps the last time.
    """
    previous: Assessment | None = None
    weight: FloatArray = np.zeros(0)
    was_inside: BoolArray = np.zeros(0, bool)
    minutes: list[npt.NDArray[np.float32]] = []
    rows: list[list[float]] = []
    for answer in answers:
        is_inside = (answer.demand["status"] == "covered").to_numpy(bool)
        minutes.append(answer.demand["minutes"].to_numpy(np.float32))
        if previous is None:
            weight = answer.demand["weight"].to_numpy(float)
        else:
            check_same_people(previous, answer)
            won, lost = (float(weight[each].sum()) for each in (is_inside & ~was_inside, was_inside & ~is_inside))
            total = answer.totals.total
            share = answer.totals.covered / total if total > 0 else float("nan")
            rows.append([won, lost, won - lost, answer.totals.covered, share])
        previous, was_inside = answer, is_inside
    if len(rows) != len(costs):
        raise ValueError(f"{len(rows) + 1} answers for {len(costs)} edits")
    table = pd.DataFrame(
        rows,
        columns=["newly_covered", "newly_lost", "net", "covered_after", "share_after"],
        index=pd.RangeIndex(1, len(rows) + 1, name="number"),
        dtype=float,
    )
    table["person_minutes_saved"] = _sum_minutes(minutes, weight)
    table["cost"] = np.asarray(costs, float)
    table["cumulative_net"], table["cumulative_cost"] = table["net"].cumsum(), table["cost"].cumsum()
    return table[list(GAIN_COLUMNS)]


def _sum_minutes(minutes: list[npt.NDArray[np.float32]], weight: FloatArray) -> list[float]:
    """Sum the minutes each step saves to people who have a time before the first and after the last one."""
    if len(minutes) < 2:
        return []
    both = np.isfinite(minutes[0]) & np.isfinite(minutes[-1])
    people, now = weight[both], minutes[0][both].astype(np.float64)
    saved = []
    for each in minutes[1:]:
        there = each[both].astype(np.float64)
        there = np.where(np.isfinite(there), there, now)
        saved.append(float(((now - there) * people).sum()))
        now = there
    return saved


def list_prefixes(edits: tuple[Edit, ...]) -> list[tuple[Edit, ...]]:
    """List the edits before the first, after the first, after the first two, and so on."""
    return [edits[:count] for count in range(len(edits) + 1)]


def order_edits(study: Study, edits: tuple[Edit, ...], order: Sequence[int]) -> tuple[Edit, ...]:
    """Put edits into another order.

    Parameters
    ----------
    study
        The study they change.
    edits
        The edits.
    order
        Position of each edit of the new order in the old one: a permutation.

    Raises
    ------
    ValueError
        If `order` is no permutation.
    InputError
        ``edits.order_refused`` where an edit would come before what it needs, e.g. closing what is not yet there.
    """
    if sorted(order) != list(range(len(edits))):
        raise ValueError(f"{order} is no order of {len(edits)} edits")
    ordered = tuple(edits[position] for position in order)
    faults = check_edits(study, ordered)
    if faults:
        raise InputError("edits.order_refused", number=faults[0].rows[0], fault=faults[0].code, value=faults[0].value)
    return ordered


def find_order_of_moves(count: int, position: int, by: int) -> tuple[int, ...]:
    """Return the order in which one of some edits has moved up (negative) or down by some places, within the list."""
    order = list(range(count))
    order.insert(min(max(position + by, 0), count - 1), order.pop(position))
    return tuple(order)


def order_by_gain(gains: pd.DataFrame) -> tuple[int, ...]:
    """Return the order that begins with what gains most people by itself, then costs least; ties as they stood.

    Parameters
    ----------
    gains
        `tabulate_gains`.
    """
    ranked = gains.sort_values(["net", "cost"], ascending=[False, True], kind="stable")
    return tuple(int(number) - 1 for number in ranked.index)
