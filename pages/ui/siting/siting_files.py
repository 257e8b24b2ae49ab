"""Files to take away from the Sites page."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import streamlit as st

from coverage.access.remedies import POLICE_FAMILY
from coverage.inputs.study import Study
from geodata.answers.run_siting import Suggestion
from geodata.answers.write_assessment import name_download
from geodata.answers.write_suggestion import draw_sites, to_station_file
from geodata.files.write_areas import write_geojson
from geodata.words.i18n import Translator
from pages.ui import markup
from pages.ui.downloads import to_csv_bytes

_CSV, _GEOJSON = "text/csv", "application/geo+json"


def draw_files(study: Study, chosen: Suggestion, tr: Translator) -> None:
    """Draw a button for each file."""
    files: dict[str, Callable[[], bytes]] = {
        "sites.csv": lambda: to_csv_bytes(pd.DataFrame(draw_sites(study, chosen).drop(columns="geometry"))),
        "frontier.csv": lambda: to_csv_bytes(chosen.frontier),
        "sites.geojson": lambda: encode_sites(study, chosen),
        "stations_after.csv": lambda: to_csv_bytes(hide_police(study, chosen.stations_after)),
        "unserved.csv": lambda: to_csv_bytes(chosen.unserved),
    }
    if len(chosen.services):
        files["services.csv"] = lambda: to_csv_bytes(chosen.services)
    if len(chosen.years):
        files["plan.csv"] = lambda: to_csv_bytes(chosen.years)
    if len(chosen.rejected):
        files["rejected.csv"] = lambda: to_csv_bytes(chosen.rejected)
    with st.container(horizontal=True):
        for name, data in files.items():
            stem = name.replace(".", "_")
            st.download_button(
                tr(f"siting.file.{stem}"),
                data=data,
                file_name=name_download(study, name),
                mime=_GEOJSON if name.endswith(".geojson") else _CSV,
                on_click="ignore",
                key=f"w_siting_file_{stem}",
            )
    markup.note(tr("siting.files_note"))


def encode_sites(study: Study, chosen: Suggestion) -> bytes:
    """Write the sites as GeoJSON; exact positions of police places are left out."""
    members: dict[str, object] = {"schematic": study.schematic, "attribution": study.attribution}
    with tempfile.TemporaryDirectory(prefix="sites-") as folder:
        return write_geojson(Path(folder) / "sites.geojson", draw_sites(study, chosen), members=members).read_bytes()


def hide_police(study: Study, stations: pd.DataFrame) -> pd.DataFrame:
    """Return a table of stations to hand out, without the exact positions of police places."""
    police = {kind.id for kind in study.catalogue.kinds if kind.family == POLICE_FAMILY}
    hidden = stations["kind"].isin(police)
    table = to_station_file(study, stations)
    return table.assign(lon=table["lon"].mask(hidden), lat=table["lat"].mask(hidden)).reset_index()
