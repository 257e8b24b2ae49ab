"""Damaged files of every format, a few hundred of them: read, or refused in our own words."""

from __future__ import annotations

import random

import pytest

from scripts.fuzz.mutate import mutate
from scripts.fuzz_readers import main


@pytest.mark.slow
def test_no_damaged_file_is_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """Of 300 mutated files none raises what is not ours, hangs or takes all memory."""
    assert main(["--count", "300", "--seed", "11"]) == 0, capsys.readouterr().out


def test_the_same_number_gives_the_same_bytes() -> None:
    """An input can be made again from seed and number, and differs from the sound file."""
    content = bytes(range(256))
    made = [mutate(content, random.Random(f"3/{number}")) for number in range(20)]
    assert made == [mutate(content, random.Random(f"3/{number}")) for number in range(20)]
    assert sum(one != content for one in made) >= 18
