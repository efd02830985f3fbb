"""Harvesting: search terms asked of a source page by page, each page on disk before the next one is asked for."""

from __future__ import annotations

import math
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from reviewdb import __version__, entries, journal, locks, protocol, review, searches
from reviewdb.errors import EXIT_BLOCKED, BadReviewError, ChangedError, ReviewError
from reviewdb.model import CITATIONS, SEARCH, Fetched, Page, Search
from reviewdb.review import Review
from reviewdb.text import clean, counted

#: Seconds between two requests where the source names none: long enough to look like somebody who reads.
_SLOWEST, _QUICKEST = 60.0, 20.0
_PACE = "REVIEWDB_PACE"
#: Hits of a page where citations are followed.
_CITATIONS_PAGE = 100
_NAMED = "paper"

#: Told how many pages have come in this run, of how many at most, and what goes on.
Watch = Callable[[int, int, str], None]


class Source(Protocol):
    """Where hits come from. `page` makes one request and raises ReviewError, BlockedError or ChangedError."""

    name: str
    #: Names and versions of what asks.
    version: str
    #: How it asks, besides query and pages: part of what makes two searches the same.
    parameters: Mapping[str, Any]
    #: It keeps its own pace.
    paced: bool

    def page(self, query: str, next_: str, size: int, rank: int) -> Fetched:
        """Return the page that begins at `next_` (empty: the first), of `size` hits, ranked from `rank`."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be harvested: a search for each of `queries`, of the same size, kind and purpose."""

    queries: tuple[str, ...]
    #: Pages of each; None: all that there are.
    pages: int | None
    #: Hits of a page.
    size: int
    kind: str = SEARCH
    #: What the search parameters say besides: for citations, of which paper.
    about: Mapping[str, str] = field(default_factory=dict)
    #: Make searches anew that are finished.
    again: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One search to be run, or to be gone on with; `search.pages` are those that came already."""

    search: Search
    #: Hits in the file already.
    hits: int
    #: Pages wanted, and hits of each.
    pages: int | None
    size: int

    @property
    def next(self) -> str:
        """Where the next page begins."""
        return self.search.pages[-1].next if self.search.pages else ""

    @property
    def left(self) -> int:
        """How many requests are left at most; of a search for all pages, one at least, until it has ended."""
        done = self.search.pages
        if done and not done[-1].next:
            return 0
        return 1 if self.pages is None else max(self.pages - len(done), 0)


def harvest(place: Review, source: Source, wanted: Wanted, watch: Watch) -> tuple[list[Task], int]:
    """Ask for every page that is left, in order; return the searches as they are then, and how many pages came.

    A page is on disk before the next one is asked for. One that was cut off while it was written is set aside, and
    asked for again.

    Raises:
        BlockedError: the source refuses; what came is kept.
        ReviewError: the network, the disk or the source fails; what came is kept, and a page that could not be
            read is kept beside the review.

    """
    if not source.paced:
        pace()  # a wrong one is told before anything is asked
    with locks.asking(place.root):
        _set_aside(place, source)
        tasks = plan(place, source, wanted)
        asked = 0
        for number in range(len(tasks)):
            while tasks[number].left:
                try:
                    tasks[number] = _go_on(place, source, tasks, number, asked, watch)
                except ReviewError as error:
                    raise _told(error, tasks) from error
                asked += 1
        return tasks, asked


def _go_on(place: Review, source: Source, tasks: Sequence[Task], number: int, asked: int, watch: Watch) -> Task:
    """Ask for the next page of a task, file it, and return the task with it."""
    task = tasks[number]
    page = len(task.search.pages) + 1
    where = f"page {page} of {task.search.query!r}"
    left = sum(other.left for other in tasks)
    if asked and not source.paced:
        _wait(where, likely_seconds(source, left), asked, asked + left, watch)
    watch(asked, asked + left, f"{where} …")
    try:
        came = source.page(task.search.query, task.next, task.size, task.hits + 1)
    except ChangedError as error:
        kept = journal.keep(place.aside / "pages" / f"{task.search.id}-{page}.html", error.page) if error.page else None
        told = f" What came is in {place.shown(kept)}." if kept else ""
        raise ReviewError(f"{where}: {error.what}{told}", error.todo) from error
    except ReviewError as error:
        raise ReviewError(f"{where}: {error.what}", error.todo, exit_code=error.exit_code) from error
    filed = _filed(place, task, came)
    watch(asked + 1, asked + left, f"{where}: {counted(len(came.hits), 'hit')}")
    return filed


def _told(error: ReviewError, tasks: Sequence[Task]) -> ReviewError:
    """Return the error with how much is saved and what to do about the rest."""
    saved = sum(len(task.search.pages) for task in tasks)
    all_ = saved + sum(task.left for task in tasks)
    if error.exit_code == EXIT_BLOCKED:
        then = "To go on, run the same command tomorrow; or take in an export: reviewdb import FILE"
    else:
        then = "The same command goes on from there."
    todo = f"{error.todo} {saved} of {all_} pages are saved. {then}".strip()
    return ReviewError(error.what, todo, exit_code=error.exit_code)


def load_protocol(place: Review) -> protocol.Protocol:
    """Return the protocol of a review. Raises ReviewError where it cannot be read, BadReviewError where it is wrong."""
    path = place.root / review.PROTOCOL
    try:
        found, problems = protocol.parse(path.read_text(encoding="utf-8-sig"), review.PROTOCOL)
    except (OSError, UnicodeDecodeError) as error:
        raise ReviewError(f"{path}: cannot be read: {error}.", "A review needs this file, in UTF-8.") from error
    if problems:
        raise BadReviewError(problems, "Mend the protocol first.")
    return found


def of_protocol(asked: protocol.Protocol, terms: Sequence[str], pages: int, *, again: bool) -> Wanted:
    """Return what a protocol asks for, or only `terms` of it, or other `pages` than it says (0: as it says).

    Raises ReviewError where there is no term.
    """
    queries = tuple(map(clean, terms or asked.terms))
    if not all(queries) or not queries:
        raise ReviewError("there is no term to search for.", f"Add it to {review.PROTOCOL}, under [search].")
    return Wanted(queries, pages or asked.pages, asked.page_size, again=again)


def of_citations(work: str, name: str, pages: int | None, *, citing: bool, again: bool) -> Wanted:
    """Return the search for what cites a work of OpenAlex (`W123`) or what it cites; a person calls the work `name`."""
    query = f"{'cites' if citing else 'cited_by'}:{work}"
    return Wanted((query,), pages, _CITATIONS_PAGE, CITATIONS, {_NAMED: name}, again)


def plan(place: Review, source: Source, wanted: Wanted) -> list[Task]:
    """Return a task for each query: the search that was made of it already, or a new one; nothing is asked.

    Searches are the same where source, query and parameters are.
    """
    same = {**source.parameters, "page_size": wanted.size, **({"pages": wanted.pages} if wanted.pages else {})}
    before = list(_made(place, source))
    tasks: list[Task] = []
    for query in dict.fromkeys(wanted.queries):
        made = [task for task in before if task.search.query == query and _without_name(task) == same]
        if made:
            latest = replace(max(made, key=_begun), pages=wanted.pages, size=wanted.size)
            if latest.left or not wanted.again:
                tasks.append(latest)
                continue
        id_ = searches.free_id(place, source.name, [task.search.id for task in tasks])
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        version = f"reviewdb {__version__}, {source.version}"
        search = Search(id_, source.name, query, today, {**same, **wanted.about}, wanted.kind, version)
        tasks.append(Task(search, 0, wanted.pages, wanted.size))
    return tasks


def _without_name(task: Task) -> dict[str, Any]:
    # How a paper was named says nothing of the search for what cites it.
    return {key: value for key, value in task.search.parameters.items() if key != _NAMED}


def _begun(task: Task) -> tuple[str, str]:
    return task.search.pages[0].at, task.search.id


def _made(place: Review, source: Source) -> Iterator[Task]:
    for path in place.files("searches"):
        found = searches.read(path, place.shown(path))
        if found.search and found.search.source == source.name and found.search.pages:
            if found.problems:
                raise ReviewError(str(found.problems[0]), "Until then, its search cannot be gone on with.")
            yield Task(found.search, len(found.hits), None, 0)


def _set_aside(place: Review, source: Source) -> None:
    with locks.writing(place.root):
        for path in place.files("searches"):
            found = searches.read(path, place.shown(path))
            if found.whole is not None and (found.search is None or found.search.source == source.name):
                journal.set_aside(path, found.whole, place.aside / "cut-off")


def _filed(place: Review, task: Task, came: Fetched) -> Task:
    """Write a page and its hits to the file of the search, and return the task with it."""
    at = entries.moment_text(datetime.now(UTC))
    search = task.search
    page = Page(len(search.pages) + 1, at, came.url, len(came.hits), came.total, came.next)
    hits = [replace(hit, id=f"{search.id}-{n:03}", search=search.id) for n, hit in enumerate(came.hits, task.hits + 1)]
    head = [] if search.pages else [entries.of_search(search)]
    with locks.writing(place.root):
        lines = [*head, entries.of_page(page), *map(entries.of_record, hits)]
        journal.append(place.search_file(search.id), lines)
    return replace(task, search=replace(search, pages=(*search.pages, page)), hits=task.hits + len(hits))


def pace() -> float:
    """Return the seconds to wait before a request. Raises ReviewError where REVIEWDB_PACE is no number of them."""
    said = os.environ.get(_PACE, "")
    if not said:
        return random.uniform(_QUICKEST, _SLOWEST)  # noqa: S311 - no secret
    try:
        seconds = float(said)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:  # noqa: PLR2004 - a day; infinity and not-a-number are out as well
        raise ReviewError(f"{_PACE} is {said!r}.", "Set it to the seconds between two requests, such as 30.")
    return seconds


def likely_seconds(source: Source, requests: int) -> float:
    """Return how long so many requests take, roughly: the first one is not waited for."""
    if source.paced:
        return requests
    mean = pace() if os.environ.get(_PACE) else (_QUICKEST + _SLOWEST) / 2
    return max(requests - 1, 0) * mean


def _wait(where: str, rest: float, done: int, of: int, watch: Watch) -> None:
    until = time.monotonic() + pace()
    while (seconds := until - time.monotonic()) > 0:
        minutes = math.ceil((seconds + rest) / 60)
        watch(done, of, f"{where} in {seconds:.0f} s, about {minutes} min to go")
        time.sleep(min(seconds, 1.0))
