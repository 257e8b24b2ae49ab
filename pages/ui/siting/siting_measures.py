"""What the curve of an aim shows, in words: its heading, its axes, and what a point gives."""

from __future__ import annotations

import numpy as np

from coverage.siting.model.curve import Curve
from geodata.answers.run_siting import Suggestion
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import terms
from pages.ui.siting import siting_words
from pages.ui.siting.siting_form import YUAN_PER_WAN

_PERCENT = 100.0


def name_axis(found: Suggestion, tr: Translator) -> str:
    """Name what is given."""
    by_county = "_by_county" if found.curve.axis == "target" and found.siting.by_county else ""
    return tr(f"siting.axis.{found.curve.axis}{by_county}")


def name_value(found: Suggestion, tr: Translator) -> str:
    """Name what is got."""
    if found.curve.measure.id == "covered":
        return tr("siting.column.newly_covered_times" if found.siting.services else "siting.axis.gained")
    return tr(f"siting.measure.{found.curve.measure.id}")


def name_curve(found: Suggestion, tr: Translator) -> str:
    """Name the curve."""
    measure = found.curve.measure.id
    return tr("siting.curve" if measure == "covered" else f"siting.curve.{measure}")


def scale_given(curve: Curve) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return what is given in the unit of its axis: sites, 10,000 yuan, per cent."""
    return curve.given * {"sites": 1.0, "money": 1.0 / YUAN_PER_WAN, "target": _PERCENT}[curve.axis]


def scale_values(found: Suggestion, values: np.ndarray) -> np.ndarray:
    """Return values in the unit of their axis; people of plain cover are those beyond today's."""
    measure = found.curve.measure
    if measure.id == "covered":
        return np.asarray(values - (found.frontier["covered"] - found.frontier["gained"]).to_numpy(float))
    return np.asarray(values * {"share": _PERCENT, "yuan": 1.0 / YUAN_PER_WAN}.get(measure.unit, 1.0))


def say_given(curve: Curve, row: int, tr: Translator) -> str:
    """Say what is given at a point."""
    given = float(curve.given[row])
    if curve.axis == "money":
        return siting_words.say_money(given, tr)
    if curve.axis == "target":
        return tr("siting.n_percent", share=number_format.percent(given))
    return _say_sites(given, tr)


def _say_sites(count: float, tr: Translator) -> str:
    whole = int(np.ceil(count - 1e-9))
    return tr("siting.one_site") if whole == 1 else tr("siting.n_sites", count=whole)


def say_value(found: Suggestion, value: float, tr: Translator) -> str:
    """Say a value of the measure."""
    match found.curve.measure.unit:
        case "min":
            return number_format.minutes(value, tr.language, 1)
        case "share":
            return number_format.percent(value)
        case "sites":
            return _say_sites(value, tr)
        case "yuan":
            return siting_words.say_money(value, tr)
        case _:
            return number_format.people(value) + terms.unit_suffix(found.asked.weight_column, tr)


def say_point(found: Suggestion, row: int, tr: Translator) -> str:
    """Say what a point gives, what the one after it would, and how good it is proved to be."""
    curve = found.curve
    if curve.measure.id == "covered":
        return _say_gain(found, row, tr)
    value = say_value(found, float(curve.value[row]), tr)
    share = number_format.percent(float(found.frontier["share"].iloc[row]))
    said = [tr(f"siting.point.{curve.measure.id}", given=say_given(curve, row, tr), value=value, share=share)]
    if row + 1 < len(curve.given):
        following = say_value(found, float(curve.value[row + 1]), tr)
        then = "siting.point_then_target" if curve.axis == "target" else "siting.point_then"
        said.append(tr(then, given=say_given(curve, row + 1, tr), value=following))
    if not curve.is_proved[row]:
        best = say_value(found, float(curve.bound[row]), tr)
        said.append(tr("siting.point_at_most" if curve.measure.is_gain else "siting.point_at_least", value=best))
    if curve.left_out is not None and curve.left_out[row] >= 0.5:
        people = number_format.people(float(curve.left_out[row])) + terms.unit_suffix(found.asked.weight_column, tr)
        said.append(tr("siting.point_left_out", people=people))
    return " ".join(said)


def _say_gain(found: Suggestion, row: int, tr: Translator) -> str:
    table, unit = found.frontier, terms.unit_suffix(found.asked.weight_column, tr)
    gained = table["gained"].to_numpy(float)
    people = number_format.people(float(gained[row])) + unit
    said = tr("siting.step", budget=say_given(found.curve, row, tr), people=people)
    if row + 1 < len(table):
        more = number_format.people(float(gained[row + 1] - gained[row])) + unit
        said += " " + tr("siting.step_next", budget=say_given(found.curve, row + 1, tr), people=more)
    still = float(table["bound"].iloc[row] - table["covered"].iloc[row])
    if still >= 0.5:
        said += " " + tr("siting.step_still", people=number_format.people(still) + unit)
    return said
