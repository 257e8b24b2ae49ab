"""Large results kept in the process, shared by all sessions, computed once however many ask at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

_T = TypeVar("_T")


class Vault:
    """Keeps results by kind and key, the last used ones of each kind.

    Keys are small hashable values (fingerprints and frozen settings); bulk data are never hashed.
    While one session computes a result, others that want it wait for it.

    Parameters
    ----------
    sizes
        How many results of each kind are kept.
    """

    def __init__(self, sizes: dict[str, int]) -> None:
        self._sizes = sizes
        self._shelves: dict[str, OrderedDict[Hashable, Any]] = {kind: OrderedDict() for kind in sizes}
        self._locks: dict[tuple[str, Hashable], threading.Lock] = {}
        self._guard = threading.Lock()

    def fetch(self, kind: str, key: Hashable, build: Callable[[], _T]) -> _T:
        """Return a kept result, or build and keep it; nothing is kept if `build` fails or is stopped."""
        found, value = self._look(kind, key)
        if found:
            return value  # type: ignore[no-any-return]  # what `build` of this kind returned
        with self._guard:
            lock = self._locks.setdefault((kind, key), threading.Lock())
        with lock:
            found, value = self._look(kind, key)
            if not found:
                try:
                    value = build()
                    self._keep(kind, key, value)
                finally:
                    # Also when nothing came of it: keys of failed and stopped computations must not pile up.
                    with self._guard:
                        if self._locks.get((kind, key)) is lock:
                            del self._locks[kind, key]
        return value  # type: ignore[no-any-return]  # as above

    def has(self, kind: str, key: Hashable) -> bool:
        """Tell whether a result is kept."""
        with self._guard:
            return key in self._shelves[kind]

    def _look(self, kind: str, key: Hashable) -> tuple[bool, Any]:
        with self._guard:
            shelf = self._shelves[kind]
            if key not in shelf:
                return False, None
            shelf.move_to_end(key)
            return True, shelf[key]

    def _keep(self, kind: str, key: Hashable, value: object) -> None:
        with self._guard:
            shelf = self._shelves[kind]
            shelf[key] = value
            while len(shelf) > self._sizes[kind]:
                shelf.popitem(last=False)
