"""Rulings: people's word on two records, written, taken back, and told what it sets aside."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product

from reviewdb import build, coding, database, entries, grouping, journal, locks, reading, review, rows
from reviewdb.build import Tell
from reviewdb.coding import Coder
from reviewdb.errors import ReviewError
from reviewdb.model import Link, Relation, Ruling
from reviewdb.review import Review

#: What two papers are to each other once people and rules have been heard.
ONE_PAPER, ONE_STUDY, TWO_STUDIES = "one paper", "two papers of one study", "two papers"
#: What a record that tells more of a paper is to others, where a person ruled it out.
LEFT_OUT = "apart: one of them tells more of a paper, and is ruled out of it"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What ruling came to: the line that was written (None: it had been said already), and what the two are now."""

    ruling: Ruling | None
    a: str
    b: str
    result: str
    #: What other coders say of the pair, where it is something else.
    others: Sequence[Ruling]
    #: Lines that take back what the coder said before of other records of the same two papers.
    replaced: Sequence[Ruling] = ()
    #: What stood of the coder's on the pairs of all these lines before; `relation` None: nothing.
    before: Sequence[Ruling] = ()
    #: Rulings, of anybody, for which this one leaves no room.
    set_aside: Sequence[Link] = ()
    #: Why the database lags behind, if it does.
    fault: str = ""


def rule(place: Review, names: tuple[str, str], relation: Relation | None, coder: Coder, tell: Tell) -> Outcome:
    """Write a coder's word on two records (None takes the last one back); it is on disk when this returns.

    Between two papers named by their keys, the coder's word is one: an earlier ruling on other two of their records is
    taken back with it. Raises ReviewError, with nothing written, where the text has problems, a record or the coder is
    unknown, a record only tells more of another one, or there is no ruling to take back.
    """
    coding.check_coder(place, coder.name, "rulings")
    with locks.writing(place.root):
        build.refresh(place, tell, held=True)
        every = all_of(place)
        with closing(database.reader(place.database)) as connection:
            pairs = pairs_of(connection, *names)
            own = _own(every, coder.name, pairs)
            a, b = (own[-1].a, own[-1].b) if own else related(connection, pairs)
            if relation:
                _check_more(connection, a, b)
            before = _set_aside(connection)
        if relation is None and not own:
            raise ReviewError(f"{coder.name} has not ruled on {a} and {b}.", "There is nothing to undo.")
        lines = _lines(every, own, Ruling(coder.name, a, b, relation, "", coder.why))
        fault = _append(place, lines, tell) if lines else ""
        with closing(database.reader(place.database)) as connection:
            result = result_of(connection, a, b)
            aside = [link for pair, link in _set_aside(connection).items() if pair not in before]
    standing = grouping.standing([*every, *lines]).get((a, b), [])
    others = [ruling for ruling in standing if ruling.coder != coder.name and ruling.relation is not relation]
    written = next((line for line in lines if (line.a, line.b) == (a, b)), None)
    replaced = [line for line in lines if line is not written]
    stood = {(ruling.a, ruling.b): ruling for ruling in own}
    word = [stood.get((line.a, line.b), replace(line, relation=None, why="")) for line in lines]
    return Outcome(written, a, b, result, others if relation else [], replaced, word, aside, fault)


def say_again(place: Review, now: Sequence[Ruling], word: Sequence[Ruling], tell: Tell) -> tuple[list[Ruling], str]:
    """Make stand what a coder said before: write `word`, on the pairs of `now`; `relation` None says nothing of a pair.

    Return the lines that were written, none where `now` is no longer what the coder says of these pairs, and why the
    database lags, if it does. Raises ReviewError, with nothing written, where the text has problems.
    """
    coder = word[0].coder
    coding.check_coder(place, coder, "rulings")
    with locks.writing(place.root):
        build.refresh(place, tell, held=True)
        mine = [ruling for ruling in all_of(place) if ruling.coder == coder]
        said = {pair: of_pair[0].relation for pair, of_pair in grouping.standing(mine).items()}
        if any(said.get((ruling.a, ruling.b)) is not ruling.relation for ruling in now):
            return [], ""
        lines = _timed(mine, word)
        return lines, _append(place, lines, tell)


def _append(place: Review, lines: Sequence[Ruling], tell: Tell) -> str:
    """Write lines of one coder; return why the database lags behind, if it does."""
    journal.append(place.rulings_of(lines[0].coder), [entries.of_ruling(line) for line in lines])
    try:
        build.refresh(place, tell, held=True)
    except ReviewError as error:
        return str(error)
    return ""


def _lines(every: Sequence[Ruling], own: Sequence[Ruling], said: Ruling) -> list[Ruling]:
    """Return what is to be written to make `said` stand, and take back what the coder said of other pairs instead."""
    before = own[-1] if own else None
    known = before and before.relation is said.relation and said.why in ("", before.why)
    lines = [] if known else [said]
    lines += [replace(old, relation=None, why="") for old in own[:-1] if old.relation is not said.relation]
    return _timed([ruling for ruling in every if ruling.coder == said.coder], lines)


