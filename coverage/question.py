"""What is asked of a study: which stations, within which times, how people travel, and under which rules."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from coverage.closures import Closure, find_closed_roads
from coverage.model import Study
from coverage.network import BoolArray
from coverage.schema import DISTRICT_LEVELS
from coverage.settings import TravelDirection
from coverage.stations import StationChoice, select_stations
from coverage.thresholds import ThresholdTable, find_cutoffs_min

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


def check_question(study: Study, question: Question) -> None:
    """Refuse ids the study does not know, before the long work."""
    select_stations(study.stations, study.catalogue, question.choice)
    for service in question.services:
        study.catalogue.item(service)


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
