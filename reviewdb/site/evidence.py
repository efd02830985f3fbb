"""The evidence map: how many papers carry a code of one facet and a code of another, and where there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reviewdb import evidence
from reviewdb.consensus import EXCLUDED, INCLUDED
from reviewdb.evidence import YEAR, Count, Counts
from reviewdb.site import choosing, links
from reviewdb.site.about import About, Question
from reviewdb.site.catalogue import CODED, SUGGESTED, Catalogue, Papers, union
from reviewdb.site.faceting import Coverage, coverage


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader chose to see: two axes, codes that are only suggested or not, colour by count or by recency."""

    rows: str
    columns: str
    suggested: bool = False
    recent: bool = False

    @property
    def url(self) -> str:
        """The address of the map, seen from the home page."""
        said = [("map", f"{self.rows},{self.columns}")]
        said += [("codes", "suggested")] if self.suggested else []
        said += [("colour", "recency")] if self.recent else []
        return f"{links.address('', said)}#map"


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be chosen, and the address that chooses it."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """How many papers: `coded` in included ones, `more` that are only suggested or not included; none is a gap.

    `newest` is the year of the newest coded paper, `level` the shade, 1 to 4, of a cell with a coded paper.
    """

    coded: int = 0
    more: int = 0
    newest: int | None = None
    level: int = 0
    url: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A code of an axis with all its papers, and, for a row, its cells."""

    label: str
    depth: int
    total: Cell
    cells: Sequence[Cell] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """A facet, or the years: the codes that papers carry, and the labels of those that none does."""

    label: str
    definition: str
    lines: Sequence[Line]
    unused: Sequence[str]
    #: Of included papers; None of years.
    coverage: Coverage | None


@dataclass(frozen=True, slots=True)
class Map:
    """The evidence map; `legend` says for each shade in use what it stands for."""

    chosen: Choice
    rows: Axis
    columns: Axis
    papers: Cell
    gaps: int
    #: Papers that have something on both axes, of those that count: without them, a gap says little.
    both: Coverage
    #: Papers that are still open, and count only with suggestions.
    waiting: int
    legend: Sequence[tuple[int, str]]
    #: What can be chosen instead, under its heading.
    options: Mapping[str, Sequence[Option]]


def choice(about: About, counts: Mapping[str, int], query_string: str) -> Choice | None:
    """Return what an address asks to see, as far as it makes sense; None where the review has no two axes.

    `counts` says how many codes of each facet are in use: the two facets with most of them are shown at first.
    """
    asked = dict(links.pairs(query_string))
    facets = [question.id for question in about.facets]
    if not facets:
        return None
    first = evidence.fullest(facets, counts)
    wanted = asked.get("map", "").split(",")
    known = len(wanted) == len(set(wanted)) == len(first) and set(wanted) <= {*facets, YEAR}
    down, across = wanted if known else first
    return Choice(down, across, suggested=asked.get("codes") == "suggested", recent=asked.get("colour") == "recency")


def count(of: Catalogue, rows: str, columns: str) -> Counts:
    """Return what `evidence.count` does of included papers: from the catalogue, as it takes a join over all of them."""
    included, open_ = of.statuses.get(INCLUDED, 0), of.every & ~of.statuses.get(EXCLUDED, 0)
    newest_first = sorted(((year, papers) for year, papers in of.years.items() if year is not None), reverse=True)
    said: dict[str, list[tuple[str, Papers, Papers]]] = {
        YEAR: [(str(year), papers & included, papers & open_) for year, papers in reversed(newest_first)]
    }
    for axis in {rows, columns} - {YEAR}:
        codes = dict.fromkeys(code for question, code, _ in of.codes if question == axis)
        said[axis] = []
        for code in codes:
            coded, suggested = (of.carrying(axis, code, standing) for standing in (CODED, SUGGESTED))
            said[axis].append((code, coded & included, (coded | suggested) & open_))
    cells: dict[tuple[str, str], Count] = {}
    for row, row_coded, row_said in said[rows]:
        for column, column_coded, column_said in said[columns]:
            if both := row_said & column_said:
                coded = row_coded & column_coded
                newest = next((year for year, papers in newest_first if papers & coded), None) if coded else None
                cells[row, column] = Count(coded.bit_count(), both.bit_count(), newest)
    totals = {
        (axis, code): Count(coded.bit_count(), all_.bit_count())
        for axis in (rows, columns)
        for code, coded, all_ in said[axis]
        if all_
    }
    return Counts(cells, totals, Count(included.bit_count(), open_.bit_count()))


