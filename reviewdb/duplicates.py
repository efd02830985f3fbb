"""Duplicates: what the records came to, why two of them are one paper or not, and which pairs wait for people."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from reviewdb import build, database, grouping, rows, rulings
from reviewdb.model import Link, Record, Relation
from reviewdb.review import Review
from reviewdb.rulings import ONE_PAPER, ONE_STUDY
from reviewdb.text import counted

_FIELDS = ("title", "authors", "year", "venue", "volume", "pages", "doi", "url", "abstract")
_QUEUE = "Look at them: reviewdb dedupe --queue"
_ASIDE = "Stronger links or rulings left no room for what was set aside: reviewdb table set-aside-pairs"


@dataclass(frozen=True, slots=True)
class Summary:
    """What the records came to."""

    records: int
    papers: int
    studies: int
    doubtful: int
    #: Coders who rule differently on a pair.
    disputed: int
    #: Rule, relation, pairs that it joined, pairs that were set aside.
    rules: Sequence[tuple[str, str, int, int]]

    def as_object(self) -> dict[str, Any]:
        """Return the summary for JSON."""
        keys = ("rule", "relation", "pairs", "set_aside")
        return asdict(self) | {"rules": [dict(zip(keys, row, strict=True)) for row in self.rules]}

    def lines(self) -> list[str]:
        """Return the summary for a terminal."""
        repeats = self.records - self.papers
        merged = (
            f": {repeats:,} of the records {'repeats' if repeats == 1 else 'repeat'} another one" if repeats else ""
        )
        lines = [
            _column(counted(self.records, "record")),
            _column(counted(self.papers, "paper")) + merged,
            _column(counted(self.studies, "study", "ies")),
        ]
        if self.rules:
            width = max(len(rule) for rule, *_ in self.rules)
            lines += ["", f"{'pairs':>7}"]
        lines += [
            f"{pairs + aside:>7,} {relation:9} {rule:{width}}" + (f"  ({aside} set aside)" if aside else "")
            for rule, relation, pairs, aside in self.rules
        ]
        lines = [line.rstrip() for line in lines]
        if any(aside for *_, aside in self.rules):
            lines += ["", _ASIDE]
        if self.doubtful:
            what = counted(self.doubtful, "doubtful pair")
            lines += ["", f"{what} {'waits' if self.doubtful == 1 else 'wait'} for a person. {_QUEUE}"]
        if self.disputed:
            lines += ["", f"Coders rule differently on {counted(self.disputed, 'pair')}: reviewdb check"]
        return lines


def _column(text: str) -> str:
    number, _, thing = text.partition(" ")
    return f"{number:>7} {thing}"


def summary(connection: sqlite3.Connection, disputed: int = 0) -> Summary:
    """Return what the records of a review came to."""
    one = connection.execute(
        "SELECT (SELECT count(*) FROM records WHERE about IS NULL), (SELECT count(*) FROM papers),"
        " (SELECT count(*) FROM studies), (SELECT count(*) FROM doubtful_pairs)"
    ).fetchone()
    by_rule = connection.execute(database.statement("links-by-rule")).fetchall()
    records, papers, studies, doubtful = one
    return Summary(records, papers, studies, doubtful, disputed, by_rule)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records with all that speaks for or against their being one paper."""

    a: Record
    b: Record
    #: What stands between the two: a rule's word, or a person's; None where no rule relates them.
    link: Link | None
    #: What the rules alone say, where a person ruled.
    match: Link | None
    #: One of those of `reviewdb.rulings`.
    result: str
    #: What joins the two through others, from the one to the other, where nothing joins them itself.
    chain: Sequence[Link]
    #: What people say of other records of the two papers, where these are two.
    ruled: Sequence[Link]
    #: Their papers wait for a person to say what they are to each other.
    waits: bool

    @property
    def fields(self) -> list[tuple[str, str, str]]:
        """Each field that one of them has, with what both say."""
        both = ((field, *(_text(getattr(record, field)) for record in (self.a, self.b))) for field in _FIELDS)
        return [(field, a, b) for field, a, b in both if a or b]

    def as_object(self) -> dict[str, Any]:
        """Return the pair for JSON."""
        return {
            "a": self.a.id,
            "b": self.b.id,
            "result": self.result,
            "link": _link_object(self.link),
            "match": _link_object(self.match),
            "chain": [{"a": link.a, "b": link.b, **(_link_object(link) or {})} for link in self.chain],
            "waits": self.waits,
            "fields": {field: {"a": a, "b": b, "equal": a == b} for field, a, b in self.fields},
        }


