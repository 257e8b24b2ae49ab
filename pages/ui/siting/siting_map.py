"""The map of the Sites page: candidates before, then the numbered sites with whom they bring within reach."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from coverage.errors import PlannerError
from coverage.inputs.question import Question
from coverage.inputs.stations import select_stations
from coverage.inputs.study import Study
from coverage.network.model import BoolArray
from coverage.units import is_within
from geodata.answers.run_siting import Suggestion
from geodata.answers.siting_candidates import CandidateList
from geodata.intake.read_candidates import read_excluded
from geodata.maps.base import build_base
from geodata.maps.elements import Encoded
from geodata.maps.labels import safe_label
from geodata.maps.layers import (
    build_layers,
    encode_focus,
    encode_highlight,
    encode_marks,
    encode_place,
    encode_stations,
)
from geodata.maps.shapes import Label, build_shapes, encode_dots, encode_numbers, encode_shapes
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import legend, map_frame, markup, state, terms
from pages.ui.memo import cached, cached_map
from pages.ui.siting import siting_words
from pages.ui.siting.siting_fields import get_form, put
from pages.ui.siting.siting_sources import CLICKS

HEIGHT_PX = 430
_KEY = "siting_map"
_DECIMALS = 6
_LARGEST_LAT = 85.0
_TOLERANCE_DEG = 0.0005  # some 50 m, less than a pixel at the scale of a county


def draw_map(study: Study, question: Question, listed: CandidateList, found: Suggestion | None, tr: Translator) -> None:
    """Draw the map; where clicks add sites, the page runs again with the new candidate."""
    gained, left = _split_people(study, question, found)
    drawn = {"uncovered": _draw_people(study, "uncovered", left)}
    excluded = _draw_excluded()
    if excluded is not None:
        drawn["excluded"] = excluded
    # Beside a plan only the candidates that were clicked are drawn: a click is seen to have done something.
    shown = listed.table if found is None else listed.table[listed.table["source"] == "drawn"]
    drawn["candidates"] = _draw_candidates(shown)
    if found is not None:
        drawn["gain"] = _draw_people(study, "gain", gained)
        drawn["sites"] = _draw_sites(found, tr)
    layers = build_layers(
        bands=None,
        stations=_draw_stations(study, question, found, tr),
        highlight=encode_highlight(None),
        place=encode_place(None),
        focus=encode_focus(state.focus()),
        shapes=build_shapes(drawn),
        # Where clicks add candidates the dot is there at once, and gives way to the candidate.
        marks=encode_marks(bool(state.siting(CLICKS)), str(len(get_form().drawn))),
    )
    map_frame.show_map(
        build_base(cached_map.fetch_base(study)), layers, key=_KEY, height=HEIGHT_PX, on_change=_take_click
    )
    weight = _weigh(study, question)
    unit = terms.unit_suffix(cached.ask(study, question).assessment.weight_column, tr)

    def say(name: str, mask: BoolArray, words: str) -> tuple[str, str, str]:
        people = number_format.people_short(float(weight[mask].sum()), tr.language) + unit
        return name, words, people

    candidates = ("candidates", tr("layers.candidates_legend"), number_format.number(len(shown)))
    if found is None:
        entries = [say("uncovered", left, tr("layers.uncovered_today")), candidates]
    else:
        entries = [
            ("sites", tr("layers.sites_legend"), str(len(found.sites))),
            say("gain", gained, tr("layers.gain_legend")),
            say("uncovered", left, tr("layers.uncovered_legend")),
        ]
        if len(found.solved.answer.closed):
            entries.append(("closing", tr("layers.closing_legend"), str(len(found.solved.answer.closed))))
        if len(shown):
            entries.append((candidates[0], tr("siting.source.drawn"), candidates[2]))
    if excluded is not None:
        entries.append(("excluded", tr("layers.excluded_legend"), ""))
    _draw_legend(entries)
    legend.draw_symbols(study, question, tr)
    markup.note(tr("siting.click_here") if state.siting(CLICKS) else tr("map.notice"))


def _weigh(study: Study, question: Question) -> np.ndarray:
    return cached.ask(study, question).assessment.demand["weight"].to_numpy(float)


def _split_people(study: Study, question: Question, found: Suggestion | None) -> tuple[BoolArray, BoolArray]:
    """Tell who will newly be within the threshold, and who will not be, shape (d,) each."""
    if found is None:
        assessment = cached.ask(study, question.for_whole_week()).assessment
        minutes, cutoffs = assessment.demand["minutes"].to_numpy(np.float32), assessment.cutoffs_min
        inside = np.asarray(is_within(minutes, cutoffs))
        return np.zeros(len(inside), bool), ~inside & (_weigh(study, question) > 0)
    asked = found.asked
    before, after = asked.covered_before, np.asarray(is_within(found.minutes_after, asked.cutoffs_min))
    people = asked.problem.weight > 0
    # Of several services at once: those who gain any of them, and those who still lack any.
    several = max(len(asked.services), 1), -1
    gained, left = (
        np.asarray(mask.reshape(several).any(axis=0)) for mask in (after & ~before & people, ~after & people)
    )
    return gained, left


def _draw_people(study: Study, slot: str, mask: BoolArray) -> Encoded:
    lon, lat = (study.demand[name].to_numpy(float)[mask] for name in ("lon", "lat"))
    key = cached_map.name_content((slot, study.fingerprint, np.packbits(mask).tobytes()))
    return encode_dots(slot, lon, lat, key)


def _draw_excluded() -> Encoded | None:
    """Draw the areas without sites; None where there are none, or their file cannot be read."""
    path = get_form().exclude
    if path is None:
        return None
    try:
        areas, _ = read_excluded(path)
    except PlannerError:  # said where the file is chosen
        return None
    shapes = np.array(areas, object)
    key = cached_map.name_content(tuple(shapely.to_wkb(shapes)))
    return encode_shapes("excluded", shapes, key, tolerance_deg=_TOLERANCE_DEG)


def _draw_candidates(table: pd.DataFrame) -> Encoded:
    lon, lat = table["lon"].to_numpy(float), table["lat"].to_numpy(float)
    return encode_dots("candidates", lon, lat, cached_map.name_content((lon.tobytes(), lat.tobytes())))


def _draw_sites(found: Suggestion, tr: Translator) -> Encoded:
    unit = terms.unit_suffix(found.asked.weight_column, tr)
    table = found.sites
    places = [
        Label(
            float(lon),
            float(lat),
            safe_label(tr("siting.tip", name=name, people=number_format.people(float(newly)) + unit)),
        )
        for name, lon, lat, newly in zip(
            siting_words.name_sites(table, tr), table["lon"], table["lat"], table["newly_covered"], strict=True
        )
    ]
    return encode_numbers("sites", places, cached_map.name_content((repr(places), tr.language)))


def _draw_stations(study: Study, question: Question, found: Suggestion | None, tr: Translator) -> Encoded:
    """Draw today's stations; those that a plan closes are crossed out."""
    if found is None or not len(found.solved.answer.closed):
        return cached_map.fetch_stations(study, question.choice, tr.language)
    asked = found.asked
    rows = asked.station_row[np.asarray(found.solved.answer.closed, np.int64) - len(asked.candidates)]
    status = study.stations["status"].to_numpy(object, copy=True)
    status[rows] = "closed"
    chosen = select_stations(study.stations, study.catalogue, question.choice)
    key = cached_map.name_content((study.fingerprint, question.choice, rows.tolist(), tr.language))
    return encode_stations(study.stations.assign(status=status), study.catalogue, tr.language, chosen, key)


