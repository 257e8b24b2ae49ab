"""What stands in each section of a report: its parts, and for each its tables, rules and charts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from coverage.access.established_reachable import FINDINGS
from coverage.report import (
    condition_tables,
    findings_conditions,
    findings_offers,
    findings_people,
    findings_places,
    findings_plan,
    findings_quality,
    offer_tables,
    people_tables,
    plan_tables,
    quality_tables,
    unit_tables,
)
from coverage.report.evidence import Evidence
from coverage.report.reading import Tables
from coverage.report.value import Figure, Finding, Table

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
    findings_people.find_headline,
    findings_people.find_rungs,
    findings_people.find_sign_gap,
    findings_places.find_sign_only_townships,
    findings_places.find_concentration,
    findings_places.find_gap_count,
    findings_plan.find_site_gain,
    findings_plan.find_site_cost,
    findings_plan.find_scenario_change,
    findings_plan.find_targets_met,
    findings_offers.find_lowest_item,
    findings_conditions.find_worst_season,
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
                findings_people.find_rate,
                findings_people.find_classes,
                findings_people.find_times,
                findings_people.find_established_counties,
                findings_people.find_established_townships,
                findings_people.find_established_villages,
                findings_people.find_sign_gap,
                findings_people.find_weakest_rung,
                findings_people.find_widest_rung,
                findings_places.find_lowest_unit,
                findings_places.find_concentration,
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
                findings_places.find_sign_only_counties,
                findings_places.find_sign_only_townships,
                findings_places.find_sign_only_villages,
                findings_places.find_sign_only_worst,
                findings_places.find_sign_only_none,
                findings_places.find_reached_without_sign,
            ),
        ),
    ),
    "gaps": (
        Part(
            "gaps",
            (unit_tables.build_gap_totals, unit_tables.build_gap_causes, unit_tables.build_gaps),
            (
                findings_places.find_gap_count,
                findings_places.find_largest_gap,
                findings_places.find_main_cause,
                findings_places.find_road_cause,
                findings_places.find_remedy,
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
                findings_offers.find_item_counts,
                findings_offers.find_lowest_item,
                findings_offers.find_rarest_item,
                findings_offers.find_lowest_bundle,
                findings_offers.find_bundles_nowhere,
                findings_offers.find_lowest_family,
                findings_offers.find_layers,
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
                findings_conditions.find_hours,
                findings_conditions.find_fewest_hours,
                findings_conditions.find_weekend,
                findings_conditions.find_unknown_hours,
                findings_conditions.find_uncounted,
            ),
            level=2,
        ),
        Part(
            "seasons",
            (condition_tables.build_seasons, _build_season_units),
            (
                findings_conditions.find_worst_season,
                findings_conditions.find_season_unit,
                findings_conditions.find_closed_roads,
            ),
            level=2,
        ),
        Part(
            "equity",
            (condition_tables.build_groups, condition_tables.build_equity),
            (
                findings_conditions.find_urban_rural,
                findings_conditions.find_lowest_group,
                findings_conditions.find_worst_tenth,
            ),
            level=2,
        ),
        Part(
            "capacity",
            (condition_tables.build_capacity, condition_tables.build_referrals, condition_tables.build_burden),
            (
                findings_conditions.find_double,
                findings_conditions.find_overloaded,
                findings_conditions.find_weakest_step,
                findings_conditions.find_burden,
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
                findings_plan.find_site_gain,
                findings_plan.find_site_cost,
                findings_plan.find_least_service,
                findings_plan.find_first_site,
                findings_plan.find_enough_sites,
                findings_plan.find_unserved,
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
                findings_plan.find_scenario_change,
                findings_plan.find_scenario_times,
                findings_plan.find_scenario_winner,
                findings_plan.find_scenario_loser,
            ),
        ),
    ),
    "plan": (
        Part(
            "plan",
            (plan_tables.build_target_counts, plan_tables.build_targets, plan_tables.build_years),
            (findings_plan.find_targets_met, findings_plan.find_furthest_target, findings_plan.find_last_year),
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
                findings_quality.find_range_factor,
                findings_quality.find_matched,
                findings_quality.find_access,
                findings_quality.find_far,
                findings_quality.find_rejected,
                findings_quality.find_reconciled,
                findings_quality.find_most_reconciled,
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
