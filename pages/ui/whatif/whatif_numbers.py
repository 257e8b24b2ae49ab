"""What a scenario brings, at once: a sentence, and the figures before and after."""

from __future__ import annotations

from geodata.maps.labels import Markup
from geodata.words import number_format
from pages.ui import markup, terms
from pages.ui.memo.cached_whatif import Outcome
from pages.ui.whatif import whatif_words
from pages.ui.whatif.whatif_acts import Work


def draw_numbers(work: Work, found: Outcome, *, is_tried: bool = False, is_stale: bool = False) -> None:
    """Draw the sentence and the figures.

    Parameters
    ----------
    work, found
        The scenario and what it does.
    is_tried
        True if a station counts that is not added yet.
    is_stale
        True while a newer answer is being computed.
    """
    tr, delta = work.tr, found.comparison
    column = found.assessment.weight_column
    unit = terms.unit_suffix(column, tr)
    gained, lost = (
        number_format.people(one) + (unit or f" {tr(f'whom.{column}')}")
        for one in (delta.newly_covered, delta.newly_lost)
    )
    circle = terms.standard_name(found.question, tr)
    if not work.edits and not is_tried:
        said = tr("whatif.sentence_none", circle=circle)
    else:
        form = "whatif.sentence_both" if delta.newly_lost >= 0.5 else "whatif.sentence"
        who = _name(work, is_tried=is_tried)
        said = tr(form, name=who, gained=gained, lost=lost, circle=circle)
    tags = []
    if is_tried:
        tags.append(markup.element("span", markup.words(tr("whatif.tried")), look="p-tag p-tried"))
    if is_stale:
        tags.append(markup.element("span", markup.words(tr("whatif.stale")), look="p-tag"))
    body = (markup.element("p", markup.words(said), *tags, look="p-sentence"), list_figures(work, found, unit))
    markup.put(markup.element("div", *body, look="p-stale" if is_stale else "p-fresh"))


def _name(work: Work, *, is_tried: bool) -> str:
    """Name what brings it: the station being placed, the scenario, or both."""
    name = "" if work.shown is None else work.shown.head.name
    if not is_tried:
        return work.tr("whatif.who_scenario", name=name)
    return work.tr("whatif.who_both", name=name) if work.edits else work.tr("whatif.who_station")


def list_figures(work: Work, found: Outcome, unit: str, *, cost_label: str = "whatif.cost") -> Markup:
    """Return the figures before and after in a row."""
    tr, delta = work.tr, found.comparison
    before, after = delta.before, delta.after

    def change(label: str, old: str, new: str, told: str = "", measure: str = "") -> tuple[str, str]:
        value = new if old == new else tr("whatif.from_to", old=old, new=new)
        return tr(label), f"{value}{measure}{told if old != new else ''}"

    old_share, new_share, points = whatif_words.say_shares(before.share_covered, after.share_covered, tr)
    mean = (number_format.number(before.mean_min, 2), number_format.number(after.mean_min, 2))
    told = tr("whatif.brackets", text=points)
    cells = [
        ("gain", tr("whatif.gained"), number_format.people(delta.newly_covered) + unit),
        ("loss", tr("whatif.lost"), number_format.people(delta.newly_lost) + unit),
        ("", *change("whatif.share", old_share, new_share, told)),
        ("", *change("whatif.mean", *mean, measure=tr("whatif.min"))),
        ("", *change("whatif.stations", str(delta.stations_before), str(delta.stations_after))),
        ("", tr(cost_label), whatif_words.say_money(found.cost, tr)),
    ]
    drawn = [
        markup.element(
            "span", markup.words(label), Markup(" "), markup.element("b", markup.words(value), look=f"p-{look}")
        )
        if look
        else markup.element("span", markup.words(label), Markup(" "), markup.element("b", markup.words(value)))
        for look, label, value in cells
    ]
    return markup.element("div", *drawn, look="p-strip p-figures")
