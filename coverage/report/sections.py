"""What stands in each section of a report: its parts, and for each its tables, rules and charts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from coverage.access.established_reachable import FINDINGS
from coverage.findings import condition_rules, offer_rules, people_rules, place_rules, plan_rules, quality_rules
from coverage.tables import condition_tables, offer_tables, people_tables, plan_tables, quality_tables, unit_tables
from coverage.tables.cell_reading import Tables
from coverage.tables.evidence import Evidence
from coverage.tables.report_value import Figure, Finding, Table

Rule = Callable[[Tables], Finding | None]
Builder = Callable[[Evidence], Table | None]

_MOST_LISTED = unit_tables.MOST_LISTED


@dataclass(frozen=True, slots=True)
class Part:
    """A section or a part of one: the tables it builds, the rules that speak of them, the charts that draw them.

    Parameters
    ----------
    id, level
        As in the section.
    tables, rules, charts
        In order; what has no data is left out, and of the charts of a table all but the first.
    most
        Sentences at most, the first ones; None for all.
    """

    id: str
    tables: tuple[Builder, ...] = ()
    rules: tuple[Rule, ...] = ()
    charts: tuple[Figure, ...] = ()
    level: int = 1
    most: int | None = None


def find_main_level(evidence: Evidence) -> str:
    """Find the level at which units are ranked: counties if there are several, else the coarsest with several."""
    counts = evidence.study.districts["level"].value_counts().to_dict()
    for level in ("county", "township", "village", "prefecture"):
        if counts.get(level, 0) > 1:
            return level
    return ""


def _rank_units(evidence: Evidence) -> Table | None:
    level = find_main_level(evidence)
    if not level:
        return None
    return unit_tables.build_unit_list(evidence, level, table_id="units_ranked", most=unit_tables.MOST_RANKED)


def _list_counties(evidence: Evidence) -> Table | None:
    many = find_main_level(evidence) == "county"
    return unit_tables.build_unit_list(evidence, "county", table_id="counties") if many else None


def _list_townships(evidence: Evidence) -> Table | None:
    return unit_tables.build_unit_list(evidence, "township", table_id="townships")


def _list_uncovered(evidence: Evidence) -> Table | None:
    level = find_main_level(evidence)
    return unit_tables.build_uncovered_by_unit(evidence, level) if level else None


def _list_not_reachable(evidence: Evidence) -> Table | None:
    return unit_tables.build_mismatches(evidence, FINDINGS[0], table_id="not_reachable", most=_MOST_LISTED)


def _list_all_not_reachable(evidence: Evidence) -> Table | None:
    if not unit_tables.is_cut(evidence, FINDINGS[0], _MOST_LISTED):
        return None
    return unit_tables.build_mismatches(evidence, FINDINGS[0], table_id="not_reachable_all")


def _list_reachable_only(evidence: Evidence) -> Table | None:
    return unit_tables.build_mismatches(evidence, FINDINGS[1], table_id="reachable_only")


def _build_hours(evidence: Evidence) -> Table | None:
    return condition_tables.build_weekly_hours(evidence, find_main_level(evidence))


def _build_season_units(evidence: Evidence) -> Table | None:
    level = find_main_level(evidence)
    return condition_tables.build_season_units(evidence, level) if level else None


def _build_scenario_units(evidence: Evidence) -> Table | None:
    level = find_main_level(evidence)
    return plan_tables.build_scenario_units(evidence, level) if level else None


# The sentences of the summary, the most telling first; each stands in its own section as well.
SUMMARY_RULES: tuple[Rule, ...] = (
    people_rules.find_headline,
    people_rules.find_rungs,
    people_rules.find_sign_gap,
    place_rules.find_sign_only_townships,
    place_rules.find_concentration,
    place_rules.find_gap_count,
    plan_rules.find_site_gain,
    plan_rules.find_site_cost,
    plan_rules.find_scenario_change,
    plan_rules.find_targets_met,
    offer_rules.find_lowest_item,
    condition_rules.find_worst_season,
)
# With the headline; more would not fit a page in the official size of type.
_MOST_IN_SUMMARY = 9

CONTENTS: dict[str, tuple[Part, ...]] = {
    "summary": (
        Part(
            "summary",
            (people_tables.build_headline, people_tables.build_ladder_summary),
            SUMMARY_RULES,
            most=_MOST_IN_SUMMARY,
        ),
    ),
    "situation": (
        Part(
            "situation",
            (
                people_tables.build_classes,
                people_tables.build_times,
                people_tables.build_within,
                people_tables.build_services_by_level,
                people_tables.build_established,
                _rank_units,
                _list_uncovered,
            ),
            (
                people_rules.find_rate,
                people_rules.find_classes,
                people_rules.find_times,
                people_rules.find_established_counties,
                people_rules.find_established_townships,
                people_rules.find_established_villages,
                people_rules.find_sign_gap,
                people_rules.find_weakest_rung,
                people_rules.find_widest_rung,
                place_rules.find_lowest_unit,
                place_rules.find_concentration,
            ),
            (
                Figure("curve_within", "curve", table="within", label="cutoff", values=("share_of_all",)),
                Figure("bars_units", "bars", table="units_ranked", label="name", values=("share",)),
            ),
        ),
    ),
    "mismatches": (
        Part(
            "mismatches",
            (_list_not_reachable,),
            (
                place_rules.find_sign_only_counties,
                place_rules.find_sign_only_townships,
                place_rules.find_sign_only_villages,
                place_rules.find_sign_only_worst,
                place_rules.find_sign_only_none,
                place_rules.find_reached_without_sign,
            ),
        ),
    ),
    "gaps": (
        Part(
            "gaps",
            (unit_tables.build_gap_totals, unit_tables.build_gap_causes, unit_tables.build_gaps),
            (
                place_rules.find_gap_count,
                place_rules.find_largest_gap,
                place_rules.find_main_cause,
                place_rules.find_road_cause,
                place_rules.find_remedy,
            ),
        ),
    ),
    "items": (
        Part(
            "items",
            (
                offer_tables.build_item_counts,
                lambda evidence: offer_tables.build_offers(evidence, "item"),
                lambda evidence: offer_tables.build_offers(evidence, "bundle"),
                lambda evidence: offer_tables.build_offers(evidence, "family"),
                offer_tables.build_not_offered,
                offer_tables.build_layers,
            ),
            (
                offer_rules.find_item_counts,
                offer_rules.find_lowest_item,
                offer_rules.find_rarest_item,
                offer_rules.find_lowest_bundle,
                offer_rules.find_bundles_nowhere,
                offer_rules.find_lowest_family,
                offer_rules.find_layers,
            ),
            (Figure("bars_items", "bars", table="items", label="offer", values=("share",)),),
        ),
    ),
    "conditions": (
        Part("conditions"),
        Part(
            "hours",
            (condition_tables.build_opening, _build_hours, condition_tables.build_uncounted),
            (
                condition_rules.find_hours,
                condition_rules.find_fewest_hours,
                condition_rules.find_weekend,
                condition_rules.find_unknown_hours,
                condition_rules.find_uncounted,
            ),
            level=2,
        ),
        Part(
            "seasons",
            (condition_tables.build_seasons, _build_season_units),
            (
                condition_rules.find_worst_season,
                condition_rules.find_season_unit,
                condition_rules.find_closed_roads,
            ),
            level=2,
        ),
        Part(
            "equity",
            (condition_tables.build_groups, condition_tables.build_equity),
            (
                condition_rules.find_urban_rural,
                condition_rules.find_lowest_group,
                condition_rules.find_worst_tenth,
            ),
            level=2,
        ),
        Part(
            "capacity",
            (condition_tables.build_capacity, condition_tables.build_referrals, condition_tables.build_burden),
            (
                condition_rules.find_double,
                condition_rules.find_overloaded,
                condition_rules.find_weakest_step,
                condition_rules.find_burden,
            ),
            level=2,
        ),
    ),
    "sites": (
        Part(
            "sites",
            (
                plan_tables.build_site_totals,
                plan_tables.build_site_services,
                plan_tables.build_sites,
                plan_tables.build_frontier,
                plan_tables.build_unserved,
            ),
            (
                plan_rules.find_site_gain,
                plan_rules.find_site_cost,
                plan_rules.find_least_service,
                plan_rules.find_first_site,
                plan_rules.find_enough_sites,
                plan_rules.find_unserved,
            ),
            # Where money is limited, a number of sites may be as well, but then it is the same in every row.
            (
                Figure("curve_money", "curve", table="frontier", label="money", values=("share",)),
                Figure("curve_sites", "curve", table="frontier", label="sites", values=("share",)),
            ),
        ),
    ),
    "scenario": (
        Part(
            "scenario",
            (plan_tables.build_scenario, _build_scenario_units, plan_tables.build_scenario_services),
            (
                plan_rules.find_scenario_change,
                plan_rules.find_scenario_times,
                plan_rules.find_scenario_winner,
                plan_rules.find_scenario_loser,
            ),
        ),
    ),
    "plan": (
        Part(
            "plan",
            (plan_tables.build_target_counts, plan_tables.build_targets, plan_tables.build_years),
            (plan_rules.find_targets_met, plan_rules.find_furthest_target, plan_rules.find_last_year),
        ),
    ),
    "quality": (
        Part(
            "quality",
            (
                quality_tables.build_quality,
                quality_tables.build_tornado,
                quality_tables.build_far_from_roads,
                quality_tables.build_reconciliation_totals,
                quality_tables.build_reconciliation,
                quality_tables.build_sources,
            ),
            (
                quality_rules.find_range_factor,
                quality_rules.find_matched,
                quality_rules.find_access,
                quality_rules.find_far,
                quality_rules.find_rejected,
                quality_rules.find_reconciled,
                quality_rules.find_most_reconciled,
            ),
            (Figure("tornado", "tornado", table="tornado", label="factor", values=("low", "high", "base")),),
        ),
    ),
    "methods": (
        Part("methods"),
        Part("methods_travel", (quality_tables.build_speeds,), level=2),
        Part("methods_settings", (quality_tables.build_thresholds,), level=2),
        Part("methods_indicators", (quality_tables.build_formulas,), level=2),
        Part("methods_sites", level=2),
        Part("methods_engines", level=2),
    ),
    "limits": (Part("limits"),),
    "appendix": (
        Part(
            "appendix",
            (
                _list_counties,
                _list_townships,
                _list_all_not_reachable,
                _list_reachable_only,
                quality_tables.build_indicators,
            ),
        ),
    ),
}


def list_rules() -> list[Rule]:
    """List every rule once."""
    return list(dict.fromkeys(rule for parts in CONTENTS.values() for part in parts for rule in part.rules))
