"""What the Methods page says: paragraphs, the settings of a study in sentences, and tables of texts."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from coverage.inputs.indicator_registry import INDICATORS
from coverage.inputs.schema import STATUSES
from coverage.inputs.study import Source, Study
from coverage.network.speeds import Pairs, SpeedTable
from geodata.answers.write_assessment import describe_run
from geodata.maps.labels import Markup
from geodata.words import number_format
from geodata.words.i18n import Translator, choose_half
from pages.ui import indicator_tables, markup, terms

TRAVEL: tuple[str, ...] = ("legs", "roads", "search", "turns", "direction", "rounding", "restricted")
ENGINES: tuple[str, ...] = ("search", "geometry", "roads", "tables", "screens")
_WIDTHS = ("surface", "smoothness", "tracktype", "service")


def describe_settings(study: Study, tr: Translator) -> list[str]:
    """Say the settings of a study in plain sentences."""
    settings, snap = study.settings, study.settings.snap
    cutoffs = tr("list.comma").join(f"{one:g}" for one in settings.cutoffs_min)
    said = [
        tr("method.set.mode", mode=tr(f"mode.{settings.mode}"), table=study.speeds.id),
        tr(f"method.set.direction_{settings.direction}"),
        tr("method.set.cutoff", minutes=f"{settings.cutoff_min:g}", cutoffs=cutoffs),
        tr(
            "method.set.season",
            season=terms.season_name(settings.season, tr),
            seasons=tr("list.comma").join(terms.season_name(one, tr) for one in study.speeds.season_names),
        ),
        tr("method.set.snap", metres=number_format.number(snap.max_access_m), kph=f"{snap.access_kph:g}"),
        tr("method.set.component", km=f"{snap.min_component_km:g}"),
    ]
    if snap.motorway_within_m > 0:
        said.append(tr("method.set.motorway_within", metres=f"{snap.motorway_within_m:g}"))
    else:
        said.append(tr("method.set.motorway_never"))
    return [*said, *_describe_rules(study, tr)]


def _describe_rules(study: Study, tr: Translator) -> list[str]:
    """Say what a study rules besides times: its thresholds, who may go where, closed roads, the mix of modes."""
    said = [tr("method.set.own" if study.settings.own_jurisdiction else "method.set.free")]
    if study.thresholds is not None:
        table = study.thresholds
        said.append(
            tr(
                "method.set.thresholds",
                name=terms.say(table.name, tr),
                source=choose_half(table.source, tr.language),
                count=len(table.rules),
            )
        )
    if study.closures:
        said.append(tr("method.set.closures", count=len(study.closures)))
    if study.mode_mix is not None:
        shares = tr("list.comma").join(
            f"{tr(f'zone.{zone}')} {number_format.percent(share, 0)}" for zone, share in study.mode_mix.without_car
        )
        said.append(tr("method.set.mix", mode=tr(f"mode.{study.mode_mix.other}"), shares=shares))
    if study.targets:
        said.append(tr("method.set.targets", count=len(study.targets)))
    return said


def list_classes_of_people(tr: Translator) -> pd.DataFrame:
    """List the four classes everybody falls into, one of them each."""
    names = [tr(f"method.class.{status}") for status in STATUSES]
    meanings = [tr(f"method.class.{status}_means") for status in STATUSES]
    return pd.DataFrame({tr("method.column.class"): names, tr("method.column.meaning"): meanings})


def list_speeds(speeds: SpeedTable, tr: Translator) -> pd.DataFrame:
    """List the speed of every road class in every season, in the country, and the factor in town, as texts.

    A season's factor is that of the class, else the one of ``"*"``.
    """
    seasons, urban = dict(speeds.seasons), dict(speeds.urban_factor)
    rows = []
    for road, kph in sorted(speeds.speeds_kph, key=lambda pair: (-pair[1], pair[0])):
        row = {tr("column.road_class"): say_class(road, tr)}
        for season in speeds.season_names:
            factors = dict(seasons.get(season, ()))
            driven = kph * factors.get(road, factors.get("*", 1.0))
            row[terms.season_name(season, tr)] = f"{driven:.1f}" if driven > 0 else tr("method.closed")
        row[tr("method.column.town_factor")] = f"{urban.get(road, urban.get('*', 1.0)):g}"
        rows.append(row)
    return pd.DataFrame(rows)


def say_class(road: str, tr: Translator) -> str:
    """Name a road class, with its tag in the road data."""
    return _add_id(terms.road_name(road, tr), road, tr)


def list_limits(speeds: SpeedTable, tr: Translator) -> pd.DataFrame:
    """List the upper limits by surface, smoothness, grade of track and kind of service road, as texts."""
    tables: tuple[Pairs, ...] = (speeds.surface_kph, speeds.smoothness_kph, speeds.tracktype_kph, speeds.service_kph)
    rows = [
        (tr(f"method.tag.{tag}"), _say_tag(tag, value, tr), f"{kph:g}")
        for tag, pairs in zip(_WIDTHS, tables, strict=True)
        for value, kph in sorted(pairs, key=lambda pair: -pair[1])
    ]
    columns = [tr("method.column.tag"), tr("method.column.tag_value"), tr("method.column.limit")]
    return pd.DataFrame(rows, columns=columns)


def _say_tag(tag: str, value: str, tr: Translator) -> str:
    return _add_id(tr.word(f"method.tag.{tag}.{value.replace('-', '_')}", value), value, tr)


def _add_id(text: str, identity: str, tr: Translator) -> str:
    """Put the id behind a word for it, as people meet it in the road data."""
    return text if text == identity else f"{text} {identity}" if tr.language == "zh_CN" else f"{text} ({identity})"


def list_delays(speeds: SpeedTable, tr: Translator) -> pd.DataFrame:
    """List the seconds lost at junctions and turns, as texts."""
    turns = speeds.turns
    turning = (("turn", turns.turn_s), ("oncoming_turn", turns.oncoming_turn_s), ("u_turn", turns.u_turn_s))
    rows = [(tr(f"method.delay.{kind}"), f"{seconds:g}") for kind, seconds in (*speeds.delays_s, *turning)]
    return pd.DataFrame(rows, columns=[tr("method.column.delay"), tr("method.column.seconds")])


def list_indicators(tr: Translator, group: str = "") -> pd.DataFrame:
    """List the definitions of a group, or all: code, name, unit, formula, denominator and source, as texts."""
    rows = []
    for one in INDICATORS:
        if group and indicator_tables.find_group(one.code) != group:
            continue
        rows.append(
            {
                tr("method.column.code"): one.code,
                tr("indicators.column.name"): tr(f"indicator.{one.code}.name"),
                tr("indicators.column.formula"): tr(f"indicator.{one.code}.formula"),
                tr("indicators.column.denominator"): tr(f"indicator.{one.code}.denominator"),
                tr("method.column.unit"): tr(f"method.unit.{one.unit}"),
                tr("indicators.column.source"): tr(f"indicator.{one.code}.source"),
            }
        )
    return pd.DataFrame(rows)


def draw_definitions(tr: Translator) -> Markup:
    """Draw every definition in one table, group by group."""
    head = [markup.element("th", markup.words(title), look="p-left") for title in list_indicators(tr).columns]
    rows = [markup.element("tr", *head)]
    for group, _ in indicator_tables.GROUPS:
        name = markup.words(tr(f"indicators.group.{group}"))
        rows.append(markup.element("tr", Markup(f'<td colspan="{len(head)}">{name}</td>'), look="p-group"))
        for values in list_indicators(tr, group).to_numpy(object).tolist():
            cells = [markup.element("td", markup.words(value), look="p-left") for value in values]
            rows.append(markup.element("tr", *cells))
    return markup.element("table", *rows, look="p-table")


def list_versions(study: Study, tr: Translator) -> pd.DataFrame:
    """List the versions of the planner and its libraries, and the fingerprints of study and network, as texts."""
    run = describe_run(study, {}, dt.datetime.now(dt.UTC))
    versions = run["versions"]
    if not isinstance(versions, dict):
        raise TypeError("versions is a mapping")
    rows = [(tr("method.planner"), run["planner"]), *versions.items(), (tr("method.fingerprint"), study.fingerprint)]
    if study.network is not None:
        rows.append((tr("method.network_fingerprint"), study.network.fingerprint))
    return pd.DataFrame(rows, columns=[tr("method.column.part"), tr("method.column.version")])


def list_inputs(sources: tuple[Source, ...], tr: Translator) -> pd.DataFrame:
    """List the inputs with their size, rows and the whole SHA-256, as texts."""
    rows = []
    for source in sources:
        counted = source.rows_in > 0
        rows.append(
            {
                tr("column.role"): tr(f"role.{source.role}"),
                tr("column.file"): source.path,
                "SHA-256": source.sha256,
                tr("column.size"): f"{source.size_bytes / 1000:,.0f} kB",
                tr("column.rows_in"): number_format.number(source.rows_in) if counted else number_format.MISSING,
                tr("column.rows_accepted"): (
                    number_format.number(source.rows_accepted) if counted else number_format.MISSING
                ),
                tr("column.rows_rejected"): (
                    number_format.number(source.rows_rejected) if counted else number_format.MISSING
                ),
            }
        )
    return pd.DataFrame(rows)
