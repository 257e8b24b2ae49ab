"""Laws of what is offered: a bundle never beats its items, more layers never reach fewer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from random_study import build_random_study

from coverage.assessment import assess
from coverage.item_coverage import find_covered, list_offers
from coverage.model import Bundle
from coverage.names import Name
from coverage.question import Question
from coverage.stations import StationChoice
from coverage.travel_basis import build_travel_basis
from geodata.run_assessment import find_layers


@given(seed=st.integers(0, 2**32 - 1), cutoff_min=st.floats(0.5, 30.0))
def test_a_bundle_never_beats_its_items(seed: int, cutoff_min: float) -> None:
    """Whoever gets everything done in one place gets each thing done."""
    study = build_random_study(seed)
    bundle = Bundle("both", Name("两件", "Both"), ("advice", "notary"))
    study = replace(study, catalogue=replace(study.catalogue, bundles=(bundle,)))
    offers = list_offers(study)
    covered = find_covered(build_travel_basis(study), offers, cutoff_min)
    by_id = {offer.id: reached for offer, reached in zip(offers, covered, strict=True)}
    assert (by_id["both"] <= (by_id["advice"] & by_id["notary"])).all()


@given(seed=st.integers(0, 2**32 - 1), remote=st.booleans(), cutoff_min=st.floats(0.5, 30.0))
def test_more_layers_never_reach_fewer(seed: int, remote: bool, cutoff_min: float) -> None:
    """Fixed points reach no more than with mobile stops, these no more than with any channel; fixed means fixed."""
    study = build_random_study(seed)
    kinds = np.where(np.random.default_rng(seed).random(len(study.stations)) < 0.5, "office", "window")
    catalogue = replace(
        study.catalogue,
        kinds=tuple(replace(kind, mobile=kind.id == "window") for kind in study.catalogue.kinds),
        items=tuple(replace(item, remote=remote) for item in study.catalogue.items),
    )
    study = replace(study, catalogue=catalogue, stations=study.stations.assign(kind=kinds))
    basis, choice = build_travel_basis(study), StationChoice(service="advice")
    answer = assess(basis, choice, cutoff_min=cutoff_min)
    layers = find_layers(basis, Question(choice, cutoff_min), answer)
    assert layers is not None
    assert (layers.fixed <= layers.with_mobile).all()
    assert (layers.with_mobile <= layers.with_remote).all()
    assert layers.with_remote.all() or not remote
    alone = replace(study, stations=study.stations[kinds == "office"])
    fixed = assess(build_travel_basis(alone), choice, cutoff_min=cutoff_min).demand["status"] == "covered"
    np.testing.assert_array_equal(layers.fixed, fixed)
