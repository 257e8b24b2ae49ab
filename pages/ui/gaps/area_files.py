"""Areas to take away from the Coverage page: gaps and service areas as GeoJSON and GeoPackage."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import streamlit as st

from coverage.inputs.question import Question
from coverage.inputs.study import Study
from geodata.answers.write_assessment import name_download
from geodata.files.write_areas import hide_police_places, write_geojson, write_geopackage
from geodata.words.i18n import Translator
from pages.ui import markup
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached

_GEOJSON, _GEOPACKAGE = "application/geo+json", "application/geopackage+sqlite3"


def draw_files(study: Study, question: Question, tr: Translator) -> None:
    """Draw the button that draws the areas and, once they are there, the files."""
    markup.note(tr("files.note"))
    ready = cached.ask(study, question).has("areas") and cached.ask(study, question).has("gaps")
    if not ready and not st.button(tr("files.prepare"), key="w_prepare_files", type="primary"):
        return
    with shown_progress(tr, "doing.remedies") as progress:
        gaps = cached.ask(study, question).get("gaps", progress)[0]
    with shown_progress(tr, "doing.areas") as progress:
        areas = cached.ask(study, question).get("areas", progress)
    with st.container(horizontal=True):
        _draw_file(study, "gaps.geojson", _GEOJSON, lambda path: write_gaps(path, study, gaps), tr)
        _draw_file(study, "service_areas.geojson", _GEOJSON, lambda path: write_areas(path, study, areas), tr)
        _draw_file(study, "coverage.gpkg", _GEOPACKAGE, lambda path: write_package(path, study, gaps, areas), tr)


def _draw_file(study: Study, name: str, kind: str, write: Callable[[Path], Path], tr: Translator) -> None:
    stem = name.replace(".", "_")

    def read() -> bytes:
        with tempfile.TemporaryDirectory(prefix="areas-") as folder:
            return write(Path(folder) / name).read_bytes()

    st.download_button(
        tr(f"files.{stem}"),
        data=read,
        file_name=name_download(study, name),
        mime=kind,
        on_click="ignore",
        key=f"w_file_{stem}",
    )


def _describe(study: Study) -> dict[str, object]:
    return {"schematic": study.schematic, "attribution": study.attribution}


def write_gaps(path: Path, study: Study, gaps: gpd.GeoDataFrame) -> Path:
    """Write the gaps with what would help; exact positions of police places are left out."""
    return write_geojson(path, hide_police_places(gaps, study), members=_describe(study))


def write_areas(path: Path, study: Study, areas: gpd.GeoDataFrame) -> Path:
    """Write the service areas, all stations together."""
    return write_geojson(path, areas, members=_describe(study))


def write_package(path: Path, study: Study, gaps: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> Path:
    """Write both as the layers of one file."""
    return write_geopackage(path, {"gaps": hide_police_places(gaps, study), "service_areas": areas})
