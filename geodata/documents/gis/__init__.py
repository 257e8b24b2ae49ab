"""Reports as layers: GeoPackage with QGIS styles, GeoJSON."""

__all__: list[str] = []
