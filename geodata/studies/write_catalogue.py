"""Writes catalogues as TOML: what `geodata.intake.read_catalogue` reads, to the last entry."""

from __future__ import annotations

from typing import Any

import tomli_w

from coverage.inputs.bilingual_names import Name
from coverage.inputs.study import Catalogue

_HEAD = """# 服务目录，可用记事本修改；每一段 [[…]] 是一条，id 只用小写字母、数字和下划线。
# The service catalogue; any text editor will do. Each [[…]] block is one entry, ids use a-z, 0-9 and _.
"""


def encode_catalogue(catalogue: Catalogue) -> bytes:
    """Encode a catalogue.

    Returns
    -------
    TOML in UTF-8; `geodata.intake.read_catalogue.read_catalogue` gives the same catalogue back, provided its
    levels stand in the order of their ranks. Faults of the catalogue are written as they are: reading
    names them all.
    """
    content: dict[str, list[dict[str, Any]]] = {
        "family": [_name(one.id, one.name) for one in catalogue.families],
        "level": [_name(one.id, one.name) | {"rank": one.rank} for one in catalogue.levels],
        "kind": [
            _name(one.id, one.name)
            | {"family": one.family, "level": one.level, "services": list(one.services), "layer": one.layer}
            for one in catalogue.kinds
        ],
        "item": [
            _name(one.id, one.name) | {"family": one.family, "weight": one.weight, "remote": one.remote}
            for one in catalogue.items
        ],
        "bundle": [_name(one.id, one.name) | {"items": list(one.items)} for one in catalogue.bundles],
    }
    return (_HEAD + tomli_w.dumps(content)).encode()


def _name(entry_id: str, name: Name) -> dict[str, Any]:
    return {"id": entry_id, "zh": name.zh, "en": name.en}
