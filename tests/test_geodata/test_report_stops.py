"""A workbook and a page can be stopped before each of their parts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coverage.errors import CancelledError
from coverage.progress import Progress
from geodata.documents.content.document import Document
from geodata.documents.sheets.excel import render_xlsx
from geodata.documents.web.html import render_html
from tests.hostile_document import build_document


@pytest.mark.parametrize("render", [render_xlsx, render_html])
def test_a_file_stops_before_each_of_its_parts(render: Callable[[Document, Progress], bytes]) -> None:
    """The share done grows with every sheet, section and map, and saying no at any of them ends the work there."""
    document = build_document()
    shares: list[float] = []

    def listen(share: float, step: str) -> bool:
        shares.append(share)
        return True

    whole = render(document, listen)
    maps = [one for one in document.figures() if one.figure.kind == "map"]
    parts = len(document.tables()) + 1 if render is render_xlsx else len(document.sections) + len(maps)
    assert len(shares) == parts > 2
    assert shares == sorted(set(shares))
    assert 0.0 <= shares[0] <= shares[-1] < 1.0
    for stop in (0, parts // 2, parts - 1):
        heard: list[float] = []

        def refuse(share: float, step: str, heard: list[float] = heard, stop: int = stop) -> bool:
            heard.append(share)
            return len(heard) <= stop

        with pytest.raises(CancelledError):
            render(document, refuse)
        assert heard == shares[: stop + 1]
    assert render(document, listen) == whole
