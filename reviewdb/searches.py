"""The file of one search: a header, then the hits, in pages where they were harvested page by page."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import Any

from reviewdb import entries, journal
from reviewdb.errors import Problem
from reviewdb.folder import Review
from reviewdb.model import Page, Record, Search

_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 40
_EMPTY = "Set it aside: reviewdb check --repair; then harvest or import again."
_TORN = "Ask for the page again: reviewdb harvest"
_MEND = "Mend the line or delete it."
#: The keys that a header may have.
_HEADER = entries.of_search(Search("", "", "", "", kind="any", version="any")).keys()


@dataclass(slots=True)
class SearchFile:
    """What the file of a search says; `search` is None where it says nothing at all."""

    search: Search | None = None
    #: Each with the number of its line.
    hits: list[tuple[int, Record]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    #: How many lines stand before a last page that was cut off while it was written; None: no page was.
    whole: int | None = None


def free_id(place: Review, source: str, taken: Collection[str] = ()) -> str:
    """Return the id of a new search, that no file and none of `taken` has.

    The moment comes first: searches sort in the order in which they were made. Two clones do not take the same one, as
    chance comes last.
    """
    name = _NOT_IN_NAMES.sub("-", source.lower()).strip("-")[:_LONGEST_NAME] or "search"
    stem = f"{datetime.now(UTC):%Y-%m-%d-%H%M}-{name}"
    used = {path.stem.rpartition("-")[0] for path in place.files("searches")} | {
        id_.rpartition("-")[0] for id_ in taken
    }
    free = next(number for number in count(1) if f"{stem}-{number}" not in used)
    return f"{stem}-{free}-{token_hex(3)}"


def is_one(text: str) -> bool:
    """Say whether a file that begins with `text` is that of a search: its first line is a header, and no hit."""
    try:
        header = json.loads(text.partition("\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(header, dict) and {"source", "query"} < header.keys() <= _HEADER


def read(path: Path, shown: str) -> SearchFile:
    """Read the file of a search; what is wrong with it is told as of the file called `shown`."""
    reading = _Reading(path.stem, shown)
    for line in journal.read(path, shown):
        if isinstance(line, Problem):
            reading.fault(line)
        else:
            reading.take(*line)
    return reading.ended()


class _Reading:
    """What a file says as far as it was read: a line at a time, as it may be much larger than what comes of it."""

    def __init__(self, id_: str, shown: str) -> None:
        self._id, self._shown = id_, shown
        self._found = SearchFile()
        #: Each page with the number of its line; and how many lines follow it.
        self._pages: list[tuple[int, Page]] = []
        self._follow: list[int] = []
        self._last = 0
        self._torn = self._lost = self._unread = False

    def fault(self, problem: Problem) -> None:
        """Note a line that cannot be read."""
        if problem.what == journal.TORN:
            self._torn = True
        elif not problem.line:
            self._unread = True
        else:
            # A header that cannot be read leaves the hits good, and what people decided on them.
            self._lost |= self._found.search is None
            self._counted(problem.line)
        self._found.problems.append(problem)

    def take(self, number: int, entry: dict[str, Any]) -> None:
        """Take in the header, a page or a hit."""
        if self._found.search is None:
            self._found.search = Search(self._id, "", "", "")
            if not self._lost:
                self._header(number, entry)
                return
        if self._lost and "id" not in entry and "source" in entry:
            return  # headers that git could not join are no hits: the conflict is told, and that is enough
        try:
            if entries.is_page(entry):
                self._pages.append((number, entries.page(entry)))
                self._follow.append(0)
                self._last = number
                return
            self._found.hits.append((number, entries.record(entry, self._id)))
        except ValueError as error:
            self._found.problems.append(Problem(self._shown, number, f"{error}.", _MEND))
        self._counted(number)

    def _counted(self, number: int) -> None:
        self._last = number
        if self._follow:
            self._follow[-1] += 1

    def _header(self, number: int, entry: dict[str, Any]) -> None:
        self._last = number
        try:
            self._found.search = entries.search(entry, self._id)
        except ValueError as error:
            self._found.problems.append(Problem(self._shown, number, f"the header: {error}.", "Mend the line."))

    def ended(self) -> SearchFile:
        """Return what the file says."""
        found = self._found
        if self._unread:
            return found  # what is missing may well be there
        if found.search is None:
            # It was made, and the program ended before a line was in it.
            found.whole = 0 if not found.problems or (self._torn and len(found.problems) == 1) else None
            found.problems = found.problems or [Problem(self._shown, 1, "the file is empty.", _EMPTY)]
        elif self._pages:
            found.search = replace(found.search, pages=tuple(page for _, page in self._pages))
            self._compare()
        return found

    def _compare(self) -> None:
        """Note pages with other than the hits that they say; the last may have been cut off while it was written."""
        found = self._found
        if self._torn:
            found.whole = self._last
            found.problems = [replace(p, todo=_TORN) if p.what == journal.TORN else p for p in found.problems]
        for (number, page), follow in zip(self._pages, self._follow, strict=True):
            if follow == page.hits:
                continue
            cut = page is self._pages[-1][1] and follow < page.hits
            found.whole = number - 1 if cut else found.whole
            what = f"page {page.number} says that it has {page.hits} hits, and {follow} follow."
            found.problems.append(Problem(self._shown, number, what, _TORN if cut else _MEND))
