"""A page of a raw table: empty columns left out, lists as people write them, ids told from what they name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from reviewdb.site import links

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
