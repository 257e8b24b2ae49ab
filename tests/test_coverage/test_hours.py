"""Weeks of opening hours: the minute of closing, slots, and the hours in which somebody is reached."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.access.reachable_hours import compute_weekly_hours_of_blocks, compute_weekly_reachable_hours
from coverage.errors import SettingsError
from coverage.inputs.hours import ALWAYS, MINUTES_PER_WEEK, WeekHours, find_open, is_open, tabulate_open_slots
from coverage.travel.reach import PairTimes

MORNING = WeekHours(((600, 840, 1.0),))  # Monday 10:00-14:00
LATE = WeekHours(((780, 1080, 1.0),))  # Monday 13:00-18:00
MONTHLY = WeekHours(((600, 840, 3 / 13),))


@st.composite
def weeks(draw: st.DrawFn) -> WeekHours:
    """Draw hours with a few intervals on any minutes."""
    edges = sorted(draw(st.sets(st.integers(0, MINUTES_PER_WEEK), max_size=12)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return WeekHours(tuple((low, high, draw(st.sampled_from((1.0, 0.8, 0.25)))) for low, high in pairs))


def test_closing_time_is_closed() -> None:
    """Open from the first minute on, closed at closing time; the week goes round."""
    assert [is_open(MORNING, minute) for minute in (599, 600, 839, 840)] == [False, True, True, False]
    assert is_open(MORNING, 600 + MINUTES_PER_WEEK)
    assert is_open(ALWAYS, 0)
    assert is_open(ALWAYS, MINUTES_PER_WEEK - 1)
    assert not is_open(WeekHours(), 700)


@given(hours=weeks())
def test_nobody_is_open_at_its_closing_time(hours: WeekHours) -> None:
    """At the end of every interval the place is closed, unless another one begins there."""
    starts = {start for start, _, _ in hours.intervals}
    for start, end, share in hours.intervals:
        assert is_open(hours, start) == (share > 2 / 3)
        if end % MINUTES_PER_WEEK not in starts:
            assert not is_open(hours, end)


def test_what_is_monthly_counts_by_its_share_but_is_not_usual() -> None:
    """Four hours on 3 of 13 Mondays are 12/13 hours a week, and nobody is there on a usual Monday."""
    assert MONTHLY.weekly_hours == pytest.approx(12 / 13)
    assert not is_open(MONTHLY, 700)
    assert not tabulate_open_slots([MONTHLY]).any()


@pytest.mark.parametrize(
    "intervals",
    [
        ((840, 600, 1.0),),
        ((600, 600, 1.0),),
        ((-1, 60, 1.0),),
        ((0, MINUTES_PER_WEEK + 1, 1.0),),
        ((0, 60, 0.0),),
        ((0, 60, 1.5),),
        ((0, 60, 1.0), (30, 90, 1.0)),
        ((60, 90, 1.0), (0, 30, 1.0)),
    ],
)
def test_impossible_weeks_are_refused(intervals: tuple[tuple[int, int, float], ...]) -> None:
    """Intervals run forward, lie in the week, are in order and do not overlap."""
    with pytest.raises(SettingsError) as caught:
        WeekHours(intervals)
    assert caught.value.code == "hours.interval_invalid"


def test_the_limits_of_a_week() -> None:
    """A week may be open from its first to its last minute, hours may touch; two thirds of the weeks are not usual."""
    assert WeekHours(((0, MINUTES_PER_WEEK, 1.0),)).weekly_hours == 168.0
    touching = WeekHours(((0, 60, 1.0), (60, 90, 0.5)))
    assert touching.weekly_hours == 1.25
    two_thirds = WeekHours(((0, 60, 2.0 / 3.0),))
    more = WeekHours(((0, 60, float(np.nextafter(2.0 / 3.0, 1.0))),))
    assert [is_open(one, 0) for one in (two_thirds, more)] == [False, True]
    assert tabulate_open_slots([two_thirds, more])[:, 0].tolist() == [False, True]
    # A slot of one minute is allowed, and is open if its middle is.
    assert np.flatnonzero(tabulate_open_slots([WeekHours(((0, 2, 1.0),))], slot_min=1)).tolist() == [0, 1]


def test_unknown_hours_are_closed() -> None:
    """A station without known hours is not open."""
    stations = [MORNING, None, LATE]
    assert find_open(stations, 700).tolist() == [True, False, False]
    assert find_open(stations, 800).tolist() == [True, False, True]
    assert find_open([], 700).shape == (0,)
    assert tabulate_open_slots(stations).sum(axis=1).tolist() == [8, 0, 10]


def test_slots_are_cut_from_monday_on() -> None:
    """10:00-14:00 on Monday are the half hours 20 to 27; hours off the half hour go to the nearest slot."""
    slots = tabulate_open_slots([MORNING, WeekHours(((610, 635, 1.0),)), WeekHours(((0, 10, 1.0),))])
    assert slots.shape == (3, 336)
    assert np.flatnonzero(slots[0]).tolist() == list(range(20, 28))
    assert np.flatnonzero(slots[1]).tolist() == [20]
    assert not slots[2].any()
    assert not tabulate_open_slots([WeekHours(((600, 615, 1.0),))]).any()  # closed at the middle of its slot
    assert tabulate_open_slots([MORNING], slot_min=15).shape == (1, 672)
    for wrong in (0, 7 * 11, 37):
        with pytest.raises(SettingsError) as caught:
            tabulate_open_slots([MORNING], slot_min=wrong)
        assert caught.value.code == "hours.slot_invalid"


def _pairs(rows: list[dict[int, float]]) -> PairTimes:
    ptr = np.concatenate(([0], np.cumsum([len(row) for row in rows])))
    station = np.array([station for row in rows for station in sorted(row)], np.int32)
    minutes = np.array([row[station] for row in rows for station in sorted(row)], np.float32)
    return PairTimes(ptr.astype(np.int64), station, minutes)


def test_weekly_hours_worked_out_by_hand() -> None:
    """Two stations overlap by an hour: 4 h, 5 h, together 8 h; the threshold is each point's own and inclusive.

    point   stations (minutes)        threshold   reached           hours
    0       morning 10, late 20       15          morning           4
    1       morning 10, late 20       20          both              8 (10-18, not 9)
    2       late 31                   30          none              0
    3       -                         30          none              0
    4       always 30, morning 5      30          both              168
    """
    pairs = _pairs([{0: 10.0, 1: 20.0}, {0: 10.0, 1: 20.0}, {1: 31.0}, {}, {2: 30.0, 0: 5.0}])
    slots = tabulate_open_slots([MORNING, LATE, ALWAYS])
    cutoff = np.array([15.0, 20.0, 30.0, 30.0, 30.0])
    found = compute_weekly_reachable_hours(pairs, cutoff, slots)
    assert found.tolist() == [4.0, 8.0, 0.0, 0.0, 168.0]
    assert compute_weekly_reachable_hours(pairs, 20.0, slots).tolist() == [8.0, 8.0, 0.0, 0.0, 4.0]
    finer = tabulate_open_slots([MORNING, LATE, ALWAYS], slot_min=15)
    assert compute_weekly_reachable_hours(pairs, cutoff, finer).tolist() == found.tolist()


def test_nobody_and_no_pairs() -> None:
    """No demand points give an empty answer, no pairs give zeros."""
    slots = tabulate_open_slots([MORNING])
    assert compute_weekly_reachable_hours(_pairs([]), 30.0, slots).shape == (0,)
    assert compute_weekly_reachable_hours(_pairs([{}, {}]), 30.0, slots).tolist() == [0.0, 0.0]


class _Block:
    """Stands for a block of the matrix: some stations, their pairs, cut into portions of two points."""

    def __init__(self, rows: list[dict[int, float]], first_station: int, last_station: int) -> None:
        self.rows, self.first_station, self.last_station = rows, first_station, last_station

    def find_portions(self) -> list[tuple[int, int]]:
        return [(low, min(low + 2, len(self.rows))) for low in range(0, len(self.rows), 2)]

    def find_pairs(self, wanted: np.ndarray | None, *, first_point: int, last_point: int) -> PairTimes:
        mine = [
            {
                s: m
                for s, m in row.items()
                if self.first_station <= s < self.last_station and (wanted is None or wanted[s])
            }
            for row in self.rows[first_point:last_point]
        ]
        return _pairs(mine)


@given(
    rows=st.lists(st.dictionaries(st.integers(0, 4), st.floats(0.0, 60.0, width=32), max_size=5), max_size=8),
    hours=st.lists(weeks(), min_size=5, max_size=5),
    cutoffs=st.lists(st.sampled_from((0.0, 10.0, 30.0, 60.0)), min_size=8, max_size=8),
)
def test_the_same_as_slot_by_slot(rows: list[dict[int, float]], hours: list[WeekHours], cutoffs: list[float]) -> None:
    """The packed answer equals counting slot by slot, in one piece or in blocks, and grows with the threshold."""
    slots = tabulate_open_slots(hours)
    cutoff = np.array(cutoffs[: len(rows)])
    expected = [
        0.5 * np.any([slots[s] for s, m in row.items() if m <= limit] or [np.zeros(336, bool)], axis=0).sum()
        for row, limit in zip(rows, cutoff, strict=True)
    ]
    found = compute_weekly_reachable_hours(_pairs(rows), cutoff, slots)
    assert found.tolist() == expected
    blocks = [_Block(rows, 0, 3), _Block(rows, 3, 5)]
    steps: list[float] = []

    def keep(share: float, step: str) -> bool:
        steps.append(share)
        return True

    assert compute_weekly_hours_of_blocks(blocks, len(rows), cutoff, slots, progress=keep).tolist() == expected
    assert steps == sorted(steps)
    wanted = np.array([True, False, True, False, True])
    some = compute_weekly_hours_of_blocks(blocks, len(rows), cutoff, slots, wanted=wanted)
    assert (some <= found).all()
    assert (compute_weekly_reachable_hours(_pairs(rows), cutoff + 5.0, slots) >= found).all()


def test_weekly_hours_say_how_far_they_are() -> None:
    """Progress is the share of the stations of finished blocks, and of the points of the one at work; it ends at 1."""
    rows = [{0: 5.0}, {3: 5.0}, {4: 5.0}]
    shares: list[float] = []
    compute_weekly_hours_of_blocks(
        [_Block(rows, 0, 3), _Block(rows, 3, 5)],
        *(3, 30.0, np.ones((5, 336), bool)),
        progress=lambda share, step: shares.append(share) is None,
    )
    assert shares == pytest.approx([0.4, 0.6, 0.6 + 0.4 * 2 / 3, 1.0])


def test_portions_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Going through the pairs three at a time gives the same answer, also where one point has more."""
    random = np.random.default_rng(5)
    rows = [
        {int(s): float(random.random() * 60) for s in random.choice(9, k, replace=False)} for k in (2, 9, 0, 1, 0, 5)
    ]
    hours = [WeekHours(((60 * k, 60 * k + 90, 1.0),)) for k in range(9)]
    slots = tabulate_open_slots(hours)
    whole = compute_weekly_reachable_hours(_pairs(rows), 40.0, slots)
    monkeypatch.setattr("coverage.access.reachable_hours._PORTION", 3)
    assert compute_weekly_reachable_hours(_pairs(rows), 40.0, slots).tolist() == whole.tolist()
    assert whole[2] == 0.0
    assert whole[1] > 0.0
