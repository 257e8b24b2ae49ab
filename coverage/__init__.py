"""ROOM 1 · the science: who reaches a service in time, and why not.

Arrays, tables and frozen values in, values out. No files, no network, no clock, no screen, no globals.
May import: the standard library, numpy, pandas, geopandas, shapely, scipy and the solvers.
"""

__all__: list[str] = []
