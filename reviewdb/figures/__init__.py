"""Figures: what a review's tables say, drawn for print. Each is numbers read from the database, and a drawing of them.

The numbers are those of the terminal and the site, by the same statements; `ink` alone knows the plotting library.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reviewdb import boxes, database, evidence, prisma, reliability
from reviewdb.agreement import Estimate
from reviewdb.diagram import diagram
from reviewdb.errors import ReviewError
from reviewdb.evidence import YEAR, Grid, Scope
from reviewdb.figures import bars, flowchart, forest, matrix, upset
from reviewdb.figures.sheet import FAINT, GREY, INCH, LEADING, MARGIN, PAPER, Box, Draw, Sheet
from reviewdb.overlap import overlap
from reviewdb.tables import Table
from reviewdb.text import counted

#: A printed column, and two of them, in inches.
ONE_COLUMN, TWO_COLUMNS = 3.5, 7.0
#: Narrower, the methods of a flow share one column.
_WIDE_FLOW = 6.0
_COEFFICIENTS = ("kappa", "kappa_low", "kappa_high", "alpha", "alpha_low", "alpha_high")
_AGREEMENT = ("question", "about", "coders", "papers", *_COEFFICIENTS)


class NothingToDraw(ReviewError):  # noqa: N818 - it is no error of anybody's: a review begins empty
    """A figure has no numbers yet."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a figure can be chosen; each figure takes what makes sense for it."""

    rows: str = ""
    columns: str = ""
    facet: str = ""
    status: str = ""
    first: int | None = None
    last: int | None = None
    suggested: bool = False

    def scope(self, status: str = "") -> Scope:
        """Return which papers count; `status` where none was asked for."""
        return Scope(self.status or status, self.first, self.last)

    def of(self, papers: int) -> str:
        """Say which papers count, of so many."""
        standing = "included or open" if self.suggested else self.status or "included"
        how = "coded or suggested" if self.suggested else "as coded"
        return f"{counted(papers, f'{standing} paper')}, {how}{self.years}"

    @property
    def years(self) -> str:
        """The years that were asked for, in words."""
        if self.first is None and self.last is None:
            return ""
        if self.first == self.last:
            return f", of {self.first}"
        return f", {f'from {self.first} ' if self.first else ''}{f'up to {self.last}' if self.last else 'on'}".rstrip()


@dataclass(frozen=True, slots=True)
class Drawable:
    """The numbers of a figure, one row each, and the drawing of them."""

    numbers: Table
    draw: Draw


@dataclass(frozen=True, slots=True)
class Kind:
    """A figure that can be asked for: what it shows, and which options it takes."""

    title: str
    options: tuple[str, ...]
    read: Callable[[sqlite3.Connection, Asked], Drawable]


def read(connection: sqlite3.Connection, name: str, asked: Asked) -> Drawable:
    """Return a figure of a review. Raises ReviewError where there is nothing to draw, or nothing of such a name."""
    return KINDS[name].read(connection, asked)


def placeholder(name: str, lacking: NothingToDraw) -> Drawable:
    """Return a figure that says why there is none yet, for a paper that is set before its review is done."""
    said = f"{lacking.what[:1].upper()}{lacking.what[1:]}"

    def draw(sheet: Sheet) -> None:
        lines = sheet.fold(said, sheet.width - 8 * MARGIN)
        sheet.height = (len(lines) + 4) * LEADING
        room = (sheet.width - 2 * MARGIN, sheet.height - 2 * MARGIN)
        sheet.add(Box(MARGIN, MARGIN, *room, fill=PAPER, edge=FAINT))
        sheet.lines(4 * MARGIN, sheet.height / 2, lines, colour=GREY)

    return Drawable(Table(name, said, "", ("figure", "why"), [(name, said)]), draw)


def names() -> Table:
    """Return the figures, one a row, with the options that each takes."""
    rows: list[tuple[str, ...]] = [
        (name, kind.title, " ".join(f"--{option}" for option in kind.options)) for name, kind in KINDS.items()
    ]
    return Table("figures", "Figures", "", ("figure", "title", "options"), [*rows])


def _evidence_map(connection: sqlite3.Connection, asked: Asked) -> Drawable:
    grid = evidence.grid(connection, asked.rows, asked.columns, asked.scope("included"), suggested=asked.suggested)
    if not any(map(any, grid.cells)):
        raise _nothing(f"no such paper has both {grid.rows.label} and {grid.columns.label}", asked)
    return Drawable(_of_grid("evidence-map", grid), lambda sheet: matrix.draw(sheet, grid, asked.of(grid.papers)))


def _facet_by_year(connection: sqlite3.Connection, asked: Asked) -> Drawable:
    facet = asked.facet or evidence.first(connection)[0]
    if facet == YEAR:
        raise ReviewError("the years cannot be drawn over the years.", "Name a facet: --facet method")
    grid = evidence.grid(connection, facet, YEAR, asked.scope("included"), suggested=asked.suggested)
    if not any(map(any, grid.cells)):
        raise _nothing(f"no such paper of a known year has a code of {grid.rows.label}", asked)
    return Drawable(_of_grid("facet-by-year", grid), lambda sheet: bars.draw_rows(sheet, grid, asked.of(grid.papers)))


