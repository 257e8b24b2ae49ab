"""The map of a merged report: the bands of every study side by side, with the people of all of them."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.answer.answer import Answer
from coverage.tables.report_value import Figure, MapLayer
from geodata.documents.content.map_figures import CRS, build_bands_layer, build_boundary, find_main_cutoff


def build_merged_map(answers: Sequence[Answer]) -> Figure:
    """Build the map of several studies that were asked the same; limits are those of the first."""
    cutoff = find_main_cutoff(answers[0])
    bands = pd.concat([build_bands_layer(answer, cutoff).frame for answer in answers], ignore_index=True)
    order = bands.drop_duplicates(["band_min", "kind"])[["band_min", "kind"]]
    # Those without a limit come last, longer times before no way at all.
    order = order.sort_values("band_min", kind="stable", na_position="last")
    rows: list[dict[str, object]] = []
    shapes: list[shapely.Geometry | None] = []
    for limit, kind in order.itertuples(index=False):
        same = bands["band_min"].isna() if pd.isna(limit) else bands["band_min"] == limit
        mine = bands[same & (bands["kind"] == kind)]
        drawn = [shape for shape in mine.geometry if shape is not None and not shape.is_empty]
        rows.append({"band_min": limit, "kind": kind, "people": float(mine["people"].sum())})
        shapes.append(shapely.union_all(drawn) if drawn else None)
    frame = gpd.GeoDataFrame(rows, geometry=np.array(shapes, object), crs=CRS)
    found = [build_boundary(answer.basis.study) for answer in answers]
    outlines = pd.concat([layer.frame for layer in found if layer is not None] or [gpd.GeoDataFrame()])
    layers = [MapLayer("bands", frame)]
    if len(outlines):
        layers.append(MapLayer("boundary", gpd.GeoDataFrame(outlines.reset_index(drop=True), crs=CRS)))
    return Figure("merged_map", "map", tuple(layers), cutoff_min=cutoff, whom=answers[0].assessment.weight_column)
