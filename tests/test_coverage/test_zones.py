"""Zones: the degree of urbanisation on drawn toy cells, and what overrides it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from shapely.geometry import box

from coverage.errors import InputError
from coverage.inputs.zones import (
    DensityRule,
    _count_around,
    _find_cells,
    _label_sides,
    compute_urbanisation,
    compute_zones,
)
from coverage.units import compute_lengths_m

LAT = 44.0


def _find_middles(first: float, last: float, *, along_lat: bool) -> np.ndarray:
    """Return the middles of the cells between two longitudes or latitudes near 87° E, 44° N [degrees]."""
    fine = np.linspace(first, last, 20_001)
    other = np.full(len(fine), LAT if not along_lat else 87.0)
    row, column = _find_cells(other, fine, 1.0) if along_lat else _find_cells(fine, other, 1.0)
    number = row if along_lat else column
    cells = np.unique(number)[1:-1]  # the first and last are cut
    return np.array([fine[number == cell].mean() for cell in cells])


LONS, LATS = _find_middles(86.9, 87.5, along_lat=False), _find_middles(43.8, 44.2, along_lat=True)[::-1]


def _draw(picture: str, people: dict[str, float]) -> tuple[pd.DataFrame, list[tuple[int, int]]]:
    """Put people into the middles of cells as drawn; every letter is a cell with people, a dot has none."""
    rows = [line.strip() for line in picture.strip().splitlines()]
    cells = [(r, c, people[mark]) for r, line in enumerate(rows) for c, mark in enumerate(line) if mark in people]
    table = pd.DataFrame(
        {
            "lon": [LONS[c] for _, c, _ in cells],
            "lat": [LATS[15 + r] for r, _, _ in cells],
            "population": [p for *_, p in cells],
            "zone": "",
        },
        index=pd.Index([f"r{r}c{c}" for r, c, _ in cells], name="demand_id"),
    )
    return table, [(r, c) for r, c, _ in cells]


def _classify(picture: str, **people: float) -> str:
    """Return the drawn picture with each cell's class: C centre, u cluster, r rural."""
    table, cells = _draw(picture, people)
    found = compute_urbanisation(*(table[name].to_numpy(float) for name in ("lon", "lat", "population")))
    rows = [["."] * len(line.strip()) for line in picture.strip().splitlines()]
    for (r, c), name in zip(cells, found, strict=True):
        rows[r][c] = {"urban_centre": "C", "urban_cluster": "u", "rural": "r"}[name]
    return "\n".join("".join(line) for line in rows)


def test_cells_are_equal_in_area() -> None:
    """Between 36° and 48° N every cell has 1 km² of ground, wider and lower in the south."""
    lat = np.linspace(36.0, 48.0, 600_001)
    row, _ = _find_cells(np.full(len(lat), 87.0), lat, 1.0)
    lon = np.linspace(87.0, 97.0, 100_001)
    _, column = _find_cells(lon, np.full(len(lon), 42.0), 1.0)
    width_degrees = 10.0 / (len(np.unique(column)) - 1.5)
    edges = lat[1:][np.diff(row) > 0]
    south, north = edges[:-1], edges[1:]
    middle, east = (south + north) / 2.0, np.full(len(south), 87.0)
    height_m = compute_lengths_m(east, south, east, north)
    width_m = compute_lengths_m(east, middle, east + width_degrees, middle)
    area = height_m * width_m / 1e6
    assert (width_m[0] > 1050.0, width_m[-1] < 950.0) == (True, True)
    for part in np.array_split(area, 20):  # a single edge is known to 2 m only
        assert part.mean() == pytest.approx(1.0, abs=0.005)


def test_a_town_needs_density_and_people() -> None:
    """Three cells of 1,700 are a cluster (5,100); two (3,400) and a thin big area stay rural."""
    assert _classify("aaa", a=1700.0) == "uuu"
    assert _classify("aa", a=1700.0) == "rr"
    assert _classify("a" * 40, a=299.0) == "r" * 40
    assert _classify("a" * 17, a=300.0) == "u" * 17  # 5,100 people at exactly the limit
    assert _classify("a" * 16, a=300.0) == "r" * 16  # 4,800


def test_corners_join_a_cluster_but_not_a_centre() -> None:
    """Cells that touch at a corner are one cluster; a centre needs a common side."""
    diagonal = """
    a..
    .a.
    ..a"""
    assert _classify(diagonal, a=1700.0) == "u..\n.u.\n..u"
    # Two cells of 30,000 at a corner: 60,000 together, but no centre; side by side they are one.
    assert _classify("b.\n.b", b=30_000.0) == "u.\n.u"
    assert _classify("bb", b=30_000.0) == "CC"


def test_groups_and_neighbours_of_cells_are_those_of_image_processing() -> None:
    """Groups that touch by their sides and neighbours among eight are what scipy.ndimage finds on random boxes."""
    generator = np.random.default_rng(7)
    for _ in range(60):
        cells = generator.random(generator.integers(1, 24, 2)) < generator.random()
        mine, theirs = _label_sides(cells), ndimage.label(cells)[0]
        assert ((mine > 0) == (theirs > 0)).all()
        pairs = set(zip(mine.ravel().tolist(), theirs.ravel().tolist(), strict=True))
        assert len(pairs) == len(set(mine.ravel().tolist())) == len(set(theirs.ravel().tolist()))
        around = ndimage.convolve(cells.astype(np.int8), np.ones((3, 3), np.int8), mode="constant") - cells
        assert (_count_around(cells) == around).all()


