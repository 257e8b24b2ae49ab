"""One report in any format: worded once, rendered once."""

from __future__ import annotations

from coverage.errors import InputError
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.report.value import Report
from geodata.i18n import resolve_language
from geodata.report.layer_tables import ReportLayers
from geodata.report.wording import word_report

FORMATS: tuple[str, ...] = ("pdf", "docx", "xlsx", "html", "gpkg", "zip")


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
        After redaction; a merged report has no layers.
    kind
        One of `FORMATS`.
    language
        Of every word in it.
    progress
        Told when it begins and when it is done.

    Raises
    ------
    InputError
        ``report.unknown_format``; ``report.not_merged`` for layers where there are none.
    """
    if kind not in FORMATS:
        raise InputError("report.unknown_format", value=kind[:20], known=", ".join(FORMATS))
    report_progress(progress, 0.0, f"report_{kind}")
    document = word_report(report, resolve_language(language))
    # Each format has libraries of its own, which the others need not wait for.
    if kind == "pdf":
        from geodata.report.pdf import render_pdf

        content = render_pdf(document)
    elif kind == "xlsx":
        from geodata.report.excel import render_xlsx

        content = render_xlsx(document)
    elif kind == "html":
        from geodata.report.html import render_html

        content = render_html(document)
    else:
        raise NotImplementedError(kind)
    report_progress(progress, 1.0, f"report_{kind}")
    return content
