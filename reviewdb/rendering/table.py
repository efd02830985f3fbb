"""A table: named columns over rows of values, for every format that one can be written in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

# How a description begins that is of counts.
_HOW_MANY = re.compile(r"^(?:How many|Number of)(?= )")
# Beyond, a floating-point number stands for several integers.
_EXACT = 2**53
# As SQL has names of columns; columns of a cross table are labels.
_NAME = re.compile(r"[a-z][a-z0-9_]*")
#: The column whose values are citation keys.
KEY_COLUMN = "paper"


class Keys(tuple[str, ...]):
    """The citation keys that a cell stands for."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(self)


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns over rows of values that SQLite gave: text, finite numbers or None; or Keys, once it is `cited`."""

    name: str
    title: str
    description: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    #: The column whose values `crossed` turns into columns; empty where the table is read as it is.
    across: str = ""
    #: For each row the papers that it stands for; empty where the query does not tell.
    keys: Sequence[Keys] = ()
    #: Shares of the width of a printed table, by column.
    widths: Mapping[str, float] = field(default_factory=dict)
    #: left, right or center, by column.
    align: Mapping[str, str] = field(default_factory=dict)


def parted(columns: Sequence[str], rows: Sequence[Sequence[Any]], keys: str) -> tuple[tuple[str, ...], list[Any], Any]:
    """Return columns and rows without the column called `keys`, and for each row the Keys that it holds.

    SQLite has all numbers of a facet as floating-point ones: a column of whole ones comes as people write it, 80 and
    not 80.0. The third is empty where there is no such column. Raises ValueError with the number of a row where it is
    no JSON array of citation keys.
    """
    rows = _whole(columns, rows)
    if keys not in columns:
        return tuple(columns), [tuple(row) for row in rows], ()
    at = list(columns).index(keys)
    listed = [_keys(row[at], number) for number, row in enumerate(rows, 1)]
    return (*columns[:at], *columns[at + 1 :]), [(*row[:at], *row[at + 1 :]) for row in rows], listed


def _whole(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """Return rows with the numbers of each column as integers where none of them has decimals."""
    whole = [n for n in range(len(columns)) if _is_whole([row[n] for row in rows])]
    if not whole:
        return rows
    return [
        tuple(int(cell) if n in whole and isinstance(cell, float) else cell for n, cell in enumerate(row))
        for row in rows
    ]


def _is_whole(cells: Sequence[Any]) -> bool:
    floats = [cell for cell in cells if isinstance(cell, float)]
    return bool(floats) and all(cell.is_integer() and abs(cell) < _EXACT for cell in floats)


def _keys(said: object, row: int) -> Keys:
    try:
        found = [] if said is None else json.loads(said) if isinstance(said, str) else said
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(key, str) for key in found):
        raise ValueError(row)
    return Keys(sorted(set(found)))  # in an order that only the keys themselves change


def cited(table: Table) -> Table:
    """Return the table with the papers of each row: in place of the last value where it counts them, else behind it."""
    if table.across or all(row[-1] == len(keys) for row, keys in zip(table.rows, table.keys, strict=True)):
        said = _HOW_MANY.sub("Which", table.description).replace("counts in each", "stands in each")
        rows = [(*row[:-1], keys) for row, keys in zip(table.rows, table.keys, strict=True)]
        return replace(table, description=said, rows=rows)
    behind = [(*row, keys) for row, keys in zip(table.rows, table.keys, strict=True)]
    return replace(table, columns=(*table.columns, "papers"), rows=behind)


def cites(table: Table) -> bool:
    """Say whether a table names papers, which LaTeX cites."""
    return KEY_COLUMN in table.columns or any(isinstance(cell, Keys) for row in table.rows for cell in row)


def crossed(table: Table) -> Table:
    """Return a table for reading: where it has `across`, the values of that column side by side, blank where none.

    Rows and columns come as first met, columns that are numbers, such as years, in their order; the last column holds
    the values. What cannot be crossed, as it has fewer
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
    if all(label is None or isinstance(label, int | float) for label in across):
        across.sort(key=lambda label: (label is None, label or 0))
    columns = (*labels[:at], *labels[at + 1 :], *("" if label is None else str(label) for label in across))
    rows = [(*head, *(cells.get(label) for label in across)) for head, cells in wide.items()]
    return replace(table, columns=columns, rows=rows, keys=())


def numeric(table: Table) -> list[bool]:
    """Say of each column whether it holds numbers and nothing else but blanks."""
    columns = ([row[n] for row in table.rows if row[n] is not None] for n in range(len(table.columns)))
    return [bool(cells) and all(isinstance(cell, int | float) for cell in cells) for cells in columns]


def aligned(table: Table) -> list[str]:
    """Return left, right or center for each column: as the query says, else numbers right and the rest left."""
    sides = ("right" if is_number else "left" for is_number in numeric(table))
    return [table.align.get(column, side) for column, side in zip(table.columns, sides, strict=True)]


def heading(column: str) -> str:
    """Return the name of a column as people read it: `imaging_method` is Imaging method. What is no name stays.

    So does a letter: in statistics, n and N are two things.
    """
    is_word = len(column) > 1 and _NAME.fullmatch(column)
    return column.replace("_", " ").strip().capitalize() if is_word else column
