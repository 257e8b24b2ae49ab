"""The layers of a merged report: those of every study one after the other, each row with its study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd

from coverage.inputs.study import Study
from geodata.documents.gis.layer_tables import LAYER_NAMES, ReportLayers

STUDY_COLUMN = "study"


def keep_own_stations(layers: ReportLayers, study: Study) -> ReportLayers:
    """Leave out stations beyond the border of a study: where it is merged, the study they stand in counts them."""
    if study.districts.empty:
        return layers
    return replace(layers, stations=layers.stations[layers.stations["district_id"].astype(str) != ""])


def merge_layers(parts: Sequence[tuple[Study, ReportLayers]]) -> ReportLayers:
    """Put the layers of several studies together.

    Parameters
    ----------
    parts
        One or more studies, each with its layers as they may be published.

    Returns
    -------
    Layers with the column `STUDY_COLUMN`, the id of the study of each row, before all others: ids of stations,
    people and gaps are unique within a study only. Limits are those of the first, which all were asked with.
    """
    tables: dict[str, Any] = {}
    for name in LAYER_NAMES:
        frames = [_mark(getattr(layers, name), study) for study, layers in parts]
        # An empty table has no types that the others would have to give up theirs for.
        full = [frame for frame in frames if len(frame)] or frames[:1]
        both = pd.concat(full)
        tables[name] = gpd.GeoDataFrame(both, geometry=both.geometry.name, crs=full[0].crs)
    first = parts[0][1]
    sources = dict.fromkeys(layers.attribution for _, layers in parts if layers.attribution)
    names = {name: one for _, layers in reversed(parts) for name, one in layers.names.items()}
    return replace(first, **tables, names=names, attribution="; ".join(sources))


def _mark(frame: gpd.GeoDataFrame, study: Study) -> gpd.GeoDataFrame:
    marked = frame.copy()
    marked.insert(0, STUDY_COLUMN, pd.Series(study.id, frame.index, dtype=object))
    return marked
