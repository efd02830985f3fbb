"""Changes: what became of a review day by day, derived from the dates of searches and the moments of decisions.

Nothing is noted down for it: every day is what the decisions up to its end come to. So a decision that is undone is
seen on the day on which it was made, and again on that on which it was undone.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from reviewdb import database, origins
from reviewdb.consensus import CONTESTED, EXCLUDED, INCLUDED, PENDING
from reviewdb.model import DAY, Recoding, Search
from reviewdb.rows import of_recoding

#: What it is called that papers came to stand somewhere.
TURNED: Mapping[str, str] = {
    INCLUDED: "{} included",
    EXCLUDED: "{} excluded",
    CONTESTED: "Coders disagree on {}",
    PENDING: "{} open again",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A paper, and in words what happened to it, where that is not the same for all."""

    key: str
    title: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A search, and the papers that it found before any other did."""

    search: Search
    papers: tuple[Named, ...]
    #: How many more there are that are not named.
    more: int = 0

    @property
    def new(self) -> int:
        """How many papers it found."""
        return len(self.papers) + self.more


@dataclass(frozen=True, slots=True)
class Turned:
    """Papers that came to stand elsewhere: where they stand at the end of the day, and who decided on them on it."""

    status: str
    papers: tuple[Named, ...]
    coders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Closed:
    """A gap that closed: the first included papers that carry both codes, which no included one did the day before."""

    #: The facets, and the labels of their codes.
    facets: tuple[str, str]
    codes: tuple[str, str]
    papers: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day; `date` is as exact as it is known: YYYY, YYYY-MM or YYYY-MM-DD; empty: not at all."""

    date: str
    found: tuple[Found, ...] = ()
    turned: tuple[Turned, ...] = ()
    #: Papers whose codes changed, or that were coded for the first time, and who decided on them that day.
    coded: tuple[Named, ...] = ()
    coded_by: tuple[str, ...] = ()
    closed: tuple[Closed, ...] = ()
    recoded: tuple[Recoding, ...] = ()
    #: The moment of the last decision of the day; empty where there was none.
    at: str = ""


#: A code of a question; without a code, any of its codes.
Asked = tuple[str, str]
#: Says how many included papers carry both, each as finely as it was given.
Carrying = Callable[[Asked, Asked], int]


def days(connection: sqlite3.Connection, carrying: Carrying | None = None, named: int = -1) -> Iterator[Day]:
    """Yield every day on which something happened, the newest first; what has no date at the end.

    Nothing is read of a day before it is asked for. Of the papers that a search found, at most `named` are named
    (-1: all). Gaps are those between the codes of any two facets, each code as finely as it was given; they are told
    where `carrying` says what is so now. The first day on which an included paper is coded on two facets draws their
    map, so no gap between them closes on it.
    """
    searches: dict[str, list[Search]] = defaultdict(list)
    for search in _searches(connection):
        searches[search.date].append(search)
    recoded: dict[str, list[Recoding]] = defaultdict(list)
    for row in connection.execute("SELECT * FROM recodings ORDER BY at, coder"):
        made = of_recoding(row)
        recoded[made.at[:DAY]].append(made)
    decided = {day for (day,) in connection.execute("SELECT DISTINCT day FROM paper_days")}
    told = _Teller(connection, carrying)
    for date in sorted(searches.keys() | recoded.keys() | decided, reverse=True):
        steps = told.steps(date) if date in decided else []
        coded = [(step, what) for step in steps if (what := told.coded(step))]
        yield Day(
            date,
            found=tuple(_found(connection, search, named) for search in searches[date]),
            turned=_turned(steps),
            coded=tuple(step.named(what) for step, what in coded),
            coded_by=_coders(step for step, _ in coded),
            closed=tuple(told.closed(steps)),
            recoded=tuple(recoded[date]),
            at=max((*(step.at for step in steps), *(made.at for made in recoded[date])), default=""),
        )


def arrivals(connection: sqlite3.Connection) -> list[Found]:
    """Return the searches that looked for papers, the newest first, each with the papers that are new by it."""
    return [_found(connection, search, -1) for search in _searches(connection)]


def _searches(connection: sqlite3.Connection) -> list[Search]:
    found = connection.execute(database.statement("searches-newest-first"))
    return [
        Search(id_, origins.name(source), query, date, json.loads(parameters), kind)
        for id_, source, query, date, kind, parameters in found
    ]


def _found(connection: sqlite3.Connection, search: Search, named: int) -> Found:
    (new,) = connection.execute("SELECT count(*) FROM paper_arrivals WHERE search_id = ?", [search.id]).fetchone()
    values = {"search": search.id, "limit": named}
    found = connection.execute(database.statement("arrivals"), values) if new else ()
    papers = tuple(Named(key, title) for key, title in found)
    return Found(search, papers, new - len(papers))


