"""An answer to a question: one value for the command line, reports, screens and what-if."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import geopandas as gpd
import pandas as pd

from coverage.access.assessment import Assessment
from coverage.access.established_reachable import EstablishedReachable
from coverage.access.headline_range import HeadlineRange
from coverage.access.reasons import Reasons
from coverage.answer.lazy import LazyAnswer, Memo, Part, PlainMemo
from coverage.answer.parts import PARTS
from coverage.answer.people_parts import ServiceTotals
from coverage.errors import DataIssue
from coverage.inputs.hours import WeekHours
from coverage.inputs.question import Question, settle_question
from coverage.inputs.scope import Scope
from coverage.inputs.study import Study
from coverage.network.closures import name_idle_closures
from coverage.network.model import BoolArray
from coverage.scenario.compare import Comparison
from coverage.travel.travel_basis import TravelBasis


class Answer(LazyAnswer):
    """What follows from a question to a study with roads; each part is computed when it is asked for."""

    parts: ClassVar[Mapping[str, Part]] = PARTS

    @property
    def basis(self) -> TravelBasis:
        """The study joined to its roads under the rules of the question."""
        return self.get("basis")  # type: ignore[no-any-return]

    @property
    def is_open(self) -> BoolArray | None:
        """Mask of the stations open at the moment that is asked about, shape (s,); None for the whole week."""
        return self.get("open")  # type: ignore[no-any-return]

    @property
    def hours(self) -> tuple[WeekHours | None, ...]:
        """When each station is open, None where that is not known; aligned with the study's stations."""
        return self.get("hours")[0]  # type: ignore[no-any-return]

    @property
    def assessment(self) -> Assessment:
        """Who reaches a station."""
        return self.get("assessment")  # type: ignore[no-any-return]

    @property
    def reasons(self) -> Reasons:
        """Why there is no station for people of the class ``no_route``."""
        return self.get("reasons")  # type: ignore[no-any-return]

    @property
    def services(self) -> dict[str, ServiceTotals]:
        """Totals by service item."""
        return self.get("services")  # type: ignore[no-any-return]

    @property
    def indicators(self) -> pd.DataFrame:
        """Rows of ``indicators.csv``, see `coverage.access.indicator_table.compute_indicators`."""
        return self.get("indicators")  # type: ignore[no-any-return]

    @property
    def established(self) -> EstablishedReachable:
        """Established and reachable, side by side."""
        return self.get("established")  # type: ignore[no-any-return]

    @property
    def gaps(self) -> gpd.GeoDataFrame:
        """Connected areas of people outside with what would help, in WGS-84."""
        return self.get("gaps")[0]  # type: ignore[no-any-return]

    @property
    def areas(self) -> gpd.GeoDataFrame:
        """Merged service areas by band of minutes, in WGS-84; for looking, people are never counted with them."""
        return self.get("areas")  # type: ignore[no-any-return]

    @property
    def station_areas(self) -> gpd.GeoDataFrame:
        """Service areas of every chosen station by itself, overlapping, in WGS-84; a search for each."""
        return self.get("station_areas")  # type: ignore[no-any-return]

    @property
    def seasons(self) -> pd.DataFrame:
        """Coverage in every season and with closed roads, see `coverage.access.season_changes`."""
        return self.get("seasons")  # type: ignore[no-any-return]

    @property
    def referrals(self) -> pd.DataFrame:
        """Time from every station to the next level up, see `coverage.access.referral`."""
        return self.get("referrals")  # type: ignore[no-any-return]

    @property
    def targets(self) -> pd.DataFrame:
        """The study's targets beside today's values; empty without any, and at a moment."""
        return self.get("targets")  # type: ignore[no-any-return]

    @property
    def loads(self) -> pd.DataFrame:
        """People around every station against its capacity; empty where that or its use is unknown, and at a moment."""
        return self.get("loads")  # type: ignore[no-any-return]

    @property
    def far_from_roads(self) -> pd.DataFrame:
        """People who live far from any road, by district."""
        return self.get("far_from_roads")[1]  # type: ignore[no-any-return]

    @property
    def headline_range(self) -> HeadlineRange:
        """Range of the covered share and what moves it."""
        return self.get("range")  # type: ignore[no-any-return]

    @property
    def scope(self) -> Scope:
        """What the study is about."""
        return self.get("scope")  # type: ignore[no-any-return]

    @property
    def comparison(self) -> Comparison:
        """What edits change for the question."""
        return self.get("comparison")  # type: ignore[no-any-return]

    @property
    def comparisons(self) -> Comparison:
        """What edits change for the question, and for every service item and level of stations."""
        return self.get("comparisons")  # type: ignore[no-any-return]

    @property
    def issues(self) -> tuple[DataIssue, ...]:
        """Findings about opening hours, and closed places on no road."""
        idle = name_idle_closures(self.study.network, self.question.closures or self.study.closures)
        return (*self.get("hours")[1], *idle)

    @property
    def double_covered(self) -> float:
        """People with two stations or more within their threshold, NaN if nobody is counted."""
        found = self.indicators
        row = found.loc[(found["code"] == "B6") & (found["unit_level"] == "study"), "numerator"]
        return float(row.iloc[0]) if len(row) else float("nan")


def ask(study: Study, question: Question, memo: Memo | None = None, *, also: Sequence[str] = ()) -> Answer:
    """Ask a study a question; nothing is computed yet.

    Parameters
    ----------
    study, question
        The study and what is asked.
    memo
        Where parts are kept; None keeps them with the answer.
    also
        Items in scope besides the study's own, see `coverage.inputs.scope.find_scope`.

    Raises
    ------
    InputError
        If the question names an id that the study does not know.
    """
    asked = settle_question(study, question)
    return Answer(study, asked, PlainMemo() if memo is None else memo, also=tuple(also))
