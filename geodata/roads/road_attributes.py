"""Columns of a road layer, under whatever name, to the tags that decide speed and access."""

from __future__ import annotations

import re

import geopandas as gpd
import pandas as pd

from coverage.errors import DataIssue

# Tag → names its column may have, compared in lower case; the first one found is used.
_COLUMN_NAMES: dict[str, tuple[str, ...]] = {
    "highway": (
        *("highway", "fclass", "class", "roadclass", "road_class", "road_type", "roadtype"),
        *("道路等级", "道路类别", "道路类型", "公路等级", "技术等级", "行政等级", "等级", "类型"),
    ),
    "oneway": ("oneway", "one_way", "单行", "单行线", "单行道", "单向", "通行方向"),
    "maxspeed": ("maxspeed", "max_speed", "speedlimit", "speed_limit", "限速", "最高限速", "最高时速"),
    "surface": ("surface", "路面", "路面类型", "路面材料", "路面材质"),
    "bridge": ("bridge", "is_bridge", "isbridge", "桥梁", "桥", "是否桥梁"),
    "tunnel": ("tunnel", "is_tunnel", "istunnel", "隧道", "是否隧道"),
    "structure": ("brunnel", "structure", "structure_type", "桥隧", "桥隧类型", "构造物", "构造物类型"),
    "layer": ("layer", "z_level", "zlevel", "层", "层级"),
}
# What a road was designed for is no posted limit: roads are driven faster and slower than it, and only some have it.
_DESIGN_SPEED = (
    "设计时速",
    "设计速度",
    "设计车速",
    "设计行车速度",
    "计算行车速度",
    "design_speed",
    "designspeed",
    "design speed",
)
_UNIT = re.compile(r"[（(\[].*$")
_SAME_NAME = (
    *("smoothness", "tracktype", "service", "junction", "access", "vehicle", "motor_vehicle", "motorcar", "foot"),
    *("bicycle", "maxspeed:forward", "maxspeed:backward", "route", "duration", "area", "motorroad"),
)
_CLASSES: dict[str, str] = {
    "高速": "motorway",
    "高速公路": "motorway",
    "国家高速": "motorway",
    "国道": "trunk",
    "城市快速路": "trunk",
    "城市快速道路": "trunk",
    "快速路": "trunk",
    "快速道路": "trunk",
    "一级公路": "trunk",
    "省道": "primary",
    "主干路": "primary",
    "主干道": "primary",
    "城市主干路": "primary",
    "二级公路": "primary",
    "县道": "secondary",
    "次干路": "secondary",
    "次干道": "secondary",
    "城市次干路": "secondary",
    "三级公路": "secondary",
    "乡道": "tertiary",
    "支路": "tertiary",
    "城市支路": "tertiary",
    "四级公路": "tertiary",
    "村道": "unclassified",
    "等外公路": "unclassified",
    "专用公路": "unclassified",
    "居住区道路": "residential",
    "小区道路": "residential",
    "内部道路": "service",
    "匝道": "motorway_link",
    "台阶": "steps",
    "梯道": "steps",
    "机耕道": "track",
    "机耕路": "track",
    "牧道": "track",
    "人行道": "footway",
    "步行街": "pedestrian",
    "自行车道": "cycleway",
    "小路": "path",
    "unknown": "unclassified",
    "local": "residential",
    "street": "residential",
}
_SURFACES: dict[str, str] = {
    "沥青": "asphalt",
    "柏油": "asphalt",
    "沥青混凝土": "asphalt",
    "水泥": "concrete",
    "混凝土": "concrete",
    "水泥混凝土": "concrete",
    "砂石": "gravel",
    "沙石": "gravel",
    "碎石": "gravel",
    "砾石": "gravel",
    "土路": "dirt",
    "土": "dirt",
    "无路面": "unpaved",
}
_OSM_CLASSES = frozenset(
    [
        "motorway",
        "trunk",
        "primary",
        "secondary",
        "tertiary",
        "motorway_link",
        "trunk_link",
        "primary_link",
        "secondary_link",
        "tertiary_link",
        "unclassified",
        "residential",
        "living_street",
        "service",
        "road",
        "track",
        "pedestrian",
        "footway",
        "path",
        "steps",
        "cycleway",
        "bridleway",
        "corridor",
        "platform",
        "busway",
        "bus_guideway",
        "raceway",
        "construction",
        "proposed",
        "razed",
        "abandoned",
        "escape",
        "via_ferrata",
        "ferry",
        "elevator",
        "services",
        "rest_area",
        "emergency_bay",
        "no",
        "disused",
        "planned",
    ]
)
_ONEWAY: dict[str, str] = {
    **dict.fromkeys(("yes", "true", "1", "1.0", "ft", "y", "t", "是", "单向", "单行", "正向", "forward"), "yes"),
    **dict.fromkeys(("-1", "-1.0", "tf", "reverse", "backward", "反向", "逆向"), "-1"),
    **dict.fromkeys(("no", "false", "0", "0.0", "b", "n", "f", "否", "双向", "双行", "both"), "no"),
    **dict.fromkeys(("reversible", "alternating", "潮汐"), "reversible"),
}
# Letters as extracts in shapefile form use them: F along the line, T against it, B both ways.
_ONEWAY_LETTERS = {"f": "yes", "t": "-1", "b": "no"}
# What bridge and tunnel may hold besides the words of OpenStreetMap.
_TRUE = frozenset({"yes", "true", "t", "y", "1", "1.0", "是", "有"})
_BRIDGES = frozenset({"bridge", "viaduct", "elevated", "桥", "桥梁", "大桥", "高架", "高架桥", "立交桥"})
_TUNNELS = frozenset({"tunnel", "underground", "隧", "隧道", "地下", "地下通道"})
_OSM_BRIDGES = frozenset({"viaduct", "boardwalk", "low_water_crossing", "cantilever", "movable", "trestle", "aqueduct"})
_OSM_TUNNELS = frozenset({"building_passage", "culvert", "covered", "avalanche_protector", "flooded"})


