"""Writes speed tables as TOML: what `geodata.intake.read_speeds` reads, to the last factor."""

from __future__ import annotations

from typing import Any

import tomli_w

from coverage.network.speeds import Pairs, SpeedTable

_HEAD = """# 速度表，可用记事本修改；没有写出的道路等级不通行，季节系数为 0 表示封闭。
# Speed table; any text editor will do. A class that is not named is not travelled; a season's factor of 0 closes it.
"""
_PAIRS = ("surface_kph", "smoothness_kph", "tracktype_kph", "service_kph", "urban_factor")


def encode_speeds(table: SpeedTable, *, sources: str = "") -> bytes:
    """Encode a speed table.

    Parameters
    ----------
    table
        The table.
    sources
        Where its figures come from, kept in the file for people.

    Returns
    -------
    TOML in UTF-8; `geodata.intake.read_speeds.read_speeds` gives the same table back.
    """
    turns = table.turns
    content: dict[str, Any] = {"id": table.id}
    if sources:
        content["sources"] = sources
    content["speeds_kph"] = _plain(table.speeds_kph)
    content["maxspeed"] = {"factor": table.maxspeed_factor}
    content |= {name: _plain(getattr(table, name)) for name in _PAIRS if getattr(table, name)}
    content["urban"] = {"junctions_per_km2": table.urban_junctions_per_km2}
    content["delays_s"] = _plain(table.delays_s) | {
        "turn": turns.turn_s,
        "oncoming_turn": turns.oncoming_turn_s,
        "u_turn": turns.u_turn_s,
    }
    content["traffic"] = {"drives_on": "right" if turns.drives_on_right else "left"}
    content["season"] = {name: _plain(factors) for name, factors in table.seasons}
    return (_HEAD + tomli_w.dumps(content)).encode()


def _plain(pairs: Pairs) -> dict[str, float]:
    return dict(pairs)
