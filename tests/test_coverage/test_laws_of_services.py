"""Laws of what is offered: a bundle never beats its items, more layers never reach fewer."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from random_study import build_random_study

from coverage.access.item_coverage import find_covered, list_offers
from coverage.inputs.bilingual_names import Name
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Bundle
from coverage.travel.travel_basis import build_travel_basis


@given(seed=st.integers(0, 2**32 - 1), cutoff_min=st.floats(0.5, 30.0))
def test_a_bundle_never_beats_its_items(seed: int, cutoff_min: float) -> None:
    """Whoever gets everything done in one place gets each thing done."""
    study = build_random_study(seed)
    bundle = Bundle("both", Name("两件", "Both"), ("advice", "notary"))
    study = replace(study, catalogue=replace(study.catalogue, bundles=(bundle,)))
    offers = list_offers(study, StationChoice())
    covered = find_covered(build_travel_basis(study), offers, cutoff_min)
    by_id = {offer.id: reached for offer, reached in zip(offers, covered, strict=True)}
    assert (by_id["both"] <= (by_id["advice"] & by_id["notary"])).all()