def find_columns(frame: gpd.GeoDataFrame) -> dict[str, str]:
    """Find which column of a road layer holds which tag."""
    by_name = {str(column).strip().lower(): str(column) for column in frame.columns}
    wanted = _COLUMN_NAMES | {key: (key,) for key in _SAME_NAME}
    return {
        tag: by_name[name]
        for tag, names in wanted.items()
        for name in [next((name for name in names if name in by_name), "")]
        if name
    }


def read_attributes(frame: gpd.GeoDataFrame, source: str) -> tuple[pd.DataFrame, list[DataIssue]]:
    """Translate the columns of a road layer to OpenStreetMap tags.

    Parameters
    ----------
    frame
        The layer; columns are found by name in any case, English or Chinese.
    source
        Name of the input, for issues.

    Returns
    -------
    One text column per tag found and ``level`` (int: which lines cross at the same height), on the
    frame's index; an empty text means nothing is said. And what could not be understood.
    """
    issues: list[DataIssue] = []
    columns = find_columns(frame)
    text = pd.DataFrame(
        {tag: _as_text(frame[column]) for tag, column in columns.items()}, index=frame.index, dtype="str"
    )
    text = _read_classes(text, columns, source, issues)
    if "oneway" in text:
        text["oneway"] = _read_oneway(text["oneway"], columns["oneway"], source, issues)
    if "maxspeed" in text:
        # Zero is how shapefiles without empty cells say that no limit is known.
        text["maxspeed"] = text["maxspeed"].str.replace(r"\.0+$", "", regex=True).replace({"0": "", "-1": ""})
    issues.extend(_find_design_speeds(frame, source))
    if "surface" in text:
        text["surface"] = text["surface"].replace(_SURFACES)
    text = _read_structures(text)
    text["level"] = _read_level(text)
    return text, issues


def _find_design_speeds(frame: gpd.GeoDataFrame, source: str) -> list[DataIssue]:
    """Name the columns of design speeds, which are not used."""
    found = []
    for column in frame.columns:
        if _UNIT.sub("", str(column)).strip().lower() not in _DESIGN_SPEED:
            continue
        values = _as_text(frame[column])
        stated = (values != "") & (pd.to_numeric(values, errors="coerce") != 0)
        if stated.any():
            rows = stated.to_numpy().nonzero()[0]
            first = str(values.iloc[int(rows[0])]).removesuffix(".0")
            found.append(DataIssue("roads.design_speed", "note", source, len(rows), column=str(column), value=first))
    return found


