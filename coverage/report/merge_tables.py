"""Tables of a merged report whose figures are sums over its studies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from coverage.inputs.schema import DISTRICT_LEVELS, WHOLE_STUDY
from coverage.tables.cell_reading import build_table
from coverage.tables.report_value import Column, Table


def build_merged_total(counties: Table) -> Table:
    """Build the one row of all counties together."""
    rows = counties.rows
    sums = {name: float(rows[name].sum()) for name in rows.columns if counties.column(name).kind in ("people", "count")}
    frame = pd.DataFrame([{"counties": float(len(rows)), **sums}])
    frame = frame.assign(
        share=frame["covered"] / frame["people"],
        share_bingtuan=(frame["covered_bingtuan"] / frame["people_bingtuan"]).where(frame["people_bingtuan"] > 0),
    )
    columns = (Column("counties", "count"), *counties.columns[1:])
    table = build_table("merged_total", columns, frame, notes=("merged_added",))
    if table is None:
        raise ValueError("no row")  # there is always the one made above
    return table


def build_merged_levels(parts: Sequence[tuple[pd.DataFrame, frozenset[str], int]]) -> Table | None:
    """Build established and reached units by level, all and those of the corps.

    Parameters
    ----------
    parts
        By study its indicators, the ids of its districts of the corps, and how many counties it has. Counties of a
        study without units of a level are not in its rates: how many they are is in a column.
    """
    rows = []
    for level in DISTRICT_LEVELS:
        whole = [_sum(table, (f"A1.{level}", f"B2.{level}"), WHOLE_STUDY, None) for table, _, _ in parts]
        corps = [_sum(table, (f"A1.{level}", f"B2.{level}"), level, ids) for table, ids, _ in parts]
        established, units, reached, populated = np.sum(whole, axis=0)
        if units == 0:
            continue
        rows.append(
            {
                "unit_level": level,
                "counties_unknown": float(
                    sum(count for (_, _, count), own in zip(parts, whole, strict=True) if own[1] == 0)
                ),
                "units": units,
                "units_established": established,
                "established_rate": established / units,
                "units_with_people": populated,
                "units_reached": reached,
                "unit_reach_rate": reached / populated if populated else np.nan,
                **dict(
                    zip(
                        ("established_bingtuan", "units_bingtuan", "reached_bingtuan", "populated_bingtuan"),
                        np.sum(corps, axis=0).tolist(),
                        strict=True,
                    )
                ),
            }
        )
    columns = (
        Column("unit_level", "word", "unit"),
        *(Column(name, "count") for name in ("units", "units_established")),
        Column("established_rate", "share"),
        *(Column(name, "count") for name in ("units_with_people", "units_reached")),
        Column("unit_reach_rate", "share"),
        *(Column(name, "count") for name in ("units_bingtuan", "established_bingtuan", "reached_bingtuan")),
        Column("counties_unknown", "count"),
    )
    return build_table("merged_levels", columns, pd.DataFrame(rows), notes=("merged_added", "merged_bingtuan"))


def _sum(
    table: pd.DataFrame, codes: tuple[str, str], unit_level: str, ids: frozenset[str] | None
) -> tuple[float, float, float, float]:
    """Sum numerator and denominator of two indicators over units."""
    mine = table[table["unit_level"] == unit_level]
    if ids is not None:
        mine = mine[mine["unit_id"].astype(str).isin(ids)]
    one, other = (mine[mine["code"] == code][["numerator", "denominator"]].sum().to_numpy(float) for code in codes)
    return float(one[0]), float(one[1]), float(other[0]), float(other[1])
