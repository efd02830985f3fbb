"""The boxes of a flow: each of its numbers under a name, for programs, and to set reported numbers beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from reviewdb import origins
from reviewdb.flow import Column, Count, Flow, Stage
from reviewdb.model import SEARCH
from reviewdb.protocol import Reported


@dataclass(frozen=True, slots=True)
class Box:
    """One number of one column.

    `figure` is its name: `records`, `duplicates`, `identified`, `papers` (those included), and for each stage
    `<stage>.entered`, `.not_retrieved`, `.assessed`, `.excluded`, `.contested`, `.pending`, `.passed`. A part of one
    (a source, a reason) has its own name behind it, and a search is `search.<id>`. `<stage>.without.<reason>` is what
    is left of those that entered, when those excluded for this reason and for the reasons before it are taken out.
    """

    figure: str
    method: str
    #: The label of the stage; empty before screening and after it.
    stage: str
    what: str
    #: The source, search or reason that is counted; empty for the whole.
    part: str
    records: int | None
    papers: int | None
    studies: int | None

    @property
    def number(self) -> int:
        """What the box counts: records before duplicates are removed, papers from then on."""
        return (self.records if self.papers is None else self.papers) or 0


@dataclass(frozen=True, slots=True)
class Beside:
    """A number that a published review reports of itself, and the box that derives the same thing."""

    reported: Reported
    derived: Box


def boxes(flow: Flow) -> list[Box]:
    """Return every box: of all that was found, then, where there are both, of databases and of other methods."""
    return [box for column in flow.columns for box in _of(column)]


def beside(flow: Flow, reported: Sequence[Reported]) -> list[Beside]:
    """Return the reported numbers whose `figure` names a box, each beside that box of all that was found."""
    known = {box.figure: box for box in [*_of(flow.all), *_without(flow.all)]}
    return [Beside(one, known[one.figure]) for one in reported if one.figure in known]


def assessed_label(column: Column, stage: Stage) -> str:
    """Return what PRISMA calls the papers that are judged at a stage: screened at the first one, assessed later."""
    return "Papers screened" if stage is column.stages[0] and not stage.seeks else "Papers assessed"


def entered_label(column: Column, stage: Stage) -> str:
    """Return what the papers are called that come to a stage."""
    if stage.seeks:
        return "Papers sought for retrieval"
    return "Papers to be screened" if stage is column.stages[0] else "Papers to be assessed"


def missing_label(stage: Stage) -> str:
    """Return what the papers are called that could not be had: where some are not decided yet, more may follow."""
    return f"Papers not retrieved{' so far' * bool(stage.pending.papers)}"


def _of(column: Column) -> Iterator[Box]:
    def records(figure: str, what: str, number: int, part: str = "") -> Box:
        return Box(figure, column.method, "", what, part, number, None, None)

    yield records("records", "Records identified", column.records)
    for source in column.sources:
        name = f"{'records' if source.kind == SEARCH else source.kind}.{source.name}"
        yield records(name, "Records of a source", source.records, origins.label(source))
        for one in source.searches:
            yield records(f"search.{one.search.id}", "Records of a search", one.records, one.search.id)
    yield records("duplicates", "Duplicates removed", column.duplicates)
    yield _counted("identified", column, "Papers identified", column.identified)
    for stage in column.stages:
        yield from _of_stage(column, stage)
    yield _counted("papers", column, "Papers included", column.included)


def _of_stage(column: Column, stage: Stage) -> Iterator[Box]:
    def counted(figure: str, what: str, count: Count, reason: str = "") -> Box:
        return _counted(f"{stage.id}.{figure}", column, what, count, stage.label, reason)

    def reasons(figure: str, what: str, *, not_retrieved: bool) -> Iterator[Box]:
        return (
            counted(f"{figure}.{reason.id}", f"{what}, by reason", reason.count, reason.label)
            for reason in stage.reasons
            if reason.not_retrieved == not_retrieved
        )

    yield counted("entered", entered_label(column, stage), stage.entered)
    if stage.seeks:
        yield counted("not_retrieved", missing_label(stage), stage.not_retrieved)
        yield from reasons("not_retrieved", missing_label(stage), not_retrieved=True)
    yield counted("assessed", assessed_label(column, stage), stage.assessed)
    yield counted("excluded", "Papers excluded", stage.excluded)
    yield from reasons("excluded", "Papers excluded", not_retrieved=False)
    yield counted("contested", "Coders disagree", stage.contested)
    yield counted("pending", "Not yet decided", stage.pending)
    yield counted("passed", "Papers left", stage.passed)


def _counted(figure: str, column: Column, what: str, count: Count, stage: str = "", part: str = "") -> Box:
    return Box(figure, column.method, stage, what, part, None, count.papers, count.studies)


def _without(column: Column) -> Iterator[Box]:
    for stage in column.stages:
        left = stage.entered
        for reason in stage.reasons:
            left -= reason.count
            figure, what = f"{stage.id}.without.{reason.id}", "Papers left without"
            yield Box(figure, column.method, stage.label, what, reason.label, None, left.papers, left.studies)


#: The columns of the flow as a table.
COLUMNS = (*(field.name for field in fields(Box)), "reported", "note")


def rows(flow: Flow, reported: Sequence[Reported]) -> list[tuple[Any, ...]]:
    """Return a row of COLUMNS for each box, with what is reported in its place; None where a box has no such number.

    A reported number that no box of the diagram shows, as it is of a reason on the way, has a row at the end.
    """
    printed: dict[Box, list[Reported]] = {}
    for one in beside(flow, reported):
        printed.setdefault(one.derived, []).append(one.reported)
    every = dict.fromkeys([*boxes(flow), *printed])
    return [(*_values(box), *_said(printed.get(box, []))) for box in every]


def _values(box: Box) -> tuple[Any, ...]:
    return tuple(getattr(box, field.name) for field in fields(Box))


def _said(reported: Sequence[Reported]) -> tuple[str | None, str | None]:
    return "; ".join(r.value for r in reported) or None, " ".join(r.note for r in reported) or None


def as_object(flow: Flow, reported: Sequence[Reported]) -> dict[str, Any]:
    """Return the flow for JSON: each column by its method, and the reported numbers beside the derived ones."""
    return {
        "columns": {column.method: _column_object(column) for column in flow.columns},
        "reported": [
            {
                "figure": one.reported.figure,
                "label": one.reported.label,
                "reported": one.reported.value,
                "derived": one.derived.number,
                "note": one.reported.note,
            }
            for one in beside(flow, reported)
        ],
    }


def _column_object(column: Column) -> dict[str, Any]:
    return {
        "records": column.records,
        "sources": [
            {
                "source": source.name,
                "kind": source.kind,
                "records": source.records,
                "searches": [
                    {"id": s.search.id, "query": s.search.query, "date": s.search.date, "records": s.records}
                    for s in source.searches
                ],
            }
            for source in column.sources
        ],
        "duplicates": column.duplicates,
        "identified": _count_object(column.identified),
        "stages": [
            {
                "id": stage.id,
                "label": stage.label,
                **{name: _count_object(getattr(stage, name)) for name in _STAGE},
                "reasons": [
                    {"id": r.id, "label": r.label, "not_retrieved": r.not_retrieved, **_count_object(r.count)}
                    for r in stage.reasons
                ],
            }
            for stage in column.stages
        ],
        "included": _count_object(column.included),
    }


_STAGE = ("entered", "not_retrieved", "assessed", "excluded", "contested", "pending", "passed")


def _count_object(count: Count) -> dict[str, int]:
    return {"papers": count.papers, "studies": count.studies}