def test_a_centre_has_its_holes_and_notches_filled() -> None:
    """A thin cell inside a ring (a park) and one in a notch belong to the centre, one outside does not."""
    ring = """
    bbbb.p
    bpbb..
    bbbb..
    bbpb..
    bbbb.."""
    assert _classify(ring, b=4000.0, p=10.0) == "CCCC.r\nCCCC..\nCCCC..\nCCCC..\nCCCC.."
    notch = """
    bbb.
    bppp
    bbb."""
    # The inner p has seven of its eight neighbours inside and is filled; the outer one has three.
    assert _classify(notch, b=8000.0, p=10.0) == "CCC.\nCCCr\nCCC."


def test_a_large_hole_stays_open() -> None:
    """A hole of 36 km² loses only its corners, one of 4 km² is filled altogether."""
    side = "b" * 8
    wide = "\n".join([side, "bp....pb", *["b..pp..b"] * 4, "bp....pb", side])
    shown = _classify(wide, b=5000.0, p=10.0).splitlines()
    assert shown[1] == "CC....CC"
    assert shown[3] == "C..rr..C"
    small = "\n".join(["bbbb", "bppb", "bppb", "bbbb"])
    assert _classify(small, b=5000.0, p=10.0) == "CCCC\nCCCC\nCCCC\nCCCC"


def _demand() -> pd.DataFrame:
    table, _ = _draw("aaa...p", {"a": 1700.0, "p": 50.0})
    return table


def test_density_gives_town_and_country() -> None:
    """Without other knowledge the cluster is urban and the rest rural; the answer is indexed like its input."""
    demand = _demand().sample(frac=1.0, random_state=3)
    zones = compute_zones(demand)
    assert zones.index.equals(demand.index)
    assert (zones.name, str(zones.dtype)) == ("zone", "str")
    assert dict(zones) == {"r0c0": "urban", "r0c1": "urban", "r0c2": "urban", "r0c6": "rural"}
    assert (demand["zone"] == "").all()


def test_the_table_overrides_density_and_its_people_still_count() -> None:
    """A given zone stays, and its people still make their neighbours a town."""
    demand = _demand()
    demand.loc["r0c0", "zone"] = "pastoral"
    assert list(compute_zones(demand)) == ["pastoral", "urban", "urban", "rural"]


def test_polygons_override_all() -> None:
    """Drawn zones count before the table; where two overlap the later one; an empty zone draws nothing."""
    demand = _demand()
    demand.loc["r0c0", "zone"] = "pastoral"
    west, south, east, north = demand["lon"].min(), LAT - 1.0, demand["lon"].max(), LAT + 1.0
    drawn = gpd.GeoDataFrame(
        {"zone": ["rural", "urban", ""]},
        geometry=[box(west, south, east, north), box(east, south, east + 1.0, north), box(west, south, east, north)],
        crs="EPSG:4326",
    )
    assert list(compute_zones(demand, polygons=drawn)) == ["rural", "rural", "rural", "urban"]
    assert list(compute_zones(demand, polygons=drawn.iloc[:0])) == ["pastoral", "urban", "urban", "rural"]


def test_unsuitable_zones_are_refused() -> None:
    """An unknown zone in the table or drawn, a layer without zones or in metres: each has its own code."""
    demand = _demand()
    area = gpd.GeoDataFrame({"zone": ["urban"]}, geometry=[box(86.0, 43.0, 88.0, 45.0)], crs="EPSG:4326")
    for unsuitable, code in (
        (area.assign(zone="suburb"), "zones.unknown"),
        (area.rename(columns={"zone": "kind"}), "zones.no_column"),
        (area.to_crs(3857), "zones.no_crs"),
        (area.set_crs(None, allow_override=True), "zones.no_crs"),
    ):
        with pytest.raises(InputError) as caught:
            compute_zones(demand, polygons=unsuitable)
        assert caught.value.code == code
    demand.loc["r0c0", "zone"] = "suburb"
    with pytest.raises(InputError) as caught:
        compute_zones(demand)
    assert caught.value.context["count"] == 1


def test_nobody_has_no_zone() -> None:
    """An empty table gives an empty answer of the same kind."""
    zones = compute_zones(_demand().iloc[:0])
    assert (len(zones), zones.name, str(zones.dtype)) == (0, "zone", "str")


@given(
    people=st.lists(st.floats(0.0, 20_000.0), min_size=1, max_size=40),
    seed=st.integers(0, 2**16),
    factor=st.floats(1.0, 5.0),
)
def test_more_people_never_make_a_town_rural(people: list[float], seed: int, factor: float) -> None:
    """Multiplying everybody only adds towns, and the order of rows changes nothing."""
    random = np.random.default_rng(seed)
    lon, lat = 87.0 + random.random(len(people)) * 0.08, LAT + random.random(len(people)) * 0.06
    weight = np.array(people)
    before = compute_urbanisation(lon, lat, weight)
    after = compute_urbanisation(lon, lat, weight * factor)
    assert not ((before != "rural") & (after == "rural")).any()
    assert not ((before == "urban_centre") & (after != "urban_centre")).any()
    order = random.permutation(len(people))
    assert (compute_urbanisation(lon[order], lat[order], weight[order]) == before[order]).all()


def test_limits_can_be_changed() -> None:
    """A study with its own rule gets its own towns."""
    table, _ = _draw("aa", {"a": 1700.0})
    columns = [table[name].to_numpy(float) for name in ("lon", "lat", "population")]
    assert set(compute_urbanisation(*columns)) == {"rural"}
    assert set(compute_urbanisation(*columns, rule=DensityRule(cluster_people=3000.0))) == {"urban_cluster"}
