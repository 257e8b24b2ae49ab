"""The border around every reader: whatever a library raises over a file comes out as an error of ours.

A list of exceptions for each reader is never whole: damaged files make libraries raise what nobody thought of. What
happened is written to a log in the planner's folder.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import logging.handlers
import traceback
from collections.abc import Callable, Iterator
from functools import cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from coverage.errors import InputError, PlannerError
from geodata.files.folders import find_home

_P = ParamSpec("_P")
_T = TypeVar("_T")
_LOG_BYTES = 1_000_000


@contextlib.contextmanager
def explain_reading(source: str, path: Path | None = None, *, code: str = "file.unreadable") -> Iterator[None]:
    """Turn any exception but ours into an error of ours; what the system itself refuses stays an `OSError`.

    Parameters
    ----------
    source
        Name of the file in messages.
    path
        Where it is, so that messages name it by `source` only.
    code
        Code of the error; its facts are the file and the detail.
    """
    try:
        yield
    except PlannerError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        log_failure(source, "".join(traceback.format_exception(error)))
        detail = f"{type(error).__name__}: {error}"
        if path is not None:
            detail = detail.replace(str(path.resolve()), source).replace(str(path), source)
        raise InputError(code, file=source, detail=detail[:300]) from error


def reads_file(reader: Callable[_P, _T]) -> Callable[_P, _T]:
    """Put the border around a reader whose first argument is the file."""
    shape = inspect.signature(reader)

    @wraps(reader)
    def read(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        given = shape.bind(*args, **kwargs)
        given.apply_defaults()
        first = next(iter(given.arguments.values()))
        path = Path(first) if isinstance(first, str | Path) else None
        with explain_reading(path.name if path else "—", path):
            return reader(*args, **kwargs)

    return read


def log_failure(source: str, told: str) -> None:
    """Write to the log what a reader failed of."""
    _log(find_home() / "logs").warning("%s\n%s", source, told)


@cache
def _log(folder: Path) -> logging.Logger:
    """Return the log of a folder; it writes nothing where the folder refuses."""
    log = logging.getLogger(f"planner.reading.{folder}")
    log.propagate = False
    handler: logging.Handler = logging.NullHandler()
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            folder / "reading.log", maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8", errors="replace"
        )
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.addHandler(handler)
    return log
