"""Shelving: the tables of a review in the order that readers want, and apart those that coders work through."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from reviewdb import database
from reviewdb.errors import ReviewError
from reviewdb.query import CODERS, READERS
from reviewdb.site.about import rows, statement

#: Seconds to look whether a list of coders has a row; where that takes longer, nothing is said of it.
_SECONDS = 2.0
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Shelved:
    """A query by what people read of it."""

    name: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The tables for readers, and the lists of what is open to coders."""

    tables: Sequence[Shelved]
    worklists: Sequence[Shelved]


@dataclass(frozen=True, slots=True)
class Worklist:
    """A list of coders, and whether it has no row; None where that is not known."""

    shelved: Shelved
    is_empty: bool | None


def shelf(connection: sqlite3.Connection) -> Shelf:
    """Return the tables of a review: what is marked for readers, then cross tables, then others, each by name.

    Numbers in names count as such: table-10 comes after table-9.
    """
    said = sorted(rows(connection, statement("queries")), key=_place)
    return Shelf(*([_shelved(row) for row in said if (row["audience"] == CODERS) == apart] for apart in (False, True)))


def worklists(connection: sqlite3.Connection) -> list[Worklist]:
    """Return the lists of coders, those with rows first."""
    said = {row["name"]: row["sql"] for row in rows(connection, statement("queries"))}
    found = [Worklist(one, _is_empty(connection, said[one.name])) for one in shelf(connection).worklists]
    return sorted(found, key=lambda one: one.is_empty is True)


def _place(row: sqlite3.Row) -> tuple[bool, bool, list[tuple[bool, int, str]]]:
    parts = [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in _DIGITS.split(row["name"])]
    return row["audience"] != READERS, not row["across"], parts


def _shelved(row: sqlite3.Row) -> Shelved:
    return Shelved(row["name"], row["title"], row["description"])


def _is_empty(connection: sqlite3.Connection, sql: str) -> bool | None:
    try:
        return not database.ask(connection, sql, seconds=_SECONDS, most=1).rows
    except ReviewError:
        return None
