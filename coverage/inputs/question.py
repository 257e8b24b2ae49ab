"""What is asked of a study: which stations, within which times, how people travel, and under which rules."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from coverage.inputs.schema import DISTRICT_LEVELS
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study
from coverage.inputs.thresholds import DEFAULT_LEAST_HOURS, ThresholdTable, find_cutoffs_min
from coverage.network.closures import Closure, find_closed_roads
from coverage.network.model import BoolArray
from coverage.network.settings import TravelDirection

# What a number holds for where no moment is asked about, or where it is about the week by its nature.
WEEK = "week"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a study.

    Parameters
    ----------
    choice
        Which stations count.
    cutoff_min
        Threshold for everybody, inclusive [min]; `thresholds`, if given, decides instead.
    thresholds
        Thresholds by service, zone, level, mode and season.
    direction, season
        None and "" take the study's.
    moment_min
        Only stations that are open at this minute of the week (Monday 0:00 is 0) count.
    own_jurisdiction
        Residents go to stations of their own unit only, see `find_own_level`.
    closures
        Roads that are closed.
    services
        Service items reported one by one; empty for all that are offered.

    Notes
    -----
    Hours are those of the season that is asked about, and a table of thresholds says how many make a fixed service:
    the choice follows both.
    """

    choice: StationChoice = field(default_factory=StationChoice)
    cutoff_min: float = 30.0
    thresholds: ThresholdTable | None = None
    direction: TravelDirection | None = None
    season: str = ""
    moment_min: int | None = None
    own_jurisdiction: bool = False
    closures: tuple[Closure, ...] = ()
    services: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        least = self.choice.least_hours_week if self.thresholds is None else self.thresholds.least_hours_week
        follows = replace(self.choice, season=self.season or self.choice.season, least_hours_week=least)
        object.__setattr__(self, "choice", follows)

    @property
    def family(self) -> str:
        """Return the family that is asked about, "" for any."""
        return self.choice.family

    @property
    def level(self) -> str:
        """Return the level that is asked about, "" for any."""
        return self.choice.level

    @property
    def service(self) -> str:
        """Return the service item that is asked about, "" for any."""
        return self.choice.service

    @property
    def period(self) -> str:
        """Return what the numbers hold for: `WEEK`, or the moment that is asked about.

        Examples
        --------
        >>> Question(moment_min=2 * 1440 + 570).period
        'Wed 09:30'
        """
        if self.moment_min is None:
            return WEEK
        day, minute = divmod(self.moment_min, 1440)
        return f"{_DAYS[day % 7]} {minute // 60:02d}:{minute % 60:02d}"

    def for_whole_week(self) -> Question:
        """Return the question without its moment."""
        return replace(self, moment_min=None)


def settle_question(study: Study, question: Question) -> Question:
    """Refuse ids the study does not know, before the long work, and name the season if the question leaves it open.

    Returns
    -------
    The question with a season; all else is as it was.

    Raises
    ------
    InputError
        If a service, family or level is not in the catalogue.
    """
    select_stations(study.stations, study.catalogue, question.choice)
    for service in question.services:
        study.catalogue.item(service)
    return replace(question, season=question.season or study.settings.season)


def find_least_hours(study: Study) -> float:
    """Return the fewest hours a week of a fixed service, by the study's own table or the planner's choice [h]."""
    return DEFAULT_LEAST_HOURS if study.thresholds is None else study.thresholds.least_hours_week


def change_to_minutes(study: Study, question: Question, minutes: float) -> Question:
    """Return a question with one threshold for everybody [min]; what makes a fixed service stays the study's."""
    choice = replace(question.choice, least_hours_week=find_least_hours(study))
    return replace(question, cutoff_min=minutes, thresholds=None, choice=choice)


def find_question_cutoffs(
    study: Study, question: Question, *, choice: StationChoice | None = None, season: str = ""
) -> npt.NDArray[np.float32]:
    """Find the threshold of every demand point, shape (p,) [min].

    Parameters
    ----------
    study, question
        The study and what is asked.
    choice, season
        Another choice of stations or another season than the question's.
    """
    if question.thresholds is None:
        return np.full(len(study.demand), question.cutoff_min, np.float32)
    wanted = question.choice if choice is None else choice
    return find_cutoffs_min(
        question.thresholds,
        service=wanted.service,
        level=wanted.level,
        mode=study.settings.mode,
        season=season or question.season or study.settings.season,
        zones=study.demand["zone"],
    )


def find_place_cutoff(study: Study, question: Question, lon: float, lat: float) -> float:
    """Find the threshold at a place [min]: that of the demand point nearest to it, for its zone decides."""
    if question.thresholds is None or study.demand.empty:
        return question.cutoff_min
    people = study.demand
    nearest = np.argmin(
        ((people["lon"].to_numpy(float) - lon) * np.cos(np.radians(lat))) ** 2
        + (people["lat"].to_numpy(float) - lat) ** 2
    )
    return float(find_question_cutoffs(study, question)[nearest])


def find_own_level(study: Study, question: Question) -> str:
    """Find the level of the units within which residents stay; "" where they may go anywhere.

    A village room serves its village, a township station its township, a county centre its county:
    the level asked for decides, if the study has districts of it. Where any level will do, and for
    levels above, it is the county; without counties the coarsest level there is.
    """
    if not question.own_jurisdiction:
        return ""
    present = [level for level in DISTRICT_LEVELS if (study.districts["level"] == level).any()]
    wanted = question.choice.level
    if wanted in present and wanted != "prefecture":
        return wanted
    return "county" if "county" in present else present[0] if present else ""


def find_question_closed(study: Study, question: Question) -> BoolArray | None:
    """Find the roads a question closes, shape (r,); None if it closes none."""
    if study.network is None or not question.closures:
        return None
    return find_closed_roads(study.network, question.closures)[0]
