"""Built networks on disk, found again by the content they were built from. Arrays only, no pickle."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Collection
from dataclasses import fields
from pathlib import Path
from typing import BinaryIO

import numpy as np

from coverage.errors import DataIssue, InputError
from coverage.network.contraction import build_network
from coverage.network.model import RoadNetwork
from coverage.network.settings import Mode
from coverage.progress import Progress, ignore_progress
from geodata.files.own_files import hash_file
from geodata.files.write_tables import write_whole
from geodata.jobs.tasks import decode_issues, encode_issues
from geodata.roads.lines_answer import pack_profiles, unpack_profiles

# Part of every key: raise it when the build or the layout of the file changes.
_FORMAT = 6


def open_network(
    path: Path,
    mode: Mode,
    classes: Collection[str],
    *,
    folder: Path | None,
    ferries: bool = False,
    progress: Progress = ignore_progress,
) -> tuple[RoadNetwork, tuple[DataIssue, ...]]:
    """Open the network of a road file: from the cache if its content was built before, else build it.

    Parameters
    ----------
    path
        A road file any of the readers knows.
    mode, classes, ferries
        Mode of travel, road classes that are travelled, whether ferry lines are used.
    folder
        Folder of the cache; None builds without keeping.
    progress
        Told the share done.

    Returns
    -------
    The network and the findings of its reader.

    Raises
    ------
    InputError, MissingInputError, NetworkError
        As the readers and `build_network` do.
    """
    wanted = frozenset(classes) | ({"ferry"} if ferries else set())
    kept = None
    if folder is not None and path.is_file():
        recipe = json.dumps([_FORMAT, hash_file(path), mode, sorted(wanted), ferries])
        kept = folder / f"network-{hashlib.sha256(recipe.encode()).hexdigest()[:32]}.npz"
        found = _read_if_whole(kept)
        if found is not None:
            return found

    def reading(share: float, step: str) -> bool:
        return progress(0.6 * share, step)

    def building(share: float, step: str) -> bool:
        return progress(0.6 + 0.4 * share, step)

    # Readers of every format come with large libraries, which a kept network does without.
    from geodata.roads.read_network_source import read_road_lines

    lines, issues = read_road_lines(path, mode, ferries=ferries, progress=reading)
    network = build_network(lines, classes=wanted, progress=building)
    if kept is not None:
        # Without the kept file the next opening takes longer, nothing else: a full or read-only disk, or
        # another process that reads the file just now (Windows), must not cost the answer.
        with contextlib.suppress(InputError):
            write_network(network, issues, kept)
    return network, issues


def write_network(network: RoadNetwork, issues: tuple[DataIssue, ...], path: Path) -> None:
    """Write a network and its reader's findings; the file appears whole or not at all.

    Raises
    ------
    InputError
        ``file.cannot_write`` if the disk refuses.
    """
    arrays: dict[str, np.ndarray] = {}
    for field in fields(network):
        value = getattr(network, field.name)
        if isinstance(value, np.ndarray):
            arrays[field.name] = value
    head = {
        "mode": network.mode,
        "counts": network.counts,
        "fingerprint": network.fingerprint,
        "profiles": pack_profiles(network.profiles),
        "issues": encode_issues(issues),
    }
    arrays["head"] = np.frombuffer(json.dumps(head, ensure_ascii=False).encode(), np.uint8)

    def pour(stream: BinaryIO) -> None:
        np.savez(stream, allow_pickle=False, **arrays)

    write_whole(path, pour)


def _read_if_whole(path: Path) -> tuple[RoadNetwork, tuple[DataIssue, ...]] | None:
    """Read a kept network; a file that is missing or damaged is simply built again."""
    try:
        return read_network(path)
    except (OSError, ValueError, LookupError, TypeError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile):
        return None


def read_network(path: Path) -> tuple[RoadNetwork, tuple[DataIssue, ...]]:
    """Read a network written by `write_network`.

    Raises
    ------
    OSError, ValueError, LookupError, TypeError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile
        If the file is missing, damaged or of another layout.
    """
    with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as kept:
        head = json.loads(kept["head"].tobytes())
        arrays = {name: kept[name] for name in kept.files if name != "head"}
    network = RoadNetwork(
        mode=head["mode"],
        profiles=unpack_profiles(head["profiles"]),
        counts=tuple((str(name), int(value)) for name, value in head["counts"]),
        fingerprint=head["fingerprint"],
        **arrays,
    )
    return network, decode_issues(head["issues"])
