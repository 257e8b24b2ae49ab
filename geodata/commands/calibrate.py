"""The command that fits a study's car speeds to trips whose minutes are known."""

from __future__ import annotations

from pathlib import Path

import click

from coverage.errors import InputError
from geodata.answers.calibration_words import list_groups, say_result, say_source
from geodata.answers.run_calibration import run_calibration, save_calibration
from geodata.commands.command_line import FILE, StderrProgress, command, tell_issues
from geodata.files.folders import network_cache_folder
from geodata.files.write_tables import write_bytes, write_csv
from geodata.intake.cells.datum import DATUMS, Datum
from geodata.intake.read_trips import TEMPLATE, read_trips
from geodata.studies.open_study import open_study
from geodata.studies.pack import find_study
from geodata.words.i18n import Translator


@click.command("calibrate")
@click.argument("study", type=FILE)
@click.option("--trips", type=FILE, help="Table: from, to or from_lon, from_lat, to_lon, to_lat; minutes; season.")
@click.option("--datum", type=click.Choice(DATUMS), default="wgs84", help="Of the positions of the trips.")
@click.option("--out", type=FILE, help="CSV with the trips before and after the fit.")
@click.option("--dry-run", is_flag=True, help="Fit and print, but leave the study as it is.")
@click.option("--template", type=FILE, help="Write an empty table of trips and stop.")
@command
def calibrate_command(
    study: Path,
    trips: Path | None,
    datum: Datum,
    out: Path | None,
    dry_run: bool,
    template: Path | None,
    translator: Translator,
) -> None:
    """Fit the car speeds of STUDY to known trips and save them as its speed table."""
    if template is not None:
        write_bytes(template, TEMPLATE[translator.language].encode("utf-8-sig"))
        click.echo(template)
        return
    if trips is None:
        raise click.UsageError("--trips")
    if study.suffix.lower() == ".zip" and not dry_run:
        raise InputError("calibration.in_pack", file=study.name)
    progress = StderrProgress(translator)
    path = find_study(study)
    opened = open_study(path, cache=network_cache_folder(), progress=progress)
    read = read_trips(trips, opened, datum=datum)
    tell_issues(read.issues, translator)
    run = run_calibration(opened, read, progress=progress)
    tell_issues(run.issues[len(read.issues) :], translator)
    for row, trip in run.trips.iterrows():
        click.echo(
            translator(
                "calibration.trip",
                row=str(row),
                start=trip["from"],
                end=trip["to"],
                minutes=f"{trip['minutes']:.1f}",
                before=f"{trip['before_min']:.1f}",
                after=f"{trip['after_min']:.1f}",
                residual=f"{100.0 * trip['residual']:+.0f}%",
            )
        )
    for line in (*list_groups(run, translator), *say_result(run, opened.settings.cutoff_min, translator)):
        click.echo(line)
    if out is not None:
        write_csv(out, run.trips.reset_index())
        click.echo(out)
    if dry_run:
        return
    saving = save_calibration(path, run, say_source(run, trips.name))
    before = next((source.path for source in opened.sources if source.role == "speeds"), "")
    click.echo(translator("calibration.kept", file=before) if before else translator("calibration.kept_default"))
    click.echo(saving.path)
