"""ROOM 2 · the outside world: files, formats, OpenStreetMap, caches, maps, words and exports.

Everything that reads, writes or downloads. May import `coverage`, never the screens.
Importing this room sets GDAL's list of permitted drivers before any of its libraries loads.
"""

from geodata.files.drivers import permit_only_safe_drivers

permit_only_safe_drivers()

__all__: list[str] = []
