"""Opening studies: what is joined, what is refused, what is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_study import STUDY, write_small_study
from told_faults import tell_faults

from coverage.access.assessment import assess, find_reach
from coverage.access.established import compute_established_rate
from coverage.errors import InputError, MissingInputError, NetworkError, PlannerError, SettingsError
from coverage.inputs.stations import StationChoice
from coverage.travel.travel_basis import build_travel_basis
from geodata.studies.open_study import open_study
from geodata.studies.study_file import read_study_file


def test_every_input_is_joined(tmp_path: Path) -> None:
    """A study holds its people, stations, districts and roads, joined to each other."""
    study = open_study(write_small_study(tmp_path))
    assert study.name.zh == "小项目"
    assert study.schematic
    assert study.demand["population"].sum() == 187
    assert study.demand["district_id"].to_dict() == {"A": "650101", "B": "650101", "C": "650102", "D": "650101"}
    assert study.stations["district_id"].to_dict() == {"S": "650101", "P": "650101"}
    assert study.network is not None
    assert {source.role for source in study.sources} == {"study", "roads", "population", "stations", "districts"}


def test_assessment_of_the_small_study_worked_out_by_hand(tmp_path: Path) -> None:
    """A and B lie 1.1 km from S at 25 km/h; C has no road; D adds a turn and 1.1 km; P is only planned."""
    basis = build_travel_basis(open_study(write_small_study(tmp_path)))
    answer = assess(basis, StationChoice(service="mediation"), cutoff_min=3.0, reach=find_reach(basis, 3.0))
    assert answer.demand["status"].astype(str).to_dict() == {
        "A": "covered",
        "B": "covered",
        "C": "unconnected",
        "D": "beyond",
    }
    street_m = 0.0137 * 111_320 * 0.7218  # degrees of longitude at 43.8 N
    assert answer.demand.loc["A", "minutes"] == pytest.approx(street_m / (25.5 / 3.6) / 60, rel=3e-3)
    totals = answer.totals
    assert (totals.covered, totals.beyond, totals.no_route, totals.unconnected) == (150, 30, 0, 7)
    assert answer.double_covered == 0
    assert answer.districts.loc["650102", "unconnected"] == 7
    assert answer.districts.loc["6501", "total"] == 187


def test_item_counts_its_own_people(tmp_path: Path) -> None:
    """Traffic items count drivers where the table has them."""
    study = open_study(write_small_study(tmp_path))
    item = next(item for item in study.catalogue.items if item.weight == "drivers")
    answer = assess(build_travel_basis(study), StationChoice(service=item.id))
    assert answer.weight_column == "drivers"
    assert answer.totals.total == 71
    assert answer.station_count == 0
    assert answer.totals.no_route + answer.totals.unconnected == 71


def test_established_rate_needs_no_roads(tmp_path: Path) -> None:
    """Without roads the established rate is given and a travel basis is refused."""
    study = open_study(write_small_study(tmp_path, study=STUDY.replace('roads = "roads.geojson"\n', "")))
    assert study.network is None
    assert "study.no_roads" in {issue.code for issue in study.issues}
    rate = compute_established_rate(study, StationChoice(), "township")
    assert (rate.units, rate.units_with_station, rate.rate) == (2, 1, 0.5)
    with pytest.raises(NetworkError, match=r"study\.no_roads"):
        build_travel_basis(study)


def test_study_without_stations_opens(tmp_path: Path) -> None:
    """Before there is a list of stations everybody with a road has no route, and the study says why."""
    study = open_study(write_small_study(tmp_path, study=STUDY.replace('stations = "stations.csv"\n', "")))
    assert "study.no_stations" in {issue.code for issue in study.issues}
    totals = assess(build_travel_basis(study), StationChoice()).totals
    assert (totals.no_route, totals.unconnected) == (180, 7)


def test_same_content_has_the_same_fingerprint_elsewhere(tmp_path: Path) -> None:
    """A copied study gives equal fingerprints, a changed input or setting another."""
    first = open_study(write_small_study(tmp_path / "a"))
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert open_study(tmp_path / "b").fingerprint == first.fingerprint
    with (tmp_path / "b" / "population.csv").open("a") as table:
        table.write("E,87.61,43.8,1,0\n")
    assert open_study(tmp_path / "b").fingerprint != first.fingerprint
    changed = STUDY + "[assessment]\ncutoff_min = 15.0\n"
    assert open_study(write_small_study(tmp_path / "c", study=changed)).fingerprint != first.fingerprint


@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        (("format = 1", "format = 9"), InputError, "study.invalid"),
        (('id = "small"', 'id = ""'), InputError, "study.invalid"),
        (("[inputs]", '[inputs]\nrodas = "x"'), InputError, "study.invalid"),
        (('population = "population.csv"', ""), InputError, "study.invalid"),
        (('population = "population.csv"', "population = 7"), InputError, "study.invalid"),
        (('"stations.csv"', '"missing.csv"'), MissingInputError, "study.input_missing"),
        (('"stations.csv"', '"../stations.csv"'), InputError, "study.path_outside"),
        (('"stations.csv"', '"/etc/passwd"'), InputError, "study.path_outside"),
        (('"stations.csv"', '"C:\\\\stations.csv"'), InputError, "study.path_outside"),
        (("schematic = true", 'schematic = "no"'), InputError, "study.invalid"),
        (("[snap]", "[roads]\nferries = 'no'\n[snap]"), InputError, "study.invalid"),
        (("[snap]", "[population]\nreconcile = 'no'\n[snap]"), InputError, "study.invalid"),
        (("[snap]", "[stations]\ndefault_kind = 3\n[snap]"), InputError, "study.invalid"),
        (('zh = "小项目"', "zh = 3"), InputError, "study.invalid"),
        (("[snap]", "[[["), InputError, "file.not_toml"),
        (("min_component_km = 0.0", "min_component_km = -1"), SettingsError, "settings.out_of_range"),
        (("min_component_km = 0.0", 'min_component_km = "0"'), SettingsError, "settings.wrong_type"),
        (("[snap]", "[assessment]\nmode = 'fly'\n[snap]"), SettingsError, "settings.unknown_choice"),
        (("[snap]", "[assessment]\ncutoffs_min = [true]\n[snap]"), SettingsError, "settings.wrong_type"),
        (("[snap]", "[assessment]\ncutoff_min = nan\n[snap]"), SettingsError, "settings.out_of_range"),
        (("[snap]", "[assessment]\ncutoffs_min = [30, 10]\n[snap]"), SettingsError, "settings.cutoffs_not_ascending"),
    ],
)
def test_bad_study_file_is_refused_with_a_code(
    tmp_path: Path, change: tuple[str, str], error: type[PlannerError], code: str
) -> None:
    """Each fault of a study.toml has its own error, and none of them opens a file outside the folder."""
    path = write_small_study(tmp_path, study=STUDY.replace(*change))
    with pytest.raises(error) as caught:
        read_study_file(path)
    assert caught.value.code == code


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    """Several faults of a study.toml come in one error."""
    path = write_small_study(tmp_path, study=STUDY.replace("[snap]", "[snapp]").replace("format = 1", ""))
    with pytest.raises(InputError) as caught:
        read_study_file(path)
    assert caught.value.context["count"] == 2
    assert "The section [snapp] is not known." in tell_faults(caught.value)


def test_rows_left_out_are_kept_with_their_place(tmp_path: Path) -> None:
    """A row without a usable position is counted, named with row and column, and never silently lost."""
    path = write_small_study(tmp_path)
    with (tmp_path / "stations.csv").open("a", encoding="utf-8") as table:
        table.write("Q,无坐标,legal_station,township,mediation,,,existing,local,,,\n")
    study = open_study(path)
    account = next(source for source in study.sources if source.role == "stations")
    assert (account.rows_in, account.rows_accepted, account.rows_rejected) == (3, 2, 1)
    row = study.rejected.iloc[0]
    assert (row["role"], row["row"], row["problem"]) == ("stations", 4, "position.missing")


def test_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A link inside the folder does not lead out of it."""
    path = write_small_study(tmp_path / "study")
    outside = tmp_path / "stations.csv"
    shutil.move(tmp_path / "study" / "stations.csv", outside)
    (tmp_path / "study" / "stations.csv").symlink_to(outside)
    with pytest.raises(InputError, match=r"study\.path_outside"):
        read_study_file(path)


