"""Touched: which papers of a database changed since it was built, so that what was read can be mended."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from reviewdb import database
from reviewdb.database import Row


def begin_anew(connection: sqlite3.Connection) -> None:
    """Say that papers are others than before, so that nothing that was read can be mended by `touched` alone."""
    connection.execute("INSERT OR REPLACE INTO build_info VALUES ('build', ?)", [uuid4().hex])
    connection.execute("DELETE FROM touched")


def forget_updates(connection: sqlite3.Connection) -> None:
    """Leave no trace of which papers changed when: whatever was read before is to be read anew."""
    connection.execute("DELETE FROM build_info WHERE key = 'build'")
    connection.execute("DELETE FROM touched")


def since(connection: sqlite3.Connection, build: str, number: int) -> tuple[str, int, list[str] | None]:
    """Return the name of the build, the number of its last update, and the papers changed since an earlier one.

    None: no telling, as the build is another one, or has no name.
    """
    now = connection.execute("SELECT value FROM build_info WHERE key = 'build'").fetchone()
    last = connection.execute("SELECT coalesce(max(number), 0) FROM touched").fetchone()[0]
    if now is None or now[0] != build:
        return (now[0] if now else ""), last, None
    since = connection.execute("SELECT DISTINCT paper_id FROM touched WHERE number > ?", [number])
    return now[0], last, [id_ for (id_,) in since]


def replace(connection: sqlite3.Connection, paper: str, values: Mapping[str, Any], **tables: Iterable[Row]) -> None:
    """Set columns of one paper, and its rows in the tables beside it; the search follows."""
    found = connection.execute(database.statement("words-of-paper"), {"paper": paper})
    before = dict(zip([name for name, *_ in found.description], found.fetchone(), strict=True))
    # Most decisions are on screening, of which the search knows nothing.
    is_found_otherwise = any(before.get(column, value) != value for column, value in values.items())
    if is_found_otherwise:
        connection.execute(database.statement("forget-words"), {"ids": json.dumps([paper])})
    columns = ", ".join(f'"{column}" = ?' for column in values)
    connection.execute(f"UPDATE papers SET {columns} WHERE id = ?", [*values.values(), paper])  # noqa: S608 - our columns
    for table, rows in tables.items():
        connection.execute(f"DELETE FROM {table} WHERE paper_id = ?", [paper])  # noqa: S608 - our tables
        database.insert(connection, table, rows)
    if is_found_otherwise:
        connection.execute(database.statement("index-paper"), [paper])
    connection.execute("INSERT INTO touched (paper_id, words) VALUES (?, ?)", [paper, is_found_otherwise])
