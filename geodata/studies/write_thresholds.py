"""Writes threshold tables as TOML: what `geodata.intake.read_thresholds` reads, to the last rule."""

from __future__ import annotations

import tomli_w

from coverage.inputs.thresholds import ANY, RULE_FIELDS, ThresholdRule, ThresholdTable
from geodata.intake.read_thresholds import convert_distance

_HEAD = """# 时间阈值表，可用记事本修改；不写或写 "*" 表示不限，写明的项最多的一条优先。
# Threshold table; any text editor will do. What a rule leaves out fits all; the rule that names most decides.
"""


def encode_thresholds(table: ThresholdTable) -> bytes:
    """Encode a table of thresholds.

    A rule keeps its distance and speed where these give its minutes, else it is written in minutes.

    Parameters
    ----------
    table
        The table.

    Returns
    -------
    TOML in UTF-8; `geodata.intake.read_thresholds.read_thresholds` gives the same table back.
    """
    content = {
        "id": table.id,
        "zh": table.name.zh,
        "en": table.name.en,
        "source": table.source,
        "least_hours_week": table.least_hours_week,
        "rule": [_list_fields(rule) for rule in table.rules],
    }
    return (_HEAD + tomli_w.dumps(content)).encode()


def _list_fields(rule: ThresholdRule) -> dict[str, str | float]:
    fields: dict[str, str | float] = {
        name: str(getattr(rule, name)) for name in RULE_FIELDS if getattr(rule, name) != ANY
    }
    if rule.is_converted and rule.minutes == convert_distance(rule.distance_km, rule.speed_kph):
        return fields | {"distance_km": rule.distance_km, "speed_kph": rule.speed_kph}
    return fields | {"minutes": rule.minutes}
