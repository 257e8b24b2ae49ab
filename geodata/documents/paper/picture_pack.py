"""The maps and charts of a report as pictures in one archive, each to be read without the report."""

from __future__ import annotations

import io
import zipfile

from coverage.progress import Progress, ignore_progress, report_progress
from geodata.documents.content.document import Document
from geodata.documents.paper.pictures import draw_figure

_FIXED_TIME = (2000, 1, 1, 0, 0, 0)


def pack_pictures(document: Document, *, progress: Progress = ignore_progress) -> bytes:
    """Draw every figure of a report as PNG at print resolution, with title, legend, source and marks, into a ZIP.

    Parameters
    ----------
    document
        After redaction.
    progress
        Told the share of the figures drawn.

    Returns
    -------
    The archive, with ``01_<id>.png``, … in the order of the report; equal documents give equal bytes.
    """
    stream = io.BytesIO()
    figures = document.figures()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:  # PNG is packed already
        for number, figure in enumerate(figures, start=1):
            report_progress(progress, (number - 1) / len(figures), "report_png")
            member = zipfile.ZipInfo(f"{number:02d}_{figure.figure.id}.png", _FIXED_TIME)
            archive.writestr(member, draw_figure(document, figure, is_alone=True))
    return stream.getvalue()
