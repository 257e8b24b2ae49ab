"""Values as JSON and arrays of numbers, and back: what goes from one process of ours to another, without pickle.

Numbers, texts, tuples, mappings, paths, arrays, tables and frozen values of our own rooms are carried whole: what
comes out is equal to what went in, and what was one object is one again. Everything else is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

Arrays = dict[str, npt.NDArray[Any]]

_OURS = ("coverage.", "geodata.")


def pack(value: Any) -> tuple[Any, Arrays]:
    """Turn a value into JSON values and arrays of numbers by name.

    Raises
    ------
    TypeError
        For a value of a type that is not carried.
    """
    packer = _Packer()
    return packer.pack(value), packer.arrays


def unpack(plain: Any, arrays: Arrays) -> Any:
    """Turn back what `pack` made.

    Raises
    ------
    TypeError, KeyError, ValueError
        If it names a type that is not ours, or is no value of `pack`.
    """
    return _Unpacker(arrays).unpack(plain)


class _Packer:
    def __init__(self) -> None:
        self.arrays: Arrays = {}
        self._known: dict[int, tuple[int, Any]] = {}  # the object is kept, so that its id is not used again

    def pack(self, value: Any) -> Any:
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, Enum):
            return {"enum": _name(type(value)), "value": value.value}
        if isinstance(value, np.generic):
            return {"scalar": self._keep(np.asarray(value))}
        if isinstance(value, Path):
            return {"path": str(value)}
        if isinstance(value, tuple | list | frozenset):
            return {type(value).__name__: [self.pack(one) for one in value]}
        if isinstance(value, dict):
            return {"dict": [[self.pack(key), self.pack(one)] for key, one in value.items()]}
        if id(value) in self._known:
            return {"again": self._known[id(value)][0]}
        number = len(self._known)
        self._known[id(value)] = (number, value)
        return {"new": number, **self._pack_object(value)}

    def _pack_object(self, value: Any) -> dict[str, Any]:
        if isinstance(value, np.ndarray):
            return self._pack_array(value)
        if isinstance(value, gpd.GeoDataFrame):
            names = [str(name) for name, kind in value.dtypes.items() if str(kind) == "geometry"]
            shapes = {name: self.pack(shapely.to_wkb(value[name].to_numpy())) for name in names}
            crs = None if value.crs is None else value.crs.to_wkt()
            rest = self._pack_frame(pd.DataFrame(value.drop(columns=names)))
            order = [str(name) for name in value.columns]
            return {"layer": rest, "shapes": shapes, "geometry": value.active_geometry_name, "crs": crs, "order": order}
        if isinstance(value, pd.DataFrame):
            return {"frame": self._pack_frame(value)}
        if isinstance(value, pd.Series):
            return {"series": self._pack_column(value), "index": self._pack_column(value.index), "name": value.name}
        if isinstance(value, pd.Index):
            return {"index": self._pack_column(value)}
        if is_dataclass(value) and not isinstance(value, type):
            content = {one.name: self.pack(getattr(value, one.name)) for one in fields(value)}
            return {"class": _name(type(value)), "fields": content}
        raise TypeError(f"{type(value).__name__} is not carried to another process")

    def _pack_array(self, value: npt.NDArray[Any]) -> dict[str, Any]:
        if value.dtype.hasobject:
            return {"objects": [self._pack_cell(one) for one in value.ravel().tolist()], "shape": list(value.shape)}
        return {"array": self._keep(value)}

    def _pack_cell(self, value: Any) -> Any:
        return {"bytes": value.hex()} if isinstance(value, bytes) else self.pack(value)

    def _pack_frame(self, table: pd.DataFrame) -> dict[str, Any]:
        columns = [[self.pack(name), self._pack_column(table.iloc[:, number])] for number, name in enumerate(table)]
        return {"columns": columns, "index": self._pack_column(table.index)}

    def _pack_column(self, column: pd.Series | pd.Index) -> dict[str, Any]:
        name = self.pack(column.name)
        if isinstance(column, pd.RangeIndex):
            return {"range": [column.start, column.stop, column.step], "name": name}
        if isinstance(column.dtype, pd.CategoricalDtype):
            whole = pd.Categorical(column)
            kinds = self._pack_column(whole.categories)
            return {"codes": self._keep(whole.codes), "kinds": kinds, "ordered": bool(whole.ordered), "name": name}
        if isinstance(column.dtype, np.dtype) and not column.dtype.hasobject:
            return {"numbers": self._keep(column.to_numpy()), "name": name}
        cells = [None if one is pd.NA else self._pack_cell(one) for one in column.tolist()]
        return {"cells": cells, "dtype": str(column.dtype), "name": name}

    def _keep(self, array: npt.NDArray[Any]) -> str:
        name = f"a{len(self.arrays)}"
        self.arrays[name] = array
        return name


class _Unpacker:
    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self._known: dict[int, Any] = {}

    def unpack(self, plain: Any) -> Any:
        if not isinstance(plain, dict):
            return plain
        if "again" in plain:
            return self._known[plain["again"]]
        if "new" in plain:
            made = self._known[plain["new"]] = self._make_object(plain)
            return made
        (kind, content), *_ = plain.items()
        simple: dict[str, Callable[[], Any]] = {
            "enum": lambda: _find(content)(plain["value"]),
            "scalar": lambda: self._arrays[content][()],
            "path": lambda: Path(content),
            "tuple": lambda: tuple(self.unpack(one) for one in content),
            "list": lambda: [self.unpack(one) for one in content],
            "frozenset": lambda: frozenset(self.unpack(one) for one in content),
            "dict": lambda: {self.unpack(key): self.unpack(one) for key, one in content},
            "bytes": lambda: bytes.fromhex(content),
        }
        return simple[kind]()

    def _make_object(self, plain: dict[str, Any]) -> Any:
        if "array" in plain:
            return self._arrays[plain["array"]]
        if "objects" in plain:
            return self._objects(plain["objects"]).reshape(plain["shape"])
        if "layer" in plain:
            return self._make_layer(plain)
        if "frame" in plain:
            return self._make_frame(plain["frame"])
        if "series" in plain:
            return pd.Series(self._values(plain["series"]), index=self._index(plain["index"]), name=plain["name"])
        if "index" in plain:
            return self._index(plain["index"])
        kind = _find(plain["class"])
        content = {name: self.unpack(one) for name, one in plain["fields"].items()}
        # The checks of the value ran when it was first made.
        made: Any = object.__new__(kind)
        for one in fields(kind):
            object.__setattr__(made, one.name, content[one.name])
        return made

    def _make_frame(self, plain: dict[str, Any]) -> pd.DataFrame:
        index = self._index(plain["index"])
        columns = [(self.unpack(name), pd.Series(self._values(one), index=index)) for name, one in plain["columns"]]
        if not columns:
            return pd.DataFrame(index=index)
        table = pd.concat([values for _, values in columns], axis=1)
        return table.set_axis([name for name, _ in columns], axis=1)

    def _make_layer(self, plain: dict[str, Any]) -> gpd.GeoDataFrame:
        table = self._make_frame(plain["layer"])
        for name, wkb in plain["shapes"].items():
            table[name] = gpd.GeoSeries(shapely.from_wkb(self.unpack(wkb)), index=table.index, crs=plain["crs"])
        return gpd.GeoDataFrame(table[plain["order"]], geometry=plain["geometry"], crs=plain["crs"])

    def _values(self, plain: dict[str, Any]) -> Any:
        if "numbers" in plain:
            return self._arrays[plain["numbers"]]
        if "codes" in plain:
            kinds = self._index(plain["kinds"])
            return pd.Categorical.from_codes(self._arrays[plain["codes"]], categories=kinds, ordered=plain["ordered"])
        cells = self._objects(plain["cells"])
        return cells if plain["dtype"] == "object" else pd.array(cells, dtype=plain["dtype"])

    def _index(self, plain: dict[str, Any]) -> pd.Index:
        name = self.unpack(plain["name"])
        if "range" in plain:
            start, stop, step = plain["range"]
            return pd.RangeIndex(start, stop, step, name=name)
        found: pd.Index = pd.Index(self._values(plain), name=name)
        return found

    def _objects(self, cells: list[Any]) -> npt.NDArray[np.object_]:
        found = np.empty(len(cells), object)
        for number, one in enumerate(cells):
            found[number] = self.unpack(one)
        return found


def _name(kind: type) -> str:
    if not kind.__module__.startswith(_OURS):
        raise TypeError(f"{kind.__module__}.{kind.__qualname__} is not carried to another process")
    return f"{kind.__module__}:{kind.__qualname__}"


def _find(name: str) -> type:
    module, _, kind = name.partition(":")
    if not module.startswith(_OURS):
        raise TypeError(f"{name} is not one of ours")
    found = getattr(import_module(module), kind)
    if not isinstance(found, type) or not (is_dataclass(found) or issubclass(found, Enum)):
        raise TypeError(f"{name} is no value")
    return found
