"""The update: what a new decision or ruling changes of a built database, with work in proportion to it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from reviewdb import (
    criteria,
    database,
    derive,
    grouping,
    papers,
    protocol,
    reading,
    recodings,
    review,
    rows,
    sources,
    touched,
)
from reviewdb.criteria import Assessment
from reviewdb.errors import Problem
from reviewdb.model import CRITERIA_RULES, SCHEME_RULES, Decision, Link, Paper, Recoding, Record, Ruling, Search, Span
from reviewdb.protocol import Protocol
from reviewdb.recodings import Recodings
from reviewdb.review import Review
from reviewdb.scheme import Scheme
from reviewdb.sources import State


def update(place: Review) -> bool:
    """Apply the decisions and rulings appended since the last build; return False where more changed than that.

    The caller holds `locks.writing()`. What cannot be applied, such as a wrong line, is left to a whole build.
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
        recoded = reading.recoded(connection)
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
        except (OSError, _TooMuch):
            return False  # a file went meanwhile, or what rules read is another text now
    return True


class _TooMuch(Exception):  # noqa: N818 - no error: a whole build does it
    """More changes than an update can bring about."""


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
    changed: set[str] = set()
    for made in added:
        paper = connection.execute("SELECT paper_id FROM paper_records WHERE record_id = ?", [made.record]).fetchone()
        if paper:
            changed.add(paper[0])
        else:  # a record that only told more of one, and was ruled out: no paper tells that something changed
            touched.begin_anew(connection)
    for id_ in sorted(changed):
        about = derive.derive(id_, database.decisions_on(connection, id_), coding_scheme)
        touched.replace(connection, id_, about.values, **about.beside)


def _ids(ids: Iterable[str]) -> str:
    return json.dumps(list(ids))


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
        if any(map(papers.is_correction, records.values())):
            raise _TooMuch
        inside = [link for link in standing if link.a in records and link.b in records]
        ours = _ids(records)
        matches = [rows.of_match(row) for row in self._ask("matches-within", ours)]
        old = [id_ for (id_,) in self._ask("papers-of-records", ours)]
        beside = self._beside(records, old)
        settled = papers.settle(records, matches, inside, self._arrived, list(beside.values()))
        self._forget(ours, _ids(old))
        self._rename(dict(zip(beside, settled.beside, strict=True)))
        database.insert(self._connection, "links", map(rows.link, settled.links))
        self._file(settled, records)

    def _ask(self, name: str, ids: str) -> list[tuple[Any, ...]]:
        """Run a statement about ids, given as a JSON array."""
        return self._connection.execute(database.statement(name), {"ids": ids}).fetchall()

    def _records(self, ids: Iterable[str]) -> dict[str, Record]:
        return {record.id: record for record in map(rows.of_record, self._ask("records", _ids(ids)))}

    def _component(self, new: Sequence[Ruling], standing: Sequence[Link]) -> dict[str, Record]:
        """Return the records that links or rulings join, over any number of steps, with those of `new` rulings."""
        values = {
            "ends": json.dumps(sorted({end for ruling in new for end in (ruling.a, ruling.b)})),
            "ruled": json.dumps([(link.a, link.b) for link in standing]),
        }
        return self._records(id_ for (id_,) in self._connection.execute(database.statement("component"), values))

    def _beside(self, records: Mapping[str, Record], old: Sequence[str]) -> dict[str, list[Record]]:
        """Return the hits of each paper that competes with those of `records` for keys, over any number of steps."""
        found: dict[str, list[Record]] = {}
        new = stems = {papers.base(record).lower() for record in records.values() if not record.about}
        while new:
            near = {id_ for (id_,) in self._ask("papers-by-stems", _ids(new))}.difference(old, found)
            held = {id_: self._hits_of(id_) for id_ in sorted(near)}
            found |= held
            longer = {papers.base(papers.first(hits, self._arrived)).lower() for hits in held.values()}
            shorter = {met for stem in new for met, before in papers.may_meet(stem) if self._reach(met, before)}
            new = (longer | shorter) - stems
            stems |= new
        return found

    def _reach(self, stem: str, before: int) -> bool:
        """Say whether more papers than `before` may take keys of a stem; the first of them has the stem itself."""
        held = self._connection.execute("SELECT 1 FROM papers WHERE key = ?", [stem]).fetchone()
        return held is not None and len(self._ask("papers-by-stems", _ids([stem]))) > before

    def _hits_of(self, paper: str) -> list[Record]:
        return list(map(rows.of_record, self._ask("hits-of-papers", _ids([paper]))))

    def _rename(self, keys: Mapping[str, str]) -> None:
        renamed = {
            id_: key
            for id_, key in keys.items()
            if self._connection.execute("SELECT key FROM papers WHERE id = ?", [id_]).fetchone() != (key,)
        }
        # A new key may be one that another of them still has: all let go of theirs first. No key has a question mark.
        for id_ in renamed:
            touched.replace(self._connection, id_, {"key": f"?{id_}"})
        for id_, key in renamed.items():
            touched.replace(self._connection, id_, {"key": key})

    def _forget(self, records: str, old: str) -> None:
        """Delete papers, and the links between `records`; what stands beside a paper goes with it."""
        self._ask("forget-links", records)
        self._ask("forget-words", old)
        self._ask("forget-studies", old)
        self._ask("forget-papers", old)
        self._connection.execute(database.statement("forget-suggestions"), {"ids": old, "coder": CRITERIA_RULES})

    def _file(self, settled: papers.Settled, records: Mapping[str, Record]) -> None:
        built, merged = self._connection, settled.papers(records)
        database.insert(built, "studies", rows.studies(settled.groups))
        database.insert(built, "paper_records", ((r, paper.id) for paper in merged for r in paper.records))
        studies, said = criteria.by_study(settled.groups), self._suggested(records)
        told_of = list(criteria.assessed(self._plan, self._scheme, records, merged, studies, said))
        _insert(
            built,
            (m for paper, told in told_of for m in criteria.suggestions(told, paper.id, CRITERIA_RULES)),
            self._scheme,
        )
        for paper, told in told_of:
            self._file_one(paper, told)
        database.insert(built, "paper_arrivals", (papers.arrival(p, records, self._arrived) for p in merged))
        touched.begin_anew(built)

    def _file_one(self, paper: Paper, told: Sequence[Assessment]) -> None:
        built = self._connection
        about = derive.derive(paper.id, database.decisions_on(built, paper.id), self._scheme)
        database.insert(built, "papers", [rows.paper(paper, about)])
        database.insert(built, "paper_fields", rows.fields(paper))
        database.insert(built, "paper_criteria", rows.assessments(paper, told))
        for table, beside in about.beside.items():
            database.insert(built, table, beside)
        built.execute(database.statement("index-paper"), [paper.id])

    def _suggested(self, records: Mapping[str, Record]) -> Iterator[Decision]:
        """Yield what the patterns of the scheme say of records, one code and span at a time."""
        asked = {"records": json.dumps(list(records)), "coder": SCHEME_RULES}
        found = self._connection.execute(database.statement("spans-of-rules"), asked)
        for record, question, code, *span in found:
            yield Decision(SCHEME_RULES, record, question, (code,), "", evidence=((code, Span(*span)),))
