"""Words of the What-if page that are put together from ids and numbers."""

from __future__ import annotations

import pytest

from geodata.store.changes import CHANGE_KINDS, SCENARIO_STATUSES
from geodata.words.i18n import LANGUAGES, Language, Translator, load_messages
from pages.ui.whatif import whatif_words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_composed_id_has_words(language: Language) -> None:
    """Acts, parts, statuses and kinds of change: no screen can meet an id without words."""
    wanted = [f"whatif.act.{one}" for one in ("station", "road", "threshold")]
    wanted += [f"whatif.part.{one}" for one in ("units", "services", "winners", "files")]
    wanted += [f"whatif.layer.{one}" for one in ("changes", "times")]
    wanted += [f"whatif.list.{one}" for one in ("villages", "gaps", "candidates")]
    wanted += [f"whatif.legend.{one}" for one in ("gain", "loss", "faster", "slower", "same", "outside")]
    wanted += [f"whatif.road_act.{one}" for one in ("close", "slow")]
    wanted += [f"whatif.{name}.{one}" for name in ("road_form", "road_hint") for one in ("point", "line", "area")]
    wanted += [f"whatif.status.{one}" for one in SCENARIO_STATUSES]
    wanted += [f"whatif.did.{one}" for one in CHANGE_KINDS]
    wanted += [f"whatif.column.{one}" for one in ("level", "service")]
    messages = load_messages(language)
    assert [one for one in wanted if not messages.get(one)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_small_changes_of_a_share_are_told_apart(language: Language) -> None:
    """One village of four million people shows as a change; none shows as none."""
    tr = Translator(language)
    *shares, points = whatif_words.say_shares(0.942900, 0.942931, tr)
    assert shares == ["94.290%", "94.293%"]
    assert "+0.003" in points
    assert whatif_words.say_shares(0.5, 0.5, tr)[:2] == ("50.00%", "50.00%")
    # 0.9429 to 0.92064 is −2.226 points, but 94.29 − 92.06 is 2.23: what is read adds up.
    assert "−2.23" in whatif_words.say_shares(0.9429, 0.92064, tr)[2]
