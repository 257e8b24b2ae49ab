"""Mutations of a file: a few bytes, a piece, a number, a word of another format; the same number, the same bytes."""

from __future__ import annotations

import random
import re

_NUMBER = re.compile(rb"\d+(?:\.\d+)?")
_NUMBERS = (b"nan", b"inf", b"-1", b"0", b"1e308", b"1" * 400, b"9223372036854775808", b"-0.0")
_MARKS = (b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\x80" * 8)
_TEXTS = ("维".encode() * 50, b'"', b"'", b"\n\n\n", b"\r", b",,,,", b"]", b"}", b"null", b"=1/0", b"../../x")
_NESTS = (b"[" * 3000, b"{" * 3000, b"<!DOCTYPE a [<!ENTITY b 'b'>]>")
_WORDS = (*_NUMBERS, *_MARKS, *_TEXTS, *_NESTS)


def mutate(content: bytes, chance: random.Random) -> bytes:
    """Change a file in one to six places."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 1, 2, 4))):
        chance.choice((_flip, _flip, _flip, _renumber, _renumber, _cut, _repeat, _insert, _overwrite, _end_early))(
            data, chance
        )
    return bytes(data)


def _place(data: bytearray, chance: random.Random) -> int:
    """Choose a place, the head of the file (where formats keep their sizes) more often than the rest."""
    size = max(len(data), 1)
    return chance.randrange(min(size, 120)) if chance.random() < 0.3 else chance.randrange(size)


def _flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 1, 4, 20))):
        if data:
            data[_place(data, chance)] = chance.choice((0, 255, 127, 128, chance.randrange(256)))


def _cut(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    del data[at : at + chance.choice((1, 2, 10, 100, 1000))]


def _repeat(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    data[at:at] = data[at : at + chance.choice((1, 10, 200))] * chance.choice((1, 2, 50))


def _insert(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    data[at:at] = chance.choice(_WORDS)


def _overwrite(data: bytearray, chance: random.Random) -> None:
    at, word = _place(data, chance), chance.choice(_WORDS)
    data[at : at + len(word)] = word


def _renumber(data: bytearray, chance: random.Random) -> None:
    found = list(_NUMBER.finditer(data))
    if found:
        one = chance.choice(found)
        data[one.start() : one.end()] = chance.choice(_NUMBERS)


def _end_early(data: bytearray, chance: random.Random) -> None:
    del data[_place(data, chance) :]
