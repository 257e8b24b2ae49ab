"""Road lines as arrays and JSON values, and back: on their way from the process that read them, and on disk."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from coverage.errors import DataIssue
from coverage.network.model import PROFILE_COLUMNS, RoadLines
from geodata.jobs.tasks import Answer, decode_issues, encode_issues

_NUMERIC_PROFILES = ("maxspeed_forward_kph", "maxspeed_backward_kph", "duration_s")


def pack_lines(lines: RoadLines, issues: tuple[DataIssue, ...]) -> Answer:
    """Turn road lines and the findings of their reader into an answer."""
    found = {field.name: getattr(lines, field.name) for field in fields(lines)}
    arrays = {name: value for name, value in found.items() if isinstance(value, np.ndarray)}
    head = {"mode": lines.mode, "profiles": pack_profiles(lines.profiles), "issues": encode_issues(issues)}
    return Answer(head, arrays)


def unpack_lines(answer: Answer) -> tuple[RoadLines, tuple[DataIssue, ...]]:
    """Turn the answer of `pack_lines` back into road lines and findings."""
    head = answer.head
    lines = RoadLines(mode=head["mode"], profiles=unpack_profiles(head["profiles"]), **answer.arrays)
    return lines, decode_issues(head["issues"])


def pack_profiles(profiles: pd.DataFrame) -> dict[str, list[Any]]:
    """Turn a table of profiles into JSON values, None for NaN."""
    return {name: [None if pd.isna(v) else v for v in profiles[name].tolist()] for name in PROFILE_COLUMNS}


def unpack_profiles(values: dict[str, list[Any]]) -> pd.DataFrame:
    """Turn the JSON values of `pack_profiles` back into a table."""
    profiles = pd.DataFrame(values, columns=list(PROFILE_COLUMNS))
    for name in _NUMERIC_PROFILES:
        profiles[name] = profiles[name].astype(float)
    profiles["restricted"] = profiles["restricted"].astype(bool)
    return profiles
