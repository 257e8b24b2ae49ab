"""The whole curve from budget to people covered, every point with a plan and a bound that holds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from coverage.errors import SettingsError
from coverage.network.model import BoolArray
from coverage.siting.cover.cover_plan import build_cover_answer, tidy_plan
from coverage.siting.cover.cover_sets import CoverSets, Values, build_cover_sets, is_whole
from coverage.siting.cover.greedy import CoverState, add_greedily, swap_until_stuck
from coverage.siting.cover.lagrange import Descent, Relaxation
from coverage.siting.model.curve import MEASURES, Curve, Solved
from coverage.siting.model.limits import Limit, LimitRows, build_limit_rows, check_limit
from coverage.siting.model.problem import SecondsLeft, SitingProblem, SolveStatus, no_deadline
from coverage.siting.model.solver_progress import SolveReport, Watch, ignore_solve

# Sites that steps look at first; those that turn out to be as good are taken up later.
_FIRST_SITES = 5_000
# Steps towards a smaller bound at one budget before the next one's turn.
_FIRST_STEPS, _STEPS_A_TURN = 300, 60
# Where first bounds are looked for, as shares of the largest budget's place; they serve those between too.
_FIRST_BUDGETS = (0.5, 1.0, 0.2, 0.05, 0.75, 0.1, 0.35, 0.0)
# Turns in which a bound falls by less than this share make the next ones' steps shorter, until they are too short.
_STALLED = 1e-5
_SLOWEST = 1e-3
# Turns of a budget in which the best sites at its prices are tried as a plan too.
_PLAN_TURNS = 4


def trace_frontier(
    problem: SitingProblem,
    cutoff: float,
    limits: Sequence[Limit],
    *,
    enough: float = 0.001,
    report: SolveReport = ignore_solve,
    seconds_left: SecondsLeft = no_deadline,
) -> Curve:
    """Find a good plan and a bound for each of a row of budgets.

    Parameters
    ----------
    problem
        Demand, sites and costs.
    cutoff
        Largest cost within which a site covers a demand point, included.
    limits
        The budgets, each at least as generous as the one before; all of sites, or all of money. At least one.
    enough
        Largest relative gap that is good enough.
    report
        Told the covered people and the bound of the budget with the largest gap.
    seconds_left
        Seconds that are left. Plans come first; what time remains goes into the bounds and better plans.

    Returns
    -------
    The curve. Each answer is ``optimal`` where its bound is met, else ``time_limit`` or ``cancelled``, also where
    the steps came to an end before the gap closed.

    Raises
    ------
    SettingsError
        If no budget is given, or they do not ascend.

    Notes
    -----
    Plans: each budget starts from the plan of the one before and adds greedily; interchange comes after first
    bounds, so that whenever time is up every budget has both. Bounds: one set of prices λ bounds every budget, as
    L_b(λ) = Σ_i (w_i − λ_i) + the best sites' profits within b, which one sorting gives for all b. The budget with
    the largest gap has its prices improved, from the best known for it, by steps that look at promising sites only;
    then all sites are priced, and every bound that falls is kept. The best sites
    at those prices are plans to start from too.
    """
    budgets = _find_budgets(limits)
    for limit in limits:
        check_limit(problem, limit)
    watch = Watch(report, seconds_left)
    sets = build_cover_sets(problem, cutoff)
    rows = [build_limit_rows(problem, limit, sets.site) for limit in limits]
    curve = _Curve(sets, rows)
    curve.find_plans(problem.site_cost[sets.site].astype(np.float64))
    curve.find_bounds(watch)
    curve.improve_plans(watch)
    curve.lower_bounds(watch, enough)
    answers = []
    for index, plan in enumerate(curve.plans):
        proved = curve.bound[index] - curve.value[index] <= (0.5 if is_whole(sets.weight) else 1e-9 * sets.total)
        status: SolveStatus = "optimal" if proved else (watch.stopped or "time_limit")
        curve.state.set_limits(rows[index])
        lean = tidy_plan(problem, curve.state, plan)
        bound = curve.bound[index] + sets.settled
        answers.append(build_cover_answer(problem, cutoff, sets, lean, method="mclp", status=status, bound=bound))
    return Curve(
        axis="sites" if limits[0].money is None else "money",
        given=budgets,
        measure=MEASURES["covered"],
        value=np.array([answer.objective for answer in answers]),
        bound=np.array([answer.bound for answer in answers]),
        is_proved=np.array([answer.status == "optimal" for answer in answers]),
        plans=tuple(Solved(answer) for answer in answers),
        is_cut=watch.stopped is not None,
    )


def _find_budgets(limits: Sequence[Limit]) -> npt.NDArray[np.float64]:
    amounts = [limit.sites if limit.money is None else limit.money for limit in limits]
    kinds = {(limit.sites is None, limit.money is None, limit.moves) for limit in limits}
    known = [amount for amount in amounts if amount is not None]
    budgets = np.array(known, np.float64)
    if len(kinds) != 1 or len(known) != len(amounts) or (np.diff(budgets) < 0).any():
        raise SettingsError("siting.budgets_not_ascending", budgets=len(limits))
    return budgets


class _Curve:
    """Plans, values and bounds of all budgets, without settled people, on their way."""

    def __init__(self, sets: CoverSets, rows: list[LimitRows]) -> None:
        self.sets, self.rows = sets, rows
        self.relaxations = [Relaxation(row) for row in rows]
        self.plans: list[BoolArray] = []
        self.value = np.zeros(len(rows))
        self.bound = np.full(len(rows), float(sets.weight.sum()))
        self.state = CoverState(sets, rows[0])
        self._price: list[Values] = []
        self._taken_up = np.zeros(0, np.int64)
        self._part = sets.by_site

    def find_plans(self, price: Values) -> None:
        """Find a plan for each budget by adding to the one before."""
        weighed = price if float(price.min(initial=0.0)) < float(price.max(initial=0.0)) else None
        for index in range(len(self.rows)):
            self._use(index)
            add_greedily(self.state, weighed)
            add_greedily(self.state)
            self.plans.append(self.state.copy_plan())
            self.value[index] = self.state.value

    def improve_plans(self, watch: Watch) -> None:
        """Interchange at each budget, from its plan or the one before, whichever is better with what can be added."""
        # The state has the plan of the largest budget, which others may not have.
        self.state.move_to(self.plans[0])
        for index in range(len(self.rows)):
            if watch.stopped is not None:
                return
            self._use(index)
            add_greedily(self.state)
            if self.state.value < self.value[index]:
                self.state.move_to(self.plans[index])
            swap_until_stuck(self.state, watch, "swap")
            self._keep(index)

    def find_bounds(self, watch: Watch) -> None:
        """Find a first bound for each budget: steps at a few of them, and prices that serve their neighbours too."""
        weight = self.sets.weight
        count = self.sets.by_class @ self.plans[-1].astype(np.float64)
        first: Values = np.asarray(weight / np.maximum(count, 1.0))
        self._price = [first] * len(self.rows)
        self._take_up(self.sets.by_site @ first, _FIRST_SITES)
        last = len(self.rows) - 1
        for number, index in enumerate(dict.fromkeys(round(share * last) for share in _FIRST_BUDGETS)):
            if watch.stopped is not None:
                return
            self._turn(index, 1.0, watch, _FIRST_STEPS if number == 0 else _STEPS_A_TURN)

    def lower_bounds(self, watch: Watch, enough: float) -> None:
        """Lower the bound of whichever budget has the largest gap, until all are small or no step helps."""
        pace = np.ones(len(self.rows))
        turns = np.zeros(len(self.rows), np.int64)
        while True:
            gap = (self.bound - self.value) / np.maximum(self.bound, 1e-300)
            gap[pace < _SLOWEST] = 0.0
            index = int(np.argmax(gap))
            if gap[index] <= enough:
                return
            if turns[index] == 0 and (begun := np.flatnonzero(turns)).size:
                # A neighbour has come near already: no need to begin with long steps.
                pace[index] = pace[begun[np.argmin(np.abs(begun - index))]]
            before = self.bound[index]
            self._turn(index, pace[index], watch, _STEPS_A_TURN)
            if watch.stopped is not None:
                return
            if turns[index] < _PLAN_TURNS:
                self._try_plan(index, watch)
            turns[index] += 1
            if before - self.bound[index] <= _STALLED * before:
                pace[index] *= 0.5

    def _turn(self, index: int, pace: float, watch: Watch, steps: int) -> None:
        """Make some steps for one budget among the promising sites; then bound all budgets over all sites."""
        weight, relaxation = self.sets.weight, self.relaxations[index]
        descent = Descent(self._price[index], pace, 0.7 if pace > 0.2 else 0.9)
        best, best_price, idle = np.inf, descent.price, 0
        profit = np.zeros(len(self.sets.site))
        for number in range(steps):
            profit[self._taken_up] = self._part @ descent.price
            choice = relaxation.choose(profit)
            value = float((weight - descent.price).sum()) + choice.value
            idle = 0 if value < best - 1e-5 * abs(best) else idle + 1
            if value < best:
                best, best_price = value, descent.price
            if idle >= 10:
                descent.pace, idle = 0.7 * descent.pace, 0
            if number % 10 == 0 and not self._report(watch):
                break
            if not descent.step(self.sets, choice.taken, max(value - float(self.value[index]), 1e-9)):
                break
        profit = np.asarray(self.sets.by_site @ best_price, np.float64).ravel()
        bounds = float((weight - best_price).sum()) + self._find_values(profit)
        for lower in np.flatnonzero(bounds < self.bound):
            self.bound[lower], self._price[lower] = bounds[lower], best_price
        choice = relaxation.choose(profit)
        left_out = (profit >= 0.9 * choice.level_in * choice.amount) & (choice.amount > 0)
        left_out[choice.taken] = True
        left_out[self._taken_up] = False
        if left_out.any():
            self._take_up(profit, len(self._taken_up) + int(left_out.sum()), left_out)

    def _take_up(self, profit: Values, count: int, also: BoolArray | None = None) -> None:
        """Let steps look at the most profitable sites, and at those that were left out before."""
        chosen = np.zeros(len(profit), np.bool_)
        if also is None:
            chosen[np.argsort(-profit, kind="stable")[:count]] = True
        else:
            chosen[self._taken_up] = True
            chosen |= also
        self._taken_up = np.flatnonzero(chosen)
        self._part = self.sets.by_site[self._taken_up]

    def _report(self, watch: Watch) -> bool:
        worst = int(np.argmax(self.bound - self.value))
        settled = self.sets.settled
        return watch.goes_on("bound", float(self.value[worst]) + settled, float(self.bound[worst]) + settled)

    def _find_values(self, profit: Values) -> Values:
        """Find the value of the best sites at some profits for each budget."""
        rooms = [relaxation.room for relaxation in self.relaxations]
        simple = np.array([room for room in rooms if room is not None])
        if len(simple) == len(rooms):
            return self.relaxations[0].find_values(profit, simple)
        return np.array([relaxation.choose(profit).value for relaxation in self.relaxations])

    def _try_plan(self, index: int, watch: Watch) -> None:
        """Interchange from the best sites at some prices; a better plan is one for larger budgets too."""
        self._use(index)
        plan = np.zeros(len(self.sets.site), np.bool_)
        plan[self.relaxations[index].choose(self.sets.by_site @ self._price[index]).taken] = True
        self.state.move_to(plan)
        if not self.state.is_permitted():
            return
        add_greedily(self.state)
        swap_until_stuck(self.state, watch, "swap")
        self._keep(index)

    def _keep(self, index: int) -> None:
        """Keep the plan of the state for a budget, and larger ones, where it is better."""
        for other in range(index, len(self.rows)):
            if self.state.value <= self.value[other]:
                break
            self.value[other] = self.state.value
            self.plans[other] = self.state.copy_plan()

    def _use(self, index: int) -> None:
        """Let the state keep the limits of a budget; its plan stays."""
        self.state.set_limits(self.rows[index])
