"""The diagram of a flow, after the template of PRISMA 2020: which boxes stand where, and what is written in them.

Drawn by `svg` and `tikz`; `outline` and `prose` say the same in text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reviewdb.boxes import assessed_label, entered_label, source_label
from reviewdb.flow import DATABASES, Column, Count, Flow, Reason, Source, Stage
from reviewdb.text import clean

_HEADS = {True: "Found in databases and registers", False: "Found by other methods"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a box, before it is folded to its width. Parts of what the line before counts are `inner`."""

    text: str
    inner: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A box on the way, and the one beside it with what leaves the way there."""

    main: tuple[Line, ...]
    side: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One pair for each column. Rows that follow each other in one `band` belong together."""

    band: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Diagram:
    """Columns under their heads, from the first row down to the one box that all of them lead to."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    included: tuple[Line, ...]

    @property
    def bands(self) -> list[tuple[str, int, int]]:
        """Each band with its first row and the one after its last; the last band is that of the included."""
        found: list[tuple[str, int, int]] = []
        for number, row in enumerate(self.rows):
            if found and row is not self.rows[0] and row.band is self.rows[number - 1].band:
                found[-1] = (row.band, found[-1][1], number + 1)
            else:
                found.append((row.band, number, number + 1))
        return [*found, ("Included", len(self.rows), len(self.rows) + 1)]


def diagram(flow: Flow) -> Diagram:
    """Return the diagram of a flow; reasons for which nothing was excluded are left out."""
    columns = flow.methods
    rows = [Row("Identification", tuple(map(_identification, columns)))]
    for stages in zip(*(column.stages for column in columns), strict=True):
        pairs = [list(_stage(*both)) for both in zip(columns, stages, strict=True)]
        rows += [Row(clean(stages[0].label), row) for row in zip(*pairs, strict=True)]
    included = flow.all.included
    return Diagram(
        tuple(_HEADS[column.method == DATABASES] for column in columns),
        tuple(rows),
        (_line("Studies included in the review", included.studies), _line("Papers of these studies", included.papers)),
    )


def numbered(count: int) -> str:
    """Return a number as people read it: 1,234."""
    return f"{count:,}"


def _line(text: str, count: int, *, inner: bool = False) -> Line:
    return Line(f"{clean(text)} (n\u00a0=\u00a0{numbered(count)})", inner)


def _identification(column: Column) -> Pair:
    return Pair(
        (_line("Records identified", column.records), *map(_source, column.sources)),
        (Line("Records removed before screening:"), _line("Duplicates", column.duplicates, inner=True)),
    )


def _source(source: Source) -> Line:
    several = f", {len(source.searches)} searches" if len(source.searches) > 1 else ""
    return _line(f"{source_label(source)}{several}", source.records, inner=True)


def _stage(column: Column, stage: Stage) -> Iterator[Pair]:
    if stage.seeks:
        missing = [reason for reason in stage.reasons if reason.not_retrieved]
        yield Pair(
            (_line(entered_label(column, stage), stage.entered.papers),),
            # One reason says no more than the box does.
            (_line("Papers not retrieved", stage.not_retrieved.papers), *_reasons(missing if missing[1:] else ())),
        )
    yield Pair(
        (
            _line(assessed_label(column, stage), stage.assessed.papers),
            *_open("Not yet decided", stage.pending),
            *_open("Coders disagree", stage.contested),
        ),
        (
            _line("Papers excluded", stage.excluded.papers),
            *_reasons([reason for reason in stage.reasons if not reason.not_retrieved]),
        ),
    )


def _open(text: str, count: Count) -> Iterator[Line]:
    if count.papers:
        yield _line(text, count.papers, inner=True)


def _reasons(reasons: Sequence[Reason]) -> Iterator[Line]:
    return (_line(reason.label, reason.count.papers, inner=True) for reason in reasons if reason.count.papers)
