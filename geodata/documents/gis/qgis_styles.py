"""The styles of the layers of a report for QGIS: the palette and symbols of the web map, words of one language."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd

from coverage.inputs.indicator_registry import INDICATORS
from coverage.inputs.schema import DISTRICT_LEVELS
from geodata.documents.content.map_colours import GAP_EDGE, GAP_FILL, SITE_COLOUR, colour_of_band
from geodata.documents.gis.layer_tables import ReportLayers
from geodata.documents.gis.qgis_symbols import Rule, build_fill, build_labels, build_marker, build_renderer, build_style
from geodata.maps.palette import INSIDE_COLOURS, NO_ROUTE_COLOUR, OUTSIDE_COLOURS, UNCONNECTED_COLOUR, build_bands
from geodata.maps.symbols import size_of_level, style_of_family
from geodata.words.i18n import Language, Translator, find_text

_OUTLINES = {
    "prefecture": ("#3E4C59", 1.8, "solid"),
    "county": ("#52606D", 1.3, "solid"),
    "township": ("#7B8794", 0.7, "dash"),
    "village": ("#9AA5B1", 0.4, "dot"),
}
_VILLAGE_SCALE = 500_000
_DOT_PX = 5.0
_DISTRICT_NAMES = (
    "CASE WHEN \"level\" = 'village' AND @map_scale > 300000 THEN NULL "
    "WHEN \"level\" IN ('township', 'prefecture') AND @map_scale > 1200000 THEN NULL ELSE \"name\" END"
)
_INDICATOR_OF = {each.code.replace(".", "_"): each.code for each in INDICATORS}


def build_qgis_style(name: str, table: gpd.GeoDataFrame, layers: ReportLayers, language: Language) -> str:
    """Build the style (QML) of a layer of `ReportLayers`.

    Parameters
    ----------
    name
        Name of the layer.
    table
        The layer as it is written; it may lack columns that a redaction took away.
    layers
        All layers, for the threshold and the names of ids.
    language
        Of legends, titles of fields and what ids are called.
    """
    tr = Translator(language)
    rules = list(_RULES[name](table, layers, tr))
    labels = ""
    if name == "districts" and {"name", "level"} <= set(table.columns):
        labels = build_labels(_DISTRICT_NAMES, colour="#1F2933", size_pt=9.0)
    elif name == "gaps":
        labels = build_labels('"gap_id"', colour=GAP_EDGE, size_pt=9.0)
    elif name == "sites":
        labels = build_labels('"order"', colour="#FFFFFF", size_pt=9.0, halo=False, on_point=True)
    fields = [str(table.index.name or ""), *(str(column) for column in table.columns if column != table.geometry.name)]
    choices = {field: words for field in fields if (words := _name_ids(field, table, layers, tr))}
    return build_style(build_renderer(rules), labels=labels, aliases=list_titles(fields, tr.language), choices=choices)


def list_titles(fields: list[str], language: Language) -> dict[str, str]:
    """Return the titles of fields by their name; an indicator's is its code and name."""
    titles = {}
    for field in fields:
        code = _find_indicator_code(field)
        if code:
            named = find_text(f"indicator.{code}.name", language)
            level = find_text(f"unit.{field.rpartition('_')[2]}", language) if field not in _INDICATOR_OF else ""
            shown = code if field in _INDICATOR_OF else f"{code}.{field.rpartition('_')[2]}"
            titles[field] = " ".join(part for part in (shown, named, level) if part)
        elif field:
            titles[field] = find_text(f"report_field.{field}", language) or field
    return titles


def _find_indicator_code(field: str) -> str:
    return _INDICATOR_OF.get(field) or _INDICATOR_OF.get(field.rpartition("_")[0], "")


def _name_ids(field: str, table: gpd.GeoDataFrame, layers: ReportLayers, tr: Translator) -> dict[str, str]:
    """Name the ids that a field holds, {} where it holds data."""
    if field not in ("kind", "family", "level", "status", "operator", "missing", "remedy") or field not in table:
        return {}
    prefixes = {"status": ("station_status", "report_status"), "level": ("level", "unit")}.get(field, (field,))
    words = {}
    for one in sorted(map(str, table[field].dropna().unique())):
        name = layers.names.get(f"{field}.{one}")
        own = (name.en if tr.language == "en" else name.zh) if name is not None else ""
        found = (find_text(f"{prefix}.{one}", tr.language) for prefix in prefixes)
        words[one] = own or next((text for text in found if text), one)
    return words


