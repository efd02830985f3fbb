"""Raw tables: what there is, and a page of one: no empty columns, lists as people write them, ids told from names."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from reviewdb.site import describing, links, shelving
from reviewdb.site.shelving import Shelf

#: A cell of more characters asks for a wide column.
_WIDE = 40
_EMPTY = ("", None, "{}", "[]")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows, and the class that says how."""

    shown: Any
    kind: str


@dataclass(frozen=True, slots=True)
class Raw:
    """The rows of a table as a page shows them; `empty` names the columns that hold nothing on it."""

    columns: Sequence[Mapping[str, Any]]
    rows: Sequence[Sequence[Cell]]
    empty: Sequence[str]


@dataclass(frozen=True, slots=True)
class Described:
    """A table, what it holds, and how many rows of it."""

    name: str
    description: str
    rows: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The tables of a database by the group that they are shown in, and the queries of the review."""

    groups: Sequence[tuple[str, Sequence[Described]]]
    shelf: Shelf

    @property
    def tables(self) -> list[str]:
        """The names of the tables."""
        return [table.name for _, tables in self.groups for table in tables]

    @property
    def queries(self) -> list[str]:
        """The names of the queries."""
        return [query.name for query in (*self.shelf.tables, *self.shelf.worklists)]


def visible(overview: Overview, seen: Collection[tuple[str, str]]) -> Overview:
    """Return what of it a reader may see: tables (`view-table`) and queries (`view-query`) by name."""
    groups = [(group, [t for t in tables if ("view-table", t.name) in seen]) for group, tables in overview.groups]
    both = (overview.shelf.tables, overview.shelf.worklists)
    shelf = Shelf(*([q for q in queries if ("view-query", q.name) in seen] for queries in both))
    return Overview([(group, tables) for group, tables in groups if tables], shelf)


def overview(connection: sqlite3.Connection) -> Overview:
    """Return what there is to browse; without empty tables that are empty in most databases."""

    def described(name: str) -> Described:
        # The names are those of `tables.toml`.
        (count,) = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()  # noqa: S608 - not a reader's
        return Described(name, known[name]["description"], count)

    known = describing.tables()
    groups = [(group, [described(name) for name in names]) for group, names in describing.groups().items()]
    shown = [(group, [t for t in of if t.rows or not known[t.name].get("emptied")]) for group, of in groups]
    return Overview(shown, shelving.shelf(connection))


def readable(columns: Sequence[Mapping[str, Any]], rows: Sequence[Any]) -> Raw:
    """Return what Datasette would show (`display_columns`, `display_rows`) as it is shown here."""
    cells = [list(row) for row in rows]
    filled = [any(row[n]["raw"] not in _EMPTY for row in cells) for n in range(len(columns))]
    return Raw(
        columns=[column for column, has in zip(columns, filled, strict=True) if has],
        rows=[[_cell(cell) for cell, has in zip(row, filled, strict=True) if has] for row in cells],
        empty=[column["name"] for column, has in zip(columns, filled, strict=True) if not has],
    )


def _cell(cell: Mapping[str, Any]) -> Cell:
    if cell["value_type"] == "pk":
        return Cell(cell["value"], "id")
    if cell["value_type"] in ("int", "float"):
        return Cell(cell["value"], "number")
    if cell["raw"] in _EMPTY:
        return Cell("", "")
    shown = cell["value"] if isinstance(cell["value"], Markup) else _in_words(str(cell["raw"]), str(cell["value"]))
    if cell["column"] == "doi" and not isinstance(shown, Markup):
        shown = Markup('<a href="{}">{}</a>').format(links.doi(cell["raw"]), shown)
    return Cell(shown, "wide-cell" if len(str(cell["raw"])) > _WIDE else "")


def _in_words(raw: str, shown: str) -> str:
    """Return a JSON array of texts, or an object of texts and numbers, as a list; all else as Datasette shows it."""
    if not raw.startswith(('["', '{"')):
        return shown
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return shown
    listed = [f"{name}: {value}" for name, value in found.items()] if isinstance(found, dict) else [*map(str, found)]
    is_plain = isinstance(found, list) or all(isinstance(value, str | int | float) for value in found.values())
    return "; ".join(listed)[: len(shown)] if is_plain else shown
