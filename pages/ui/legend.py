"""The legend beneath the map: bands with the people in each, and the symbols of the stations."""

from __future__ import annotations

import numpy as np

from coverage.access.assessment import Assessment
from coverage.inputs.question import Question
from coverage.inputs.stations import select_stations
from coverage.inputs.study import Study
from geodata.maps.labels import Markup
from geodata.maps.palette import NO_ROUTE_COLOUR, UNCONNECTED_COLOUR, build_bands, classify_minutes
from geodata.maps.symbols import draw_symbol, symbol_as_image
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import markup, terms

_TIMES = build_bands(1.0)
_HATCH = f"background: repeating-linear-gradient(135deg, {UNCONNECTED_COLOUR} 0 2px, #E4E6E9 2px 4px)"


def count_people_per_band(assessment: Assessment) -> list[float]:
    """Sum the people of every band of the assessment's threshold, in the order of the bands."""
    band = classify_minutes(assessment.demand["minutes"].to_numpy(np.float32), assessment.cutoffs_min)
    weight = assessment.demand["weight"].to_numpy(float)
    people: list[float] = np.bincount(band, weights=weight, minlength=7)[1:].tolist()
    return people


def draw_legend(assessment: Assessment, tr: Translator) -> None:
    """Draw the bands in force with the people in each."""
    unit = terms.unit_suffix(assessment.weight_column, tr)
    entries = []
    cutoffs = np.unique(assessment.cutoffs_min)
    # Where thresholds differ from place to place, the bands are told as multiples of the one in force there.
    is_one, suffix = len(cutoffs) == 1, "" if len(cutoffs) == 1 else "_times"
    bands = build_bands(float(cutoffs[0])) if is_one else _TIMES
    for band, people in zip(bands, count_people_per_band(assessment), strict=True):
        last = not np.isfinite(band.high_min)
        limit = band.low_min if last else band.high_min
        text = tr(f"band.{'over' if last else 'upto'}{suffix}", minutes=f"{limit:.2g}" if not is_one else f"{limit:g}")
        entries.append(_entry(f"background: {band.colour}", text, people, unit, tr))
    totals = assessment.totals
    entries.append(_entry(f"background: {NO_ROUTE_COLOUR}", tr("status.no_route"), totals.no_route, unit, tr))
    entries.append(_entry(_HATCH, tr("status.unconnected"), totals.unconnected, unit, tr))
    markup.put(markup.element("div", *entries, look="p-legend"))


def _entry(style: str, text: str, people: float, unit: str, tr: Translator) -> Markup:
    number = number_format.people_short(people, tr.language)
    return markup.element(
        "span",
        markup.element("i", style=style),
        markup.words(text),
        markup.element("u", markup.words(number + unit)),
    )


def draw_symbols(study: Study, question: Question, tr: Translator) -> None:
    """Draw what the shapes and sizes of the stations on the map mean."""
    catalogue = study.catalogue
    chosen = study.stations[select_stations(study.stations, catalogue, question.choice)]
    kinds = {kind.id: kind.family for kind in catalogue.kinds}
    families = set(chosen["kind"].map(kinds).dropna())
    shown = [family.id for family in catalogue.families if family.id in families]
    levels = [level.id for level in catalogue.levels if level.id in set(chosen["level"])]
    if not shown:
        return
    if len(shown) == 1:
        entries = [_symbol(shown[0], level, terms.level_name(catalogue, level, tr)) for level in levels]
        lead = terms.family_name(catalogue, shown[0], tr)
    else:
        entries = [_symbol(family, "township", terms.family_name(catalogue, family, tr)) for family in shown]
        lead = tr("legend.symbols")
    if "village" in levels:
        entries.append(markup.element("span", markup.element("u", markup.words(tr("legend.village")))))
    first = markup.element("span", markup.element("u", markup.words(lead)))
    markup.put(markup.element("div", first, *entries, look="p-legend"))


def _symbol(family: str, level: str, name: str) -> Markup:
    return markup.element("span", symbol_as_image(draw_symbol(family, level)), markup.words(name))