def test_threshold_beyond_the_kept_times_is_refused(tmp_path: Path) -> None:
    """Double coverage for 30 minutes cannot be counted from times that were kept up to 10."""
    basis = build_travel_basis(open_study(write_small_study(tmp_path)))
    with pytest.raises(SettingsError, match="cutoff_min"):
        assess(basis, StationChoice(), cutoff_min=30.0, reach=find_reach(basis, 10.0))


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 3000 + "]" * 3000, "9" * 400])
def test_endless_numbers_and_nestings_are_refused(tmp_path: Path, value: str) -> None:
    """What the TOML reader itself gives up on ends in an error of ours, and so do numbers beyond all floats."""
    path = write_small_study(
        tmp_path, study=STUDY.replace("[snap]", f"[assessment]\ncutoffs_min = [5, {value}]\n[snap]")
    )
    with pytest.raises((InputError, SettingsError)):
        read_study_file(path)


def test_name_no_system_could_give_is_a_missing_input(tmp_path: Path) -> None:
    """A file name of thousands of letters is an input that is not there."""
    path = write_small_study(tmp_path, study=STUDY.replace("roads.geojson", "r" * 5000))
    with pytest.raises(MissingInputError) as caught:
        read_study_file(path)
    assert caught.value.code == "study.input_missing"
