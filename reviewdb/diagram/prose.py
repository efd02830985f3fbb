"""The flow as a paragraph for the methods of a paper, in plain English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reviewdb import origins
from reviewdb.diagram import numbered
from reviewdb.flow import Column, Flow, Reason, Stage
from reviewdb.text import clean, listed


def paragraph(flow: Flow) -> str:
    """Return what was searched, found, excluded and included, as sentences on one line."""
    return " ".join([*origins.sentences(flow.all.sources), *_found(flow.all), *_screened(flow.all), *_end(flow.all)])


def _found(column: Column) -> Iterator[str]:
    if column.duplicates:
        removed = _some(column.duplicates, "duplicate")
        yield f"After removal of {removed}, {_some(column.identified.papers, 'paper')} remained."
    elif column.records:
        yield f"There were no duplicates among them, which left {_some(column.identified.papers, 'paper')}."


def _screened(column: Column) -> Iterator[str]:
    for stage in column.stages:
        if not stage.entered.papers:
            if column.identified.papers:
                yield f"No paper has come to the stage “{clean(stage.label)}”."
            return
        yield from _stage(stage, "screened" if stage is column.stages[0] else "assessed")
    if not column.stages:
        yield "The coding scheme has no stages of screening, so no paper is included or excluded."


def _stage(stage: Stage, judged: str) -> Iterator[str]:
    label, entered = clean(stage.label), stage.entered.papers
    if stage.seeks:
        missing = stage.not_retrieved.papers
        # What is not decided yet may turn out not to be had.
        so_far = " so far" if stage.pending.papers else ""
        lacking = f"{numbered(missing)} could not be retrieved{so_far}"
        if not missing:
            lacking = "none is known to be missing so far" if so_far else "all could be retrieved"
        yield f"Of {_some(entered, 'paper')} sought for the stage “{label}”, {lacking}."
    assessed, excluded = stage.assessed.papers, stage.excluded.papers
    said = listed([*_reasons(stage.reasons)])
    out = f"excluded {numbered(excluded)}{f' ({said})' if said else ''}" if excluded else "excluded none"
    yield f"At the stage “{label}”, we {judged} {_some(assessed, 'paper')} and {out}."
    contested, pending = stage.contested.papers, stage.pending.papers
    if contested:
        yield f"On {_some(contested, 'paper')} of this stage, coders disagree."
    if pending:
        yield f"Not yet decided at this stage {_is(pending)} {_some(pending, 'paper')}."


def _reasons(reasons: Iterable[Reason]) -> Iterator[str]:
    for reason in reasons:
        if reason.count.papers and not reason.not_retrieved:
            yield f"{clean(reason.label)}: {numbered(reason.count.papers)}"


def _end(column: Column) -> Iterator[str]:
    if column.stages and column.sources:
        papers, studies = column.included.papers, column.included.studies
        counted = f"{_some(papers, 'paper')} ({_some(studies, 'study', 'studies')})"
        yield f"In all, {counted} {_is(papers)} included."


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _some(count: int, thing: str, things: str = "") -> str:
    return f"{numbered(count) if count else 'no'} {thing if count == 1 else things or f'{thing}s'}"
