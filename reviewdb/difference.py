"""Difference: what changed between two states of a review, from two of its databases."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reviewdb import boxes, changes, database, overview, prisma, reading, recodings, tables
from reviewdb.changes import Found, Named
from reviewdb.consensus import PENDING
from reviewdb.errors import ReviewError
from reviewdb.model import Recoding
from reviewdb.recodings import Recodings
from reviewdb.tables import Table

_QUERIES = "SELECT name, title, audience FROM queries ORDER BY name"


@dataclass(frozen=True, slots=True)
class Changed:
    """Something of a paper, before and after: its status, its citation key, or (`facet`) its codes; empty: none."""

    key: str
    title: str
    before: str
    after: str
    facet: str = ""


@dataclass(frozen=True, slots=True)
class Regrouped:
    """Papers, by their keys, whose records are others now: several that became one, or one that became several."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table whose value changed; `row` are the values that name its row."""

    row: tuple[Any, ...]
    column: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class TableChange:
    """A table that changed: its rows that came and went, and the cells of those that stayed."""

    name: str
    title: str
    #: What happened to the table itself: `new`, `gone`, `columns` or `failed`; empty: nothing.
    what: str = ""
    columns: tuple[str, ...] = ()
    #: So many of the first columns name a row.
    named: int = 0
    new: tuple[tuple[Any, ...], ...] = ()
    gone: tuple[tuple[Any, ...], ...] = ()
    cells: tuple[Cell, ...] = ()
    #: Whom its query is for; empty: it does not say.
    audience: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """All that changed; empty parts did not."""

    #: Of each count of the overview: before, after.
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    searches: tuple[Found, ...] = ()
    searches_gone: tuple[str, ...] = ()
    new: tuple[Named, ...] = ()
    gone: tuple[Named, ...] = ()
    merged: tuple[Regrouped, ...] = ()
    split: tuple[Regrouped, ...] = ()
    renamed: tuple[Changed, ...] = ()
    #: A new paper was pending before.
    statuses: tuple[Changed, ...] = ()
    codes: tuple[Changed, ...] = ()
    recoded: tuple[Recoding, ...] = ()
    #: The label of each facet.
    labels: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[TableChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed at all."""
        told = (self.searches, self.searches_gone, self.new, self.gone, self.merged, self.split, self.renamed)
        more = (self.statuses, self.codes, self.recoded, self.tables)
        return not any((*told, *more)) and all(one == other for one, other in self.counts.values())


def compare(before: sqlite3.Connection, now: sqlite3.Connection) -> Difference:
    """Return what changed from one database of a review to another.

    Papers are the same by their records: a paper goes on as the one that holds its first record.
    """
    was, has = _State(before), _State(now)
    origin = {id_: was.goes_on(records) for id_, records in has.records.items()}
    stayed = {id_: old for id_, old in origin.items() if old}
    known = {search.search.id for search in changes.arrivals(before)}
    found = {search.search.id: search for search in changes.arrivals(now)}
    old_recodings = reading.recoded(before).made
    new_recodings = reading.recoded(now)
    return Difference(
        counts=_counts(before, now),
        searches=tuple(one for id_, one in found.items() if id_ not in known),
        searches_gone=tuple(sorted(known - found.keys())),
        new=tuple(has.papers[id_].named for id_, old in origin.items() if not old),
        gone=tuple(was.papers[id_].named for id_ in was.papers if not was.met(id_, has)),
        merged=tuple(_regrouped(was, has, has.records, merged=True)),
        split=tuple(_regrouped(was, has, was.records, merged=False)),
        renamed=tuple(
            Changed(has.papers[id_].key, has.papers[id_].title, was.papers[old].key, has.papers[id_].key)
            for id_, old in stayed.items()
            if was.papers[old].key != has.papers[id_].key
        ),
        statuses=tuple(_statuses(was, has, origin)),
        codes=tuple(_codes(was, has, origin, new_recodings)),
        recoded=tuple(one for one in new_recodings.made if one not in old_recodings),
        labels={**was.labels, **has.labels},
        tables=tuple(_tables(before, now)),
    )


@dataclass(frozen=True, slots=True)
class _Paper:
    key: str
    title: str
    year: int | None
    status: str
    reason: str

    @property
    def named(self) -> Named:
        return Named(self.key, self.title, str(self.year or "n.d."))

    @property
    def standing(self) -> str:
        return f"{self.status}: {self.reason}" if self.reason else self.status


class _State:
    """The papers of one database, their records and what coders agree on, read once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute(database.statement("state-of-papers"))
        self.papers = {id_: _Paper(*about) for id_, *about in rows}
        self.records: dict[str, list[str]] = {id_: [] for id_ in self.papers}
        self.paper_of: dict[str, str] = {}
        for record, paper in connection.execute("SELECT record_id, paper_id FROM paper_records ORDER BY record_id"):
            self.records[paper].append(record)
            self.paper_of[record] = paper
        self.answers: dict[str, dict[str, list[tuple[str | None, str]]]] = defaultdict(lambda: defaultdict(list))
        for paper, question, _, _, code, label in connection.execute(database.statement("answers-of-papers")):
            self.answers[paper][question].append((code, label))
        contested = connection.execute(database.statement("contested-questions"))
        #: Papers and questions on which coders disagree.
        self.contested = set(contested.fetchall())
        self.labels = dict(connection.execute("SELECT id, label FROM questions ORDER BY position").fetchall())
        self.facets = dict(connection.execute("SELECT id, facet FROM questions").fetchall())
        codes = connection.execute("SELECT question_id, id, label FROM codes")
        self.codes = {(question, code): label for question, code, label in codes}

    def goes_on(self, records: Sequence[str]) -> str:
        """Return the paper here that holds the first of the records; empty where none of them was here."""
        return next((self.paper_of[record] for record in records if record in self.paper_of), "")

    def met(self, paper: str, other: _State) -> bool:
        """Whether any record of a paper is one of a paper in another state."""
        return any(record in other.paper_of for record in self.records[paper])


def _counts(before: sqlite3.Connection, now: sqlite3.Connection) -> dict[str, tuple[int, int]]:
    was, has = (overview.status(connection).counts for connection in (before, now))
    return {what: (was.get(what, 0), n) for what, n in has.items()}


def _regrouped(was: _State, has: _State, groups: Mapping[str, Sequence[str]], *, merged: bool) -> list[Regrouped]:
    one, other = (has, was) if merged else (was, has)
    found = []
    for id_, records in groups.items():
        others = sorted({other.paper_of[record] for record in records if record in other.paper_of})
        if len(others) > 1:
            keys, single = tuple(other.papers[paper].key for paper in others), (one.papers[id_].key,)
            before, after = (keys, single) if merged else (single, keys)
            found.append(Regrouped(before, after, one.papers[id_].title))
    return found


def _statuses(was: _State, has: _State, origin: Mapping[str, str]) -> list[Changed]:
    found = []
    for id_, old in origin.items():
        paper = has.papers[id_]
        before = was.papers[old].standing if old else PENDING
        if before != paper.standing:
            found.append(Changed(paper.key, paper.title, before, paper.standing))
    return found


def _codes(was: _State, has: _State, origin: Mapping[str, str], known: Recodings) -> list[Changed]:
    found = []
    for id_, old in origin.items():
        paper = has.papers[id_]
        before = was.answers.get(old, {})
        after = has.answers.get(id_, {})
        for question in [*has.labels, *(gone for gone in was.labels if gone not in has.labels)]:
            then = _of_now(before.get(question, []), question, was, has, known)
            now = after.get(question, [])
            disputed = (old, question) in was.contested, (id_, question) in has.contested
            same = {code or text for code, text in then} == {code or text for code, text in now}
            if not same or disputed[0] != disputed[1]:
                one, other = map(_told, (then, now), disputed)
                found.append(Changed(paper.key, paper.title, one, other, question))
    return found


def _told(answer: Sequence[tuple[str | None, str]], is_contested: bool) -> str:
    """Return what coders agree on, and whether they disagree besides."""
    return ", ".join([*(label for _, label in answer), *(["contested"] if is_contested else [])])


def _of_now(
    answer: Sequence[tuple[str | None, str]], question: str, was: _State, has: _State, known: Recodings
) -> list[tuple[str | None, str]]:
    """Return an answer in the codes of now, where its own were renamed or merged: that is no other answer."""
    said: dict[str | None, str] = {}
    for code, label in answer:
        became = None
        if code is not None and (question, code) not in has.codes:
            became = recodings.what_became(code, was.facets[question], known)
        if became is not None and len(became) == 1 and (question, became[0]) in has.codes:
            said[became[0]] = has.codes[question, became[0]]
        elif code is None:
            return [*answer]
        else:
            said[code] = label
    return [*said.items()]


def _tables(before: sqlite3.Connection, now: sqlite3.Connection) -> list[TableChange]:
    was, has = (
        {name: (title, audience or "") for name, title, audience in connection.execute(_QUERIES)}
        for connection in (before, now)
    )
    found = [_table(_flow(before), _flow(now))]
    for name, (title, audience) in {**was, **has}.items():
        if name not in has or name not in was:
            found.append(TableChange(name, title, "new" if name in has else "gone", audience=audience))
            continue
        try:
            found.append(replace(_table(tables.run(before, name), tables.run(now, name)), audience=audience))
        except ReviewError:
            found.append(TableChange(name, title, "failed", audience=audience))
    return [one for one in found if one.what or one.new or one.gone or one.cells]


def _flow(connection: sqlite3.Connection) -> Table:
    counted = prisma.count(connection)
    rows = [(box.figure, box.method, box.records, box.papers, box.studies) for box in boxes.boxes(counted.flow)]
    return Table("flow", "PRISMA 2020 flow", "", ("figure", "method", "records", "papers", "studies"), [*rows])


def _table(was: Table, has: Table) -> TableChange:
    if was.columns != has.columns:
        return TableChange(has.name, has.title, "columns")
    named = _names(was, has)
    old, new = ({row[:named]: row for row in table.rows} for table in (was, has))
    cells = [
        Cell(key, column, before, after)
        for key, row in new.items()
        if key in old
        for column, before, after in zip(has.columns[named:], old[key][named:], row[named:], strict=True)
        if before != after
    ]
    came, went = (tuple(row for key, row in one.items() if key not in other) for one, other in ((new, old), (old, new)))
    if has.across:
        # A pair that is not there is an empty cell of the table that people read.
        cells += [Cell(row[:-1], has.columns[-1], None, row[-1]) for row in came]
        cells += [Cell(row[:-1], has.columns[-1], row[-1], None) for row in went]
        came = went = ()
    return TableChange(has.name, has.title, "", has.columns, named, came, went, tuple(cells))


def _names(was: Table, has: Table) -> int:
    """Return how many of the first columns name a row: of a cross table all but the last, else as few as tell rows."""
    width = len(has.columns)
    if has.across and width > 1:
        return width - 1
    for n in range(1, width):
        if all(len({row[:n] for row in table.rows}) == len(table.rows) for table in (was, has)):
            return n
    return width
