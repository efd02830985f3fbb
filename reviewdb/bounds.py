"""Bounds: what a query of a stranger may cost, besides its time: SQLite looks at the clock between two steps."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

#: Bytes of the longest value that a query may make or read.
LONGEST_VALUE = 10_000_000
#: Bytes of a pattern for LIKE or GLOB: each costs a look at every letter, in one step.
LONGEST_PATTERN = 100
#: Bytes, roughly, of all that a query may give.
MOST_BYTES = 200_000_000
_OF_A_CELL = 64


def guard(connection: sqlite3.Connection) -> None:
    """Let no single step of a query on this connection take long, no value be longer than `LONGEST_VALUE`.

    It can open no other database.

    SQLite's own instr and replace try every place anew, which takes hours where both texts are long; Python's do not.
    """
    if not connection.getlimit(sqlite3.SQLITE_LIMIT_ATTACHED):
        return  # it is guarded already, and to say so again would have every statement prepared anew
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, LONGEST_PATTERN)
    connection.create_function("instr", 2, _instr, deterministic=True)
    connection.create_function("replace", 3, _replace, deterministic=True)


def fetched(found: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return all rows of a query. Raises OverflowError where they hold more than `MOST_BYTES`."""
    rows: list[tuple[Any, ...]] = []
    size = 0
    for row in found:
        size += sum(_OF_A_CELL + (len(value) if isinstance(value, str | bytes) else 0) for value in row)
        if size > MOST_BYTES:
            raise OverflowError(f"gives more than {MOST_BYTES // 1_000_000} MB")
        rows.append(row)
    return rows


def _instr(within: object, part: object) -> int | None:
    if within is None or part is None:
        return None
    if isinstance(within, bytes) and isinstance(part, bytes):
        return within.find(part) + 1
    return _text(within).find(_text(part)) + 1


def _replace(within: object, part: object, by: object) -> str | None:
    if within is None or part is None or by is None:
        return None
    text, old, new = _text(within), _text(part), _text(by)
    if not old:
        return text
    if len(text) + text.count(old) * (len(new) - len(old)) > LONGEST_VALUE:
        return " " * (LONGEST_VALUE + 1)  # which SQLite tells as a value that is too big
    return text.replace(old, new)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
