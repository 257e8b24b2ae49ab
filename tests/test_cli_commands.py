"""The list of commands: loaded one by one, and told in the words of each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli import COMMANDS, main

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_list_tells_what_the_command_tells(name: str) -> None:
    """The line in the list is how the help of the command itself begins, under the name it is asked for by."""
    found = main.get_command(click.Context(main), name)
    assert found is not None
    assert (found.help or "").startswith(COMMANDS[name][1])
    assert found.name == name


def test_a_name_that_is_none_is_refused() -> None:
    """An unknown command ends with a usage error that names it, not with a failed import."""
    result = CliRunner().invoke(main, ["os"])
    assert result.exit_code == 2
    assert "os" in result.output


@pytest.mark.parametrize(
    ("asked", "absent"),
    [
        ("", ("numpy", "geodata")),
        ("geodata.commands.demo", ("scipy", "highspy", "geodata.studies.open_study")),
        (
            "geodata.commands.assess",
            ("highspy", "osmium", "scipy.ndimage", "babel", "geodata.answers.run_siting", "folium"),
        ),
        ("geodata.commands.locate", ("geodata.studies.open_study", "osmium")),
    ],
)
def test_a_command_waits_for_no_library_of_another(asked: str, absent: tuple[str, ...]) -> None:
    """Listing loads no library at all, and a command none that it does not use."""
    code = (
        f"import sys, cli{f', {asked}' if asked else ''}; print(*[name for name in {absent!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
