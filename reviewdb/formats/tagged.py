"""Tagged files, one field a line: RIS, PubMed's nbib and the plain text of the Web of Science.

rispy reads the first and the last of them fast enough, but it knows no line numbers, joins a record without an end to
the next one in silence, and gives all records at once. So lines are read here, and rispy is what tests compare with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewdb.errors import Problem
from reviewdb.formats.bounded import LARGEST
from reviewdb.formats.fields import SOURCES, Entry, Found, Source, hit

_TOO_LONG = "It lacks its end, or is none: mend or delete it."
_OUTSIDE = "A line outside of a record is not read: mend the tags around it, or delete it."


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one format writes records."""

    source: Source
    #: Begins the first line of a record.
    first: str
    #: The line that ends one.
    last: re.Pattern[str]
    #: Tag and value of a field, with the lines that go on with it.
    field: re.Pattern[str]
    #: A record without its last line has been cut off.
    ends: bool = True
    #: Tags whose further lines are values of their own, not more of the first one.
    lists: frozenset[str] = frozenset()
    #: Tags that stand outside of records.
    outside: frozenset[str] = frozenset()


def _fields(tag: str, after: str) -> re.Pattern[str]:
    """Return what finds the fields of a record: a tag and what follows it, up to the next tag."""
    return re.compile(rf"^({tag}){after}(.*(?:\n(?!{tag}{after}).*)*)", re.MULTILINE)


RIS = Dialect(SOURCES["ris"], "TY  -", re.compile("ER  -"), _fields("[A-Z][A-Z0-9]", "  -"))
NBIB = Dialect(SOURCES["pubmed"], "PMID-", re.compile(r"\s*$"), _fields("[A-Z][A-Z0-9]{1,3}", " {0,2}-"), ends=False)
WOS = Dialect(
    SOURCES["web-of-science"],
    "PT ",
    re.compile(r"ER\s*$"),
    _fields("[A-Z][A-Z0-9]", r"(?=\s)"),
    lists=frozenset(("AU", "AF", "BA", "BF", "CA", "BE", "GP", "CR")),
    outside=frozenset(("FN", "VR", "EF", "ER")),
)


def read(dialect: Dialect, lines: Iterable[str]) -> Iterator[Found]:
    """Yield the records of a file, and a problem for each one that is broken."""
    for item in _records(dialect, lines):
        yield item if isinstance(item, Problem) else hit(dialect.source, item[0], _entry(dialect, item[1]))


def _records(dialect: Dialect, lines: Iterable[str]) -> Iterator[tuple[int, str] | Problem]:
    """Yield the lines of each record as one text, with the number of the first one."""
    held: list[str] = []
    start = size = 0
    first, is_last = dialect.first, dialect.last.match
    for number, line in enumerate(lines, 1):
        if line.startswith(first):
            if held:
                yield _unended(dialect, start, held, f"the next one begins on line {number}")
            held, start, size = [line], number, 0
        elif not held:
            # Databases put notes before the first record.
            if start and (found := dialect.field.match(line)) and found[1] not in dialect.outside:
                yield Problem("", number, f"{found[1]} stands outside of a record.", _OUTSIDE)
        elif is_last(line):
            yield start, "".join(held)
            held = []
        elif size > LARGEST:
            yield Problem("", start, f"the record that begins here has more than {LARGEST:,} characters.", _TOO_LONG)
            held = []
        else:
            size += len(line)
            held.append(line)
    if held:
        yield _unended(dialect, start, held, "the file ends before")


def _unended(dialect: Dialect, start: int, held: list[str], why: str) -> tuple[int, str] | Problem:
    if not dialect.ends:
        return start, "".join(held)
    what = f"the record that begins here has no ER at its end: {why}."
    return Problem("", start, what, "Complete the record, or export the file again.")


def _entry(dialect: Dialect, text: str) -> Entry:
    entry: Entry = {}
    for tag, value in dialect.field.findall(text):
        said = value.strip()
        values = [said]
        if "\n" in said:
            values = [line.strip() for line in said.split("\n")]
            values = values if tag in dialect.lists else [" ".join(filter(None, values))]
        if tag in entry:
            before = entry[tag]
            values = [*(before if isinstance(before, list) else [before]), *values]
        entry[tag] = values if len(values) > 1 else values[0]
    return entry
