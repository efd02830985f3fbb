"""The table that a query gives: crossed where the query asks for it, long cells folded, numbers told from text."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType
from typing import Any

from reviewdb import database, tables
from reviewdb.rendering.table import KEY_COLUMN, parted
from reviewdb.site import about, names
from reviewdb.text import is_key

#: A cell longer than this is folded; one longer than `_LONGEST` is cut, and the data has the rest.
_FOLDED = 240
_BEGINNING = 160
_LONGEST = 5000
#: Shades of a crossed table.
_WEIGHTS = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows.

    Attributes:
        rest: what is folded away.
        key: a citation key to link.
        named: who wrote that paper and when, and its title, for readers, who know no keys.
        weight: how near a count comes to the largest of its table, 1 to 4; 0 where nothing is weighed.

    """

    text: str
    rest: str = ""
    key: str = ""
    named: tuple[str, str] = ("", "")
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A table for reading; `numeric` says which columns hold only numbers."""

    columns: Sequence[str]
    numeric: list[bool]
    rows: Sequence[Sequence[Cell]]
    crossed: bool

    @property
    def texts(self) -> int:
        """How many columns hold text: more than one, and a narrow screen shows a row as a block."""
        return self.numeric.count(False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query of the review gives: so many rows, or the first of more (`truncated`), or why it gives none."""

    #: Its row of `queries`.
    query: Mapping[str, Any]
    count: int = 0
    truncated: bool = False
    shown: Shown | None = None
    error: str = ""


def answer(connection: sqlite3.Connection, query: Mapping[str, Any], *, seconds: float, most: int) -> Answer:
    """Run a query of the review, a row of `queries`, for no longer than that, and return so many rows at most.

    Raises ReviewError where it fails.
    """
    found = database.ask(connection, query["sql"], seconds=seconds, most=most + 1)
    rows, truncated = found.rows[:most], len(found.rows) > most
    # A cross table of a part would mislead.
    across = "" if truncated else query["across"] or ""
    papers = named(connection, found.columns, rows)
    return Answer(query, len(rows), truncated, shown(found.columns, rows, across, query["keys"] or "", papers))


def named(connection: sqlite3.Connection, columns: Sequence[str], rows: Sequence[Any]) -> Mapping[str, tuple[str, str]]:
    """Return authors with year, and title, of the papers that the rows of a query name, by citation key.

    A query that gives titles itself names its papers: there are none of it.
    """
    if KEY_COLUMN not in columns or "title" in columns:
        return {}
    at = list(columns).index(KEY_COLUMN)
    keys = sorted({row[at] for row in rows if key(KEY_COLUMN, row[at])})
    found = about.rows(connection, about.statement("named-papers"), {"keys": json.dumps(keys)})
    return {row["key"]: (names.in_text(row["authors"], row["year"]), row["title"]) for row in found}


def shown(
    columns: Sequence[str],
    rows: Sequence[Any],
    across: str,
    keys: str = "",
    papers: Mapping[str, tuple[str, str]] = MappingProxyType({}),
) -> Shown:
    """Return the rows of a query for reading, `papers` as `named` gives them.

    A crossed table is the same one that the terminal prints.
    """
    with suppress(ValueError):  # what is no list of keys is shown as it is
        columns, rows, _ = parted(columns, rows, keys)
    long = tables.Table("", "", "", tuple(columns), [tuple(row) for row in rows], across)
    wide = tables.crossed(long)
    crossed = wide is not long
    most = max((v for row in wide.rows for v in row if isinstance(v, int | float)), default=0) if crossed else 0
    return Shown(
        columns=wide.columns,
        numeric=tables.numeric(wide),
        rows=[
            [_cell(name, value, most, papers) for name, value in zip(wide.columns, row, strict=True)]
            for row in wide.rows
        ],
        crossed=crossed,
    )


def key(column: str, value: object) -> str:
    """Return the citation key that a cell holds, or an empty string."""
    text = value if isinstance(value, str) and column == KEY_COLUMN else ""
    return text if is_key(text) else ""


def _cell(
    column: str,
    value: Any,  # noqa: ANN401 - whatever SQLite gives
    most: float,
    papers: Mapping[str, tuple[str, str]],
) -> Cell:
    if value is None:
        return Cell("")
    if most > 0 and isinstance(value, int | float):
        return Cell(str(value), weight=max(0, ceil(_WEIGHTS * value / most)))
    if isinstance(value, bytes):
        return Cell(f"{len(value)} bytes")
    text = str(value)
    if key(column, value):
        return Cell(text, key=text, named=papers.get(text, ("", "")))
    if len(text) > _FOLDED:
        cut = text.rfind(" ", 0, _BEGINNING)
        cut = cut if cut > 0 else _BEGINNING
        return Cell(text[:cut], rest=text[cut:_LONGEST] + ("…" if len(text) > _LONGEST else ""))
    return Cell(text)
