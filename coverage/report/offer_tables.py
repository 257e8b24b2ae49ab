"""Tables of what can be done: items, families and bundles in reach, and the layers of fixed, mobile and remote."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.item_coverage import OfferKind, list_offers
from coverage.report.evidence import Evidence
from coverage.report.reading import build_table
from coverage.report.value import Column, Table

# Shares from which an item counts as done nearly everywhere, and below which as rare.
NEARLY_ALL = 0.95
FEW = 0.8
LAYERS: tuple[str, ...] = ("fixed", "mobile", "remote")


def build_offers(evidence: Evidence, kind: OfferKind) -> Table | None:
    """Build who reaches each family, item or bundle, the lowest share first."""
    rows = []
    for offer in list_offers(evidence.study, evidence.question.choice.status):
        if offer.kind != kind or not offer.stations.any():
            continue
        value, covered, total = evidence.read_indicator(f"B7.{kind}.{offer.id}")
        rates = [evidence.read_indicator(f"A1k.{level}.{offer.id}")[0] for level in ("county", "township")]
        rows.append((offer.id, offer.weight, float(offer.stations.sum()), total, covered, value, *rates))
    names = ["offer", "whom", "stations", "people", "people_covered", "share", "county_rate", "township_rate"]
    frame = pd.DataFrame(rows, columns=names).sort_values("share", kind="stable")
    frame = frame[frame["share"].notna()]
    columns = (
        Column("offer", "word", kind),
        *((Column("whom", "word", "whom"),) if kind != "family" else ()),
        Column("stations", "count"),
        *(Column(name, "number") for name in ("people", "people_covered")),
        Column("share", "share"),
        *((Column("county_rate", "share"), Column("township_rate", "share")) if kind == "item" else ()),
    )
    columns = tuple(Column(one.id, "people", "any") if one.kind == "number" else one for one in columns)
    notes = {"item": ("items",), "family": ("families",), "bundle": ("bundles",)}[kind]
    return build_table({"item": "items", "family": "families", "bundle": "bundles"}[kind], columns, frame,
                       notes=notes, optional=("county_rate", "township_rate"))  # fmt: skip


def build_item_counts(evidence: Evidence) -> Table | None:
    """Build how many items are in reach of nearly all, and of how few people others are."""
    items = build_offers(evidence, "item")
    if items is None:
        return None
    share = items.rows["share"].to_numpy(float)
    row = {
        "items": float(len(share)),
        "items_nearly_all": float((share >= NEARLY_ALL).sum()),
        "items_few": float((share < FEW).sum()),
        "lowest_share": float(share.min()),
    }
    columns = (*(Column(name, "count") for name in ("items", "items_nearly_all", "items_few")),
               Column("lowest_share", "share"))  # fmt: skip
    return build_table("item_counts", columns, pd.DataFrame([row]))


def build_layers(evidence: Evidence) -> Table | None:
    """Build who is inside by fixed points, by mobile stops too, and by a remote channel too; never added up."""
    rows = []
    for layer in LAYERS:
        share, covered, total = evidence.read_indicator(f"B12.{layer}")
        if np.isfinite(share):
            rows.append((layer, covered, total, share))
    columns = (
        Column("layer", "word", "report.layer"),
        *(Column(name, "people", evidence.whom) for name in ("people_covered", "people")),
        Column("share", "share"),
    )
    frame = pd.DataFrame(rows, columns=["layer", "people_covered", "people", "share"])
    return build_table("layers", columns, frame, notes=("layers",))
