"""One report in any format: worded once, rendered once."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from coverage.errors import InputError
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.tables.report_value import Report
from geodata.documents.content.document import Document
from geodata.documents.content.word_report import word_report
from geodata.documents.gis.layer_tables import ReportLayers
from geodata.words.i18n import resolve_language
from geodata.words.unit_names import name_units

_DRAWING = 0.8  # of the work; the rest is one call of the typesetter


def render_report(
    report: Report,
    layers: ReportLayers | None,
    kind: str,
    *,
    language: str = "zh_CN",
    progress: Progress = ignore_progress,
) -> bytes:
    """Render a report in one of `FORMATS`; equal reports give equal bytes.

    Parameters
    ----------
    report, layers
        After redaction; None where only the words are wanted.
    kind
        One of `FORMATS`.
    language
        Of every word in it.
    progress
        Told the share done.

    Raises
    ------
    InputError
        ``report.unknown_format``; ``report.not_merged`` for a file of layers where there are none.
    """
    if kind not in FORMATS:
        raise InputError("report.unknown_format", value=kind[:20], known=", ".join(FORMATS))
    report_progress(progress, 0.0, f"report_{kind}")
    document = word_report(report, resolve_language(language))
    if layers is not None:
        layers = replace(layers, gaps=name_units(layers.gaps, document.language))
    content = _RENDERERS[kind](document, layers, progress)
    report_progress(progress, 1.0, f"report_{kind}")
    return content


# Each format has libraries of its own, which the others need not wait for.


def _render_pdf(document: Document, layers: ReportLayers | None, progress: Progress) -> bytes:
    from geodata.documents.paper.pdf import render_pdf

    return render_pdf(document, _draw(document, progress, "report_pdf"))


def _render_docx(document: Document, layers: ReportLayers | None, progress: Progress) -> bytes:
    from geodata.documents.paper.word import render_docx

    return render_docx(document, _draw(document, progress, "report_docx"))


def _draw(document: Document, progress: Progress, step: str) -> dict[str, bytes]:
    from geodata.documents.paper.pictures import draw_figures

    return draw_figures(document, lambda done: report_progress(progress, _DRAWING * done, step))


def _render_xlsx(document: Document, layers: ReportLayers | None, progress: Progress) -> bytes:
    from geodata.documents.sheets.excel import render_xlsx

    return render_xlsx(document, progress)


def _render_html(document: Document, layers: ReportLayers | None, progress: Progress) -> bytes:
    from geodata.documents.web.html import render_html

    return render_html(document, progress)


def _render_gpkg(document: Document, layers: ReportLayers | None, progress: Progress) -> bytes:
    from geodata.documents.gis.layer_files import write_gpkg

    if layers is None:
        raise InputError("report.not_merged", value="gpkg")
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        return write_gpkg(document, layers, Path(folder) / "report.gpkg").read_bytes()


def _render_zip(document: Document, layers: ReportLayers | None, progress: Progress) -> bytes:
    from geodata.documents.archive import write_zip
    from geodata.documents.paper.pictures import draw_figure, drawing_beside

    with tempfile.TemporaryDirectory(prefix="report-") as folder, drawing_beside() as beside:
        drawings = [beside.submit(draw_figure, document, drawn, is_alone=True) for drawn in document.figures()]

        def wait() -> Iterator[bytes]:
            for number, drawing in enumerate(drawings):
                report_progress(progress, number / len(drawings), "report_zip")
                yield drawing.result()

        return write_zip(document, layers, Path(folder) / "report.zip", pictures=wait()).read_bytes()


_RENDERERS: dict[str, Callable[[Document, ReportLayers | None, Progress], bytes]] = {
    "pdf": _render_pdf,
    "docx": _render_docx,
    "xlsx": _render_xlsx,
    "html": _render_html,
    "gpkg": _render_gpkg,
    "zip": _render_zip,
}
FORMATS: tuple[str, ...] = tuple(_RENDERERS)
