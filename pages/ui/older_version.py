"""Older data of the open study, as a visit keeps them while it looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Older:
    """A version of a study that is looked at in place of the present one.

    Parameters
    ----------
    home
        The ``study.toml`` of the study as it is now.
    study_id, content
        The study in the store, and the version.
    seen_at
        When the scenario that led there was last worked on: so old are the data at least.
    """

    home: Path
    study_id: str
    content: str
    seen_at: str
