"""The update: what a new decision or ruling changes of a built database, with work in proportion to it."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from reviewdb import criteria, database, derive, grouping, papers, protocol, recodings, review, rows, sources
from reviewdb.criteria import Assessment
from reviewdb.errors import Problem
from reviewdb.model import (
    CRITERIA_RULES,
    SCHEME_RULES,
    Decision,
    Group,
    Link,
    Paper,
    Recoding,
    Record,
    Ruling,
    Search,
    Span,
)
from reviewdb.protocol import Protocol
from reviewdb.recodings import Recodings
from reviewdb.review import Review
from reviewdb.scheme import Scheme
from reviewdb.sources import State

#: The tables beside `papers` that a paper has rows in.
_OF_A_PAPER = ("current_decisions", "open_again", "paper_codes", "paper_criteria", "paper_fields", "paper_records")


def update(place: Review) -> bool:
    """Apply the decisions and rulings appended since the last build; return False where more changed than that.

    The caller holds `journal.writing()`. What cannot be applied, such as a wrong line, is left to a whole build.
    """
    now = sources.states(place)
    changes = sources.changes(place, now)
    if not all(sources.is_appended(name) and name in now for name in changes) or review.same_coder(place):
        return False
    coding_scheme = _scheme(place)
    if not coding_scheme or not all(_grew(place, name, before, now[name]) for name, before in changes.items()):
        return False
    faults: list[Problem] = []
    with database.writer(place.database) as connection:
        known = _Known(connection)
        said: dict[str, list[tuple[int, Decision | Recoding]]] = {}
        ruled: list[Ruling] = []
        for name, before in changes.items():
            path, part = place.root / name, (before.size if before else 0, now[name].size)
            if sources.is_decisions(name):
                said[name] = review.read_said(path, name, faults, part)
            else:
                ruled += review.read_rulings(path, name, known, faults, part)
        if any(isinstance(one, Recoding) for lines in said.values() for _, one in lines):
            return False  # it may reach every answer ever given
        recoded = _recodings(connection)
        decisions = review.accepted(said, coding_scheme, recoded, known, faults)
        rulings = [
            ruling
            for path in (place.files("rulings") if ruled else [])
            for ruling in review.read_rulings(path, place.shown(path), known, faults)
        ]
        if faults:
            return False  # the whole build finds them again, and says on which lines
        try:
            with database.transaction(connection):
                connection.execute("PRAGMA defer_foreign_keys = ON")
                _decide(connection, sorted(decisions, key=lambda made: made.at), coding_scheme, recoded)
                if ruled:
                    _Regrouping(connection, _plan(place, coding_scheme), coding_scheme).apply(ruled, rulings)
                sources.note(connection, place, now)
        except (_TooFarError, OSError):
            return False
    return True


class _TooFarError(Exception):
    """A change reaches further than an update goes."""


def _grew(place: Review, name: str, before: State | None, now: State) -> bool:
    return before is None or (now.size >= before.size and sources.grew(place.root / name, before))


# Neither file had changed since the build, which found them in order; but others may be replacing them just now.
def _scheme(place: Review) -> Scheme | None:
    try:
        found, problems = review.parse_scheme((place.root / review.SCHEME).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return None
    return None if problems else found


def _plan(place: Review, coding_scheme: Scheme) -> Protocol:
    text = (place.root / review.PROTOCOL).read_text(encoding="utf-8-sig")
    return protocol.in_use(protocol.parse(text, review.PROTOCOL)[0], coding_scheme)


class _Known:
    """The ids of the records in a database, looked up one by one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __contains__(self, record: object, /) -> bool:
        return self._connection.execute("SELECT 1 FROM records WHERE id = ?", [record]).fetchone() is not None


def _recodings(connection: sqlite3.Connection) -> Recodings:
    found = connection.execute("SELECT * FROM recodings ORDER BY rowid")
    return recodings.gather(map(rows.of_recoding, found))


