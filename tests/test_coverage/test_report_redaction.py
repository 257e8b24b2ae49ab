"""What a report hides: hidden stations as their township, small numbers, and sentences that lost a value."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from police_study import PLACES, POLICE_IDS, POLICE_NAMES, write_police_study

from coverage.errors import InputError, SettingsError
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.report.redact_report import NOTE_REDACTED, NOTE_SUPPRESSED, redact_report
from coverage.report.redaction import (
    NO_REDACTION,
    SAME_PLACE_DEG,
    HiddenStations,
    Redaction,
    find_hidden,
    find_shown_units,
    find_unit_points,
)
from coverage.tables.report_value import CellRef, Column, Fact, Figure, Finding, MapLayer, Report, Section, Table
from coverage.tables.suppression import find_small, find_small_values
from geodata.studies.open_study import open_study

EVERYTHING = StationChoice()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Return the small study with police places."""
    return open_study(write_police_study(tmp_path_factory.mktemp("police")))


def _points(rows: list[tuple[str, str, float, float]]) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows, columns=["name", "family", "lon", "lat"])
    shapes = gpd.points_from_xy(table["lon"], table["lat"])
    plain = table.drop(columns=["lon", "lat"]).assign(level="township", status="existing")
    return gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries(shapes, crs="EPSG:4326"))


def _report(study: Study) -> Report:
    (glon, glat), (hlon, hlat) = PLACES
    table = Table(
        "stations",
        (
            Column("station_id", "text"),
            Column("name", "text"),
            Column("lon", "degrees"),
            Column("lat", "degrees"),
            Column("access_m", "metres"),
            Column("people", "people"),
            Column("share", "share"),
        ),
        pd.DataFrame(
            {
                "station_id": ["S", *POLICE_IDS],
                "name": ["示意点01", POLICE_NAMES[0], f"东侧：{POLICE_NAMES[1]}（新）"],
                "lon": [glon, round(glon, 4), hlon],
                "lat": [glat, round(glat, 4), hlat],
                "access_m": [1.0, 17.25, 43.5],
                "people": [150.0, 3.0, 30.0],
                "share": [0.8, 0.02, 0.18],
            }
        ),
    )
    findings = (
        Finding("nearest", (Fact("name", POLICE_NAMES[0], "text", CellRef("stations", 1, "name")),)),
        Finding("few", (Fact("people", 3.0, "people", CellRef("stations", 1, "people")),)),
        Finding("most", (Fact("people", 150.0, "people", CellRef("stations", 0, "people")),)),
        Finding("loose", (Fact("name", f"见{POLICE_NAMES[1]}", "text"),)),
        Finding("id", (Fact("id", POLICE_IDS[0], "text", CellRef("stations", 1, "station_id")),)),
    )
    around = shapely.unary_union([shapely.Point(glon, glat).buffer(0.003), shapely.Point(hlon, hlat).buffer(0.003)])
    bands = gpd.GeoDataFrame({"band_min": [10.0], "people": [180.0]}, geometry=[around], crs="EPSG:4326")
    stations = _points([("示意点01", "legal", glon, glat), (POLICE_NAMES[0], "police", glon, glat)])
    figure = Figure("map", "map", (MapLayer("bands", bands), MapLayer("stations", stations)))
    chart = Figure("bars", "bars", table="stations", label="name", values=("share",))
    section = Section("all", findings, (table,), (figure, chart), level=2)
    return Report(study.id, study.name.zh, True, "", "", "", "2026-11-22", (section,))


def test_hidden_stations_are_shown_as_their_township(study: Study) -> None:
    """Ids are gone, names are the township's, places its point, legs empty; the legal station stays as it was."""
    shown = redact_report(_report(study), Redaction(), (study,), EVERYTHING).tables()["stations"]
    lon, lat = find_unit_points(study)["650101"]
    assert shown.rows["station_id"].tolist() == ["S", "", ""]
    assert shown.rows["name"].tolist() == ["示意点01", "镇南", "东侧：镇南（新）"]
    assert shown.rows["lon"].tolist()[1:] == [lon, lon]
    assert shown.rows["lat"].tolist()[1:] == [lat, lat]
    assert shown.rows["lon"].iloc[0] == PLACES[0][0]
    assert shown.rows["access_m"].iloc[0] == 1.0
    assert np.isnan(shown.rows["access_m"].to_numpy()[1:]).all()
    assert NOTE_REDACTED in shown.notes
    assert NOTE_SUPPRESSED not in shown.notes


