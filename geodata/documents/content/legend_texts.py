"""Legends of maps in words: bands with the people in each, and what every symbol stands for."""

from __future__ import annotations

from collections.abc import Iterator

from coverage.tables.report_value import Figure, MapLayer
from geodata.documents.content.cell_numbers import say_people
from geodata.documents.content.document import LegendEntry
from geodata.documents.content.id_names import Words

# The size a family's symbol is shown in where levels are not told apart.
_USUAL_LEVEL = "township"


def list_entries(figure: Figure, words: Words) -> Iterator[LegendEntry]:
    """List the lines of a map's legend: bands first, then areas, points, lines; a chart has none."""
    layers = {layer.kind: layer for layer in figure.layers}
    tr = words.tr
    if "bands" in layers:
        yield from _list_bands(layers["bands"], figure.whom, words)
    if "change" in layers:
        for change, people in layers["change"].frame[["change", "people"]].itertuples(index=False):
            yield LegendEntry(
                str(change), _with_people(tr(f"report.legend.{change}"), float(people), figure.whom, words)
            )
    if "gaps" in layers:
        people = float(layers["gaps"].frame["people"].sum())
        text = tr("report.legend.gap", count=len(layers["gaps"].frame))
        yield LegendEntry("gap", _with_people(text, people, figure.whom, words))
    if "sites" in layers:
        yield LegendEntry("site", tr("report.legend.site"))
    if "stations" in layers:
        yield from _list_stations(layers["stations"], words)
    for kind in ("boundary", "water", "roads"):
        if kind in layers:
            yield LegendEntry(kind, tr(f"report.legend.{kind}"))


def _list_stations(layer: MapLayer, words: Words) -> Iterator[LegendEntry]:
    """List the symbols of stations: by level where there is one family, else by family."""
    present = set(layer.frame["family"])
    families = [one for one in words.list_ids("family") if one in present]
    if len(families) == 1:
        for level in (one for one in words.list_ids("level") if one in set(layer.frame["level"])):
            yield LegendEntry(f"station.{families[0]}.{level}", words.find("level", level))
        return
    for family in families:
        yield LegendEntry(f"station.{family}.{_USUAL_LEVEL}", words.find("family", family))


def _list_bands(layer: MapLayer, whom: str, words: Words) -> Iterator[LegendEntry]:
    tr = words.tr
    limits = layer.frame.loc[layer.frame["kind"] == "within", "band_min"]
    last = f"{limits.max():g}" if len(limits) else "0"
    is_drawn = ~(layer.frame.geometry.isna() | layer.frame.geometry.is_empty)
    rows = layer.frame[["band_min", "kind", "people"]].assign(is_drawn=is_drawn)
    for limit, kind, people, is_area in rows.itertuples(index=False):
        if kind == "within":
            text, symbol = tr("band.upto", minutes=f"{limit:g}"), f"band.{limit:g}"
        elif kind == "over":
            text, symbol = tr("band.over", minutes=last), "band.inf"
        else:
            text, symbol = tr(f"status.{kind}"), f"band.{kind}"
            if not people:
                continue
        # Without a road there is no ground to colour: these people are counted, and found on no area of the map.
        text = text if is_area else tr("report.legend.not_drawn", text=text)
        yield LegendEntry(symbol, _with_people(text, float(people), whom, words))


def _with_people(text: str, people: float, whom: str, words: Words) -> str:
    return words.tr("report.legend.people", text=text, people=say_people(people, whom, words.tr))