def _rule_areas(table: gpd.GeoDataFrame, layers: ReportLayers, tr: Translator) -> Iterator[Rule]:
    for limit in sorted(table["to_min"].dropna().unique()) if "to_min" in table else []:
        symbol = build_fill(colour_of_band(float(limit), layers.cutoff_min), opacity=0.85)
        yield Rule(tr("band.upto", minutes=f"{limit:g}"), f'"to_min" = {limit:g}', symbol)


def _rule_demand(table: gpd.GeoDataFrame, layers: ReportLayers, tr: Translator) -> Iterator[Rule]:
    def dot(colour: str) -> str:
        return build_marker("circle", colour, _DOT_PX, width_px=0.4)

    bands = build_bands(layers.cutoff_min)
    for band in bands if "minutes" in table else ():
        is_last = band is bands[-1]
        lower = f'"minutes" > {band.low_min:g}' if band.low_min else '"minutes" >= 0'
        label = (
            tr("band.over", minutes=f"{band.low_min:g}") if is_last else tr("band.upto", minutes=f"{band.high_min:g}")
        )
        condition = lower if is_last else f'{lower} AND "minutes" <= {band.high_min:g}'
        yield Rule(label, condition, dot(band.colour))
    if "status" in table:
        # A redaction may have taken the minutes away; the class stays.
        unknown = '"minutes" IS NULL AND ' if "minutes" in table else ""
        yield Rule(tr("report_layer.hidden_covered"), f"{unknown}\"status\" = 'covered'", dot(INSIDE_COLOURS[1]))
        yield Rule(tr("report_layer.hidden_beyond"), f"{unknown}\"status\" = 'beyond'", dot(OUTSIDE_COLOURS[1]))
        yield Rule(tr("status.no_route"), "\"status\" = 'no_route'", dot(NO_ROUTE_COLOUR))
        yield Rule(tr("status.unconnected"), "\"status\" = 'unconnected'", dot(UNCONNECTED_COLOUR))


def _rule_districts(table: gpd.GeoDataFrame, layers: ReportLayers, tr: Translator) -> Iterator[Rule]:
    for level in reversed(DISTRICT_LEVELS):
        if "level" in table and (table["level"] == level).any():
            colour, width, dash = _OUTLINES[level]
            symbol = build_fill("", outline=colour, width_px=width, dash=dash)
            scale = _VILLAGE_SCALE if level == "village" else 0
            yield Rule(tr(f"unit.{level}"), f"\"level\" = '{level}'", symbol, scale)


def _rule_gaps(table: gpd.GeoDataFrame, layers: ReportLayers, tr: Translator) -> Iterator[Rule]:
    yield Rule(tr("report_layer.gaps"), "", build_fill(GAP_FILL, opacity=0.14, outline=GAP_EDGE, width_px=1.6))


def _rule_stations(table: gpd.GeoDataFrame, layers: ReportLayers, tr: Translator) -> Iterator[Rule]:
    if not {"family", "level", "status"} <= set(table.columns):
        yield Rule(tr("report_layer.stations"), "", build_marker("circle", SITE_COLOUR, size_of_level("township")))
        return
    families, levels = _name_ids("family", table, layers, tr), _name_ids("level", table, layers, tr)
    order = ["village", "township", "county", "prefecture", "region"]
    for family, family_word in families.items():
        style = style_of_family(family)
        for level in sorted(levels, key=lambda one: order.index(one) if one in order else -1):
            here = table[(table["family"] == family) & (table["level"] == level)]
            scale = _VILLAGE_SCALE if level == "village" else 0
            for is_existing in (False, True):
                if not ((here["status"] == "existing") == is_existing).any():
                    continue
                where = f'"family" = {_quote(family)} AND "level" = {_quote(level)} AND "status" '
                where += "= 'existing'" if is_existing else "<> 'existing'"
                label = f"{family_word} · {levels[level]}" + ("" if is_existing else tr("report_layer.not_existing"))
                symbol = build_marker(
                    style.shape,
                    style.colour if is_existing else "#FFFFFF",
                    size_of_level(level),
                    outline="#FFFFFF" if is_existing else style.colour,
                    dash="solid" if is_existing else "dash",
                )
                yield Rule(label, where, symbol, scale)


def _rule_sites(table: gpd.GeoDataFrame, layers: ReportLayers, tr: Translator) -> Iterator[Rule]:
    yield Rule(tr("report_layer.sites"), "", build_marker("circle", SITE_COLOUR, 22.0, width_px=2.0))


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_RULES = {
    "areas": _rule_areas,
    "demand": _rule_demand,
    "districts": _rule_districts,
    "gaps": _rule_gaps,
    "stations": _rule_stations,
    "sites": _rule_sites,
}
