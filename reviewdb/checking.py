"""Checking: named health checks over the text, the coding scheme, the queries and the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reviewdb import build, database, journal, locks, searches, sources
from reviewdb.errors import Problem, ReviewError
from reviewdb.review import Review
from reviewdb.text import clean, counted

#: Bytes of what was cut off that tell whose and what it was.
_BEGINS = 160

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
    """The outcome of one check; where it is `ok` and has faults, these are warnings."""

    name: str
    ok: bool
    summary: str
    faults: tuple[str, ...] = ()

    def as_object(self) -> dict[str, Any]:
        """Return the outcome for JSON."""
        return asdict(self)


def check(place: Review) -> list[Check]:
    """Run every check."""
    problems, contradictions, outdated = build.examine(place)
    names = [name for name, _ in place.sources()]
    texts = [_text(check, prefix, problems, names) for check, prefix in _FILES.items()]
    return [*texts, _names(outdated), _agreement(contradictions), _database(place)]


def repair(place: Review) -> list[tuple[str, str, str]]:
    """Set lines and pages aside that were cut off while they were written.

    Return each file, the one where they are now, and how they begin.

    Nothing is deleted, and nothing else is touched: what people have to mend, `check` says. Raises ReviewError where
    the disk refuses.
    """
    moved = []
    with locks.writing(place.root):
        for path, whole in (*_cut_off(place), *((part, 0) for part in _parts(place))):
            to = journal.set_aside(path, whole, place.aside / "cut-off")
            moved.append((place.shown(path), place.shown(to), _beginning(to)))
    return moved


def _beginning(path: Path) -> str:
    with path.open("rb") as handle:
        return clean(handle.read(_BEGINS).partition(b"\n")[0].decode("utf-8", "replace"))


def _cut_off(place: Review) -> Iterator[tuple[Path, int]]:
    """Yield the files that end in something cut off, with how many of their lines are whole."""
    for path in place.files("searches"):
        found = searches.read(path, place.shown(path))
        # A page is one piece, of many lines.
        yield from [(path, found.whole)] if found.whole is not None else _torn(path, found.problems)
    for path in (*place.files("decisions"), *place.files("rulings")):
        lines = journal.read(path, place.shown(path))
        yield from _torn(path, (line for line in lines if isinstance(line, Problem)))


def _parts(place: Review) -> list[Path]:
    """Return the files that were to take the place of others, and did not come to it."""
    return sorted((place.root / "data").rglob(".*.part"))


def _torn(path: Path, problems: Iterable[Problem]) -> Iterator[tuple[Path, int]]:
    return ((path, problem.line - 1) for problem in problems if problem.what == journal.TORN)


def _text(name: str, prefix: str, problems: Sequence[Problem], names: Sequence[str]) -> Check:
    faults = tuple(str(problem) for problem in sorted(problems) if problem.path.startswith(prefix))
    files = sum(file.startswith(prefix) for file in names)
    summary = counted(len(faults), "problem") if faults else counted(files, "file")
    return Check(name, not faults, summary, faults)


def _names(outdated: Sequence[str]) -> Check:
    """Return what queries name: what they miss is for people to judge, so it is a warning."""
    summary = f"{counted(len(outdated), 'name')} of codes out of use" if outdated else "all codes are in use"
    return Check("query codes", ok=True, summary=summary, faults=tuple(outdated))


def _agreement(contradictions: Sequence[str]) -> Check:
    summary = counted(len(contradictions), "contradiction") if contradictions else "none contradicts another"
    return Check("rulings agree", not contradictions, summary, tuple(contradictions))


def _database(place: Review) -> Check:
    if place.is_stray(place.database):
        faults = tuple(str(problem) for problem in place.strays() if problem.path == place.shown(place.database))
        return Check("database", ok=False, summary=counted(len(faults), "problem"), faults=faults)
    if not place.database.exists():
        return Check("database", ok=True, summary="not built yet; the next command builds it")
    try:
        with closing(database.reader(place.database)) as connection:
            faults = tuple(database.faults(connection))
    except (ReviewError, sqlite3.Error) as error:
        faults = (f"{str(error).splitlines()[0]} Build it anew: reviewdb build --fresh",)
    if faults:
        return Check("database", ok=False, summary=counted(len(faults), "problem"), faults=faults)
    behind = sources.changes(place, sources.states(place))
    todo = f"{counted(len(behind), 'file')} to take in: reviewdb build"
    return Check("database", ok=True, summary=todo if behind else "up to date")
