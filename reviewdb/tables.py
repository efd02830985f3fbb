"""Tables: what the queries of a review give."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Any

from reviewdb import database, query
from reviewdb.errors import ReviewError
from reviewdb.hints import hint
from reviewdb.rendering.markdown import as_markdown
from reviewdb.rendering.objects import as_json
from reviewdb.rendering.separated import as_csv
from reviewdb.rendering.table import Table, cited, crossed, numeric, parted

__all__ = ["Table", "as_csv", "as_json", "as_markdown", "crossed", "names", "numeric", "of_papers", "run"]

#: A query of a review that runs longer is stopped.
SECONDS = 10.0
_SAID = "SELECT title, description, across, sql, keys, widths, align FROM queries WHERE name = ?"


def names(connection: sqlite3.Connection) -> Table:
    """Return the queries of the review, one a row."""
    found = database.ask(connection, "SELECT name AS 'table', title FROM queries ORDER BY name")
    return Table("tables", "Tables", "", found.columns, found.rows)


def run(connection: sqlite3.Connection, name: str, *, cells: str = "counts") -> Table:
    """Return the table that `queries/NAME.sql` gives. Raises ReviewError where there is none, or it fails.

    With `cells` as `cite`, each row ends in the papers that it counts instead of their number. A value or a column
    that not every format can say is refused.
    """
    title, description, across, sql, keys, widths, align = _said(connection, name)
    result = database.ask(connection, sql, seconds=SECONDS)
    fault, todo = _fault(result.columns, result.rows) or _layout_fault(result.columns, keys, widths, align)
    if fault:
        raise ReviewError(f"queries/{name}.sql: {fault}.", todo)
    try:
        columns, rows, listed = parted(result.columns, result.rows, keys or "")
    except ValueError as row:
        what = f"column {keys!r} is no JSON array of citation keys (row {row})"
        raise ReviewError(f"queries/{name}.sql: {what}.", "Make it by json_group_array(papers.key).") from None
    table = Table(
        name, title, description, columns, rows, across or "", listed, query.widths(widths), query.sides(align)
    )
    if cells != "cite":
        return table
    if not keys:
        todo = (
            f"Add the column json_group_array(DISTINCT papers.key) AS keys and the comment -- keys: keys to {name}.sql."
        )
        raise ReviewError(f"queries/{name}.sql does not say which papers it counts.", todo)
    return cited(table)


def of_papers(connection: sqlite3.Connection, name: str) -> list[str]:
    """Return the citation keys of the papers in a table, in its order: those of its column `paper`, or that it counts.

    Raises ReviewError where the table has neither.
    """
    table = run(connection, name)
    if "paper" in table.columns:
        at = table.columns.index("paper")
        return list(dict.fromkeys(str(row[at]) for row in table.rows if row[at] is not None))
    if table.keys:
        return list(dict.fromkeys(key for keys in table.keys for key in keys))
    raise ReviewError(
        f"queries/{name}.sql does not say which papers it is about.", "Add a column papers.key AS paper to it."
    )


def _said(connection: sqlite3.Connection, name: str) -> tuple[Any, ...]:
    found = database.ask(connection, _SAID, [name]).rows
    if not found:
        known = [row[0] for row in names(connection).rows]
        raise ReviewError(f"there is no queries/{name}.sql.", hint(name, known))
    return tuple(value or "" for value in found[0])


def _fault(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[str, str] | None:
    """Return what CSV or JSON could not say of a table, and what to do; None where they can."""
    twice = [column for column, count in Counter(columns).items() if count > 1]
    if twice:
        return f"two columns are called {twice[0]!r}", f"Rename one with AS, such as {twice[0]} AS other."
    for n, column in enumerate(columns):
        for number, row in enumerate(rows, 1):
            if isinstance(row[n], bytes):
                return f"column {column!r} holds a BLOB (row {number})", "Turn it into text: hex(...)."
            if isinstance(row[n], float) and not math.isfinite(row[n]):
                return f"column {column!r} holds an infinite number (row {number})", "Give a finite one, or NULL."
    return None


def _layout_fault(columns: Sequence[str], keys: str, widths: str, align: str) -> tuple[str, str]:
    for comment, named in (
        ("keys", [keys] if keys else []),
        ("widths", query.widths(widths)),
        ("align", query.sides(align)),
    ):
        for column in named:
            if column not in columns:
                return f"-- {comment}: names a column {column!r} that the query does not give", hint(column, columns)
    return "", ""
