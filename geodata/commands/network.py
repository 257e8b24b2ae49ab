"""The command that builds the road network of a file."""

from __future__ import annotations

from pathlib import Path

import click

from coverage.network.settings import MODES, Mode
from geodata.commands.command_line import FILE, StderrProgress, command, tell_issues
from geodata.files.folders import network_cache_folder
from geodata.files.write_tables import write_json
from geodata.intake.measured_regions import read_default_speeds
from geodata.intake.read_speeds import read_speeds
from geodata.roads.network_cache import open_network, write_network
from geodata.roads.network_report import describe_network
from geodata.words.i18n import Translator


@click.command()
@click.argument("file", type=FILE)
@click.option("--mode", type=click.Choice(MODES), default="drive", show_default=True)
@click.option("--speeds", type=FILE, help="Speed table; its classes are the roads that are kept.")
@click.option("--ferries", is_flag=True, help="Use ferry lines.")
@click.option("--out", required=True, type=FILE, help="Folder for network.json and network.npz.")
@command
def network(file: Path, mode: Mode, speeds: Path | None, ferries: bool, out: Path, translator: Translator) -> None:
    """Build the road network of FILE and print its counts."""
    table = read_speeds(speeds) if speeds else read_default_speeds(mode)
    folder = network_cache_folder()
    progress = StderrProgress(translator)
    built, issues = open_network(file, mode, table.classes, folder=folder, ferries=ferries, progress=progress)
    report = describe_network(built)
    write_network(built, issues, out / "network.npz")
    write_json(out / "network.json", report)
    tell_issues(issues, translator)
    for name, value in report.items():
        click.echo(f"{name}: {value}")
