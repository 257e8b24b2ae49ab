"""What could not be had: how many people, where most of them are, and where the list stands."""

from __future__ import annotations

from coverage.siting.plan.solve import TIME_METHODS
from geodata.answers.run_siting import Suggestion
from geodata.answers.write_suggestion import summarise_suggestion
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import terms
from pages.ui.siting import siting_words

_MOST_NAMES = 3


def is_short(found: Suggestion) -> bool:
    """Tell whether not everything asked can be had; a time is made the best for whoever can be reached."""
    return found.solved.answer.status == "infeasible" and found.siting.method not in TIME_METHODS


def say_shortfall(found: Suggestion, tr: Translator) -> tuple[str, str]:
    """Say what cannot be had, and why or what to do.

    Parameters
    ----------
    found
        A suggestion that falls short of what was asked.
    tr
        The words.
    """
    if found.siting.method == "fair" and found.solved.worst is not None:
        floor = found.siting.share or 1.0
        worst = number_format.percent(found.solved.worst * floor)
        return tr("siting.short.fair", floor=number_format.percent(floor, 0)), tr("siting.short.fair_why", worst=worst)
    table, unit = found.unserved, terms.unit_suffix(found.asked.weight_column, tr)
    people = float(table["people"].sum())
    # Who is within the threshold of nobody, whatever is opened, need not be what stands in the way.
    told = summarise_suggestion(found)
    left = (1.0 - float(str(told["share_after"]))) * float(found.asked.problem.weight.sum())
    if table.empty or people < 0.5 or left < 0.5:
        return tr("siting.short.limits"), tr("siting.short.limits_why")
    county = siting_words.name_counties_of(found.basis.study, table["district_id"])
    by_county = table["people"].groupby(county).sum().sort_values(ascending=False, kind="stable")
    named = [
        tr("siting.short.county", name=str(name), people=number_format.people(float(count)) + unit)
        for name, count in by_county.items()
        if name
    ]
    where = tr("list.comma").join(named[:_MOST_NAMES])
    return (
        tr("siting.short.people", people=number_format.people(people) + unit),
        tr("siting.short.people_why" if where else "siting.short.people_why_here", where=where),
    )
