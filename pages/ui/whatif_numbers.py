"""What a scenario brings, at once: a sentence, and the figures before and after."""

from __future__ import annotations

from geodata import number_words
from geodata.maps.labels import Markup
from pages.ui import looks, terms, whatif_words
from pages.ui.cached_whatif import Outcome
from pages.ui.whatif_acts import Work


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
    unit = terms.unit_suffix(found.assessment.weight_column, tr)
    gained, lost = (number_words.people(one) + unit for one in (delta.newly_covered, delta.newly_lost))
    circle = terms.standard_name(found.question, tr)
    name = tr("scenario.base") if work.shown is None else work.shown.head.name
    target = terms.target_name(work.study, work.question, tr)
    if not work.edits and not is_tried:
        said = tr("whatif.sentence_none", circle=circle, target=target)
    elif delta.newly_lost >= 0.5:
        said = tr("whatif.sentence_both", name=name, gained=gained, lost=lost, circle=circle, target=target)
    else:
        said = tr("whatif.sentence", name=name, gained=gained, circle=circle, target=target)
    tags = []
    if is_tried:
        tags.append(looks.element("span", looks.words(tr("whatif.tried")), look="p-tag p-tried"))
    if is_stale:
        tags.append(looks.element("span", looks.words(tr("whatif.stale")), look="p-tag"))
    body = (looks.element("p", looks.words(said), *tags, look="p-sentence"), list_figures(work, found, unit))
    looks.put(looks.element("div", *body, look="p-stale" if is_stale else "p-fresh"))


def list_figures(work: Work, found: Outcome, unit: str, *, cost_label: str = "whatif.cost") -> Markup:
    """Return the figures before and after in a row."""
    tr, delta = work.tr, found.comparison
    before, after = delta.before, delta.after

    def change(label: str, old: str, new: str, told: str = "") -> tuple[str, str]:
        value = new if old == new else tr("whatif.from_to", old=old, new=new)
        return tr(label), f"{value}{told if old != new else ''}"

    points = after.share_covered - before.share_covered
    told = tr("whatif.brackets", text=whatif_words.say_points(points, tr))
    cells = [
        ("gain", tr("whatif.gained"), number_words.people(delta.newly_covered) + unit),
        ("loss", tr("whatif.lost"), number_words.people(delta.newly_lost) + unit),
        ("", *change("whatif.share", _percent(before.share_covered), _percent(after.share_covered), told)),
        (
            "",
            *change(
                "whatif.mean",
                number_words.number(before.mean_min, 2),
                number_words.minutes(after.mean_min, tr.language, 2),
            ),
        ),
        ("", *change("whatif.stations", str(delta.stations_before), str(delta.stations_after))),
        ("", tr(cost_label), whatif_words.say_money(found.cost, tr)),
    ]
    drawn = [
        looks.element("span", looks.words(label), Markup(" "), looks.element("b", looks.words(value), look=f"p-{look}"))
        if look
        else looks.element("span", looks.words(label), Markup(" "), looks.element("b", looks.words(value)))
        for look, label, value in cells
    ]
    return looks.element("div", *drawn, look="p-strip p-figures")


def _percent(share: float) -> str:
    return number_words.percent(share, 2)