def _insert(
    connection: sqlite3.Connection,
    added: Iterable[Decision],
    coding_scheme: Scheme,
    known: Recodings = recodings.NONE,
) -> None:
    number = count(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM decisions").fetchone()[0])
    said = [(n, made, known.recoded(made, coding_scheme)) for n, made in zip(number, added, strict=False)]
    database.insert(connection, "decisions", (rows.decision(n, made, now) for n, made, now in said))
    answers = (row for n, _, now in said for row in rows.answers(n, now.made, coding_scheme.questions))
    database.insert(connection, "answers", answers)


def _decide(connection: sqlite3.Connection, added: Sequence[Decision], coding_scheme: Scheme, known: Recodings) -> None:
    """Take in decisions, and derive anew what is said of the papers that they are about."""
    _insert(connection, added, coding_scheme, known)
    touched: set[str] = set()
    for made in added:
        found = connection.execute("SELECT paper_id FROM paper_records WHERE record_id = ?", [made.record])
        paper = found.fetchone()
        touched |= {paper[0]} if paper else set()  # none: a record that only told more of one, and was ruled out
    for id_ in sorted(touched):
        about = derive.derive(id_, database.decisions_on(connection, id_), coding_scheme)
        database.replace(
            connection,
            id_,
            about.values,
            current_decisions=about.current,
            open_again=about.again,
            paper_codes=about.codes,
        )


class _Regrouping:
    """The papers and studies that rulings touch, grouped anew."""

    def __init__(self, connection: sqlite3.Connection, plan: Protocol, coding_scheme: Scheme) -> None:
        self._connection = connection
        self._plan = plan
        self._scheme = coding_scheme
        self._arrived = papers.arrivals(
            Search(id_, "", "", date) for id_, date in connection.execute("SELECT id, date FROM searches")
        )

    def apply(self, new: Sequence[Ruling], every: Sequence[Ruling]) -> None:
        """Group anew all that hangs together with the records of `new` rulings."""
        standing = grouping.rulings_as_links(sorted(every, key=lambda ruling: (ruling.at, ruling.coder)))
        records = self._component(new, standing)
        inside = [link for link in standing if link.a in records and link.b in records]
        hits = {id_: record for id_, record in records.items() if not record.about}
        on_hits = [ruling for ruling in inside if ruling.a in hits and ruling.b in hits]
        on_more = [ruling for ruling in inside if ruling not in on_hits]
        found = self._rows("SELECT * FROM matches WHERE a IN ids AND b IN ids", records)
        groups, links = grouping.group(hits, [rows.of_match(row) for row in found], on_hits)
        groups, told = grouping.attach(groups, on_more, [record for record in records.values() if record.about])
        old = [
            id_ for (id_,) in self._rows("SELECT DISTINCT paper_id FROM paper_records WHERE record_id IN ids", records)
        ]
        keys, renamed = self._keys(records, groups, old)
        self._forget(records, old)
        for id_, key in renamed.items():
            database.replace(self._connection, id_, {"key": key})
        database.insert(self._connection, "links", map(rows.link, [*links, *on_more, *told]))
        merged = [papers.merge(g, [records[r] for r in g.records], k) for g, k in zip(groups, keys, strict=True)]
        self._file(merged, records)

    def _rows(self, sql: str, ids: Iterable[str]) -> list[tuple[Any, ...]]:
        """Run a query that may say `ids`."""
        given = f"WITH ids AS (SELECT value FROM json_each(?)) {sql}"  # noqa: S608 - our SQL
        return self._connection.execute(given, [json.dumps(list(ids))]).fetchall()

    def _records(self, ids: Iterable[str]) -> dict[str, Record]:
        found = self._rows("SELECT * FROM records WHERE id IN ids ORDER BY id", ids)
        return {record.id: record for record in map(rows.of_record, found)}

    def _component(self, new: Sequence[Ruling], standing: Sequence[Link]) -> dict[str, Record]:
        """Return the records that links or rulings join, over any number of steps, with those of `new` rulings."""
        values = {
            "ends": json.dumps(sorted({end for ruling in new for end in (ruling.a, ruling.b)})),
            "ruled": json.dumps([(link.a, link.b) for link in standing]),
        }
        return self._records(id_ for (id_,) in self._connection.execute(database.statement("component"), values))

    def _keys(
        self, records: Mapping[str, Record], groups: Sequence[Group], old: Sequence[str]
    ) -> tuple[list[str], dict[str, str]]:
        """Return the keys of new papers, and the new keys of papers beside them."""
        bases = {papers.base(record) for record in records.values() if not record.about}
        near = "SELECT id, key FROM papers WHERE key BETWEEN ? AND ? || '{'"
        beside = {
            id_: key for stem in bases for id_, key in self._connection.execute(near, [stem, stem]) if id_ not in old
        }
        theirs = {id_: self._hits_of(id_) for id_ in beside}
        if any(papers.base(papers.first(held, self._arrived)) not in bases for held in theirs.values()):
            raise _TooFarError
        mine = [[records[r] for r in group.records if not records[r].about] for group in groups]
        keys = papers.keys([*mine, *theirs.values()], self._arrived)
        renamed = {id_: key for id_, key in zip(theirs, keys[len(mine) :], strict=True) if key != beside[id_]}
        return keys[: len(mine)], renamed

    def _hits_of(self, paper: str) -> list[Record]:
        held = self._connection.execute("SELECT record_id FROM paper_records WHERE paper_id = ?", [paper])
        return [record for record in self._records(id_ for (id_,) in held).values() if not record.about]

    def _forget(self, records: Iterable[str], old: Sequence[str]) -> None:
        studies = [id_ for (id_,) in self._rows("SELECT DISTINCT study_id FROM papers WHERE id IN ids", old)]
        self._rows("DELETE FROM links WHERE a IN ids AND b IN ids", records)
        for id_ in old:
            self._connection.execute(database.statement("forget-paper"), [id_])
        for table in _OF_A_PAPER:
            self._rows(f"DELETE FROM {table} WHERE paper_id IN ids", old)  # noqa: S608 - our tables
        self._rows("DELETE FROM papers WHERE id IN ids", old)
        self._rows("DELETE FROM studies WHERE id IN ids", studies)
        ours = f"SELECT id FROM decisions WHERE coder = '{CRITERIA_RULES}' AND record_id IN ids"  # noqa: S608
        self._rows(f"DELETE FROM answers WHERE decision_id IN ({ours})", old)  # noqa: S608
        self._rows(f"DELETE FROM decisions WHERE id IN ({ours})", old)  # noqa: S608

    def _file(self, merged: Sequence[Paper], records: Mapping[str, Record]) -> None:
        built = self._connection
        database.insert(built, "studies", sorted(Counter(paper.study for paper in merged).items()))
        database.insert(built, "paper_records", ((r, paper.id) for paper in merged for r in paper.records))
        told_of = list(criteria.assessed(self._plan, self._scheme, records, merged, self._suggested(records)))
        _insert(
            built,
            (m for paper, told in told_of for m in criteria.suggestions(told, paper.id, CRITERIA_RULES)),
            self._scheme,
        )
        for paper, told in told_of:
            self._file_one(paper, told)

    def _file_one(self, paper: Paper, told: Sequence[Assessment]) -> None:
        built = self._connection
        about = derive.derive(paper.id, database.decisions_on(built, paper.id), self._scheme)
        database.insert(built, "papers", [rows.paper(paper, about)])
        database.insert(built, "paper_fields", rows.fields(paper))
        database.insert(built, "paper_criteria", rows.assessments(paper, told))
        database.insert(built, "current_decisions", about.current)
        database.insert(built, "open_again", about.again)
        database.insert(built, "paper_codes", about.codes)
        built.execute(database.statement("index-paper"), [paper.id])

    def _suggested(self, records: Mapping[str, Record]) -> Iterator[Decision]:
        """Yield what the patterns of the scheme say of records, one code and span at a time."""
        asked = {"records": json.dumps(list(records)), "coder": SCHEME_RULES}
        found = self._connection.execute(database.statement("spans-of-rules"), asked)
        for record, question, code, *span in found:
            yield Decision(SCHEME_RULES, record, question, (code,), "", evidence=((code, Span(*span)),))
