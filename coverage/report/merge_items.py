"""Who reaches each service item in all studies of a merged report: a county that offers it nowhere counts as 0."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from coverage.inputs.schema import WHOLE_STUDY
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study
from coverage.report.merge_part import MergePart, find_homes, list_populated
from coverage.tables.cell_reading import build_table
from coverage.tables.report_value import Column, Fact, Table

_ITEM = "B7.item."


def build_merged_items(parts: Sequence[MergePart]) -> Table | None:
    """Build who reaches each item, the lowest share first, of all people it is for in all counties.

    The items are those in scope of any of the studies. A study whose catalogue does not know one has nobody who
    reaches it. The number of items out of scope is in the note.
    """
    weights = _list_weights(parts)
    in_scope = {item for part in parts for item in part.scope.items}
    reached = [_read_items(part) for part in parts]
    counties = [list_populated(part) for part in parts]
    rows = []
    for item, weight in weights.items():
        if item not in in_scope:
            continue
        covered = people = without = 0.0
        whom = []
        for part, known, all_of_them in zip(parts, reached, counties, strict=True):
            column = weight if weight in part.study.demand.columns else "population"
            whom.append(column)
            inside, total = known.get(item, (0.0, float(part.study.demand[column].sum())))
            covered, people = covered + inside, people + total
            without += len(all_of_them - _list_offering(part, item))
        rows.append((item, ";".join(dict.fromkeys(whom)), people, covered, without))
    names = ["offer", "whom", "people", "people_covered", "counties_without"]
    frame = pd.DataFrame(rows, columns=names)
    frame = frame.assign(share=(frame["people_covered"] / frame["people"]).where(frame["people"] > 0))
    columns = (
        Column("offer", "word", "item"),
        Column("whom", "word", "whom"),
        *(Column(name, "people", "any") for name in ("people", "people_covered")),
        Column("share", "share"),
        Column("counties_without", "count"),
    )
    out = len(weights) - len(rows)
    notes = ("merged_added", "merged_items", *(("out_of_scope",) if out else ()))
    frame = frame.sort_values("share", kind="stable")
    return build_table("merged_items", columns, frame, notes=notes, facts=(Fact("items_out", float(out), "count"),))


def _list_weights(parts: Sequence[MergePart]) -> dict[str, str]:
    """List the items of all catalogues in their order, and whom each is for."""
    weights: dict[str, str] = {}
    for part in parts:
        for item in part.study.catalogue.items:
            weights.setdefault(item.id, item.weight)
    return weights


def _read_items(part: MergePart) -> dict[str, tuple[float, float]]:
    """Read who reaches each item of a study, and whom it is for, by item."""
    table = part.indicators
    mine = table[(table["unit_level"] == WHOLE_STUDY) & table["code"].astype(str).str.startswith(_ITEM)]
    numbers = mine[["numerator", "denominator"]].to_numpy(float).tolist()
    codes = mine["code"].astype(str)
    return {code.removeprefix(_ITEM): (one[0], one[1]) for code, one in zip(codes, numbers, strict=True)}


def _list_offering(part: MergePart, item: str) -> set[str]:
    """List the counties of a study with a station that offers an item, whatever is asked besides."""
    study, choice = part.study, part.question.choice
    if not _knows(study, item):
        return set()
    asked = StationChoice(service=item, status=choice.status, on_date=choice.on_date)
    stations = study.stations[select_stations(study.stations, study.catalogue, asked)]
    return set(find_homes(study, stations)[1].tolist())


def _knows(study: Study, item: str) -> bool:
    return any(one.id == item for one in study.catalogue.items)