def test_no_place_is_left_anywhere_in_a_report(study: Study) -> None:
    """Neither an id, a name nor a coordinate of a hidden station is left in tables, sentences or layers."""
    found = redact_report(_report(study), Redaction(), (study,), EVERYTHING)
    texts = [table.rows.to_csv() for table in found.tables().values()]
    texts += [repr(section.findings) for section in found.sections]
    layers = [layer for section in found.sections for figure in section.figures for layer in figure.layers]
    texts += [layer.frame.drop(columns="geometry").to_csv() for layer in layers]
    whole = "\n".join([*texts, repr(found.redaction)])
    assert not [secret for secret in (*POLICE_IDS, *POLICE_NAMES) if secret in whole]
    stations = next(layer.frame for layer in layers if layer.kind == "stations")
    # The legal station of the same building is public.
    assert stations["name"].tolist() == ["示意点01", "镇南"]
    assert shapely.get_x(stations.geometry.iloc[0]) == PLACES[0][0]
    assert abs(shapely.get_x(stations.geometry.iloc[1]) - PLACES[0][0]) > 0.01


def test_the_same_place_ends_at_a_ten_thousandth_of_a_degree() -> None:
    """A place that far from a hidden station, in any direction, is the station's; a hair farther it is not."""
    one = pd.DataFrame({"lon": [0.0], "lat": [0.0]}, index=["H"])
    hidden = HiddenStations(one, *[frozenset[str]()] * 2, {}, *[frozenset[str]()] * 2)
    far = np.nextafter(SAME_PLACE_DEG, 1.0)
    assert SAME_PLACE_DEG == 1e-4
    for limit, row in ((SAME_PLACE_DEG, 0), (far, -1)):
        sides = np.array([(limit, 0.0), (-limit, 0.0), (0.0, limit), (0.0, -limit)])
        assert hidden.find_places(sides[:, 0], sides[:, 1]).tolist() == [row] * 4


def test_areas_around_one_hidden_station_are_removed(study: Study) -> None:
    """The part around H alone goes; the part around S and G, of whom one is public, stays."""
    found = redact_report(_report(study), Redaction(), (study,), EVERYTHING)
    bands = next(layer.frame for layer in found.sections[0].figures[0].layers if layer.kind == "bands")
    shape = bands.geometry.iloc[0]
    assert shape.intersects(shapely.Point(PLACES[0]))
    assert not shape.intersects(shapely.Point(PLACES[1]))
    only_police = redact_report(_report(study), Redaction(), (study,), StationChoice(family="police"))
    alone = next(layer.frame for layer in only_police.sections[0].figures[0].layers if layer.kind == "bands")
    assert alone.geometry.iloc[0].is_empty


def test_sentences_are_read_again_from_the_tables(study: Study) -> None:
    """A sentence tells what its cell shows now; one whose cell is empty now is not said."""
    found = redact_report(_report(study), Redaction(suppress_under=10), (study,), EVERYTHING)
    told = {finding.rule: finding.facts[0].value for finding in found.sections[0].findings if not finding.words}
    # The second smallest number goes with the only small one, so only the largest is left.
    assert told == {"nearest": "镇南", "most": 150.0, "loose": "见镇南"}
    for finding in found.sections[0].findings:
        for fact in finding.facts:
            if fact.cell is not None:
                assert found.tables()[fact.cell.table].rows[fact.cell.column].iloc[fact.cell.row] == fact.value


def test_small_numbers_take_another_cell_and_shares_with_them(study: Study) -> None:
    """A cell under the limit is empty, so is the second smallest, and the shares of both rows."""
    shown = redact_report(_report(study), Redaction((), suppress_under=10), (study,), EVERYTHING)
    table = shown.tables()["stations"]
    assert table.rows["people"].isna().tolist() == [False, True, True]
    assert table.rows["share"].isna().tolist() == [False, True, True]
    assert table.notes == (NOTE_SUPPRESSED,)
    assert shown.redaction["suppressed_cells"] == 4
    assert shown.sections[0].level == 2


def test_only_the_fields_asked_for_are_kept(study: Study) -> None:
    """Columns that were not chosen are gone, with the sentences and charts that read them."""
    kept = Redaction((), fields=(("stations", ("name", "people")),))
    found = redact_report(_report(study), kept, (study,), EVERYTHING)
    assert list(found.tables()["stations"].rows.columns) == ["name", "people"]
    assert [figure.id for figure in found.sections[0].figures] == ["map"]
    assert [finding.rule for finding in found.sections[0].findings] == ["nearest", "few", "most", "loose"]


