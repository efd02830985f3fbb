"""Sources: which files of a review changed since its database was built.

Others may delete or replace a file at any moment, as a git checkout does: one that is gone when it is looked at has
changed, and is no error here.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from reviewdb import __version__, database
from reviewdb.errors import ReviewError
from reviewdb.folder import Review


@dataclass(frozen=True, slots=True)
class State:
    """A file as it was when it was read; `digest` (SHA-256) only of files that grow by appending."""

    size: int
    mtime_ns: int
    digest: str | None = None


def states(place: Review) -> dict[str, State]:
    """Return the state of every source file now, by its name; no file is read."""
    now = {}
    for name, path in place.sources():
        with suppress(OSError):
            about = path.stat()
            now[name] = State(about.st_size, about.st_mtime_ns)
    return now


def changes(place: Review, now: Mapping[str, State]) -> dict[str, State | None]:
    """Return the files that are `now` other than the database was built from, with their state there (None: new)."""
    stored = _stored(place)
    return {
        name: stored.get(name)
        for name in sorted(stored.keys() | now.keys())
        if name not in now or name not in stored or _touched(stored[name], now[name])
    }


def _touched(before: State, now: State) -> bool:
    return (before.size, before.mtime_ns) != (now.size, now.mtime_ns)


def _stored(place: Review) -> dict[str, State]:
    try:
        with closing(database.reader(place.database)) as connection:
            if dict(connection.execute("SELECT key, value FROM build_info")).get("version") != __version__:
                return {}
            return _noted(connection)
    except (ReviewError, sqlite3.Error):
        return {}


def _noted(connection: sqlite3.Connection) -> dict[str, State]:
    rows = connection.execute("SELECT path, size, mtime_ns, sha256 FROM sources")
    return {path: State(size, mtime, digest) for path, size, mtime, digest in rows}


def note(connection: sqlite3.Connection, place: Review, now: Mapping[str, State]) -> None:
    """Write down what the database is now built from."""
    before = _noted(connection)
    connection.execute("DELETE FROM sources")
    database.insert(connection, "sources", _rows(place, now, before))


def _rows(
    place: Review, now: Mapping[str, State], before: Mapping[str, State]
) -> Iterator[tuple[str, int, int, str | None]]:
    for name, state in now.items():
        known = before.get(name)
        if known and not _touched(known, state):
            grows = known.digest  # of all that coders ever said, a decision reads one file again
        else:
            grows = digest(place.root / name, state.size) if is_appended(name) else None
        yield name, state.size, state.mtime_ns, grows


def digest(path: Path, size: int) -> str | None:
    """Return the SHA-256 of the first `size` bytes of a file, or None where it cannot be read."""
    try:
        with path.open("rb") as handle:
            return hashlib.sha256(handle.read(size)).hexdigest()
    except OSError:
        return None


def grew(path: Path, before: State) -> bool:
    """Say whether whole lines were added to what a file was before, and nothing else was changed."""
    try:
        with path.open("rb") as handle:
            head = handle.read(before.size)
    except OSError:
        return False
    return hashlib.sha256(head).hexdigest() == before.digest and head[-1:] in (b"", b"\n")


def is_decisions(name: str) -> bool:
    """Say whether a source file holds decisions."""
    return name.startswith("data/decisions/")


def is_appended(name: str) -> bool:
    """Say whether a source file holds decisions or rulings, which are only ever appended."""
    return is_decisions(name) or name.startswith("data/rulings/")
