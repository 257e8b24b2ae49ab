"""The command that writes the demo study."""

from __future__ import annotations

from pathlib import Path

import click

from geodata.commands.command_line import FILE, command
from geodata.studies.demo import write_demo
from geodata.words.i18n import Translator


@click.command()
@click.argument("folder", type=FILE)
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
@command
def demo(folder: Path, force: bool, translator: Translator) -> None:
    """Write the schematic demo study into FOLDER."""
    for path in write_demo(folder, force=force):
        click.echo(path)
