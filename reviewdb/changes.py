"""Changes: what became of a review day by day, derived from the dates of searches and the moments of decisions.

Nothing is noted down for it: every day is what the decisions up to its end come to. So a decision that is undone is
seen on the day on which it was made, and again on that on which it was undone.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, product
from operator import attrgetter

from reviewdb import consensus, database, prisma
from reviewdb.consensus import CONTESTED, EXCLUDED, INCLUDED, PENDING
from reviewdb.model import Decision, Recoding, Search
from reviewdb.rows import of_recoding
from reviewdb.scheme import Question

#: Length of a day in a moment.
_DAY = len("YYYY-MM-DD")
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


@dataclass(frozen=True, slots=True)
class Turned:
    """Papers that came to stand elsewhere: `status` is theirs at the end of the day."""

    status: str
    papers: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Closed:
    """A gap that closed: the first included papers that carry both codes, which no included one did the day before."""

    codes: tuple[str, str]
    papers: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day; `date` is as exact as it is known: YYYY, YYYY-MM or YYYY-MM-DD; empty: not at all."""

    date: str
    found: tuple[Found, ...] = ()
    turned: tuple[Turned, ...] = ()
    #: Papers whose codes changed, or that were coded for the first time.
    coded: tuple[Named, ...] = ()
    closed: tuple[Closed, ...] = ()
    recoded: tuple[Recoding, ...] = ()
    coders: tuple[str, ...] = ()
    #: The moment of the last decision of the day; empty where there was none.
    at: str = ""


def days(connection: sqlite3.Connection, facets: tuple[str, str] | None = None) -> list[Day]:
    """Return every day on which something happened, the newest first; what has no date at the end.

    Gaps are those between the codes of two facets, each code as finely as it was given. The first day on which an
    included paper is coded draws the map, so no gap closes on it.
    """
    found: dict[str, list[Found]] = defaultdict(list)
    for one in arrivals(connection):
        found[one.search.date].append(one)
    recoded: dict[str, list[Recoding]] = defaultdict(list)
    for row in connection.execute("SELECT * FROM recodings ORDER BY at, coder"):
        made = of_recoding(row)
        recoded[made.at[:_DAY]].append(made)
    steps: dict[str, list[_Step]] = defaultdict(list)
    for step in _steps(connection):
        steps[step.day].append(step)
    closed = _closed(steps, facets, _labels(connection)) if facets else {}
    dates = sorted(found.keys() | recoded.keys() | steps.keys(), reverse=True)
    return [
        Day(
            date,
            found=tuple(found[date]),
            turned=_turned(steps[date]),
            coded=tuple(step.named(step.coded) for step in steps[date] if step.coded),
            closed=tuple(closed.get(date, ())),
            recoded=tuple(recoded[date]),
            coders=tuple(sorted({coder for step in steps[date] for coder in step.coders})),
            at=max((*(step.at for step in steps[date]), *(made.at for made in recoded[date])), default=""),
        )
        for date in dates
    ]


def arrivals(connection: sqlite3.Connection) -> list[Found]:
    """Return the searches that looked for papers, the newest first, each with the papers that are new by it."""
    made = []
    for about, hits in groupby(connection.execute(database.statement("arrivals")), key=lambda row: tuple(row[:5])):
        id_, source, query, date, kind = about
        papers = tuple(Named(key, title) for *_, key, title in hits if key)
        made.append(Found(Search(id_, prisma.source_name(source), query, date, kind=kind), papers))
    return made


@dataclass(frozen=True, slots=True)
class _State:
    """Where a paper stands: its status, and by facet the codes on which its coders agree, as finely as they do."""

    status: str = PENDING
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def cells(self, facets: tuple[str, str]) -> set[tuple[str, str]]:
        """Return the cells of the map of two facets in which the paper stands."""
        if self.status != INCLUDED:
            return set()
        one, other = (self.codes.get(facet, ()) for facet in facets)
        return set(product(one, other))


