"""The diagram of a flow, after the template of PRISMA 2020: which boxes stand where, and what is written in them.

Drawn by `svg` and `tikz`; `outline` and `prose` say the same in text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from reviewdb import origins
from reviewdb.boxes import assessed_label, entered_label, missing_label
from reviewdb.flow import ALL, DATABASES, OTHER, Column, Count, Flow, Reason, Source, Stage
from reviewdb.text import clean

_VIA = "Identification of studies via"
_HEADS = {
    DATABASES: f"{_VIA} databases and registers",
    OTHER: f"{_VIA} other methods",
    ALL: f"{_VIA} databases, registers and other methods",
}


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


#: One pair for each column.
Row = tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """The rows of one stage, or those before the first."""

    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Diagram:
    """Columns under their heads, from the first row down to the one box that all of them lead to."""

    heads: tuple[str, ...]
    bands: tuple[Band, ...]
    included: tuple[Line, ...]

    @property
    def rows(self) -> list[Row]:
        """The rows of all bands; the row of the included comes after them."""
        return [row for band in self.bands for row in band.rows]

    @property
    def spans(self) -> list[tuple[str, range]]:
        """The label of each band, with the numbers of its rows; the last is that of the included."""
        ends = [0, *accumulate(len(band.rows) for band in self.bands)]
        spans = [(band.label, range(*span)) for band, span in zip(self.bands, pairwise(ends), strict=True)]
        return [*spans, ("Included", range(ends[-1], ends[-1] + 1))]


def diagram(flow: Flow, *, together: bool = False) -> Diagram:
    """Return the diagram of a flow; reasons for which nothing was excluded are left out.

    With `together`, all methods share one column, where there is no room for one each.
    """
    columns = (flow.all,) if together and flow.methods[1:] else flow.methods
    bands = [Band("Identification", (tuple(map(_identification, columns)),))]
    for stages in zip(*(column.stages for column in columns), strict=True):
        pairs = [list(_stage(column, stage)) for column, stage in zip(columns, stages, strict=True)]
        bands.append(Band(clean(stages[0].label), tuple(zip(*pairs, strict=True))))
    included = flow.all.included
    return Diagram(
        tuple(_HEADS[column.method] for column in columns),
        tuple(bands),
        (_line("Studies included in review", included.studies), _line("Papers of these studies", included.papers)),
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
    return _line(origins.label_of_all(source), source.records, inner=True)


def _stage(column: Column, stage: Stage) -> Iterator[Pair]:
    if stage.seeks:
        missing = [reason for reason in stage.reasons if reason.not_retrieved]
        yield Pair(
            (_line(entered_label(column, stage), stage.entered.papers),),
            # One reason says no more than the box does.
            (_line(missing_label(stage), stage.not_retrieved.papers), *_reasons(missing if missing[1:] else ())),
        )
    yield Pair(
        (
            _line(assessed_label(column, stage), stage.assessed.papers),
            *_open("Coders disagree", stage.contested, inner=True),
            *_open("Not yet decided", stage.pending, inner=False),
        ),
        (
            _line("Papers excluded", stage.excluded.papers),
            *_reasons([reason for reason in stage.reasons if not reason.not_retrieved]),
        ),
    )


def _open(text: str, count: Count, *, inner: bool) -> Iterator[Line]:
    if count.papers:
        yield _line(text, count.papers, inner=inner)


def _reasons(reasons: Sequence[Reason]) -> Iterator[Line]:
    return (_line(reason.label, reason.count.papers, inner=True) for reason in reasons if reason.count.papers)
