"""Checking: named health checks over the text, the coding scheme, the queries and the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from reviewdb import build, database, sources
from reviewdb.errors import Problem, ReviewError
from reviewdb.review import Review

# What each check is about: the files whose names begin so.
_FILES = {
    "protocol": "data/protocol.toml",
    "coding-scheme": "data/coding-scheme.toml",
    "searches": "data/searches/",
    "decisions": "data/decisions/",
    "rulings": "data/rulings/",
    "queries": "queries/",
}


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of one check."""

    name: str
    ok: bool
    summary: str
    faults: tuple[str, ...] = ()

    def as_object(self) -> dict[str, Any]:
        """Return the outcome for JSON."""
        return asdict(self)


def check(place: Review) -> list[Check]:
    """Run every check."""
    problems = build.problems(place)
    names = [name for name, _ in place.sources()]
    texts = [_text(check, prefix, problems, names) for check, prefix in _FILES.items()]
    return [*texts, _agreement(place), _database(place)]


def _text(name: str, prefix: str, problems: Sequence[Problem], names: Sequence[str]) -> Check:
    faults = tuple(str(problem) for problem in sorted(problems) if problem.path.startswith(prefix))
    files = sum(file.startswith(prefix) for file in names)
    summary = f"{len(faults)} problems" if faults else f"{files} file{'s' * (files != 1)}"
    return Check(name, not faults, summary, faults)


def _agreement(place: Review) -> Check:
    faults = tuple(build.contradictions(place))
    summary = f"{len(faults)} contradict others" if faults else "none contradicts another"
    return Check("rulings agree", not faults, summary, faults)


def _database(place: Review) -> Check:
    if not place.database.exists():
        return Check("database", ok=True, summary="not built yet; the next command builds it")
    try:
        with closing(database.reader(place.database)) as connection:
            faults = tuple(database.faults(connection))
    except (ReviewError, sqlite3.Error) as error:
        faults = (f"{str(error).splitlines()[0]} Build it anew: reviewdb build --fresh",)
    if faults:
        return Check("database", ok=False, summary=f"{len(faults)} problems", faults=faults)
    behind = sources.changes(place)
    return Check("database", ok=True, summary=f"{len(behind)} files to take in" if behind else "up to date")