@dataclass(frozen=True, slots=True)
class _Step:
    """What one day's decisions on one paper changed; `coded` says in words which codes."""

    at: str
    key: str
    title: str
    coders: frozenset[str]
    before: _State
    after: _State
    coded: str

    @property
    def day(self) -> str:
        return self.at[:_DAY]

    def named(self, what: str = "") -> Named:
        """Return the paper, with what happened to it."""
        return Named(self.key, self.title, what)


def _steps(connection: sqlite3.Connection) -> Iterator[_Step]:
    """Yield what changed, paper by paper, each in the order of time."""
    questions, labels = _questions(connection), _labels(connection)
    titles = dict(connection.execute("SELECT key, title FROM papers").fetchall())
    for key, history in groupby(database.decisions_of_people(connection), key=attrgetter("key")):
        said: list[Decision] = []
        before = _State()
        for _, made in groupby((step.made for step in history), key=lambda decision: decision.at[:_DAY]):
            today = list(made)
            said += today
            after = _state(said, questions)
            coders = frozenset(decision.coder for decision in today)
            coded = _in_words(before, after, questions, labels)
            yield _Step(today[-1].at, key, titles[key], coders, before, after, coded)
            before = after


def _state(said: Sequence[Decision], questions: Mapping[str, Question]) -> _State:
    standings = consensus.stand(consensus.current(said).values(), questions)
    status, *_ = consensus.status(standings, [asked for asked in questions.values() if asked.kind == "stage"])
    codes = {
        question: tuple(consensus.leaves(standing.agreed))
        for question, standing in standings.items()
        if questions[question].kind == "codes" and standing.agreed
    }
    return _State(status, codes)


def _questions(connection: sqlite3.Connection) -> dict[str, Question]:
    asked = connection.execute("SELECT id, kind, facet, label FROM questions ORDER BY position")
    return {
        id_: Question(id_, kind, facet, label, definition="", suggested=False, codes={})
        for id_, kind, facet, label in asked
    }


def _labels(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    found = connection.execute("SELECT question_id, id, label FROM codes")
    return {(question, code): label for question, code, label in found}


def _in_words(
    before: _State, after: _State, questions: Mapping[str, Question], labels: Mapping[tuple[str, str], str]
) -> str:
    """Return which codes changed, such as `Method: GAN to Density`; a facet that was open before has no `to`."""
    told = []
    for id_, asked in questions.items():
        was, now = before.codes.get(id_, ()), after.codes.get(id_, ())
        if was != now:
            one, other = (", ".join(labels.get((id_, code), code) for code in codes) or "none" for codes in (was, now))
            said = f"{one} to {other}" if was else other
            # "Deviation-based: Not deviation-based" would say it twice.
            told.append(said if asked.label.lower() in said.lower() else f"{asked.label}: {said}")
    return "; ".join(told)


def _turned(steps: Sequence[_Step]) -> tuple[Turned, ...]:
    found: dict[str, list[Named]] = {status: [] for status in (INCLUDED, EXCLUDED, CONTESTED, PENDING)}
    for step in steps:
        if step.before.status != step.after.status:
            found[step.after.status].append(step.named())
    return tuple(Turned(status, tuple(papers)) for status, papers in found.items() if papers)


def _closed(
    steps: Mapping[str, Sequence[_Step]], facets: tuple[str, str], labels: Mapping[tuple[str, str], str]
) -> dict[str, list[Closed]]:
    """Return the gaps that closed, by day."""
    filled: Counter[tuple[str, str]] = Counter()
    closed: dict[str, list[Closed]] = {}
    for day in sorted(steps):
        first = not +filled
        held = {cell for cell, papers in filled.items() if papers}
        new: dict[tuple[str, str], list[Named]] = defaultdict(list)
        for step in steps[day]:
            was, now = step.before.cells(facets), step.after.cells(facets)
            filled.subtract(was)
            filled.update(now)
            for cell in sorted(now - held):
                new[cell].append(step.named())
        if new and not first:
            closed[day] = [
                Closed((labels[facets[0], one], labels[facets[1], other]), tuple(papers))
                for (one, other), papers in sorted(new.items())
            ]
    return closed
