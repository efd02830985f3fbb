"""Tables as text: CSV, TSV and the like, by the names in their header."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Literal

from reviewdb.errors import Problem
from reviewdb.formats.bounded import LARGEST
from reviewdb.formats.fields import Entry, Found, Source, hit, of_header
from reviewdb.text import counted

_DELIMITERS = (",", "\t", ";", "|")
# The limit of the csv module is for all readers of a process; an abstract with references may well pass its 131,072.
csv.field_size_limit(2**31 - 1)
# A quotation mark that nobody closes would make one row of the rest of the file.
_MOST_LINES = 5_000
_LONGEST_NAME = 60
_QUOTES = "Close its quotation marks, and write those that belong to the text twice; or delete it."


def of_head(head: str) -> tuple[Source, str] | None:
    """Return whose table begins so, and what parts its columns; None where it is no table with titles."""
    first = head.lstrip("\ufeff\n\r ").splitlines()[:1]
    for delimiter in _DELIMITERS:
        header = next(csv.reader(first, delimiter=delimiter), [])
        if source := of_header(header):
            return source, delimiter
    return None


def header_of(head: str) -> list[str]:
    """Return what the first row has, where that looks like the header of a table, though not of one with titles."""
    first = head.lstrip("\ufeff\n\r ").splitlines()[:1]
    rows = (next(csv.reader(first, delimiter=delimiter), []) for delimiter in _DELIMITERS)
    names = [name.strip() for name in max(rows, key=len)]
    return names if len(names) > 1 and all(len(name) <= _LONGEST_NAME for name in names) else []


def read(source: Source, delimiter: str, lines: Iterator[str]) -> Iterator[Found]:
    """Yield the records of a table, and a problem for each row that is broken."""
    header, rest = table(delimiter, lines, _quoting(source, delimiter))
    source = source.under(dict.fromkeys(header))
    for found in rest:
        yield found if isinstance(found, Problem) else hit(source, found[0], _entry(header, found[1]))


def delimiter_of(head: str) -> str:
    """Return what parts the columns of a table that begins so: what makes the most of its first line."""
    first = head.lstrip("\ufeff\n\r ").splitlines()[:1]
    return max(_DELIMITERS, key=lambda delimiter: len(next(csv.reader(first, delimiter=delimiter), [])))


def table(
    delimiter: str, lines: Iterator[str], quoting: Literal[0, 3] = csv.QUOTE_MINIMAL
) -> tuple[list[str], Iterator[tuple[int, list[str]] | Problem]]:
    """Return the header of a table, and its rows, each with the line where it begins, or a problem where one is broken.

    Rows without a cell are left out. A row has as many cells as the header, or more that are blank.
    """
    rows = _Rows(lines, delimiter, quoting)
    header: list[str] = []
    while not any(header) and (row := rows.next()) is not None:
        header = [name.strip() for name in row]
    return header, _rest(rows, len(header))


def _rest(rows: _Rows, width: int) -> Iterator[tuple[int, list[str]] | Problem]:
    while (row := rows.next()) is not None:
        if not any(row):
            continue
        if len(row) < width or any(cell.strip() for cell in row[width:]):
            what = f"the row that begins here has {counted(len(row), 'column')}, the header {width}."
            yield Problem("", rows.line, what, _QUOTES)
            rows.back()
        elif rows.cut:
            yield Problem("", rows.line, "the row that begins here ends inside a quotation.", _QUOTES)
            rows.back()
        else:
            yield rows.line, row


def columns(source: Source, delimiter: str, lines: Iterator[str], wanted: Sequence[str]) -> dict[str, list[str]] | None:
    """Return the texts of all rows, in order, for each of the fields `wanted` that the table has, all in one go.

    A field is one of `Source.names`, or else a column of that name. None comes back where a row is broken or has no
    title: `read` then tells of it.
    """
    # Strictly: a quotation that nobody closes is an error, and no text.
    rows = csv.reader(lines, delimiter=delimiter, quoting=_quoting(source, delimiter), strict=True)
    header = [name.strip() for name in next((row for row in rows if any(row)), [])]
    names = source.under(dict.fromkeys(header)).names
    places = {
        field: [n for name in names.get(field, (field,)) for n, own in enumerate(header) if own == name]
        for field in wanted
    }
    taken = [n for field in wanted for n in places[field]]
    if len(taken) < 2:  # noqa: PLR2004 - itemgetter gives a bare text for one place
        return None
    pick = itemgetter(*taken)
    titles = places["title"]
    picked = []
    try:
        for row in rows:
            if len(row) == len(header) and any(row[n].strip() for n in titles):
                picked.append(pick(row))
            elif any(row):
                return None
    except csv.Error:
        return None
    texts = iter(zip(*picked, strict=True))
    found = {field: [next(texts, ()) for _ in places[field]] for field in wanted}
    return {
        field: list(held[0]) if len(held) == 1 else [next(filter(None, cells), "") for cells in zip(*held, strict=True)]
        for field, held in found.items()
        if held
    }


def _quoting(source: Source, delimiter: str) -> Literal[0, 3]:
    # The Web of Science's own form knows no quotation: its marks are those of titles.
    return csv.QUOTE_NONE if source.name == "web-of-science" and delimiter == "\t" else csv.QUOTE_MINIMAL


def _entry(header: list[str], row: list[str]) -> Entry:
    entry: Entry = {}
    for name, cell in zip(header, row, strict=False):
        if value := cell.strip():
            before = entry.get(name)
            # Two columns may have one name.
            entry[name] = value if before is None else [*([before] if isinstance(before, str) else before), value]
    return entry


@dataclass(slots=True)
class _Rows:
    """The rows of a table. One that makes no sense can be taken back, and its lines but the first be read again."""

    lines: Iterator[str]
    delimiter: str
    quoting: Literal[0, 3]
    #: Where the last row begins.
    line: int = 1
    #: The lines of the last row.
    taken: list[str] = field(default_factory=list)
    again: deque[str] = field(default_factory=deque)
    #: The last row goes on where its lines end: only a quotation asks for one more.
    cut: bool = False

    def next(self) -> list[str] | None:
        self.line += len(self.taken)
        self.taken, self.cut = [], False
        # A reader for each row costs a microsecond, and takes no line more than its row has.
        return next(csv.reader(self._feed(), delimiter=self.delimiter, quoting=self.quoting), None)

    def back(self) -> None:
        self.again.extendleft(reversed(self.taken[1:]))
        self.taken = self.taken[:1]

    def _feed(self) -> Iterator[str]:
        size = 0
        while len(self.taken) < _MOST_LINES and size <= LARGEST:
            line = self.again.popleft() if self.again else next(self.lines, None)
            if line is None:
                break
            size += len(line)
            self.taken.append(line)
            yield line
        self.cut = bool(self.taken)
