"""What is asked of a study before anybody asked."""

from __future__ import annotations

from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study


def first_question(study: Study) -> Question:
    """Return what a study is asked first: the township stations of the legal family if it has any."""
    settings = study.settings
    kinds = {kind.id: kind.family for kind in study.catalogue.kinds}
    families = study.stations["kind"].map(kinds)
    choice = StationChoice()
    if (families == "legal").any():
        at_township = ((families == "legal") & (study.stations["level"] == "township")).any()
        choice = StationChoice(family="legal", level="township" if at_township else "")
    return Question(
        choice=choice,
        cutoff_min=settings.cutoff_min,
        thresholds=study.thresholds,
        season=settings.season,
        own_jurisdiction=settings.own_jurisdiction,
    )
