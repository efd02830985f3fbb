"""The build: from the text of a review to its database, whole or as much as a new decision touches."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Literal

from reviewdb import (
    assembling,
    database,
    grouping,
    locks,
    query,
    recodings,
    release,
    review,
    sources,
    touched,
    updating,
)
from reviewdb.collecting import uncollected
from reviewdb.errors import BadReviewError, Problem
from reviewdb.review import Content, Review

_MEND = "The database is as it was. Mend these, then: reviewdb build"

#: Told what the build is doing, a few words at a time.
Tell = assembling.Tell


def refresh(
    place: Review, tell: Tell = lambda _: None, *, held: bool = False
) -> Literal["current", "updated", "built"]:
    """Bring the database up to date with the text, with work in proportion to what changed.

    With `held`, the caller holds `locks.writing()` already.

    Raises:
        BadReviewError: the text has problems; the database is as it was.
        ReviewError: the disk or another process refuses.

    """
    if not sources.changes(place, sources.states(place)):
        return "current"
    with nullcontext() if held else locks.writing(place.root):
        if updating.update(place):
            return "updated"
        _build(place, tell)
        return "built"


def rebuild(place: Review, tell: Tell = lambda _: None) -> None:
    """Build the database anew from all of the text. Raises as `refresh` does."""
    with locks.writing(place.root):
        _build(place, tell)


def write(place: Review, file: Path, tell: Tell = lambda _: None) -> None:
    """Build what others may read into another file: the same text gives the same bytes, wherever and whenever.

    What the protocol keeps back is not in it, nor is what the file was built from.
    Raises as `refresh` does, and where the file is there already.
    """
    with _checked(place, tell) as built:
        tell("writing")
        release.release(built, place)
        database.write(built, file)


def examine(place: Review) -> tuple[list[Problem], list[str], list[str]]:
    """Return everything wrong with the text, the rulings that contradict each other, and queries to look at.

    These name codes that are not in use any more, and so miss papers.

    The problems include what only shows when the queries meet the tables.
    """
    content = review.load(place)
    with uncollected(), closing(assembling.assembled(content, lambda _: None)) as built:
        faults = content.problems + _query_problems(content, built)
        return faults, _contradictions(content, built), list(_outdated(content))


def _outdated(content: Content) -> Iterator[str]:
    questions = content.scheme.questions.values()
    used = {code for question in questions for code in question.codes}
    former = {code for question in questions for code in question.former}
    for one in content.queries:
        for line, code in recodings.outdated(one.source, used, former, content.recodings):
            yield f"queries/{one.name}.sql:{line}: {code!r} is in use no more. Change it, or it finds nothing by it."


def _contradictions(content: Content, built: sqlite3.Connection) -> list[str]:
    disputed = [
        f"{said[0].a} and {said[0].b}: " + ", ".join(f"{r.coder} rules {r.relation}" for r in said) + ". Agree on one."
        for said in grouping.disagreements(content.rulings)
    ]
    # Grouping has set these aside.
    cut = built.execute("SELECT a, b, relation, coder FROM links WHERE rule = 'ruling' AND cut ORDER BY a, b")
    return disputed + [
        f"{a} and {b}: {coder} rules {relation}, for which other rulings leave no room. Withdraw one of them."
        for a, b, relation, coder in cut
    ]


def _build(place: Review, tell: Tell) -> None:
    now = sources.states(place)  # taken before reading: a file that changes meanwhile is read again next time
    with _checked(place, tell) as built:
        sources.note(built, place, now)
        touched.begin_anew(built)
        tell("writing")
        database.swap(built, place.database)


@contextmanager
def _checked(place: Review, tell: Tell) -> Iterator[sqlite3.Connection]:
    tell("reading")
    with uncollected(), in_memory(review.load(place), tell) as connection:
        yield connection


@contextmanager
def in_memory(content: Content, tell: Tell) -> Iterator[sqlite3.Connection]:
    """Give the database of what a review says, in memory. Raises BadReviewError where that has problems."""
    with uncollected(), closing(assembling.assembled(content, tell)) as connection:
        found = content.problems + _query_problems(content, connection)
        if found:
            raise BadReviewError(found, _MEND)
        yield connection


def _query_problems(content: Content, built: sqlite3.Connection) -> list[Problem]:
    if not content.scheme.questions and content.problems:
        return []  # without the scheme, every query would lack its columns
    found = []
    tables = database.tables(built)
    for asked in content.queries:
        if asked.name in tables:
            todo = "Rename the file: on the site, one would hide the other."
            found.append(Problem(f"queries/{asked.name}.sql", 0, "a table has that name.", todo))
        fault = database.fault_of(built, asked.sql)
        if fault:
            line = query.place_of(asked.source, fault)
            found.append(Problem(f"queries/{asked.name}.sql", line, f"{fault.rstrip('.')}.", "Mend the SQL."))
    return found
