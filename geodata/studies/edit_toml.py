"""Changing single keys of a TOML text so that everything else in it, comments too, stays as it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import tomli_w

Section = Mapping[str, Any]

_HEADER = re.compile(r"\s*\[\s*([A-Za-z0-9_-]+)\s*\]\s*(#.*)?\Z")
_ANY_HEADER = re.compile(r"\s*\[")


def change_toml(text: str, sections: Mapping[str, Section | None]) -> str:
    """Set keys of a TOML text.

    The lines of the keys are changed where they stand. A text laid out so that this does not give
    what was asked (values over several lines, dotted keys) is written anew, without its comments.

    Parameters
    ----------
    text
        TOML.
    sections
        For each section its keys and their new values, None to remove a key; None in place of a
        section removes all of it.

    Returns
    -------
    A text that holds exactly the old content with these changes.
    """
    wanted = _apply(tomllib.loads(text), sections)
    lines = text.splitlines()
    for name, keys in sections.items():
        lines = _remove_section(lines, name) if keys is None else _set_keys(lines, name, keys)
    edited = "\n".join(lines).rstrip("\n") + "\n"
    try:
        if tomllib.loads(edited) == wanted:
            return edited
    except tomllib.TOMLDecodeError:
        pass
    return tomli_w.dumps(wanted)


def _apply(content: dict[str, Any], sections: Mapping[str, Section | None]) -> dict[str, Any]:
    answer = dict(content)
    for name, keys in sections.items():
        if keys is None:
            answer.pop(name, None)
            continue
        section = dict(answer.get(name, {})) | {key: value for key, value in keys.items() if value is not None}
        answer[name] = {key: value for key, value in section.items() if keys.get(key, value) is not None}
    return answer


def _find_section(lines: list[str], name: str) -> tuple[int, int]:
    """Return the lines of a section, its header first; an empty range at the end where there is none."""
    for start, line in enumerate(lines):
        found = _HEADER.match(line)
        if found and found[1] == name:
            end = start + 1
            while end < len(lines) and not _ANY_HEADER.match(lines[end]):
                end += 1
            return start, end
    return len(lines), len(lines)


def _remove_section(lines: list[str], name: str) -> list[str]:
    start, end = _find_section(lines, name)
    return [*lines[:start], *lines[end:]]


def _set_keys(lines: list[str], name: str, keys: Section) -> list[str]:
    start, end = _find_section(lines, name)
    own = lines[start:end] or ["", f"[{name}]"]
    for key, value in keys.items():
        at = next((n for n, line in enumerate(own) if re.match(rf"\s*{re.escape(key)}\s*=", line)), None)
        written = [] if value is None else [_write_pair(key, value)]
        if at is None:
            # A comment at the end of a section usually speaks of the next one.
            last = max(n for n, line in enumerate(own) if line.strip() and not line.lstrip().startswith("#"))
            own = [*own[: last + 1], *written, *own[last + 1 :]]
        else:
            own = [*own[:at], *written, *own[at + 1 :]]
    return [*lines[:start], *own, *lines[end:]]


def _write_pair(key: str, value: object) -> str:
    """Write ``key = value`` on one line."""
    if isinstance(value, list | tuple):
        inner = ", ".join(_write_pair("x", one).removeprefix("x = ") for one in value)
        return f"{key} = [{inner}]"
    return tomli_w.dumps({key: value}).strip()