def test_a_report_says_that_it_hides(study: Study) -> None:
    """The section on limits, else the last one, tells how many places and cells are hidden, once."""
    report = replace(_report(study), sections=(Section("limits"), Section("end")))
    found = redact_report(report, Redaction(), (study,), EVERYTHING)
    again = redact_report(found, Redaction(), (study,), EVERYTHING)
    for each in (found, again):
        assert [finding.words for finding in each.sections[0].findings] == ["report.redaction.places"]
    assert found.sections[0].findings[0].facts[0].value == 2.0
    small = redact_report(_report(study), Redaction((), suppress_under=10), (study,), EVERYTHING)
    assert small.sections[-1].findings[-1].words == "report.redaction.small"


def test_nothing_hidden_leaves_the_report_alone(study: Study) -> None:
    """A redaction that hides nothing returns the same report."""
    report = _report(study)
    assert redact_report(report, NO_REDACTION, (study,), EVERYTHING) is report


def test_other_kinds_are_hidden_on_request(study: Study) -> None:
    """A kind the user names is hidden as police are; one that is not known is refused."""
    hidden = find_hidden(study, Redaction((), ("legal_station",)))
    assert sorted(hidden.stations.index) == ["P", "S"]
    with pytest.raises(InputError, match=r"catalogue\.unknown_id"):
        find_hidden(study, Redaction(("polizei",)))
    with pytest.raises(SettingsError, match="suppress_under"):
        Redaction(suppress_under=-1)


def test_the_next_coarser_unit_stands_for_a_missing_township(study: Study) -> None:
    """A place directly below a county is shown as the county, one outside as nothing, a village as its township."""
    villages = study.districts.assign(
        level=["county", "township", "village"], parent_id=["", "6501", "650101"], name=["县", "镇", "村"]
    )
    other = replace(study, districts=villages)
    units, finer = find_shown_units(other, ["6501", "650102", "", "650101"])
    assert units == ["6501", "650101", "", "650101"]
    assert finer == [frozenset(), frozenset({"650102", "村"}), frozenset(), frozenset()]


def test_a_village_whose_only_station_is_hidden_is_not_named(study: Study) -> None:
    """Where a table counts stations, such a village goes by its township; one with a public station keeps its name."""
    ids = ["6501", "650101", "650102"]
    villages = study.districts.reindex([*ids, "v1", "v2"])
    villages = villages.assign(
        level=["county", "township", "township", "village", "village"],
        parent_id=["", "6501", "6501", "650101", "650101"],
        name=["县", "镇南", "镇北", "红雁村", "幸福村"],
        geometry=[*study.districts.geometry, *[study.districts.geometry["650101"]] * 2],
    )
    homes = {"S": "v2", "P": "v2", POLICE_IDS[0]: "v2", POLICE_IDS[1]: "v1"}
    stations = study.stations.assign(district_id=pd.Series(homes).reindex(study.stations.index))
    other = replace(study, districts=villages, stations=stations)
    columns = (Column("name", "text", "unit"), Column("stations", "count"))
    rows = pd.DataFrame({"name": ["红雁村", "幸福村", "镇南"], "stations": [1.0, 2.0, 3.0]})
    report = replace(_report(study), sections=(Section("all", tables=(Table("list", columns, rows),)),))
    shown = redact_report(report, Redaction(), (other,), EVERYTHING).tables()["list"]
    assert shown.rows["name"].tolist() == ["镇南", "幸福村", "镇南"]
    assert shown.notes == (NOTE_REDACTED,)


def test_numbers_of_other_units_are_no_people() -> None:
    """A number is suppressed where its row says that it counts people, and only there."""
    rows = pd.DataFrame({"unit": ["people", "minutes"], "value": [4.0, 4.0]})
    masks = find_small(rows, (Column("unit", "word", "unit"), Column("value", "number")), 10.0)
    assert masks["value"].tolist() == [True, False]


@given(
    st.lists(st.lists(st.integers(0, 40), min_size=4, max_size=4), min_size=1, max_size=8),
    st.integers(1, 30),
)
def test_no_small_number_can_be_taken_from_its_column(cells: list[list[int]], under: int) -> None:
    """Nothing small is shown, nobody is never hidden, and no column hides one cell alone beside others that count."""
    values = np.array(cells, float)
    hidden = find_small_values(values, float(under))
    assert not ((values > 0) & (values < under) & ~hidden).any()
    assert not hidden[values == 0].any()
    for number in range(values.shape[1]):
        mine = hidden[:, number]
        assert mine.sum() != 1 or (values[~mine, number] == 0).all()
