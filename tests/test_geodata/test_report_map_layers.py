"""Maps of a report: layers agree with the answer, and with each other."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from report_samples import Sample, build_full, build_plain

from coverage.tables.report_value import Figure, MapLayer
from coverage.units import is_within
from geodata.documents.content.map_figures import _choose_limits, build_bands_layer, find_main_cutoff


def find_map(sample: Sample, figure_id: str) -> Figure:
    """Return a map of a report."""
    figures = [figure for section in sample.report.sections for figure in section.figures]
    return next(figure for figure in figures if figure.id == figure_id)


def find_layer(figure: Figure, kind: str) -> MapLayer:
    """Return a layer of a map."""
    return next(layer for layer in figure.layers if layer.kind == kind)


def test_bands_hold_the_people_of_their_minutes() -> None:
    """Each band counts the people whose time lies in it, and those without a time stand apart."""
    sample = build_full()
    frame = find_layer(find_map(sample, "map_reach"), "bands").frame
    demand = sample.answer.assessment.demand
    minutes, weight = demand["minutes"].to_numpy(), demand["weight"].to_numpy(float)
    below = np.zeros(len(minutes), bool)
    for row in frame[frame["kind"] == "within"].itertuples():
        now = is_within(minutes, row.band_min)
        assert row.people == weight[now & ~below].sum()
        assert row.geometry.is_valid
        below = now
    totals = sample.answer.assessment.totals
    people = frame.set_index("kind")["people"]
    assert people["no_route"] == totals.no_route
    assert people["unconnected"] == totals.unconnected
    assert np.isclose(frame["people"].sum(), totals.total)


def test_bands_do_not_overlap() -> None:
    """Bands are rings: two of them share no area."""
    frame = build_bands_layer(build_plain().answer, 30.0).frame
    shapes = frame.loc[frame["kind"] == "within", "geometry"].to_numpy()
    for number, shape in enumerate(shapes):
        for other in shapes[number + 1 :]:
            assert shapely.intersection(shape, other).area < 1e-9


@pytest.mark.parametrize(
    ("cutoff", "limits"),
    [
        (30.0, [10.0, 20.0, 30.0, 45.0, 60.0]),
        (15.0, [10.0, 15.0, 20.0, 30.0]),
        (60.0, [15.0, 30.0, 60.0]),
        (10.0, [10.0, 15.0, 20.0]),
    ],
)
def test_limits_split_at_the_threshold(cutoff: float, limits: list[float]) -> None:
    """The threshold is a limit of the bands, with at most three inside and two outside, all of them drawn."""
    assert _choose_limits([10.0, 15.0, 20.0, 30.0, 45.0, 60.0], cutoff) == limits


def test_layers_lie_in_their_order() -> None:
    """Bands lie lowest and sites on top; every frame is in WGS-84 and has its columns."""
    wanted = {
        "boundary": {"name"},
        "roads": {"name"},
        "bands": {"band_min", "kind", "people"},
        "gaps": {"gap_id", "people", "district"},
        "stations": {"name", "family", "level", "status"},
        "sites": {"order", "name", "family", "people"},
        "change": {"change", "people"},
    }
    sample = build_full()
    maps = [figure for section in sample.report.sections for figure in section.figures if figure.kind == "map"]
    assert [figure.id for figure in maps] == ["map_reach", "map_gaps", "map_sites", "map_change"]
    for figure in maps:
        for layer in figure.layers:
            assert layer.frame.crs.to_epsg() == 4326
            assert wanted[layer.kind] <= set(layer.frame.columns)
            assert len(layer.frame)
    assert [layer.kind for layer in maps[0].layers] == ["bands", "boundary", "roads", "stations"]
    assert maps[2].layers[-1].kind == "sites"
    # Change and bands never share a map.
    assert not any({"bands", "change"} <= {layer.kind for layer in figure.layers} for figure in maps)


def test_change_counts_those_who_are_lost() -> None:
    """The map of a scenario holds the people newly outside, where they live."""
    sample = build_full()
    frame = find_layer(find_map(sample, "map_change"), "change").frame.set_index("change")
    assert sample.comparison is not None
    assert frame.loc["loss", "people"] == sample.comparison.newly_lost
    lost = sample.comparison.points[sample.comparison.points["change"] == "newly_lost"]
    inside = shapely.contains_xy(frame.loc["loss", "geometry"], lost["lon"], lost["lat"])
    assert inside.all()


def test_the_main_threshold_is_that_of_most_people() -> None:
    """Where one threshold holds for all it splits the colours of every map."""
    sample = build_plain()
    assert find_main_cutoff(sample.answer) == 30.0 == find_map(sample, "map_reach").cutoff_min


def test_outlines_are_light() -> None:
    """Outlines and roads are few enough vertices for a page, and outlines stay valid."""
    figure = find_map(build_plain(), "map_reach")
    boundary, roads = find_layer(figure, "boundary").frame, find_layer(figure, "roads").frame
    assert shapely.get_num_coordinates(boundary.geometry.to_numpy()).sum() <= 20_000
    assert shapely.get_num_coordinates(roads.geometry.to_numpy()).sum() <= 30_000
    assert boundary.geometry.is_valid.all()
