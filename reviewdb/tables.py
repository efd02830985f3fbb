"""Tables: what the queries of a review give, as Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from reviewdb import database
from reviewdb.errors import ReviewError
from reviewdb.hints import hint

#: A query of a review that runs longer is stopped.
SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns over rows of values that SQLite gave: text, numbers or None."""

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
    """Return the table that `queries/NAME.sql` gives. Raises ReviewError where there is none, or it fails."""
    found = database.ask(
        connection, "SELECT title, description, coalesce(across, ''), sql FROM queries WHERE name = ?", [name]
    ).rows
    if not found:
        known = [row[0] for row in names(connection).rows]
        raise ReviewError(f"there is no queries/{name}.sql.", hint(name, known))
    title, description, across, sql = found[0]
    result = database.ask(connection, sql, seconds=SECONDS)
    return Table(name, title, description, result.columns, result.rows, across)


def crossed(table: Table) -> Table:
    """Return a table for reading: where it has `across`, the values of that column side by side, blank where none."""
    if table.across not in table.columns or not table.rows:
        return table
    import pandas as pd  # noqa: PLC0415 - half a second that only a cross table costs

    across, value = table.across, table.columns[-1]
    rest = [column for column in table.columns if column not in (across, value)]
    frame = pd.DataFrame(table.rows, columns=list(table.columns), dtype=object)
    order = {column: {label: n for n, label in enumerate(frame[column].unique())} for column in (*rest, across)}
    wide = frame.pivot_table(index=rest, columns=across, values=value, aggfunc="sum", sort=False, observed=True)
    wide = wide.reindex(columns=sorted(wide.columns, key=order[across].__getitem__)).reset_index()
    rows = [tuple(None if pd.isna(cell) else cell for cell in row) for row in wide.itertuples(index=False, name=None)]
    return replace(table, columns=tuple(map(str, wide.columns)), rows=rows)


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
    numeric = [all(isinstance(row[n], int | float | None) for row in table.rows) for n in range(len(table.columns))]
    cells = [[_markdown(cell) for cell in row] for row in (table.columns, *table.rows)]
    widths = [max(3, *(len(row[n]) for row in cells)) for n in range(len(table.columns))]

    def line(row: list[str]) -> str:
        padded = (c.rjust(w) if right else c.ljust(w) for c, w, right in zip(row, widths, numeric, strict=True))
        return f"| {' | '.join(padded)} |"

    ruler = " | ".join(
        "-" * (width - 1) + (":" if right else "-") for width, right in zip(widths, numeric, strict=True)
    )
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
