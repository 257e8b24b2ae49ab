"""The Chinese font inside an HTML file: only the characters it needs, for machines that have no such font."""

from __future__ import annotations

import io

from fontTools import subset
from fontTools.ttLib import TTFont

from geodata.documents.paper.fonts import find_chinese_font


def subset_font(text: str) -> bytes:
    """Make a font with the characters of a text as far as Noto Sans SC has them.

    Parameters
    ----------
    text
        Everything that is to be drawn, in any order.

    Returns
    -------
    A WOFF file; equal sets of characters give equal bytes.
    """
    options = subset.Options()
    options.flavor = "woff"
    options.layout_features = []
    options.hinting = False
    options.name_IDs = []
    options.recalc_timestamp = False
    options.drop_tables += ["vhea", "vmtx", "VORG", "GSUB", "GPOS", "GDEF", "BASE"]
    stream = io.BytesIO()
    with TTFont(find_chinese_font(), lazy=True, recalcTimestamp=False) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=sorted({ord(each) for each in text if each.isprintable()}))
        cutter.subset(font)
        font.flavor = "woff"
        font.save(stream, reorderTables=True)
    return stream.getvalue()