def _of_grid(name: str, grid: Grid) -> Table:
    heads = (grid.rows.label, grid.columns.label)
    if len(set(heads)) == 1:
        heads = (grid.rows.id, grid.columns.id)
    rows = [
        (one.label, other.label, papers)
        for one, cells in zip(grid.rows.codes, grid.cells, strict=True)
        for other, papers in zip(grid.columns.codes, cells, strict=True)
    ]
    return Table(name, f"{heads[0]} by {heads[1]}", "", (*heads, "papers"), [*rows], across=heads[1])


def _papers_by_year(connection: sqlite3.Connection, asked: Asked) -> Drawable:
    found: dict[int, bars.Year] = {}
    undated = 0
    for year, included, excluded, pending, contested, papers in connection.execute(database.statement("years")):
        if year is None:
            undated = papers
        elif (asked.first or year) <= year <= (asked.last or year):
            found[year] = bars.Year(year, included, pending, contested, excluded)
    if not found:
        first, last = asked.first, asked.last
        when = str(first) if first and first == last else f"{first or ''}..{last or ''}"
        raise _nothing(f"no paper is from {when}" if first or last else "no paper has a year of publication", asked)
    first, last = min(found), max(found)
    span = range(first, last + 1) if last - first <= evidence.LONGEST_SPAN else sorted(found)
    years = [found.get(year, bars.Year(year)) for year in span]
    rows = [(year.year, year.papers, year.included, year.excluded, year.pending, year.contested) for year in years]
    columns = ("year", "papers", "included", "excluded", "pending", "contested")
    numbers = Table("papers-by-year", "Papers by year", "", columns, [*rows])
    # Of which years papers without one are, nobody knows.
    left_out = undated if asked.first is None and asked.last is None else 0
    return Drawable(numbers, lambda sheet: bars.draw_years(sheet, years, left_out))


def _flow(connection: sqlite3.Connection, _: Asked) -> Drawable:
    counts = prisma.count(connection)
    if not counts.flow.all.records:
        raise _nothing("the review has no records")
    numbers = Table("flow", "PRISMA flow", "", boxes.COLUMNS, boxes.rows(counts.flow, counts.reported))

    def draw(sheet: Sheet) -> None:
        flowchart.draw(sheet, diagram(counts.flow, together=sheet.width < _WIDE_FLOW * INCH))

    return Drawable(numbers, draw)


def _agreement(connection: sqlite3.Connection, _: Asked) -> Drawable:
    measured = reliability.measure(connection)
    questions = dict(connection.execute("SELECT id, label FROM questions"))
    both = [one for one in measured.agreements if one.papers and (one.kappa or one.alpha)]
    if not both:
        raise NothingToDraw(
            "there is no agreement to draw: it takes papers that two coders answered, and not all of them the same.",
            "See who answered what: reviewdb agree",
        )
    rows = []
    drawn = []
    for one in both:
        aspect = f" ({one.about})" if one.about in (reliability.VERDICT, reliability.REASON) else ""
        drawn.append(forest.Row(f"{questions[one.question]}{aspect}", one.papers, one.kappa, one.alpha))
        rows.append((one.question, one.about, len(one.coders), one.papers, *_three(one.kappa), *_three(one.alpha)))
    numbers = Table("agreement", "Agreement", "", _AGREEMENT, [*rows])
    whose = " or ".join(sorted({one.kappa_of for one in both if one.kappa}))
    return Drawable(numbers, lambda sheet: forest.draw(sheet, drawn, whose))


def _three(found: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (found.value, *(found.interval or (None, None))) if found else (None, None, None)


def _search_overlap(connection: sqlite3.Connection, asked: Asked) -> Drawable:
    found = overlap(connection, asked.scope())
    if not found.shared:
        raise _nothing("no search found a paper", asked)
    rows = [(" & ".join(one.searches), len(one.searches), one.papers) for one in found.shared]
    title = "Papers by the searches that found them"
    numbers = Table("search-overlap", title, "", ("searches", "number_of_searches", "papers"), [*rows])
    return Drawable(numbers, lambda sheet: upset.draw(sheet, found))


def _nothing(what: str, asked: Asked | None = None) -> NothingToDraw:
    chosen = asked is not None and asked != Asked(rows=asked.rows, columns=asked.columns, facet=asked.facet)
    todo = "Choose more papers: fewer options." if chosen else "Where the review stands: reviewdb status"
    return NothingToDraw(f"there is nothing to draw: {what}.", todo)


_PAPERS = ("year", "status")
#: The figures by name.
KINDS: Mapping[str, Kind] = {
    "evidence-map": Kind(
        "A facet by another, or by year; gaps are hatched", ("rows", "columns", *_PAPERS, "suggested"), _evidence_map
    ),
    "papers-by-year": Kind("Papers by year and by where they stand", ("year",), _papers_by_year),
    "facet-by-year": Kind(
        "A facet over time, a row of bars for each code", ("facet", *_PAPERS, "suggested"), _facet_by_year
    ),
    "flow": Kind("The PRISMA 2020 flow diagram", (), _flow),
    "agreement": Kind("Agreement per question: kappa and alpha with intervals", (), _agreement),
    "search-overlap": Kind("Which searches found the same papers (UpSet)", _PAPERS, _search_overlap),
}
