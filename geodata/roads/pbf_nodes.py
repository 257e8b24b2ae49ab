"""Positions of chosen nodes straight from a PBF file, block by block, with numpy.

pyosmium's id filters take memory by the *range* of the ids (half a megabyte for every four million,
over a gigabyte for a small country whose nodes were drawn over many years) and its location tables
by the number of nodes in the file; looping over all nodes in Python takes ten times as long as the
rest of the reader. Here memory goes with the nodes asked for. Only the plain layout that all
current writers produce is understood; anything else raises `UnusualPbfError` and the caller reads
the file through pyosmium instead.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]

_LARGEST_HEADER = 64 * 1024
_LARGEST_BLOB = 32 * 1024 * 1024
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_NANODEGREE = 1e-9


class UnusualPbfError(Exception):
    """The file is laid out in a way this reader does not understand."""


def read_node_positions(path: Path, ids: Ids) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Read the positions of nodes.

    Parameters
    ----------
    path
        A PBF file.
    ids
        The nodes wanted, ascending and distinct, shape (n,).

    Returns
    -------
    lon, lat, shape (n,) [degrees], NaN for nodes that are not in the file or not on Earth.

    Raises
    ------
    UnusualPbfError
        A block is not zlib-packed or plain, or nodes are not stored densely.
    """
    lon = np.full(len(ids), np.nan)
    lat = np.full(len(ids), np.nan)
    with path.open("rb") as file:
        for block in _iterate_data_blocks(file):
            _read_block(block, ids, lon, lat)
    nowhere = (np.abs(lon) > 180.0) | (np.abs(lat) > 90.0)
    lon[nowhere], lat[nowhere] = np.nan, np.nan
    return lon, lat


def _iterate_data_blocks(file: IO[bytes]) -> Iterator[bytes]:
    while prefix := file.read(4):
        size = int.from_bytes(prefix, "big")
        if len(prefix) < 4 or size > _LARGEST_HEADER:
            raise UnusualPbfError("block header")
        header = dict(_iterate_fields(file.read(size)))
        kind, data_size = header.get(1), header.get(3)
        if not isinstance(data_size, int) or not 0 <= data_size <= _LARGEST_BLOB:
            raise UnusualPbfError("block size")
        if kind == b"OSMData":
            yield _unpack_blob(file.read(data_size))
        else:
            file.seek(data_size, 1)


def _unpack_blob(blob: bytes) -> bytes:
    fields = dict(_iterate_fields(blob))
    plain, packed = fields.get(1), fields.get(3)
    if isinstance(plain, bytes):
        return plain
    if not isinstance(packed, bytes):
        raise UnusualPbfError("compression")
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, _LARGEST_BLOB)
    except zlib.error as error:
        raise UnusualPbfError("compression") from error
    if not unpacker.eof:
        raise UnusualPbfError("block size")
    return data


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise UnusualPbfError("varint")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _iterate_fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield (number, value) of each field of a protobuf message."""
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        wire = key & 7
        if wire == _VARINT:
            value, at = _read_varint(data, at)
            yield key >> 3, value
            continue
        if wire == _BYTES:
            size, at = _read_varint(data, at)
        elif wire in (_FIXED64, _FIXED32):
            size = 8 if wire == _FIXED64 else 4
        else:
            raise UnusualPbfError("wire type")
        if at + size > len(data):
            raise UnusualPbfError("truncated")
        yield key >> 3, data[at : at + size]
        at += size


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _read_block(block: bytes, ids: Ids, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> None:
    granularity, lat_offset, lon_offset = 100, 0, 0
    groups: list[bytes] = []
    for number, value in _iterate_fields(block):
        if number == 2 and isinstance(value, bytes):
            groups.append(value)
        elif number == 17 and isinstance(value, int):
            granularity = value
        elif number == 19 and isinstance(value, int):
            lat_offset = _signed(value)
        elif number == 20 and isinstance(value, int):
            lon_offset = _signed(value)
    for group in groups:
        # The first field tells what a group holds; ways and relations are skipped unread.
        number = group[0] >> 3 if group else 0
        if number == 1:
            raise UnusualPbfError("single nodes")
        if number != 2:
            continue
        for dense in (value for number, value in _iterate_fields(group) if number == 2 and isinstance(value, bytes)):
            fields = {number: value for number, value in _iterate_fields(dense) if isinstance(value, bytes)}
            block_ids = np.cumsum(decode_signed(fields.get(1, b"")))
            slot = np.searchsorted(ids, block_ids)
            slot[slot == len(ids)] = 0
            wanted = np.flatnonzero(ids[slot] == block_ids) if len(ids) else np.empty(0, dtype=np.int64)
            if len(wanted) == 0:
                continue
            for target, field, offset in ((lat, 8, lat_offset), (lon, 9, lon_offset)):
                steps = np.cumsum(decode_signed(fields.get(field, b"")))
                if len(steps) != len(block_ids):
                    raise UnusualPbfError("dense nodes")
                # Positions are stored to 1e-7 degrees; rounding there gives the decimal number that was meant.
                exact = (offset + granularity * steps[wanted]) * _NANODEGREE
                target[slot[wanted]] = np.round(exact, 9)


def decode_signed(data: bytes) -> Ids:
    """Decode a packed run of zigzag-coded variable-length integers.

    Examples
    --------
    >>> decode_signed(bytes([0, 1, 2, 0xD8, 0x04])).tolist()
    [0, -1, 1, 300]
    """
    raw = np.frombuffer(data, dtype=np.uint8)
    if len(raw) == 0:
        return np.empty(0, dtype=np.int64)
    ends = np.flatnonzero(raw < 0x80)
    if len(ends) == 0 or ends[-1] != len(raw) - 1:
        raise UnusualPbfError("varint")
    starts = np.concatenate(([0], ends[:-1] + 1))
    sizes = ends - starts + 1
    longest = int(sizes.max())
    if longest > 10:
        raise UnusualPbfError("varint")
    value = (raw[starts] & 0x7F).astype(np.uint64)
    for place in range(1, longest):
        longer = np.flatnonzero(sizes > place)
        part = (raw[starts[longer] + place] & 0x7F).astype(np.uint64)
        value[longer] |= part << np.uint64(7 * place)
    decoded: Ids = (value >> np.uint64(1)).astype(np.int64) ^ -(value & np.uint64(1)).astype(np.int64)
    return decoded
