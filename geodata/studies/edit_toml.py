"""Changing a TOML text so that everything else in it, comments, order and layout too, stays as it is."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import tomli_w
import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, Comment, Null, Table, Whitespace

Section = Mapping[str, Any]
_Body = list[Any]  # pairs of a key and an item, as tomlkit keeps them
_ANY = "*"


def change_toml(text: str, sections: Mapping[str, Section | None]) -> str:
    """Set keys of a TOML text.

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
    old = tomllib.loads(text)
    new = {name: section for name, section in old.items() if sections.get(name, section) is not None}
    for name, keys in sections.items():
        if keys is not None:
            section = new.get(name, {}) | keys
            new[name] = {key: value for key, value in section.items() if value is not None}
    with contextlib.suppress(ValueError, TOMLKitError):
        edited = rewrite_toml(text, old, new)
        if tomllib.loads(edited) == new:
            return edited
    return tomli_w.dumps(new)


def rewrite_toml(text: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Make the changes of one content to another in a text of the first.

    Parameters
    ----------
    text
        TOML that says `old`; what it leaves out because a reader fills it in is written only where it changes.
    old, new
        The content before and after, as plain values. Tables of a list are the same where their ``id`` is or,
        without one, the texts they hold, ``"*"`` apart; else where they stand at the same place.
    """
    document = tomlkit.parse(text)
    # What stands before a header speaks of it: it goes where the header goes, and new keys come before it.
    run: list[tuple[_Body, int]] = []
    above = [(table, _take(lines)) for table, lines in _list_headers(document.body, run)]
    end = _take(run)
    _change(document, old, new)
    for table, lines in above:
        table.trivia.indent = lines + table.trivia.indent
    return tomlkit.dumps(document) + end


def _list_headers(body: _Body, run: list[tuple[_Body, int]]) -> Iterator[tuple[Table, list[tuple[_Body, int]]]]:
    """List every table that has a header, with the places of the comments and blank lines before it; `run` is both."""
    for place, (key, item) in enumerate(body):
        if isinstance(item, Comment | Whitespace):
            run.append((body, place))
        elif isinstance(item, AoT) or (isinstance(item, Table) and not key.is_dotted()):
            for table in item.body if isinstance(item, AoT) else [item]:
                if not table.is_super_table():
                    yield table, [*run]
                    run.clear()
                yield from _list_headers(table.value.body, run)
        else:
            run.clear()


def _take(run: list[tuple[_Body, int]]) -> str:
    """Take comments and blank lines out of their places: all from the first blank line on, if there is one."""
    lines = [body[place][1].as_string() for body, place in run]
    first = next((number for number, line in enumerate(lines) if not line.strip()), 0)
    for body, place in run[first:]:
        body[place] = (None, Null())
    return "".join(lines[first:])


def _change(table: Any, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    for key in {**old, **new}:
        before, after, here = old.get(key), new.get(key), table.get(key)
        if before == after:
            continue
        if after is None:
            table.pop(key, None)
        elif isinstance(here, dict) and isinstance(after, dict):
            _change(here, before or {}, after)
        elif isinstance(here, AoT) and before:
            _change_tables(here, before, after)
        elif not isinstance(here, Array) or not _change_array(here, after):
            table[key] = after


def _change_tables(tables: AoT, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    was, known = {_name(one): one for one in old}, {_name(one): one for one in tables.body}
    names = [_name(one) for one in new]
    changed: list[Table] = []
    for place, (name, entry) in enumerate(zip(names, new, strict=True)):
        table = known.get(name)
        if table is None and place < len(tables.body) and _name(tables.body[place]) not in names:
            table = tables.body[place]
        if table is None:
            table = tomlkit.item([entry])[0]
            table.trivia.indent = "\n"
        else:
            _change(table, was[_name(table)], entry)
        changed.append(table)
    tables.body[:] = changed


def _name(table: Mapping[str, Any]) -> object:
    named = frozenset((key, value) for key, value in table.items() if isinstance(value, str) and value != _ANY)
    return table.get("id", named)


def _change_array(array: Array, after: list[Any]) -> bool:
    """Take out and add values of a list; False if that does not give the new one."""
    for one in [one for one in array if one not in after]:
        array.remove(one)
    for one in [one for one in after if one not in array]:
        array.append(one)
    return array.unwrap() == after