def _timed(before: Iterable[Ruling], lines: Sequence[Ruling]) -> list[Ruling]:
    """Return lines with their moments, each after all that it replaces: a clock may have been ahead."""
    last = max((ruling.at for ruling in before), default="")
    moments = [last := entries.moment_after(last, datetime.now(UTC)) for _ in lines]
    return [replace(line, at=at) for line, at in zip(lines, moments, strict=True)]


def _own(every: Iterable[Ruling], coder: str, pairs: Sequence[tuple[str, str]]) -> list[Ruling]:
    """Return the rulings of a coder that stand on some of the pairs, in the order of time."""
    asked = set(pairs)
    mine = [ruling for ruling in every if ruling.coder == coder and (ruling.a, ruling.b) in asked]
    return sorted((ruling for said in grouping.standing(mine).values() for ruling in said), key=lambda r: r.at)


def pairs_of(connection: sqlite3.Connection, one: str, other: str) -> list[tuple[str, str]]:
    """Return the pairs of records that two names stand for: ids of records, each for itself, or keys of papers.

    Raises ReviewError where there is no such record or paper, or both names are those of one record.
    """
    mine, theirs = _records_of(connection, one), _records_of(connection, other)
    pairs = [(min(a, b), max(a, b)) for a, b in product(mine, theirs) if a != b]
    if not pairs:
        raise ReviewError(f"{one!r} and {other!r} are the same record.", "Name two records.")
    return pairs


def _records_of(connection: sqlite3.Connection, name: str) -> list[str]:
    if connection.execute("SELECT 1 FROM records WHERE id = ?", [name]).fetchone():
        return [name]
    paper = reading.find(connection, name).id
    hits = connection.execute(database.statement("hits-of-papers"), {"ids": json.dumps([paper])})
    return [rows.of_record(row).id for row in hits]


def related(connection: sqlite3.Connection, pairs: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Return which of some pairs people or rules relate; the first one where they relate none."""
    found = connection.execute(database.statement("related-pair"), {"pairs": json.dumps(pairs)}).fetchone()
    return found or pairs[0]


def _check_more(connection: sqlite3.Connection, a: str, b: str) -> None:
    """Raise ReviewError where one of the two only tells more of a third record: such a ruling would do nothing."""
    found = connection.execute("SELECT id, about FROM records WHERE id IN (?, ?) AND about IS NOT NULL", [a, b])
    about = dict(found.fetchall())
    for record, told in about.items():
        if told not in (a, b):
            what = f"{record} is no hit of a search: it only tells more of {told}."
            raise ReviewError(what, f"Rule on {record} and {told}, or on {told} itself.")


def result_of(connection: sqlite3.Connection, a: str, b: str) -> str:
    """Return what two records are to each other: ONE_PAPER, ONE_STUDY, TWO_STUDIES or LEFT_OUT."""
    found = connection.execute(database.statement("places"), {"ids": json.dumps([a, b])}).fetchall()
    if len(found) < 2:  # noqa: PLR2004 - a pair
        return LEFT_OUT
    (paper, study), (other, beside) = found
    return ONE_PAPER if paper == other else ONE_STUDY if study == beside else TWO_STUDIES


def _set_aside(connection: sqlite3.Connection) -> dict[tuple[str, str], Link]:
    found = map(rows.of_link, connection.execute("SELECT * FROM links WHERE rule = 'ruling' AND cut ORDER BY a, b"))
    return {(link.a, link.b): link for link in found}


@dataclass(frozen=True, slots=True)
class Word:
    """A ruling that stands, and what its coder said of the pair before it (`relation` None: nothing)."""

    now: Ruling
    before: Ruling


def words_of(place: Review, coder: str) -> list[Word]:
    """Return what a coder's rulings have come to, in the order of time, without what was taken back.

    A line that says again what the pair's last but one said has taken the last one back.
    """
    stood: dict[tuple[str, str], list[Word]] = {}
    for ruling in all_of(place):
        if ruling.coder == coder:
            words = stood.setdefault((ruling.a, ruling.b), [])
            if words and words[-1].before.relation is ruling.relation:
                words.pop()
            else:
                before = words[-1].now if words else replace(ruling, relation=None, why="")
                words.append(Word(ruling, before))
    return sorted((word for words in stood.values() for word in words), key=lambda word: word.now.at)


def disputed(place: Review) -> int:
    """Return on how many pairs coders rule differently."""
    return len(grouping.disagreements(all_of(place)))


def all_of(place: Review) -> list[Ruling]:
    """Return all rulings in the order of time; what is wrong with their files is for the build to tell."""
    found = [ruling for path in place.files("rulings") for ruling in review.read_rulings(path, path.name, _All(), [])]
    return sorted(found, key=lambda ruling: (ruling.at, ruling.coder))


class _All:
    """Every name."""

    def __contains__(self, _: object, /) -> bool:
        return True
