"""Which road may follow which: the allowed turns, and what each costs by its angle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.network.model import BoolArray, IntArray, RoadNetwork
from coverage.network.ragged_rows import list_ranges
from coverage.network.speeds import TurnDelays

# Within this of straight ahead a road counts as the continuation of the one travelled [degrees].
STRAIGHT_WITHIN_DEG = 45.0


@dataclass(frozen=True, slots=True, eq=False)
class Turns:
    """Allowed turns in CSR form over the edges, shape of `to` and `is_u_turn` (a,)."""

    ptr: npt.NDArray[np.int64]
    to: IntArray
    is_u_turn: BoolArray
    banned: int


def build_turns(
    edge_road: IntArray,
    edge_tail: IntArray,
    edge_head: IntArray,
    node_count: int,
    bans: tuple[IntArray, IntArray, BoolArray],
) -> Turns:
    """List the turns from every edge into the edges that leave its head.

    Going back over the same road is allowed only where nothing else leaves (dead ends). A ban with
    `only` forbids every other turn from its arriving edge.

    Parameters
    ----------
    edge_road, edge_tail, edge_head
        Edges sorted by tail, shape (e,).
    node_count
        Number of nodes.
    bans
        (arriving edges, leaving edges, only), each of shape (b,).
    """
    edges = len(edge_road)
    out_degree = np.bincount(edge_tail, minlength=node_count)
    out_ptr = np.concatenate(([0], np.cumsum(out_degree)))
    count = out_degree[edge_head]
    source = np.repeat(np.arange(edges, dtype=np.int32), count)
    target = list_ranges(out_ptr[edge_head], count).astype(np.int32)

    # The way back: the other direction of the same road. A loop arrives where it left, both ways
    # round; travelling it again in the same direction is harmless and stays.
    back = (edge_road[source] == edge_road[target]) & (source != target)
    others = np.bincount(source[~back], minlength=edges)
    keep = ~back | (others[source] == 0)
    before = int(keep.sum())
    keep &= ~_find_banned(source, target, bans, edges)
    kept = np.bincount(source[keep], minlength=edges)
    return Turns(
        ptr=np.concatenate(([0], np.cumsum(kept))).astype(np.int64),
        to=target[keep],
        is_u_turn=back[keep],
        banned=before - int(keep.sum()),
    )


def _find_banned(
    source: IntArray, target: IntArray, bans: tuple[IntArray, IntArray, BoolArray], edges: int
) -> BoolArray:
    arriving, leaving, only = bans
    banned = np.zeros(len(source), bool)
    if len(arriving) == 0:
        return banned
    touched = np.zeros(edges, bool)
    touched[arriving] = True
    at = np.flatnonzero(touched[source])
    pair = source[at].astype(np.int64) * edges + target[at]
    listed = arriving.astype(np.int64) * edges + leaving
    banned[at] = np.isin(pair, listed[~only])
    commanded = np.zeros(edges, bool)
    commanded[arriving[only]] = True
    banned[at] |= commanded[source[at]] & ~np.isin(pair, listed[only])
    return banned


def compute_turn_seconds(
    network: RoadNetwork, delays: TurnDelays, node_delay_s: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32]:
    """Compute the seconds each allowed turn takes.

    At junctions of three or more roads a turn by the angle a (0 = straight on) costs
    ``turn_s / (1 + exp(-(13 |a| / 180 - 6.5)))``; turning across an oncoming road, going back, and
    what stands at the junction (signals) come on top.

    Parameters
    ----------
    network
        The network whose turns are priced.
    delays
        Seconds per kind of turn.
    node_delay_s
        Seconds by what stands at a junction, indexed like `coverage.network.model.DELAY_KINDS`.

    Returns
    -------
    Seconds for each arc, shape (a,).
    """
    count = np.diff(network.arc_ptr)
    source = np.repeat(np.arange(network.edge_count, dtype=np.int32), count)
    angle = network.edge_bearing_out[network.arc_to] - network.edge_bearing_in[source]
    angle = (angle + np.float32(180.0)) % np.float32(360.0) - np.float32(180.0)

    roads_at = np.bincount(np.concatenate((network.road_start, network.road_end)), minlength=network.node_count)
    node = network.edge_head[source]
    priced = (roads_at[node] >= 3) | network.arc_u_turn
    seconds = np.zeros(len(source), np.float32)
    size = np.where(network.arc_u_turn, np.float32(180.0), np.abs(angle))[priced]
    seconds[priced] = delays.turn_s / (1.0 + np.exp(-(13.0 * size / 180.0 - 6.5)))
    seconds[network.arc_u_turn] += delays.u_turn_s

    # Oncoming traffic exists where a two-way road continues straight ahead.
    ahead = (np.abs(angle) <= STRAIGHT_WITHIN_DEG) & ~network.road_oneway[network.edge_road[network.arc_to]]
    meets_oncoming = np.zeros(network.edge_count, bool)
    meets_oncoming[source[ahead & ~network.arc_u_turn]] = True
    across = -angle if delays.drives_on_right else angle
    crossing = (across > STRAIGHT_WITHIN_DEG) & meets_oncoming[source] & ~network.arc_u_turn
    seconds[crossing] += delays.oncoming_turn_s
    if node_delay_s.any():
        seconds += node_delay_s[network.node_delay[node]].astype(np.float32)
    return seconds
