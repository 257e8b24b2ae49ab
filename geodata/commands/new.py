"""The command that packs a new study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from geodata.commands.command_line import FILE, Number, StderrProgress, command, split_list, tell_issues
from geodata.intake.cells.datum import DATUMS
from geodata.intake.measured_regions import find_region
from geodata.intake.read_boundaries import read_districts
from geodata.studies.new_study import NewStudy, create_pack, propose_area_region
from geodata.words.i18n import Translator


@click.command()
@click.option("--area", required=True, type=FILE, help="Polygons of the study area or its districts.")
@click.option("--population", required=True, type=FILE, help="Table, GeoTIFF or polygons with people.")
@click.option("--roads", type=FILE, help="Road file; without it only the provision rate can be given.")
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
    "--items",
    callback=split_list,
    help="Service items the study is about; those of every service category with a point.",
)
@click.option(
    "--province", default="", help="Whose measured car speeds: CN-XJ, 65, 新疆, Xinjiang; by the area if not given."
)
@click.option("--out", required=True, type=FILE, help="Pack to write (.zip).")
@command
def new(out: Path, items: tuple[str, ...] | None, province: str, translator: Translator, **made_of: Any) -> None:
    """Make a study of one area and pack it into one file that others can open."""
    if province:
        region = find_region(province)
    else:
        area = read_districts(made_of["area"], datum=made_of["area_datum"], assumed_crs=made_of["area_crs"])[0]
        region = propose_area_region(area)
    asked = NewStudy(items=items or (), province=region.id, **made_of)
    tell_issues(create_pack(out, asked, progress=StderrProgress(translator)), translator)
    name = region.name.zh if translator.language == "zh_CN" else region.name.en
    click.echo(translator("cli.province", name=name, id=region.id), err=True)
    if made_of["roads"] is None:
        click.echo(translator("cli.established_only"), err=True)
    click.echo(out)
