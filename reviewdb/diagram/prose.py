"""The flow as a paragraph for the methods of a paper, in plain English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reviewdb.diagram import numbered
from reviewdb.flow import Column, Flow, Reason, Source, Stage
from reviewdb.model import CITATIONS, SEARCH
from reviewdb.text import clean

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def paragraph(flow: Flow) -> str:
    """Return what was searched, found, excluded and included, as sentences on one line."""
    return " ".join([*_searches(flow.all), *_found(flow.all), *_screened(flow.all), *_end(flow.all)])


def _searches(column: Column) -> Iterator[str]:
    databases = [source for source in column.sources if source.kind == SEARCH]
    others = [source for source in column.sources if source.kind != SEARCH]
    if not column.sources:
        yield "No search has been made yet."
    asked: dict[tuple[str, ...], list[Source]] = {}
    for source in databases:
        asked.setdefault(_queries(source), []).append(source)
    for n, (queries, sources) in enumerate(asked.items()):
        also = " also" if n else ""
        yield f"We{also} searched {_listed(_dated(source) for source in sources)}{_for(queries)}."
    if databases:
        yield f"These searches identified {_some(sum(source.records for source in databases), 'record')}."
    for source in others:
        name = "Citation searching" if source.kind == CITATIONS else "Other methods"
        further = "a further " if databases and source.records else ""
        yield f"{name} ({_dated(source)}) identified {further}{_some(source.records, 'record')}."


def _queries(source: Source) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (clean(one.search.query) for one in source.searches))))


def _for(queries: Sequence[str]) -> str:
    quoted = _listed(f"“{query}”" for query in queries)
    if len(queries) > 1:
        return f" for {_word(len(queries))} terms ({quoted})"
    return f" for {quoted}" if queries else ""


def _dated(source: Source) -> str:
    dates = sorted({one.search.date for one in source.searches} - {""})
    name = clean(source.name)
    if not dates:
        return name
    first, last = (_date(date) for date in (dates[0], dates[-1]))
    if first != last:
        return f"{name} between {first} and {last}"
    return f"{name} {'on' if first[0].isdigit() and ' ' in first else 'in'} {first}"


def _date(date: str) -> str:
    year, month, day = (*date.split("-"), "", "")[:3]
    return " ".join(filter(None, [day.lstrip("0"), _MONTHS[int(month) - 1] if month else "", year]))


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
    said = _listed(_reasons(stage.reasons))
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


def _word(count: int) -> str:
    return _WORDS[count] if count < len(_WORDS) else numbered(count)


def _some(count: int, thing: str, things: str = "") -> str:
    return f"{numbered(count) if count else 'no'} {thing if count == 1 else things or f'{thing}s'}"


def _listed(parts: Iterable[str]) -> str:
    *most, last = [*parts] or [""]
    return f"{', '.join(most)} and {last}" if most else last