def _draw_legend(entries: list[tuple[str, str, str]]) -> None:
    styles = {
        "sites": "background: #1F4E79; border-radius: 8px; width: 14px; height: 14px",
        "gain": "background: #2166AC; border-radius: 6px; width: 10px; height: 10px",
        "uncovered": "background: #9C3B1B; border-radius: 5px; width: 8px; height: 8px",
        "excluded": "background: rgba(82, 96, 109, .14); border: 1.5px dashed #52606D; width: 14px; height: 10px",
        "closing": "border: 0; background: linear-gradient(45deg, transparent 42%, #1F2933 42% 58%, transparent 58%), "
        "linear-gradient(-45deg, transparent 42%, #1F2933 42% 58%, transparent 58%); width: 12px; height: 12px",
        "candidates": "background: #FFF; border: 1.5px solid #1F4E79; border-radius: 6px; width: 11px; height: 11px",
    }
    spans = [
        markup.element(
            "span",
            markup.element("i", style=styles[slot]),
            markup.words(text),
            markup.element("u", markup.words(number)),
        )
        for slot, text, number in entries
    ]
    markup.put(markup.element("div", *spans, look="p-legend"))


def _take_click() -> None:
    """Add the place that was clicked to the candidates, where that is switched on."""
    place = state.take_new_click(_KEY)
    if place is None or not state.siting(CLICKS) or abs(place[1]) > _LARGEST_LAT:
        return
    lon, lat = round((place[0] + 180.0) % 360.0 - 180.0, _DECIMALS), round(place[1], _DECIMALS)
    if (lon, lat) not in get_form().drawn:
        put(drawn=(*get_form().drawn, (lon, lat)))
