"""A plan accepted into a scenario: whom it claims to cover newly, the scenario compared covers newly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from demo_study import open_demo
from real_studies import write_almaty, write_comoros
from small_study import write_small_study

from coverage.errors import InputError
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.scenario.apply_edits import apply_edits, list_costs
from coverage.scenario.edits import AddStation, ChangeStation, CloseStation
from coverage.siting.plan.solve import SitingQuestion
from geodata.answers.plan_scenario import accept_plan, list_plan_edits
from geodata.answers.run_siting import SitingOptions, suggest_sites
from geodata.answers.run_whatif import run_whatif
from geodata.answers.write_suggestion import summarise_suggestion
from geodata.intake.read_site_costs import read_site_costs
from geodata.store.database import Store, open_store
from geodata.store.scenarios import list_scenarios, open_scenario
from geodata.store.studies import add_study
from geodata.studies.edits_json import parse_edits, write_edits
from geodata.studies.open_study import open_study


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Open an empty store and close it afterwards."""
    with open_store(tmp_path / "store") as opened:
        yield opened


@pytest.fixture(
    scope="module", params=["demo", *(pytest.param(city, marks=pytest.mark.slow) for city in ("almaty", "comoros"))]
)
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Study:
    """Open the demo and two studies on real roads."""
    if request.param == "demo":
        return open_demo()
    write = {"almaty": write_almaty, "comoros": write_comoros}[request.param]
    return open_study(write(tmp_path_factory.mktemp("real") / request.param, shared_data))


@pytest.mark.parametrize(
    ("choice", "siting"),
    [
        (StationChoice(family="legal"), SitingQuestion("mclp", sites=4)),
        (StationChoice(family="traffic"), SitingQuestion("mclp", sites=1, moves=3)),
        (StationChoice(service="licence_renewal"), SitingQuestion("mclp", sites=3)),
        (StationChoice(service="household_certificate"), SitingQuestion("mclp", sites=3)),
    ],
    ids=["new", "moved", "traffic item", "police item"],
)
def test_claimed_people_are_those_of_the_scenario(
    store: Store, tmp_path: Path, study: Study, choice: StationChoice, siting: SitingQuestion
) -> None:
    """New sites, relocations and items: people newly covered, share and money are those of the scenario compared."""
    question = Question(choice, cutoff_min=15.0)
    sources = ("item",) if choice.service else ("item", "junction")
    found = suggest_sites(study, question, siting, SitingOptions(sources=sources, any_family=True, time_limit_s=20.0))
    told = summarise_suggestion(found)
    assert len(found.sites) > 0
    kept = add_study(store, write_small_study(tmp_path / "kept")).id
    accepted = accept_plan(store, kept, found, "采纳", note="mclp · 2026-11-26", author="甲")
    stored = open_scenario(store, accepted.head.id)
    assert (stored.head.name, stored.head.note, stored.head.created_by) == ("采纳", "mclp · 2026-11-26", "甲")
    assert sum(isinstance(edit, CloseStation) for edit in stored.edits) == len(found.solved.answer.closed)
    compared = run_whatif(study, question, stored.edits)
    delta = compared.comparison
    assert delta.newly_covered - delta.newly_lost == pytest.approx(float(str(told["newly_covered"])))
    assert delta.after.covered == pytest.approx(float(str(told["covered_after"])))
    assert compared.cost == pytest.approx(float(str(told["cost"])))
    if siting.moves:
        assert 0 < len(found.solved.answer.closed) <= siting.moves
    else:
        assert delta.newly_lost == 0.0


@pytest.mark.parametrize(
    ("choice", "siting"),
    [
        (StationChoice(family="legal"), SitingQuestion("mclp", sites=3)),
        (StationChoice(family="traffic"), SitingQuestion("mclp", sites=1, moves=3)),
        (StationChoice(service="household_certificate"), SitingQuestion("mclp", sites=3)),
        (StationChoice(), SitingQuestion("mclp", sites=3, services=("legal_consultation", "licence_renewal"))),
    ],
    ids=["new", "moved", "police item", "several services"],
)
def test_a_scenario_costs_what_its_plan_did(
    store: Store, tmp_path: Path, choice: StationChoice, siting: SitingQuestion
) -> None:
    """With costs of its own a plan costs the same as a scenario, edit by edit, after the store and a file of edits."""
    study = open_demo()
    usual = read_site_costs()
    costs = replace(
        usual,
        kind=tuple((kind, 3.0 * yuan + 7.0) for kind, yuan in usual.kind),
        item=tuple((item, 5.0 * yuan + 11.0) for item, yuan in usual.item),
        closing=tuple((kind, -2.0 * yuan - 13.0) for kind, yuan in usual.closing),
    )
    sources = ("item", "junction")
    options = SitingOptions(sources=sources, any_family=True, spacing_km=10.0, time_limit_s=20.0, costs=costs)
    question = Question(choice, cutoff_min=15.0)
    found = suggest_sites(study, question, siting, options)
    told = float(str(summarise_suggestion(found)["cost"]))
    kept = add_study(store, write_small_study(tmp_path / "kept")).id
    edits = open_scenario(store, accept_plan(store, kept, found, "采纳", note="").head.id).edits
    assert parse_edits(write_edits(edits)) == edits
    spent = list_costs(study, edits, usual)
    new = [money for money, edit in zip(spent, edits, strict=True) if not isinstance(edit, CloseStation)]
    assert new == found.sites["cost"].tolist()
    assert sum(spent) == pytest.approx(told, abs=1e-6)
    assert run_whatif(study, question, edits).cost == pytest.approx(told, abs=1e-6)
    bare = tuple(replace(edit, cost=None) for edit in edits if isinstance(edit, AddStation | ChangeStation))
    assert sum(list_costs(study, bare, usual)) < sum(new)


def test_names_and_what_is_refused(store: Store, tmp_path: Path) -> None:
    """Sites carry the names they are given; a plan whose sites the study has already is not stored at all."""
    study = open_demo()
    options = SitingOptions(sources=("junction",), spacing_km=20.0, time_limit_s=20.0)
    found = suggest_sites(study, Question(StationChoice(family="legal")), SitingQuestion("mclp", sites=2), options)
    names = [f"第{number}处" for number in range(len(found.sites))]
    edits = list_plan_edits(found, names)
    assert [edit.name for edit in edits if isinstance(edit, AddStation)] == names
    built = replace(found, basis=replace(found.basis, study=apply_edits(study, edits)))
    kept = add_study(store, write_small_study(tmp_path / "kept")).id
    with pytest.raises(InputError, match=r"edits\.refused.*id_taken"):
        accept_plan(store, kept, built, "x", note="")
    assert list_scenarios(store, kept) == ()
