"""Origins: how records came to the review, as boxes, sentences and pages say it; nothing else phrases this.

They were searched for in a database, imported from a file that tells of none, taken from a list that others made, or
found by following citations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewdb.flow import Source
from reviewdb.formats.fields import SOURCES
from reviewdb.model import CITATIONS, LIST, SEARCH, TAKEN_IN
from reviewdb.text import clean, counted, listed

_FILE = " file"
#: What people call the sources that a search file names: a database, or the kind of file where that is all one knows.
_NAMES = {"scholar": "Google Scholar", "openalex": "OpenAlex"} | {
    source.source: f"{source.label}{_FILE if source.is_file else ''}" for source in SOURCES.values()
}
_FILES = frozenset(f"{source.label}{_FILE}" for source in SOURCES.values() if source.is_file)
_BEFORE = {SEARCH: "", CITATIONS: "Citation searching, ", LIST: "Taken from "}
_KINDS = {SEARCH: "search", CITATIONS: "citations followed", LIST: "taken from a list"}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def name(source: str) -> str:
    """Return what people call a source that a search file names."""
    return _NAMES.get(source, source)


def kind(source: str, kind_: str) -> str:
    """Return in a few words how records were found in a source of that name."""
    return "imported" if kind_ == SEARCH and source in _FILES else _KINDS.get(kind_, kind_)


def label(source: Source) -> str:
    """Return what a source is called in a list of sources; PRISMA names the method where it is not a database."""
    return f"{_BEFORE.get(source.kind, 'Other methods, ')}{source.name}"


def label_of_all(source: Source) -> str:
    """Return the label of a source with how many searches, files or lists it stands for, if more than one."""
    several = len(source.searches)
    if several == 1:
        return label(source)
    if source.kind == SEARCH and source.name in _FILES:
        return f"{several} {label(source)}s"
    return f"{label(source)}, {several} {'lists' if source.kind == LIST else 'searches'}"


def told(source: str, query: str) -> str:
    """Return a search on one line: where, and for what if that is known."""
    return f"{source}: “{query}”" if query else source


def sentences(sources: Sequence[Source]) -> Iterator[str]:
    """Yield how the records of all sources, databases first, came to the review: from what, when and by which query."""
    if not sources:
        yield "No search has been made yet."
    databases = [source for source in sources if source.kind == SEARCH and source.name not in _FILES]
    asked: dict[tuple[str, ...], list[Source]] = {}
    for source in databases:
        asked.setdefault(_queries(source), []).append(source)
    for n, (queries, ones) in enumerate(asked.items()):
        also = " also" if n else ""
        yield f"We{also} searched {listed([f'{clean(one.name)}{_when(one)}' for one in ones])}{_for(queries)}."
    before = sum(source.records for source in databases)
    if databases:
        yield f"These searches identified {_records(before)}."
    for source in sources:
        if source not in databases:
            yield _other(source, _records(source.records, "a further " if before else ""))
            before += source.records


def spelled(number: int) -> str:
    """Return a number as a sentence has it: in words below ten."""
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def _records(number: int, further: str = "") -> str:
    return f"{further}{counted(number, 'record')}" if number else "no records"


def _other(source: Source, records: str) -> str:
    queries, when = _queries(source), _when(source)
    if source.kind == SEARCH:
        several = len(source.searches)
        files = f"{spelled(several)} {source.name}s" if several > 1 else f"{_article(source.name)} {source.name}"
        found = f", found by searching{_for(queries)}," if queries else ""
        return f"We imported {records}{found} from {files}{when}."
    if source.kind == LIST:
        dates = f"{TAKEN_IN}{when}" if _taken_in(source) else _dates(source)
        about = ", ".join(filter(None, [listed([f"“{query}”" for query in queries]), dates]))
        return f"We took {records} from {clean(source.name)}{f' ({about})' if about else ''}."
    method = "Citation searching" if source.kind == CITATIONS else "Other methods"
    return f"{method} ({clean(source.name)}{_taken_in(source)}{when}) identified {records}."


def _taken_in(source: Source) -> str:
    """Return what its dates are, where they are not those of the searches."""
    return f", {TAKEN_IN}" if _dates(source) and all(one.search.taken_in for one in source.searches) else ""


def _article(noun: str) -> str:
    return "an" if noun.startswith("RIS") else "a"


def _queries(source: Source) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (clean(one.search.query) for one in source.searches))))


def _for(queries: Sequence[str]) -> str:
    quoted = listed([f"“{query}”" for query in queries])
    if len(queries) > 1:
        return f" for {spelled(len(queries))} terms ({quoted})"
    return f" for {quoted}" if queries else ""


def _when(source: Source) -> str:
    dates = _dates(source)
    if not dates or " and " in dates:
        return f" between {dates}" if dates else ""
    return f" {'on' if dates[0].isdigit() and ' ' in dates else 'in'} {dates}"


def _dates(source: Source) -> str:
    dates = sorted({one.search.date for one in source.searches} - {""})
    return listed(list(dict.fromkeys(map(_date, [dates[0], dates[-1]])))) if dates else ""


def _date(date: str) -> str:
    year, month, day = (*date.split("-"), "", "")[:3]
    return " ".join(filter(None, [day.lstrip("0"), _MONTHS[int(month) - 1] if month else "", year]))