def read(of: Catalogue, about: About, chosen: Choice, path: str) -> Map:
    """Return the map that a reader chose; `path` is that of the list of papers."""
    counts = count(of, chosen.rows, chosen.columns)
    found = counts.cells

    def total(axis: str, code: _Code) -> Cell:
        return _cell(chosen, path, counts.totals.get((axis, code.id)), *code.pairs)

    def axis(id_: str) -> tuple[list[_Code], list[str]]:
        codes = _years(counts.years) if id_ == YEAR else _codes(about.questions[id_], chosen)
        used = [code for code in codes if id_ == YEAR or total(id_, code).url]
        return used, [code.label for code in codes if code not in used]

    (down, without_row), (across, without_column) = axis(chosen.rows), axis(chosen.columns)
    grid = [[_cell(chosen, path, found.get((one.id, c.id)), *one.pairs, *c.pairs) for c in across] for one in down]
    grid, legend = _shaded(grid, chosen)
    included = of.statuses.get(INCLUDED, 0)

    def drawn(id_: str, lines: Sequence[Line], unused: Sequence[str]) -> Axis:
        if id_ == YEAR:
            return Axis(_label(about, id_), "", lines, unused, None)
        asked = about.questions[id_]
        return Axis(asked.label, asked.definition, lines, unused, coverage(of, id_, included))

    lines = [Line(c.label, c.depth, total(chosen.rows, c), cells) for c, cells in zip(down, grid, strict=True)]
    heads = [Line(c.label, c.depth, total(chosen.columns, c)) for c in across]
    return Map(
        chosen=chosen,
        rows=drawn(chosen.rows, lines, without_row),
        columns=drawn(chosen.columns, heads, without_column),
        papers=_cell(chosen, path, counts.papers),
        gaps=sum(not cell.url for cells in grid for cell in cells),
        both=_both(of, chosen),
        waiting=0 if chosen.suggested else (of.every & ~of.statuses.get(EXCLUDED, 0) & ~included).bit_count(),
        legend=legend,
        options=_options(about, chosen),
    )


def _both(of: Catalogue, chosen: Choice) -> Coverage:
    standings = (CODED, SUGGESTED) if chosen.suggested else (CODED,)
    among = of.every & ~of.statuses.get(EXCLUDED, 0) if chosen.suggested else of.statuses.get(INCLUDED, 0)

    def having(axis: str) -> Papers:
        if axis == YEAR:
            return of.every & ~of.years.get(None, 0)
        return union(papers for (asked, _, said), papers in of.codes.items() if asked == axis and said in standings)

    return Coverage((among & having(chosen.rows) & having(chosen.columns)).bit_count(), among.bit_count())


def _cell(chosen: Choice, path: str, found: Count | None, *pairs: links.Pair) -> Cell:
    coded = found.coded if found else 0
    more = found.said - coded if found and chosen.suggested else 0
    if not coded + more:
        return Cell()
    standing = ("status__not", "excluded") if chosen.suggested else ("status", "included")
    return Cell(coded, more, found.newest if found else None, url=links.address(path, [standing, *pairs]))


def _shaded(grid: Sequence[Sequence[Cell]], chosen: Choice) -> tuple[list[list[Cell]], list[tuple[int, str]]]:
    """Return the cells with their shades, and what each shade stands for."""

    def value(cell: Cell) -> int:
        return (cell.newest or 0) if chosen.recent else cell.coded

    level, legend = evidence.levels(value(cell) for cells in grid for cell in cells)
    return [[replace(cell, level=level.get(value(cell), 0)) for cell in cells] for cells in grid], legend


@dataclass(frozen=True, slots=True)
class _Code:
    """A code of an axis before it is counted; `pairs` are what an address says to choose papers by it."""

    id: str
    label: str
    depth: int
    pairs: tuple[links.Pair, ...]


def _codes(question: Question, chosen: Choice) -> list[_Code]:
    standings = (CODED, SUGGESTED) if chosen.suggested and question.suggested_column else (CODED,)

    def pairs(code: str) -> tuple[links.Pair, ...]:
        return tuple((choosing.CODE, choosing.Code(question, code, standing).name) for standing in standings)

    return [_Code(code.id, code.label, code.id.count("."), pairs(code.id)) for code in question.codes.values()]


def _years(years: Sequence[int]) -> list[_Code]:
    return [_Code(str(year), str(year), 0, ((YEAR, str(year)),)) for year in years]


def _label(about: About, axis: str) -> str:
    return "Year" if axis == YEAR else about.questions[axis].label


def _options(about: About, chosen: Choice) -> dict[str, list[Option]]:
    axes = [*(question.id for question in about.facets), YEAR]

    def on(rows: str, columns: str) -> Choice:
        return replace(chosen, rows=rows, columns=columns)

    # To choose the facet that stands on the other side turns the map.
    down = {id_: on(id_, chosen.rows if id_ == chosen.columns else chosen.columns) for id_ in axes}
    across = {id_: on(chosen.columns if id_ == chosen.rows else chosen.rows, id_) for id_ in axes}

    def axis(choices: Mapping[str, Choice]) -> list[Option]:
        return [Option(_label(about, id_), other.url, other == chosen) for id_, other in choices.items()]

    def either_or(off: tuple[str, Choice], on: tuple[str, Choice]) -> list[Option]:
        return [Option(label, other.url, other == chosen) for label, other in (off, on)]

    return {
        "Rows": axis(down),
        "Columns": axis(across),
        "Codes": either_or(
            ("confirmed by people", replace(chosen, suggested=False)),
            ("with suggestions of rules", replace(chosen, suggested=True)),
        ),
        "Colour": either_or(
            ("number of papers", replace(chosen, recent=False)),
            ("newest paper", replace(chosen, recent=True)),
        ),
    }
