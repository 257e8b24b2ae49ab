"""The summary of the Word report: its sentences on one page, in the official size of type as long as they fit."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from geodata.documents.content.document import Paragraph
from geodata.documents.paper.fonts import measure
from geodata.documents.paper.sheet import TEXT_WIDTH_MM, points_to_mm

# Sizes of type and heights of a line [pt]: the official ones first.
_CHOICES: tuple[tuple[float, float], ...] = ((16, 28), (16, 26), (16, 24), (15, 23), (14, 21), (12, 18))
_PAGE_PT = 637.0  # text of an official page: 297 mm less 37 and 35
_HEADING_PT, _HEADLINE_PT = 48.0, 16.0  # with what is free around
_HEADLINE_SIZE, _HEADLINE_LINE = 16.0, 28.0
_INDENT_EM = 2.0
_GAP_EM = 0.25  # that Word leaves between Chinese and other signs
_LOST_EM = 1.0  # at the end of a line, where a sign may not begin the next
_SWITCH = re.compile(r"(?<=[\u4e00-\u9fff])(?=[!-~])|(?<=[!-~])(?=[\u4e00-\u9fff])")
FIGURE_SHARE = 0.8  # of the width of the text, so that the map and both tables are one page too


def fit_summary(blocks: Sequence[object]) -> tuple[float, float]:
    """Choose size and height of a line [pt] with which the sentences of a Chinese summary stand on one page.

    Parameters
    ----------
    blocks
        Of the section; what is no paragraph comes on the next page.

    Returns
    -------
    The official size and line where that fits, else the nearest to it that does; the smallest if none does.
    """
    texts = [block for block in blocks if isinstance(block, Paragraph)]
    for size, line in _CHOICES:
        height = _HEADING_PT
        for block in texts:
            if block.look == "headline":
                height += _HEADLINE_PT + _HEADLINE_LINE * _count_lines(block.text, _HEADLINE_SIZE, 0.0)
            else:
                height += line * _count_lines(block.text, size, _INDENT_EM)
        if height <= _PAGE_PT:
            break
    return size, line


def _count_lines(text: str, size: float, indent_em: float) -> int:
    room = TEXT_WIDTH_MM / points_to_mm(size) - _LOST_EM
    length = measure(text) + _GAP_EM * len(_SWITCH.findall(text)) + indent_em
    return max(math.ceil(length / room), 1)
