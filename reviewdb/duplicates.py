"""Duplicates: what the records came to, why two of them are one paper or not, and people's word on a pair."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Any

from reviewdb import build, coding, database, entries, grouping, journal, reading, review, rows
from reviewdb.build import Tell
from reviewdb.coding import Coder
from reviewdb.errors import ReviewError
from reviewdb.model import Link, Record, Relation, Ruling
from reviewdb.review import Review
from reviewdb.text import counted

#: What two papers are to each other once people and rules have been heard.
ONE_PAPER, ONE_STUDY, TWO_STUDIES = "one paper", "two papers of one study", "two papers"

_FIELDS = ("title", "authors", "year", "venue", "volume", "pages", "doi", "url", "abstract")
_QUEUE = "Look at them: reviewdb dedupe --queue"


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
            f"{self.records:>7,} {_plural(self.records, 'record')}",
            f"{self.papers:>7,} {_plural(self.papers, 'paper')}{merged}",
            f"{self.studies:>7,} {'study' if self.studies == 1 else 'studies'}",
        ]
        if self.rules:
            width = max(len(rule) for rule, *_ in self.rules)
            lines += ["", f"{'pairs':>7}"]
        lines += [
            f"{pairs + aside:>7,} {relation:9} {rule:{width}}" + (f"  ({aside} set aside)" if aside else "")
            for rule, relation, pairs, aside in self.rules
        ]
        lines = [line.rstrip() for line in lines]
        if self.doubtful:
            what = counted(self.doubtful, "doubtful pair")
            lines += ["", f"{what} {'waits' if self.doubtful == 1 else 'wait'} for a person. {_QUEUE}"]
        if self.disputed:
            lines += ["", f"Coders rule differently on {counted(self.disputed, 'pair')}: reviewdb check"]
        return lines


def _plural(n: int, thing: str) -> str:
    return thing if n == 1 else f"{thing}s"


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
    #: ONE_PAPER, ONE_STUDY or TWO_STUDIES.
    result: str

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
    """Return why two records are one paper, or not; each is named by its id, or by the key or id of its paper.

    Of two papers, the two records that rules or people relate are explained. Raises ReviewError where there is no such
    record, or both names are those of one.
    """
    from reviewdb import matching  # noqa: PLC0415 - numpy, which only this needs

    a, b = _ends(connection, one, other)
    records = matching.prepare(matching.of_records(_hits(connection)))
    return Explained(_pair(connection, a, b), matching.evidence_of(records, a, b))


def _hits(connection: sqlite3.Connection) -> list[Record]:
    return [rows.of_record(row) for row in connection.execute("SELECT * FROM records WHERE about IS NULL")]


def _ends(connection: sqlite3.Connection, one: str, other: str) -> tuple[str, str]:
    mine, theirs = _records_of(connection, one), _records_of(connection, other)
    pairs = [(min(a, b), max(a, b)) for a, b in product(mine, theirs) if a != b]
    if not pairs:
        raise ReviewError(f"{one!r} and {other!r} are the same record.", "Name two records.")
    related = connection.execute(database.statement("related-pair"), [json.dumps(pairs)]).fetchone()
    return related or pairs[0]


def _records_of(connection: sqlite3.Connection, name: str) -> list[str]:
    if connection.execute("SELECT 1 FROM records WHERE id = ? AND about IS NULL", [name]).fetchone():
        return [name]
    paper = reading.find(connection, name).id
    found = (
        "SELECT id FROM records JOIN paper_records ON id = record_id WHERE paper_id = ? AND about IS NULL ORDER BY id"
    )
    return [id_ for (id_,) in connection.execute(found, [paper])]


def _pair(connection: sqlite3.Connection, a: str, b: str) -> Pair:
    first, second = (
        rows.of_record(connection.execute("SELECT * FROM records WHERE id = ?", [id_]).fetchone()) for id_ in (a, b)
    )
    link = connection.execute("SELECT * FROM links WHERE a = ? AND b = ?", [a, b]).fetchone()
    match = connection.execute("SELECT * FROM matches WHERE a = ? AND b = ?", [a, b]).fetchone()
    return Pair(
        first,
        second,
        rows.of_link(link) if link else None,
        rows.of_match(match) if match else None,
        _result(connection, a, b),
    )


def _result(connection: sqlite3.Connection, a: str, b: str) -> str:
    (paper, study), (other, beside) = (
        connection.execute(
            "SELECT papers.id, study_id FROM paper_records JOIN papers ON papers.id = paper_id WHERE record_id = ?",
            [id_],
        ).fetchone()
        for id_ in (a, b)
    )
    return ONE_PAPER if paper == other else ONE_STUDY if study == beside else TWO_STUDIES


def queue(connection: sqlite3.Connection) -> list[Pair]:
    """Return the pairs that wait for a person, the most alike first: of two papers one pair of records."""
    found = connection.execute("SELECT a, b FROM doubtful_pairs ORDER BY score DESC, a, b").fetchall()
    return [_pair(connection, a, b) for a, b in found]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What ruling came to: the line that was written (None: it had been said already), and what the two are now."""

    ruling: Ruling | None
    a: str
    b: str
    result: str
    #: What other coders say of the pair, where it is something else.
    others: Sequence[Ruling]
    #: Why the database lags behind, if it does.
    fault: str = ""


def rule(place: Review, names: tuple[str, str], relation: Relation | None, coder: Coder, tell: Tell) -> Outcome:
    """Write a coder's word on two records (None takes the last one back); it is on disk when this returns.

    Raises ReviewError, with nothing written, where the text has problems, a record or the coder is unknown, or there
    is no ruling to take back.
    """
    coding.check_coder(place, coder.name, "rulings")
    with journal.writing(place.root):
        build.refresh(place, tell, held=True)
        with closing(database.reader(place.database)) as connection:
            a, b = _ends(connection, *names)
        said = [ruling for ruling in _rulings(place) if (ruling.a, ruling.b) == (a, b)]
        own = [ruling for ruling in said if ruling.coder == coder.name]
        before = own[-1].relation if own else None
        if relation is None and before is None:
            raise ReviewError(f"{coder.name} has not ruled on {a} and {b}.", "There is nothing to undo.")
        made, fault = None, ""
        if before != relation:
            last = max((ruling.at for ruling in said), default="")
            made = Ruling(coder.name, a, b, relation, entries.moment_after(last, datetime.now(UTC)), coder.why)
            journal.append(place.rulings_of(coder.name), [entries.of_ruling(made)])
            try:
                build.refresh(place, tell, held=True)
            except ReviewError as error:
                fault = str(error)
        with closing(database.reader(place.database)) as connection:
            result = _result(connection, a, b)
    standing = grouping.standing([*said, *([made] if made else [])]).get((a, b), [])
    others = [ruling for ruling in standing if ruling.coder != coder.name and ruling.relation is not relation]
    return Outcome(made, a, b, result, others if relation else [], fault)


def disputed(place: Review) -> int:
    """Return on how many pairs coders rule differently."""
    return len(grouping.disagreements(_rulings(place)))


def _rulings(place: Review) -> list[Ruling]:
    """Return all rulings in the order of time; what is wrong with their files is for the build to tell."""
    found = [ruling for path in place.files("rulings") for ruling in review.read_rulings(path, path.name, _All(), [])]
    return sorted(found, key=lambda ruling: (ruling.at, ruling.coder))


class _All:
    """Every name."""

    def __contains__(self, _: object, /) -> bool:
        return True
