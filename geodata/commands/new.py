"""The command that packs a new study."""

from __future__ import annotations

from pathlib import Path

import click

from geodata.command_line import FILE, Number, StderrProgress, command, tell_issues
from geodata.i18n import Translator
from geodata.new_study import create_pack


@click.command()
@click.option("--area", required=True, type=FILE, help="Polygons of the study area or its districts.")
@click.option("--population", required=True, type=FILE, help="Table, GeoTIFF or polygons with people.")
@click.option("--roads", type=FILE, help="Road file; without it only the established rate can be given.")
@click.option("--stations", type=FILE, help="Table or layer of stations.")
@click.option("--name", default="", help="Name of the study.")
@click.option("--margin-km", type=Number(0, 500), default=60.0, show_default=True)
@click.option("--cell-m", type=Number(50, 20_000), default=500.0, show_default=True)
@click.option("--out", required=True, type=FILE, help="Pack to write (.zip).")
@command
def new(
    area: Path,
    population: Path,
    roads: Path | None,
    stations: Path | None,
    name: str,
    margin_km: float,
    cell_m: float,
    out: Path,
    translator: Translator,
) -> None:
    """Make a study of one area and pack it into one file that others can open."""
    issues = create_pack(
        out,
        area=area,
        population=population,
        roads=roads,
        stations=stations,
        name=name,
        margin_km=margin_km,
        cell_m=cell_m,
        progress=StderrProgress(translator),
    )
    tell_issues(issues, translator)
    if roads is None:
        click.echo(translator("cli.established_only"), err=True)
    click.echo(out)
