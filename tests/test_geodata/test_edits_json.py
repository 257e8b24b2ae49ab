"""Edits as JSON: what is written is read back, and hostile files are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from told_faults import tell_faults

from coverage.errors import InputError, PlannerError
from coverage.network.closures import Closure
from coverage.scenario.edits import (
    AddMobileStop,
    AddStation,
    ChangeStation,
    CloseRoads,
    CloseStation,
    MoveStation,
    ReopenStation,
    SetThreshold,
    SlowRoads,
)
from geodata.studies.edits_json import parse_edits, read_edits, write_edits

_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_degrees = st.floats(-85, 85)
_amounts = st.none() | st.floats(0, 1e9)
_places = st.builds(Closure, _texts, st.lists(st.tuples(_degrees, _degrees), min_size=1, max_size=4).map(tuple))
_services = st.none() | st.lists(_texts, max_size=3).map(tuple)
_new = {"services": _services, "capacity": _amounts, "cost": _amounts}
EDITS = st.one_of(
    st.builds(AddStation, _texts, _degrees, _degrees, _texts, _texts, _texts, hours=_texts, code=_texts, **_new),
    st.builds(AddMobileStop, _texts, _degrees, _degrees, _texts, **_new),
    st.builds(MoveStation, _texts, _degrees, _degrees),
    st.builds(CloseStation, _texts),
    st.builds(ReopenStation, _texts),
    st.builds(ChangeStation, _texts, _services, st.none() | _texts, _amounts, st.none() | _texts),
    st.builds(CloseRoads, _places),
    st.builds(SlowRoads, _places, st.floats(0.01, 5)),
    st.builds(SetThreshold, st.floats(0, 1440)),
)


@given(st.lists(EDITS, max_size=6).map(tuple))
def test_what_is_written_is_read_back(edits: tuple[object, ...]) -> None:
    """Every kind of edit survives the way through JSON, type and all, and the text is the same again."""
    text = write_edits(edits)  # type: ignore[arg-type]
    read = parse_edits(text)
    assert read == edits
    assert [type(one) for one in read] == [type(one) for one in edits]
    assert write_edits(read) == text


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.not_json"),
        (b"[" * 100_000, "file.not_json"),
        (b'{"format": 1, "format": 1, "edits": []}', "file.not_json"),
        (b'{"format": 1, "edits": [{"type": "set_threshold", "minutes": NaN}]}', "file.not_json"),
        (b'{"format": 1, "edits": [{"type": "close_station", "station_id": "\\ud800"}]}', "file.not_json"),
        (b"\xff\xfe", "file.not_json"),
        (b"[]", "edits.format_unknown"),
        (b'{"format": 2, "edits": []}', "edits.format_unknown"),
        (b'{"format": true, "edits": []}', "edits.format_unknown"),
        (b'{"format": 1, "edits": {}}', "edits.invalid"),
        (b'{"format": 1, "edits": [7]}', "edits.invalid"),
        (b'{"format": 1, "edits": [{"type": ["x"]}]}', "edits.invalid"),
        (b'{"format": 1, "edits": [{"type": "explode"}]}', "edits.invalid"),
        (b'{"format": 1, "edits": [], "more": 1}', "edits.invalid"),
        (b'{"format": 1, "edits": [{"type": "close_station"}]}', "edits.invalid"),
        (b'{"format": 1, "edits": [{"type": "close_station", "station_id": 7}]}', "edits.invalid"),
        (b'{"format": 1, "edits": [{"type": "close_station", "station_id": "a", "x": 1}]}', "edits.invalid"),
        (b'{"format": 1, "edits": [{"type": "set_threshold", "minutes": true}]}', "edits.invalid"),
        (b'{"format": 1, "edits": [{"type": "set_threshold", "minutes": 1e999}]}', "edits.invalid"),
        (b'{"format": 1, "edits": [{"type": "close_roads", "closure": {"coordinates": []}}]}', "edits.invalid"),
        (b'{"format": 1, "edits": [{"type": "close_roads", "closure": {"coordinates": [[1,2,3]]}}]}', "edits.invalid"),
    ],
)
def test_hostile_files_are_refused(content: bytes, code: str, tmp_path: Path) -> None:
    """Broken, oversized, ambiguous and unknown content ends in an error with a code, never in a crash."""
    path = tmp_path / "edits.json"
    path.write_bytes(content or b" ")
    with pytest.raises(PlannerError) as caught:
        read_edits(path)
    assert caught.value.code == code


def test_a_number_beyond_all_bounds_is_refused() -> None:
    """An integer of four hundred digits is no longitude."""
    number = "9" * 400
    with pytest.raises(InputError, match=r"edits\.invalid"):
        parse_edits(f'{{"format": 1, "edits": [{{"type": "set_threshold", "minutes": {number}}}]}}')


def test_all_faults_are_listed_with_their_numbers() -> None:
    """Two faulty edits of three are named together."""
    text = '{"format":1,"edits":[{"type":"a"},{"type":"close_station","station_id":"s"},{"type":"close_station"}]}'
    with pytest.raises(InputError) as caught:
        parse_edits(text)
    assert caught.value.context["count"] == 2
    told = tell_faults(caught.value).splitlines()
    assert told[0].startswith("Edit 1: type “a” is not known; use one of: add_station, ")
    assert told[1] == "Edit 3: “station_id” is missing."
