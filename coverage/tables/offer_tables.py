"""Tables of what can be done: items, families and bundles in reach, and the layers of fixed, mobile and remote."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.access.item_coverage import Offer, OfferKind, list_offers
from coverage.tables.cell_reading import build_table
from coverage.tables.evidence import Evidence
from coverage.tables.report_value import Column, Fact, Table

# Shares from which an item counts as done nearly everywhere, and below which as rare.
NEARLY_ALL = 0.95
FEW = 0.8
LAYERS: tuple[str, ...] = ("fixed", "mobile", "remote")

_TABLES: dict[OfferKind, str] = {"family": "families", "item": "items", "bundle": "bundles"}


def build_offers(evidence: Evidence, kind: OfferKind) -> Table | None:
    """Build who reaches each family, item or bundle, the lowest share first; of the family asked about, if any."""
    rows = []
    for offer in _list_wanted(evidence, kind):
        value, covered, total = evidence.read_indicator(f"B7.{kind}.{offer.id}")
        rates = [evidence.read_indicator(f"A1k.{level}.{offer.id}")[0] for level in ("county", "township")]
        if np.isfinite(value):
            rows.append((offer.id, offer.weight, float(offer.stations.sum()), total, covered, value, *rates))
    names = ["offer", "whom", "stations", "people", "people_covered", "share", "county_rate", "township_rate"]
    frame = pd.DataFrame(rows, columns=names).sort_values("share", kind="stable")
    table_id = _TABLES[kind]
    columns = (
        Column("offer", "word", kind),
        *((Column("whom", "word", "whom"),) if kind != "family" else ()),
        Column("stations", "count"),
        *(Column(name, "people", "any") for name in ("people", "people_covered")),
        Column("share", "share"),
        *((Column("county_rate", "share"), Column("township_rate", "share")) if kind == "item" else ()),
    )
    out = len(_list_wanted(evidence, kind, in_scope=False)) if kind == "item" else 0
    return build_table(
        table_id,
        columns,
        frame,
        notes=(table_id, *(("out_of_scope",) if out else ())),
        optional=("county_rate", "township_rate"),
        facts=(Fact("items_out", float(out), "count"),),
    )


def _list_wanted(evidence: Evidence, kind: OfferKind, *, in_scope: bool = True) -> list[Offer]:
    """List the families, items or bundles that have to do with what is asked; no family where one is asked about.

    Those in scope, offered or not; or those out of it.
    """
    catalogue, choice = evidence.study.catalogue, evidence.question.choice
    family = choice.family or (catalogue.item(choice.service).family if choice.service else "")
    items = {item.id for item in catalogue.items if family in ("", item.family)}
    wanted = {
        "family": set() if family else {one.id for one in catalogue.families},
        "item": items,
        "bundle": {bundle.id for bundle in catalogue.bundles if items & set(bundle.items)},
    }[kind]
    offers = list_offers(evidence.study, choice)
    scope = evidence.answer.scope
    return [one for one in offers if one.kind == kind and one.id in wanted and scope.has(kind, one.id) == in_scope]


def build_item_counts(evidence: Evidence) -> Table | None:
    """Build how many items are in reach of nearly all, of how few people others are, and how many nobody offers."""
    items = build_offers(evidence, "item")
    if items is None:
        return None
    share = items.rows["share"].to_numpy(float)
    nowhere = _list_not_offered(evidence)
    row = {
        "items": float(len(share)),
        "items_nearly_all": float((share >= NEARLY_ALL).sum()),
        "items_few": float((share < FEW).sum()),
        "lowest_share": float(share.min()),
        "items_nowhere": float((nowhere["offer_kind"] == "item").sum()),
        "bundles_nowhere": float((nowhere["offer_kind"] == "bundle").sum()),
    }
    columns = (
        *(Column(name, "count") for name in ("items", "items_nearly_all", "items_few")),
        Column("lowest_share", "share"),
        *(Column(name, "count") for name in ("items_nowhere", "bundles_nowhere")),
    )
    return build_table("item_counts", columns, pd.DataFrame([row]))


def build_not_offered(evidence: Evidence) -> Table | None:
    """Build the items no station offers, and the bundles no place can do as a whole."""
    columns = (Column("offer_kind", "word", "report.offer"), Column("offer", "word"))
    return build_table("not_offered", columns, _list_not_offered(evidence), notes=("bundles",))


def _list_not_offered(evidence: Evidence) -> pd.DataFrame:
    kinds: tuple[OfferKind, ...] = ("item", "bundle")
    rows = [
        (kind, f"{kind}.{offer.id}")
        for kind in kinds
        for offer in _list_wanted(evidence, kind)
        if not offer.stations.any()
    ]
    return pd.DataFrame(rows, columns=["offer_kind", "offer"])


def build_layers(evidence: Evidence) -> Table | None:
    """Build who is inside by fixed points, by circuit and mobile points too, and by a remote channel too.

    The three are never added up. None where no item is asked about and the second layer adds nobody.
    """
    read = {layer: evidence.read_indicator(f"B12.{layer}") for layer in LAYERS}
    if not evidence.question.service and not read["mobile"][0] > read["fixed"][0]:
        return None
    nan = float("nan")
    often = {"mobile": tuple(evidence.read_indicator(f"B13.{name}")[0] for name in ("hours", "visits"))}
    rows = [
        (layer, covered, total, share, *often.get(layer, (nan, nan)))
        for layer, (share, covered, total) in read.items()
        if np.isfinite(total)
    ]
    is_unknown = not np.isfinite(read["remote"][0])
    columns = (
        Column("layer", "word", "report.layer"),
        *(Column(name, "people", evidence.whom) for name in ("people_covered", "people")),
        Column("share", "share"),
        Column("hours_week", "hours"),
        Column("visits_month", "visits"),
    )
    often_columns = ("hours_week", "visits_month")
    frame = pd.DataFrame(rows, columns=["layer", "people_covered", "people", "share", *often_columns])
    notes = ("layers", "remote_unknown") if is_unknown else ("layers",)
    return build_table("layers", columns, frame, notes=notes, optional=often_columns)
