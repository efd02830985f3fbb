"""Tables: what the queries of a review give, as Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import math
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reviewdb import database
from reviewdb.errors import ReviewError
from reviewdb.hints import hint

#: A query of a review that runs longer is stopped.
SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns over rows of values that SQLite gave: text, finite numbers or None."""

    name: str
    title: str
    description: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    #: The column whose values `crossed` turns into columns; empty where the table is read as it is.
    across: str = ""


def names(connection: sqlite3.Connection) -> Table:
    """Return the queries of the review, one a row."""
    found = database.ask(connection, "SELECT name AS 'table', title FROM queries ORDER BY name")
    return Table("tables", "Tables", "", found.columns, found.rows)


def run(connection: sqlite3.Connection, name: str) -> Table:
    """Return the table that `queries/NAME.sql` gives. Raises ReviewError where there is none, or it fails.

    A value or a column that not every format can say is refused too.
    """
    found = database.ask(
        connection, "SELECT title, description, coalesce(across, ''), sql FROM queries WHERE name = ?", [name]
    ).rows
    if not found:
        known = [row[0] for row in names(connection).rows]
        raise ReviewError(f"there is no queries/{name}.sql.", hint(name, known))
    title, description, across, sql = found[0]
    result = database.ask(connection, sql, seconds=SECONDS)
    fault, todo = _fault(result.columns, result.rows)
    if fault:
        raise ReviewError(f"queries/{name}.sql: {fault}.", todo)
    return Table(name, title, description, result.columns, result.rows, across)


def _fault(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[str, str]:
    """Return what CSV or JSON could not say of a table, and what to do; empty where they can."""
    twice = [column for column, count in Counter(columns).items() if count > 1]
    if twice:
        return f"two columns are called {twice[0]!r}", f"Rename one with AS, such as {twice[0]} AS other."
    for n, column in enumerate(columns):
        for number, row in enumerate(rows, 1):
            if isinstance(row[n], bytes):
                return f"column {column!r} holds a BLOB (row {number})", "Turn it into text: hex(...)."
            if isinstance(row[n], float) and not math.isfinite(row[n]):
                return f"column {column!r} holds an infinite number (row {number})", "Give a finite one, or NULL."
    return "", ""


def crossed(table: Table) -> Table:
    """Return a table for reading: where it has `across`, the values of that column side by side, blank where none.

    Rows and columns come as first met; the last column holds the values. What cannot be crossed, as it has fewer
    than three columns, no such column, or two values for one cell, comes back as it is.
    """
    labels = table.columns[:-1]
    if table.across not in labels or len(labels) == 1 or len(set(table.columns)) < len(table.columns) or not table.rows:
        return table
    at = labels.index(table.across)
    wide: dict[tuple[Any, ...], dict[Any, Any]] = {}
    for row in table.rows:
        cells = wide.setdefault((*row[:at], *row[at + 1 : -1]), {})
        if cells.setdefault(row[at], row[-1]) != row[-1]:
            return table
    across = list(dict.fromkeys(row[at] for row in table.rows))
    columns = (*labels[:at], *labels[at + 1 :], *("" if label is None else str(label) for label in across))
    return replace(
        table, columns=columns, rows=[(*head, *(cells.get(label) for label in across)) for head, cells in wide.items()]
    )


def numeric(table: Table) -> list[bool]:
    """Say of each column whether it holds numbers and nothing else but blanks."""
    columns = ([row[n] for row in table.rows if row[n] is not None] for n in range(len(table.columns)))
    return [bool(cells) and all(isinstance(cell, int | float) for cell in cells) for cells in columns]


def as_json(table: Table) -> str:
    """Return an array of objects, one a row."""
    records = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return json.dumps(records, ensure_ascii=False, indent=2) + "\n"


def as_csv(table: Table) -> str:
    """Return CSV with a header; None is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(table.rows)
    return out.getvalue()


def as_markdown(table: Table) -> str:
    """Return a Markdown table under its title; numbers stand right, `|` and line ends are escaped."""
    right = numeric(table)
    cells = [[_markdown(cell) for cell in row] for row in (table.columns, *table.rows)]
    widths = [max(3, *(len(row[n]) for row in cells)) for n in range(len(table.columns))]

    def line(row: list[str]) -> str:
        padded = (c.rjust(w) if to_right else c.ljust(w) for c, w, to_right in zip(row, widths, right, strict=True))
        return f"| {' | '.join(padded)} |"

    ruler = " | ".join("-" * (w - 1) + (":" if to_right else "-") for w, to_right in zip(widths, right, strict=True))
    head = f"### {_markdown(table.title)}\n\n" if table.title else ""
    return head + "\n".join([line(cells[0]), f"| {ruler} |", *map(line, cells[1:])]) + "\n"


def _markdown(cell: object) -> str:
    return "" if cell is None else str(cell).replace("\\", "\\\\").replace("|", "\\|").replace("\n", "<br>")


#: The formats that a table can be printed in. A cross table is crossed where a person reads it (Markdown), and
#: stays one row a pair where a program does.
FORMATS: Mapping[str, Callable[[Table], str]] = {
    "md": lambda table: as_markdown(crossed(table)),
    "csv": as_csv,
    "json": as_json,
}
