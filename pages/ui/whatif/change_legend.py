"""The legend of a picture of change: who gains, who loses, and who is sooner or later there."""

from __future__ import annotations

import numpy as np

from geodata.maps.labels import Markup
from geodata.maps.palette import FASTER_COLOUR, GAIN_COLOUR, LOSS_COLOUR, SAME_COLOUR, SLOWER_COLOUR
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import markup, terms
from pages.ui.memo.cached_whatif import Outcome


def draw_change_legend(found: Outcome, tr: Translator) -> None:
    """Draw the colours with the people of each, and the places outside the threshold."""
    delta = found.comparison
    unit = terms.unit_suffix(found.assessment.weight_column, tr)
    hatch = f"background: repeating-linear-gradient(135deg, {LOSS_COLOUR} 0 2px, {SLOWER_COLOUR} 2px 5px)"
    dot = "border-radius: 5px; width: 8px; height: 8px; background:"
    outside = found.assessment.totals.uncovered
    entries = [
        (f"background: {GAIN_COLOUR}", "gain", delta.newly_covered),
        (hatch, "loss", delta.newly_lost),
        (f"background: {FASTER_COLOUR}", "faster", delta.faster - delta.newly_covered),
        (f"background: {SLOWER_COLOUR}", "slower", delta.slower - delta.newly_lost),
        (f"background: {SAME_COLOUR}", "same", np.nan),
        (f"{dot} #9C3B1B", "outside", outside),
    ]
    spans = []
    for style, name, people in entries:
        said = number_format.people_short(float(people), tr.language) + unit if np.isfinite(people) else ""
        number = markup.element("u", markup.words(said)) if said else Markup("")
        spans.append(
            markup.element("span", markup.element("i", style=style), markup.words(tr(f"whatif.legend.{name}")), number)
        )
    markup.put(markup.element("div", *spans, look="p-legend"))
