"""The file of one search: a header, then the hits, in pages where they were harvested page by page."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
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


def read(path: Path, shown: str) -> SearchFile:
    """Read the file of a search; what is wrong with it is told as of the file called `shown`."""
    lines, problems = journal.read(path, shown)
    torn = any(problem.what == journal.TORN for problem in problems)
    found = SearchFile(problems=problems)
    if not lines:
        # It was made, and the program ended before a line was in it.
        found.problems = problems or [Problem(shown, 1, "the file is empty.", _EMPTY)]
        found.whole = 0 if not problems or (torn and len(problems) == 1) else None
        return found
    # A header that cannot be read leaves the hits good, and what people decided on them.
    lost = bool(problems) and problems[0].line < lines[0][0]
    # Headers that git could not join are no hits: the conflict is told, and that is enough.
    hits = [line for line in lines if "id" in line[1] or "source" not in line[1]] if lost else lines[1:]
    found.search = Search(path.stem, "", "", "") if lost else _header(path.stem, shown, lines[0], problems)
    taken = [number for number, _ in lines] + [problem.line for problem in problems if problem.what != journal.TORN]
    pages: list[tuple[int, Page]] = []
    for number, entry in hits:
        try:
            if entries.is_page(entry):
                pages.append((number, entries.page(entry)))
            else:
                found.hits.append((number, entries.record(entry, path.stem)))
        except ValueError as error:
            problems.append(Problem(shown, number, f"{error}.", _MEND))
    if pages:
        found.search = replace(found.search, pages=tuple(page for _, page in pages))
        _count(found, pages, shown, taken, torn=torn)
    return found


def _header(id_: str, shown: str, line: tuple[int, dict[str, Any]], problems: list[Problem]) -> Search:
    number, entry = line
    try:
        return entries.search(entry, id_)
    except ValueError as error:
        problems.append(Problem(shown, number, f"the header: {error}.", "Mend the line."))
        return Search(id_, "", "", "")


def _count(
    found: SearchFile, pages: Sequence[tuple[int, Page]], shown: str, taken: Sequence[int], *, torn: bool
) -> None:
    """Note pages with other than the hits that they say; the last one may have been cut off while it was written."""
    last = max(taken)
    found.whole = last if torn else None
    if torn:
        found.problems = [replace(p, todo=_TORN) if p.what == journal.TORN else p for p in found.problems]
    for (number, page), end in zip(pages, [*(n for n, _ in pages[1:]), last + 1], strict=True):
        follow = sum(number < line < end for line in taken)
        if follow == page.hits:
            continue
        cut = page is pages[-1][1] and follow < page.hits
        found.whole = number - 1 if cut else found.whole
        what = f"page {page.number} says that it has {page.hits} hits, and {follow} follow."
        found.problems.append(Problem(shown, number, what, _TORN if cut else _MEND))
