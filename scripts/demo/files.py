"""Writes the study folder so that the same tables always give the same bytes."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

STUDY_TOML = """\
# 示意数据 / schematic data: made up for demonstration, see docs/demo-study.md
format = 1
id = "urumqi-demo"
schematic = true
attribution = "{attribution}"

[name]
zh = "乌鲁木齐（示意数据）"
en = "Urumqi (schematic data)"

[inputs]
roads = "roads.gpkg"
population = "population.csv"
stations = "stations.csv"
districts = "districts.gpkg"

[population]
year = 2020
source = "{source}"

[speeds]
province = "CN-XJ"

[assessment]
mode = "drive"
direction = "to"
cutoff_min = 30
season = "summer"

[snap]
max_access_m = 2000
min_component_km = 10
"""
ATTRIBUTION = (
    "示意数据。区县常住人口取自第七次全国人口普查（2020），区划名称和代码取自国家统计局统计用区划代码（2021）；"
    "边界、道路、居民点、站点均为程序生成。 / "
    "Schematic data. County populations: national census 2020; names and codes of districts: National Bureau of "
    "Statistics 2021; borders, roads, people's places and stations are generated."
)
SOURCE = "第七次全国人口普查分县数据 (2020)；县以下为程序分摊 / shared out below county level by the generator"


def write_study(
    folder: Path,
    *,
    roads: gpd.GeoDataFrame,
    districts: gpd.GeoDataFrame,
    people: pd.DataFrame,
    stations: pd.DataFrame,
) -> None:
    """Write the five files of the study; files of the same name are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    # GDAL stamps GeoPackages with the time; a fixed one keeps the files comparable.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-01-01T00:00:00.000Z"})
    for name, frame, kind in (("roads", roads, "LineString"), ("districts", districts, "MultiPolygon")):
        target = folder / f"{name}.gpkg"
        target.unlink(missing_ok=True)
        frame.to_file(
            target,
            layer=name,
            driver="GPKG",
            engine="pyogrio",
            geometry_type=kind,
            promote_to_multi=kind == "MultiPolygon",
            SPATIAL_INDEX="NO",
        )
    for name, table in (("population", people), ("stations", stations)):
        # With a byte-order mark spreadsheet programs recognise the Chinese text.
        text = table.to_csv(index=False, lineterminator="\n")
        (folder / f"{name}.csv").write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))
    toml = STUDY_TOML.format(attribution=ATTRIBUTION, source=SOURCE)
    (folder / "study.toml").write_bytes(toml.encode("utf-8"))