def _link_object(link: Link | None) -> dict[str, Any] | None:
    if link is None:
        return None
    said = {"relation": str(link.relation), "rule": link.rule, "score": link.score, "reason": link.reason}
    return said | ({"coder": link.coder} if link.coder else {}) | ({"set_aside": True} if link.cut else {})


def _text(value: object) -> str:
    return "; ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Explained:
    """A pair, with what the matcher sees of it: for each kind of evidence a number, or what the two say."""

    pair: Pair
    evidence: dict[str, float | str | None]

    def as_object(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {**self.pair.as_object(), "evidence": self.evidence}


def explain(connection: sqlite3.Connection, one: str, other: str) -> Explained:
    """Return why two records are one paper, or not; each is named by its id, or by the key of its paper.

    Of two papers, the two records that rules or people relate are explained. Raises ReviewError where there is no such
    record, or both names are those of one.
    """
    from reviewdb import matching  # noqa: PLC0415 - numpy, which only this needs

    a, b = rulings.related(connection, rulings.pairs_of(connection, one, other))
    # How common words are is a matter of all hits; the two may be more than hits.
    compared = connection.execute("SELECT * FROM records WHERE about IS NULL OR id IN (?, ?)", [a, b])
    records = matching.prepare(matching.of_records(map(rows.of_record, compared)))
    return Explained(_pair(connection, a, b), matching.evidence_of(records, a, b))


def _pair(connection: sqlite3.Connection, a: str, b: str, *, waits: bool = False) -> Pair:
    """Return a pair; one that is known to wait is not looked up among all that do, nor are rulings on its papers."""
    ids = {"a": a, "b": b}
    first, second = (
        rows.of_record(connection.execute("SELECT * FROM records WHERE id = ?", [id_]).fetchone()) for id_ in (a, b)
    )
    found = connection.execute("SELECT * FROM links WHERE a = :a AND b = :b", ids).fetchone()
    link = rows.of_link(found) if found else None
    match = connection.execute("SELECT * FROM matches WHERE a = :a AND b = :b", ids).fetchone()
    result = rulings.result_of(connection, a, b)
    return Pair(
        first,
        second,
        link,
        rows.of_match(match) if match else None,
        result,
        _chain(connection, a, b, link, result),
        () if waits else [rows.of_link(row) for row in connection.execute(database.statement("rulings-between"), ids)],
        waits or connection.execute(database.statement("waits"), ids).fetchone() is not None,
    )


def _chain(connection: sqlite3.Connection, a: str, b: str, link: Link | None, result: str) -> Sequence[Link]:
    joining = {ONE_PAPER: (Relation.SAME,), ONE_STUDY: (Relation.SAME, Relation.VERSION)}.get(result, ())
    if not joining or (link and not link.cut and link.relation in joining):
        return ()
    within = map(rows.of_link, connection.execute(database.statement("links-of-study"), [a]))
    return grouping.chain((held for held in within if held.relation in joining), a, b)


def queue(connection: sqlite3.Connection) -> list[Pair]:
    """Return the pairs that wait for a person, the most alike first: of two papers one pair of records."""
    return [_pair(connection, a, b, waits=True) for a, b in ends(connection)]


def waiting(place: Review) -> list[tuple[str, str]]:
    """Return the ids of the pairs that wait now, as `queue`, after bringing the database up to date."""
    build.refresh(place)
    with closing(database.reader(place.database)) as connection:
        return ends(connection)


def ends(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return the ids of the pairs that wait, as `queue`."""
    return connection.execute("SELECT a, b FROM doubtful_pairs ORDER BY score DESC, a, b").fetchall()


def pair(place: Review, a: str, b: str) -> Pair:
    """Return a pair that waits, by its ids."""
    with closing(database.reader(place.database)) as connection:
        return _pair(connection, a, b, waits=True)