def _as_text(column: pd.Series) -> pd.Series:
    cleaned = column.astype("str").fillna("").str.strip().str.lower()
    return cleaned.replace({"nan": "", "none": "", "null": "", "<na>": ""})


def _read_classes(text: pd.DataFrame, columns: dict[str, str], source: str, issues: list[DataIssue]) -> pd.DataFrame:
    if "highway" not in text:
        issues.append(DataIssue("roads.no_class_column", "warning", source, len(text)))
        return text.assign(highway="unclassified")
    classes = text["highway"].str.replace(" ", "_", regex=False).replace(_CLASSES)
    grade = classes.str.extract(r"^track_(grade[1-5])$", expand=False).fillna("")
    if (grade != "").any():
        stated = text["tracktype"] if "tracktype" in text else pd.Series("", index=text.index)
        text = text.assign(tracktype=stated.where(stated != "", grade))
        classes = classes.where(grade == "", "track")
    unknown = (classes != "") & ~classes.isin(_OSM_CLASSES)
    if unknown.any():
        issues.append(_describe("roads.class_unknown", text["highway"], unknown, columns["highway"], source))
    empty = classes == ""
    if "route" in text:
        empty &= text["route"] != "ferry"
    if empty.any():
        issues.append(_describe("roads.class_empty", text["highway"], empty, columns["highway"], source))
    return text.assign(highway=classes.mask(unknown | empty, "unclassified"))


def _read_oneway(values: pd.Series, column: str, source: str, issues: list[DataIssue]) -> pd.Series:
    letters = values.isin(["b"]).any() and not values.isin(["ft", "tf"]).any()
    meaning = _ONEWAY | (_ONEWAY_LETTERS if letters else {})
    read = values.map(meaning).fillna("").astype("str")
    unknown = (read == "") & (values != "")
    if unknown.any():
        issues.append(_describe("roads.oneway_unknown", values, unknown, column, source))
    return read


def _read_structures(text: pd.DataFrame) -> pd.DataFrame:
    """Put bridges and tunnels into OpenStreetMap's words, "" where a line is none."""
    kinds = text["structure"] if "structure" in text else pd.Series("", index=text.index, dtype="str")
    for tag, words, kept in (("bridge", _BRIDGES, _OSM_BRIDGES), ("tunnel", _TUNNELS, _OSM_TUNNELS)):
        values = text[tag] if tag in text else pd.Series("", index=text.index, dtype="str")
        is_one = values.isin(_TRUE | words) | kinds.isin(words)
        found = values.where(values.isin(kept), "").mask(is_one & ~values.isin(kept), "yes")
        if (found != "").any():
            text = text.assign(**{tag: found})
        elif tag in text:
            text = text.drop(columns=tag)
    if "layer" in text:
        # Shapefiles have no empty cells: 0 is how they say that no layer is stated.
        text = text.assign(layer=text["layer"].mask(text["layer"].isin(["0", "0.0"]), ""))
    return text.drop(columns="structure") if "structure" in text else text


def _read_level(text: pd.DataFrame) -> pd.Series:
    level = pd.Series(0, index=text.index, dtype="int64")
    if "bridge" in text:
        level = level.mask(text["bridge"] != "", 1)
    if "tunnel" in text:
        level = level.mask(text["tunnel"] != "", -1)
    if "layer" in text:
        stated = pd.to_numeric(text["layer"], errors="coerce").fillna(0).clip(-20, 20).astype("int64")
        level = level.where(stated == 0, stated)
    return level


def _describe(code: str, values: pd.Series, which: pd.Series, column: str, source: str) -> DataIssue:
    places = which.to_numpy().nonzero()[0]
    rows = tuple(int(place) + 2 for place in places[:20])
    return DataIssue(
        code, "warning", source, len(places), rows=rows, column=column, value=str(values.iloc[int(places[0])])
    )
