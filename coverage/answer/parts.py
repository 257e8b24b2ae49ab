"""The table of the parts of an answer: what each is built from, and which fields of the question it follows.

A field that a part neither follows nor is the same for (`whatever`) does not exist: one that it cannot follow is in
`not_for`, and the part is left out with that reason.
"""

from __future__ import annotations

from collections.abc import Mapping

from coverage.answer import edit_parts as edits
from coverage.answer import people_parts as people
from coverage.answer import time_parts as times
from coverage.answer.lazy import Part

# Of the stations' hours, and so of the moment, nothing depends that is about roads alone.
_ROADS = ("direction", "own", "closures", "season")
_EVERY_FIELD: tuple[str, ...] = (
    *("stations", "thresholds", "season", "direction", "moment", "own", "closures", "items"),
)
FIELDS = _EVERY_FIELD
PARTS: Mapping[str, Part] = {
    # times
    "joined": Part(times.join, whatever=_EVERY_FIELD),
    "basis": Part(times.build_basis, ("joined",), _ROADS, ("stations", "thresholds", "moment", "items")),
    "hours": Part(
        times.read_station_hours,
        follows=("season",),
        whatever=("stations", "thresholds", "direction", "moment", "own", "closures", "items"),
    ),
    "open": Part(
        times.mark_open,
        ("hours",),
        ("moment",),
        ("stations", "thresholds", "direction", "own", "closures", "items"),
    ),
    "searched": Part(times.search, ("basis", "open"), ("chosen",), ("thresholds", "items")),
    "scenario_times": Part(times.prepare_edits, ("basis",), (), ("stations", "thresholds", "moment", "items")),
    "nearest": Part(times.find_nearest_stations, ("searched", "scenario_times"), ("chosen",), ("thresholds", "items")),
    "first": Part(times.assess_first, ("nearest",), ("stations",), ("thresholds", "items")),
    "assessment": Part(times.assess_people, ("first",), ("thresholds",), ("items",)),
    "reach": Part(times.reach_all, ("basis",), ("limit",), ("stations", "moment", "items")),
    # people
    "scope": Part(
        people.settle_scope,
        follows=("stations", "items"),
        whatever=("thresholds", "season", "direction", "moment", "own", "closures"),
    ),
    "item_cutoffs": Part(
        people.find_item_cutoffs,
        ("scope",),
        ("thresholds", "season"),
        ("direction", "moment", "own", "closures"),
    ),
    "services": Part(people.total_services, ("nearest", "item_cutoffs", "scope"), ("stations",)),
    # Hours of a usual week, whatever moment is asked about.
    "weekly_hours": Part(people.find_weekly_hours, ("reach", "hours"), ("stations", "thresholds"), ("moment", "items")),
    "range": Part(people.find_range, ("assessment", "basis"), (), ("items",)),
    "other_mode": Part(people.open_other_mode, whatever=_EVERY_FIELD),
    "mix": Part(people.mix_modes, ("other_mode", "nearest"), ("stations", "thresholds"), ("items",)),
    # Planned stations have no hours yet.
    "planned": Part(people.find_planned, ("nearest",), ("stations",), ("thresholds", "items"), not_for=("moment",)),
    "indicators": Part(
        people.tabulate_indicators,
        ("assessment", "nearest", "weekly_hours", "item_cutoffs", "range", "mix", "planned", "reach", "scope", "open"),
    ),
    "reasons": Part(people.find_reasons, ("assessment", "nearest"), (), ("items",)),
    "established": Part(people.compare_signs, ("assessment",), (), ("items",)),
    "gap_members": Part(people.group_gaps, ("assessment",), (), ("items",)),
    "gap_list": Part(people.list_gaps, ("basis", "assessment"), (), ("items",)),
    "gaps": Part(people.find_help, ("basis", "assessment"), (), ("items",)),
    "area_cells": Part(people.join_areas, ("basis",), (), ("stations", "thresholds", "moment", "items")),
    "areas": Part(people.draw_areas, ("area_cells", "basis", "open"), ("stations", "thresholds"), ("items",)),
    "station_areas": Part(people.draw_station_areas, ("area_cells", "basis", "assessment"), (), ("items",)),
    # The seasons side by side, whatever season is asked about.
    "seasons": Part(people.tabulate_seasons, ("basis", "nearest"), ("stations", "thresholds", "moment"), ("items",)),
    "referrals": Part(people.chain_referrals, ("basis", "open"), ("stations", "thresholds"), ("items",)),
    # What is of a usual week and year does not hold for a moment.
    "targets": Part(people.compare_targets, ("indicators",), not_for=("moment",), blank=people.tabulate_no_targets),
    "loads": Part(
        people.load_stations,
        ("assessment", "basis", "reach"),
        whatever=("items",),
        not_for=("moment",),
        blank=people.tabulate_no_loads,
    ),
    "far_from_roads": Part(people.suspect_roads, ("basis",), (), ("stations", "thresholds", "moment", "items")),
    "curves": Part(people.draw_curves, ("assessment",), (), ("items",)),
    # after edits
    "comparison": Part(edits.compare_headline, ("assessment",), (), ("items",)),
    "comparisons": Part(edits.compare_all, ("assessment", "scope"), ("items",)),
}
