"""What a report is written from: the answers of the engine, gathered once, without words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from coverage.access.assessment import Assessment
from coverage.answer.answer import Answer
from coverage.inputs.districts import district_at_level
from coverage.inputs.question import Question
from coverage.inputs.schema import WHOLE_STUDY
from coverage.inputs.study import Study
from coverage.scenario.compare import Comparison
from coverage.siting.plan.bundle import WEIGHT as SEVERAL
from coverage.tables.ladder import tabulate_ladder


@dataclass(frozen=True, slots=True, eq=False)
class PlanEvidence:
    """A suggestion of sites, as far as a report tells it.

    Parameters
    ----------
    sites, frontier, unserved, years
        Tables, see `coverage.siting.plan.outcome` and `coverage.siting.plan.planned_stations`.
    covered_before, total
        People covered by the stations that stay, and everybody.
    is_proved
        No plan under the same conditions is better.
    services
        What the plan brings to each service, see `coverage.siting.plan.bundle.tabulate_services`; empty where sites
        were suggested for one question. Otherwise people are counted once for each service in all other tables.
    """

    sites: pd.DataFrame
    frontier: pd.DataFrame
    unserved: pd.DataFrame
    years: pd.DataFrame
    covered_before: float
    total: float
    is_proved: bool
    services: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything that tables are read from: the parts of an answer, each computed when a table needs it.

    Parameters
    ----------
    answer
        The answer to a question.
    plan, comparison
        Suggested sites, and a scenario beside today; None where there is none.
    """

    answer: Answer
    plan: PlanEvidence | None = None
    comparison: Comparison | None = None

    @property
    def study(self) -> Study:
        """The study."""
        return self.answer.study

    @property
    def question(self) -> Question:
        """What is asked."""
        return self.answer.question

    @property
    def assessment(self) -> Assessment:
        """Who reaches a station."""
        return self.answer.assessment

    @property
    def indicators(self) -> pd.DataFrame:
        """Every indicator of the study and its units."""
        return self.answer.indicators

    @cached_property
    def whole(self) -> Mapping[str, tuple[float, float, float]]:
        """`read_whole_study` of the indicators."""
        return read_whole_study(self.indicators)

    @cached_property
    def ladder(self) -> pd.DataFrame:
        """Rates of every service category and level, see `coverage.tables.ladder.tabulate_ladder`."""
        return tabulate_ladder(self.answer.basis, self.question, wanted=self.answer.is_open)

    @cached_property
    def tornado(self) -> pd.DataFrame:
        """What moves the headline, with the headline itself as `base`."""
        found = self.answer.headline_range
        return found.tornado.assign(base=found.value)

    @property
    def whom(self) -> str:
        """Return the column of the people who are counted."""
        return self.assessment.weight_column

    @property
    def whom_gained(self) -> str:
        """Return whom the tables of suggested sites count: for several services at once everybody once for each."""
        is_bundle = self.plan is not None and len(self.plan.services) > 0
        return SEVERAL if is_bundle else self.whom

    def read_indicator(self, code: str) -> tuple[float, float, float]:
        """Return value, numerator and denominator of an indicator of the whole study, NaN where it is not known."""
        return self.whole.get(code, (float("nan"), float("nan"), float("nan")))

    def spread_units(self, level: str, codes: Mapping[str, str]) -> pd.DataFrame:
        """Spread indicators of a level over columns: one row per unit, a column per name in `codes`, NaN if unknown."""
        table = self.indicators[self.indicators["unit_level"] == level]
        answer = pd.DataFrame(index=pd.Index(table["unit_id"].unique()))
        for name, code in codes.items():
            known = table.loc[table["code"] == code, ["unit_id", "value"]].set_index("unit_id")["value"]
            answer[name] = known.reindex(answer.index).astype(float)
        return answer

    def name_above(self, level: str) -> dict[str, str]:
        """Name the district of a level above each district, "" where there is none."""
        districts = self.study.districts
        names = {"": "", **{str(one): str(name) for one, name in districts["name"].items()}}
        above = district_at_level(districts, level) if len(districts) else pd.Series([], dtype=object)
        return {"": "", **{str(one): names[str(its)] for one, its in above.items()}}

    def list_levels(self) -> list[str]:
        """List the levels of units that have any, the coarsest first."""
        return [str(level) for level in self.answer.established.summary["level"]]


def read_whole_study(indicators: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """Read value, numerator and denominator of every indicator of the whole study, by code."""
    mine = indicators[indicators["unit_level"] == WHOLE_STUDY]
    numbers = mine[["value", "numerator", "denominator"]].to_numpy(float).tolist()
    return {str(code): (one[0], one[1], one[2]) for code, one in zip(mine["code"], numbers, strict=True)}
