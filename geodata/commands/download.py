"""The command that downloads roads."""

from __future__ import annotations

from pathlib import Path

import click

from coverage.network.settings import MODES, Mode
from geodata.commands.command_line import FILE, Number, StderrProgress, command
from geodata.files.folders import downloads_folder
from geodata.files.write_tables import write_bytes
from geodata.intake.read_boundaries import read_districts
from geodata.roads.download_roads import NOMINATIM_URL, OVERPASS_URL, download_roads
from geodata.studies.new_study import add_margin
from geodata.words.i18n import Translator


@click.command()
@click.option("--place", default="", help="Name of a place with an outline, e.g. a county.")
@click.option("--area", type=FILE, help="Polygons of the study area instead of a name.")
@click.option("--margin-km", type=Number(0, 500), default=60.0, show_default=True, help="Around the area of a file.")
@click.option("--mode", type=click.Choice(MODES), default="drive", show_default=True)
@click.option("--overpass", default=OVERPASS_URL, show_default=True, help="Server that gives the roads.")
@click.option("--nominatim", default=NOMINATIM_URL, show_default=True, help="Server that knows names of places.")
@click.option("--out", required=True, type=FILE, help="Road file to write (.osm.pbf).")
@command
def download(
    place: str,
    area: Path | None,
    margin_km: float,
    mode: Mode,
    overpass: str,
    nominatim: str,
    out: Path,
    translator: Translator,
) -> None:
    """Download roads from OpenStreetMap. The only command that uses the internet: it sends the name or outline."""
    if bool(place) == (area is not None):
        raise click.UsageError("--place, --area")
    wanted = place if area is None else add_margin(read_districts(area)[0].geometry.union_all(), margin_km)
    found = download_roads(
        wanted,
        mode,
        folder=downloads_folder(),
        progress=StderrProgress(translator),
        overpass_url=overpass,
        nominatim_url=nominatim,
    )
    write_bytes(out, found.read_bytes())
    click.echo(out)