@dataclass(frozen=True, slots=True)
class _State:
    """Where a paper stands: its status, and by facet the codes on which its coders agree, as finely as they do."""

    status: str
    codes: Mapping[str, Sequence[str]]

    def pairs(self, facets: Sequence[str]) -> set[tuple[Asked, Asked]]:
        """Return the cells of the maps of any two facets in which the paper stands, and these two without a code."""
        found: set[tuple[Asked, Asked]] = set()
        if self.status == INCLUDED:
            for one, other in combinations([facet for facet in facets if facet in self.codes], 2):
                found.add(((one, ""), (other, "")))
                found |= {((one, a), (other, b)) for a, b in product(self.codes[one], self.codes[other])}
        return found


@dataclass(frozen=True, slots=True)
class _Step:
    """What one day's decisions on one paper changed."""

    at: str
    key: str
    title: str
    coders: Sequence[str]
    before: _State
    after: _State

    def named(self, what: str = "") -> Named:
        """Return the paper, with what happened to it."""
        return Named(self.key, self.title, what)


class _Teller:
    """Tells what the decisions of a day changed; to tell of gaps it is asked day by day, from the newest on."""

    def __init__(self, connection: sqlite3.Connection, carrying: Carrying | None) -> None:
        self._connection = connection
        self._carrying = carrying
        self._labels = _labels(connection)
        self._questions = dict(connection.execute("SELECT id, label FROM questions ORDER BY position"))
        facets = connection.execute("SELECT id FROM questions WHERE kind = 'codes' ORDER BY position")
        self._facets = [id_ for (id_,) in facets]
        #: How many papers more stand there now than at the end of the day.
        self._since: Counter[tuple[Asked, Asked]] = Counter()

    def steps(self, day: str) -> list[_Step]:
        """Return what changed on a day, paper by paper."""
        return [
            _Step(
                *(at, key, title, json.loads(coders)),
                before=_State(was_status, json.loads(was_codes)),
                after=_State(status, json.loads(codes)),
            )
            for key, title, at, coders, was_status, was_codes, status, codes in self._connection.execute(
                database.statement("day"), {"day": day}
            )
        ]

    def coded(self, step: _Step) -> str:
        """Return which codes changed, such as `Method: GAN to Density`; a facet that was open before has no `to`."""
        told = []
        if step.before.codes == step.after.codes:
            return ""
        for id_, label in self._questions.items():
            was, now = step.before.codes.get(id_, ()), step.after.codes.get(id_, ())
            if was != now:
                one, other = (
                    ", ".join(self._labels.get((id_, code), code) for code in codes) or "none" for codes in (was, now)
                )
                said = f"{one} to {other}" if was else other
                # "Deviation-based: Not deviation-based" would say it twice.
                told.append(said if label.lower() in said.lower() else f"{label}: {said}")
        return "; ".join(told)

    def closed(self, steps: Sequence[_Step]) -> Iterator[Closed]:
        """Yield the gaps that closed on the day of these steps, and go back to the day before."""
        if self._carrying is None:
            return
        changed: Counter[tuple[Asked, Asked]] = Counter()
        stand: dict[tuple[Asked, Asked], list[Named]] = defaultdict(list)
        for step in steps:
            was, now = step.before.pairs(self._facets), step.after.pairs(self._facets)
            changed.subtract(was - now)
            changed.update(now - was)
            for pair in now:
                stand[pair].append(step.named())
        self._since.update(changed)

        def held(pair: tuple[Asked, Asked]) -> bool:
            """Say whether any paper stood there the day before."""
            assert self._carrying is not None  # noqa: S101 - as above
            return self._carrying(*pair) > self._since[pair]

        new = sorted(pair for pair in stand if pair[0][1] and changed[pair] > 0 and not held(pair))
        for one, other in sorted(new, key=self._in_order):
            if held(((one[0], ""), (other[0], ""))):
                codes = (self._labels[one], self._labels[other])
                yield Closed((one[0], other[0]), codes, tuple(stand[one, other]))

    def _in_order(self, pair: tuple[Asked, Asked]) -> tuple[int, int]:
        return self._facets.index(pair[0][0]), self._facets.index(pair[1][0])


def _labels(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    found = connection.execute("SELECT question_id, id, label FROM codes")
    return {(question, code): label for question, code, label in found}


def _turned(steps: Sequence[_Step]) -> tuple[Turned, ...]:
    found: dict[str, list[_Step]] = {status: [] for status in (INCLUDED, EXCLUDED, CONTESTED, PENDING)}
    for step in steps:
        if step.before.status != step.after.status:
            found[step.after.status].append(step)
    return tuple(
        Turned(status, tuple(step.named() for step in those), _coders(those))
        for status, those in found.items()
        if those
    )


def _coders(steps: Iterable[_Step]) -> tuple[str, ...]:
    return tuple(sorted({coder for step in steps for coder in step.coders}))
