"""The small study with police places in it: one named after its street, one beside the legal station.

A ---- S ---- B ---- X          G and S share one building; H stands alone at D, south of B
              |
              D = H
"""

from __future__ import annotations

from pathlib import Path

from small_study import LAT, LON, STEP, write_small_study

POLICE_NAMES = ("幸福路派出所", "红雁池警务室")
POLICE_IDS = ("POL-77-G", "POL-77-H")
# The exact places, as they must not appear anywhere.
PLACES = ((LON + STEP + 0.00003, LAT - 0.00002), (LON + 2 * STEP + 0.00013, LAT - 0.00987))
_ROWS = "".join(
    f"{station_id},{name},police_station,township,certificates,24小时,,existing,local,,{lon},{lat}\n"
    for station_id, name, (lon, lat) in zip(POLICE_IDS, POLICE_NAMES, PLACES, strict=True)
)


def write_police_study(folder: Path) -> Path:
    """Write the study and return the path of its ``study.toml``."""
    path = write_small_study(folder)
    with (folder / "stations.csv").open("a", encoding="utf-8") as file:
        file.write(_ROWS)
    return path


def spell_places() -> list[str]:
    """Spell the coordinates of the hidden places as a file may hold them, exact or rounded to three decimals."""
    return [f"{value:.{digits}f}" for place in PLACES for value in place for digits in (4, 5, 6, 7)]
