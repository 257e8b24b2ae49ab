"""The small study with police places in it: one named after its street, one beside the legal station.

A ---- S ---- B ---- X          G stands 200 m from S; H stands alone at D, south of B
              |
              D = H
"""

from __future__ import annotations

from pathlib import Path

from small_study import write_small_study

POLICE_NAMES = ("幸福路派出所", "红雁池警务室")
POLICE_IDS = ("POL-77-G", "POL-77-H")
# The exact places, as they must not appear anywhere.
PLACES = ((87.6150371, 43.7986729), (87.6275283, 43.7901347))
_ROWS = "".join(
    f"{station_id},{name},police_station,township,household_certificate,24小时,,existing,local,,{lon},{lat}\n"
    for station_id, name, (lon, lat) in zip(POLICE_IDS, POLICE_NAMES, PLACES, strict=True)
)


def write_police_study(folder: Path) -> Path:
    """Write the study and return the path of its ``study.toml``."""
    path = write_small_study(folder)
    with (folder / "stations.csv").open("a", encoding="utf-8") as file:
        file.write(_ROWS)
    return path


def spell_places() -> list[bytes]:
    """Spell the hidden places as regular expressions: a coordinate to five decimals or more, or a pair to four."""
    spelled = []
    for lon, lat in PLACES:
        spelled += [f"{value:.{digits}f}" for value in (lon, lat) for digits in (5, 6, 7)]
        for one, other in ((lon, lat), (lat, lon)):
            spelled += [rf"{one:.{digits}f}[^0-9.]{{1,12}}{other:.{digits}f}" for digits in (3, 4)]
    return [rf"(?<![\d.]){one}(?!\d)".encode() for one in dict.fromkeys(spelled)]
