"""The command that packs a new study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from geodata.command_line import FILE, Number, StderrProgress, command, split_list, tell_issues
from geodata.datum import DATUMS
from geodata.i18n import Translator
from geodata.new_study import NewStudy, create_pack


@click.command()
@click.option("--area", required=True, type=FILE, help="Polygons of the study area or its districts.")
@click.option("--population", required=True, type=FILE, help="Table, GeoTIFF or polygons with people.")
@click.option("--roads", type=FILE, help="Road file; without it only the established rate can be given.")
@click.option("--stations", type=FILE, help="Table or layer of stations.")
@click.option("--name", default="", help="Name of the study.")
@click.option("--margin-km", type=Number(0, 500), default=60.0, show_default=True)
@click.option("--cell-m", type=Number(50, 20_000), default=500.0, show_default=True)
@click.option("--area-datum", type=click.Choice(DATUMS), help="Of the outlines; those of DataV are gcj02.")
@click.option("--population-datum", type=click.Choice(DATUMS), help="Of the positions of people.")
@click.option("--stations-datum", type=click.Choice(DATUMS), help="Of the positions of stations.")
@click.option("--area-crs", help="Coordinate system of an area without one, e.g. EPSG:4490.")
@click.option("--population-crs", help="Coordinate system of a raster or layer of people without one.")
@click.option("--stations-crs", help="Coordinate system of a layer of stations without one.")
@click.option(
    "--items", callback=split_list, help="Service items the study is about; those of every family with a point."
)
@click.option("--out", required=True, type=FILE, help="Pack to write (.zip).")
@command
def new(out: Path, items: tuple[str, ...] | None, translator: Translator, **made_of: Any) -> None:
    """Make a study of one area and pack it into one file that others can open."""
    asked = NewStudy(items=items or (), **made_of)
    tell_issues(create_pack(out, asked, progress=StderrProgress(translator)), translator)
    if made_of["roads"] is None:
        click.echo(translator("cli.established_only"), err=True)
    click.echo(out)
