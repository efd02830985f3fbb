"""Evidence: how many papers carry a code of one facet and a code of another, the same on the site and in figures."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reviewdb import database
from reviewdb.errors import ReviewError
from reviewdb.hints import hint

#: The axis that is no facet. No facet may have its name, as papers have a column of it.
YEAR = "year"
#: Longer stretches of years are not filled up where there is no paper.
LONGEST_SPAN = 40
#: Shades of a cell.
LEVELS = 4


@dataclass(frozen=True, slots=True)
class Scope:
    """Which papers count: those of a status, and of years (None: open)."""

    status: str = "included"
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many papers: `coded` in those of the status, `said` by anybody or a rule in those that are not excluded.

    `newest` is the year of the newest coded paper of a cell.
    """

    coded: int = 0
    said: int = 0
    newest: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of two axes: of cells by both codes, of codes by axis and code, and of all papers."""

    cells: Mapping[tuple[str, str], Count]
    totals: Mapping[tuple[str, str], Count]
    papers: Count

    @property
    def years(self) -> Sequence[int]:
        """The years of papers, where one of the axes is that of years; without holes, if they do not reach far."""
        found = sorted(int(code) for axis, code in self.totals if axis == YEAR)
        if found and found[-1] - found[0] <= LONGEST_SPAN:
            return range(found[0], found[-1] + 1)
        return found


def count(connection: sqlite3.Connection, rows: str, columns: str, scope: Scope | None = None) -> Counts:
    """Return the counts of two facets, or of one and `year`."""
    within = scope or Scope()
    values = {
        "rows": rows,
        "columns": columns,
        "status": within.status,
        "first": within.first,
        "last": within.last,
    }
    found = connection.execute(database.statement("evidence"), values).fetchall()
    totals = connection.execute(database.statement("evidence-totals"), values).fetchall()
    by_code = {(axis, code): Count(*counts) for axis, code, *counts in totals}
    return Counts({(row, column): Count(*counts) for row, column, *counts in found}, by_code, by_code.pop(("", "")))


def levels(values: Iterable[int]) -> tuple[dict[int, int], list[tuple[int, str]]]:
    """Return the shade, 1 to LEVELS, of each value but 0, and for each shade in use what it stands for."""
    # By the place among the values that occur: one and two differ, though there is a cell of fifty.
    known = sorted(set(values) - {0})
    level = {of: 1 + round((LEVELS - 1) * n / max(len(known) - 1, 1)) for n, of in enumerate(known)}
    legend: dict[int, list[int]] = {}
    for of in known:
        legend.setdefault(level[of], []).append(of)
    return level, [(shade, _span(min(here), max(here))) for shade, here in sorted(legend.items())]


def _span(least: int, most: int) -> str:
    return str(least) if least == most else f"{least}\u2013{most}"


def fullest(facets: Sequence[str], in_use: Mapping[str, int]) -> list[str]:
    """Return the two axes to be shown at first: the facets with most codes in use, in order, then the years."""
    best = sorted(facets, key=lambda id_: -in_use.get(id_, 0))[:2]
    return [*sorted(best, key=list(facets).index), YEAR][:2]


@dataclass(frozen=True, slots=True)
class Code:
    """A code of an axis that papers carry, how deep it lies, and on how many of them it stands."""

    id: str
    label: str
    depth: int
    papers: int


@dataclass(frozen=True, slots=True)
class Axis:
    """A facet, or the years: the codes that papers carry."""

    id: str
    label: str
    codes: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """How many papers carry both codes, row by row; 0 is a gap."""

    rows: Axis
    columns: Axis
    cells: tuple[tuple[int, ...], ...]
    papers: int


def grid(
    connection: sqlite3.Connection,
    rows: str = "",
    columns: str = "",
    scope: Scope | None = None,
    *,
    suggested: bool = False,
) -> Grid:
    """Return the map of two axes; where none is named, of those that are shown at first, the longer one down.

    With `suggested`, codes that only a rule proposes and papers that are still open count as well.

    Raises ReviewError for an axis that is none, and for the same one twice.
    """
    down, across = _chosen(connection, rows, columns)
    counts = count(connection, down, across, scope)

    def number(found: Count | None) -> int:
        return (found.said if suggested else found.coded) if found else 0

    def axis(id_: str) -> Axis:
        if id_ == YEAR:
            codes = [(str(year), str(year)) for year in counts.years]
        else:
            codes = connection.execute(database.statement("codes-in-order"), [id_]).fetchall()
        carried = [Code(c, label, c.count("."), number(counts.totals.get((id_, c)))) for c, label in codes]
        used = _without_ends(carried) if id_ == YEAR else [code for code in carried if code.papers]
        return Axis(id_, _label(connection, id_), tuple(used))

    one, other = axis(down), axis(across)
    cells = [[number(counts.cells.get((a.id, b.id))) for b in other.codes] for a in one.codes]
    if not rows and not columns and len(other.codes) > len(one.codes):
        one, other = other, one
        cells = [list(column) for column in zip(*cells, strict=True)]
    return Grid(one, other, tuple(map(tuple, cells)), number(counts.papers))


def axes(connection: sqlite3.Connection) -> list[str]:
    """Return what can be an axis: the facets that are answered by codes, and the years."""
    found = connection.execute("SELECT id FROM questions WHERE kind = 'codes' ORDER BY position")
    return [*(id_ for (id_,) in found), YEAR]


def _chosen(connection: sqlite3.Connection, rows: str, columns: str) -> tuple[str, str]:
    known = axes(connection)
    if known == [YEAR]:
        raise ReviewError("the coding scheme has no facet with codes.", "Add one to data/coding-scheme.toml.")
    for name in filter(None, (rows, columns)):
        if name not in known:
            raise ReviewError(f"there is no facet {name!r} with codes.", hint(name, known))
    if rows and rows == columns:
        raise ReviewError(f"{rows} stands on both sides.", "Choose another one for --rows or --columns.")
    if rows and columns:
        return rows, columns
    shown = first(connection)
    if rows or columns:
        other = next(id_ for id_ in [*shown, YEAR] if id_ not in (rows, columns))
        return rows or other, columns or other
    return shown[0], shown[1]


def first(connection: sqlite3.Connection) -> list[str]:
    """Return the two axes to be shown at first."""
    in_use = dict(connection.execute(database.statement("codes-in-use")).fetchall())
    return fullest([id_ for id_ in axes(connection) if id_ != YEAR], in_use)


def _label(connection: sqlite3.Connection, axis: str) -> str:
    found = connection.execute("SELECT label FROM questions WHERE id = ?", [axis]).fetchone()
    return str(found[0]) if found and axis != YEAR else "Year"


def _without_ends(years: Sequence[Code]) -> Sequence[Code]:
    """Return the years from the first to the last that has a paper."""
    places = [n for n, year in enumerate(years) if year.papers]
    return years[places[0] : places[-1] + 1] if places else ()
