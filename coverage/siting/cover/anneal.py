"""Very good plans where interchange gets stuck: every open site drawn anew, again and again, ever less by chance.

References
----------
Geman & Geman (1984), Stochastic relaxation, Gibbs distributions, and the Bayesian restoration of images.
Kirkpatrick, Gelatt & Vecchi (1983), Optimization by simulated annealing.
"""

from __future__ import annotations

import numpy as np

from coverage.siting.cover.greedy import CoverState, add_greedily, swap_until_stuck
from coverage.siting.cover.replacements import Replacements
from coverage.siting.model.solver_progress import Watch

_SEED = 20260101  # the same plan every time
# Temperature at first and at last, as a share of the people an open site covers on average.
HOT = 0.06
_COLD = 0.004
# Sites that are worse by more than so many temperatures have no chance.
_NO_CHANCE = 12.0


def anneal_plan(
    state: CoverState,
    watch: Watch,
    step: str,
    *,
    sweeps: int,
    bound: float = np.inf,
    seed: int = 0,
    heat: float = HOT,
) -> None:
    """Draw each open site anew in turn, better ones with more chance, until only the best have any.

    Parameters
    ----------
    state
        The plan, permitted; changed to the one found, which may be worse.
    watch
        Told the value of the plan at the start; may stop the search.
    step
        Id of this step for the report.
    sweeps
        How often each open site is drawn anew: more are slower and better.
    bound
        Bound for the report, without settled people.
    seed
        Another one draws other plans.
    heat
        Temperature at first, as a share of the people an open site covers on average: `HOT` forgets the plan, a
        third of it keeps something of it.

    Notes
    -----
    A site is closed and one opened in its place that the limits permit, site j with a chance proportional to
    exp(gain_j / T): Gibbs sampling of plans, in which a plan is the likelier the more people it covers, so that no
    draw is in vain. T falls geometrically to where interchange finds the rest. A draw costs a look at all sites and,
    where the site changes, one pass over the pairs of the people whom one of the two covers and not the other
    (`Replacements`).
    """
    random = np.random.default_rng((_SEED, seed))
    value = state.value
    count = int(state.is_open.sum())
    if count == 0 or value <= 0:
        return
    settled = state.sets.settled
    table = Replacements(state) if Replacements.fits(state) else None
    for level in value / count * np.geomspace(heat, _COLD, sweeps):
        for site in random.permutation(np.flatnonzero(state.is_open)).tolist():
            if not watch.goes_on(step, value + settled, bound + settled):
                break
            _draw_anew(state, table, site, float(level), random)
        if watch.stopped is not None:
            break
        if not state.counts_alike:
            # Where money is the limit, cheaper sites leave room for further ones.
            opened = int(state.is_open.sum())
            add_greedily(state)
            if table is not None and int(state.is_open.sum()) > opened:
                table = Replacements(state)
    swap_until_stuck(state, watch, step, bound=bound)
    add_greedily(state)


def _draw_anew(
    state: CoverState, table: Replacements | None, site: int, heat: float, random: np.random.Generator
) -> None:
    """Close a site and open one drawn by chance, the same one perhaps."""
    without = state.compute_gain_without(site) if table is None else table.compute_gain_without(site)
    gain = without
    if not state.counts_alike:
        permitted = state.find_permitted(without=site)
        permitted[site] = True
        gain = np.where(permitted, without, -np.inf)
    top = float(gain.max())
    chance = (gain >= top - _NO_CHANCE * heat).nonzero()[0]
    state.is_open[site] = False
    chance = chance[~state.is_open[chance]]
    state.is_open[site] = True
    weight = np.exp((gain[chance] - top) / heat).cumsum()
    drawn = int(chance[min(int(weight.searchsorted(random.random() * weight[-1])), len(chance) - 1)])
    if drawn == site:
        return
    if table is None:
        state.replace(site, drawn, without)
    else:
        table.replace(site, drawn)
