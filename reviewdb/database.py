"""The database: the only user of SQLite. Opened read-only to ask; swapped whole, or touched in one transaction."""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

from reviewdb import bounds, damage
from reviewdb.errors import ReviewError
from reviewdb.model import Decision

_BUSY_SECONDS = 30
# Steps between two looks at the clock: each waits for the lock of the interpreter, which other threads want as well.
_PROGRESS_STEPS = 20_000
# What a database that is being built may take of memory before it goes to disk.
_CACHE_KIB = 256 * 1024
_READING = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
# Ids are made of letters, digits and . _ -
_AFTER_ALL = "~"

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Result:
    """What a query gave: the names of its columns, and its rows."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Said:
    """A decision in the codes of now, with its number, and the paper (id and key) that it is about."""

    paper: str
    key: str
    number: int
    made: Decision


@cache
def statement(name: str) -> str:
    """Return the SQL of one file of the package."""
    return (files("reviewdb") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def schema() -> str:
    """Return what tells these tables from those of other versions, so that an older database is rebuilt, never misread.

    It is a checksum of their definition: a number to be raised by hand would be forgotten.
    """
    return f"{zlib.crc32((statement('schema') + statement('indexes')).encode()):08x}"


def temporary() -> sqlite3.Connection:
    """Return an empty database with the tables of a review, to be filled and completed; gone when it is closed.

    It is in memory as long as it is small; what is more goes to a file of SQLite's own, where the system has such.
    """
    connection = sqlite3.connect("", isolation_level=None)
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute("PRAGMA journal_mode = OFF")  # what fails is thrown away, not rolled back
    connection.executescript(statement("schema"))
    connection.execute("BEGIN")
    return connection


def complete(connection: sqlite3.Connection) -> None:
    """Index a database whose tables are filled, and keep its references from now on.

    To sort all of it once takes less than to keep every index in order meanwhile. Raises sqlite3.IntegrityError where a
    row names one that is not there.
    """
    connection.execute("COMMIT")
    connection.executescript(statement("index-words"))
    connection.executescript(statement("indexes"))
    _check_references(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("ANALYZE")


def _check_references(connection: sqlite3.Connection) -> None:
    """Raise sqlite3.IntegrityError where a row names one that is not there.

    Of a whole database, this takes a fifth of the time that it takes to look at each insertion.
    """
    if wrong := connection.execute("PRAGMA foreign_key_check").fetchone():
        table, row, other, _ = wrong
        raise sqlite3.IntegrityError(f"{_row(row)} of {table} names a row of {other} that is not there")


def add_facets(connection: sqlite3.Connection, columns: Mapping[str, str]) -> None:
    """Add a column to papers for each answer of a scheme, and the view `paper_facets` of these columns alone.

    `columns` gives their types: TEXT, or REAL for numbers.

    Names are those of questions and may hold any mark but a double quote.
    """
    for column, type_ in columns.items():
        connection.execute(f'ALTER TABLE papers ADD COLUMN "{column}" {type_}')
    named = ", ".join(["id AS paper_id", *(f'"{column}"' for column in columns)])
    connection.execute(f"CREATE VIEW paper_facets AS SELECT {named} FROM papers")  # noqa: S608 - our columns


def insert(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Insert rows, each with a value for every column of the table."""
    width = connection.execute("SELECT count(*) FROM pragma_table_info(?)", [table]).fetchone()[0]
    connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", rows)  # noqa: S608 - our tables


def tables(connection: sqlite3.Connection) -> set[str]:
    """Return the names of all tables."""
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what is done inside as one, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def swap(built: sqlite3.Connection, path: Path) -> None:
    """Make `built` the content of the database at `path`, in one step for every reader.

    The file is kept, so that a running site sees the new content; its log, or its journal where it is new, makes a swap
    that is interrupted disappear. Raises ReviewError where the disk refuses; the old content then stands.
    """
    try:
        try:
            _copy(built, path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            path.unlink()  # not a database at all: nothing to keep
            _copy(built, path)
    except (sqlite3.Error, OSError) as error:
        raise ReviewError(
            f"{path}: could not be written: {error}.",
            "Free some space or mend the permissions, then build again. The database is as it was.",
        ) from error


def _copy(built: sqlite3.Connection, path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as live:
        # Where nothing is to be kept, and nobody reads, all of it is written once.
        if live.execute("PRAGMA page_count").fetchone()[0]:
            live.execute("PRAGMA journal_mode = WAL")
        built.backup(live)
        live.execute("PRAGMA journal_mode = WAL")


def write(built: sqlite3.Connection, path: Path) -> None:
    """Write `built` into a new file, which depends on nothing but its content and the version of SQLite."""
    try:
        built.execute("VACUUM INTO ?", [str(path)])
    except sqlite3.Error as error:
        raise ReviewError(
            f"{path}: could not be written: {error}.", "Free some space, or choose another place."
        ) from error


def copied(built: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy of a database, to be changed; in memory as long as it is small."""
    copy = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    built.backup(copy)
    copy.execute("PRAGMA foreign_keys = ON")
    return copy


@contextmanager
def writer(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the database to bring it up to date."""
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            # A power cut may take the last update back, never half of it; the text has it all, and it is made again.
            connection.execute("PRAGMA synchronous = NORMAL")
            yield connection
    except sqlite3.Error as error:
        raise ReviewError(f"{path}: could not be written: {error}.", "Build it anew: reviewdb build --fresh") from error


def view(path: Path, *, follows: bool) -> sqlite3.Connection:
    """Open the database read-only, for any thread; with `follows`, it may change meanwhile."""
    # A write-ahead log needs a folder that can be written to; without one, nobody writes, and the file stands still.
    mode = "mode=ro" if follows else "mode=ro&immutable=1"
    uri = f"{path.resolve().as_uri()}?{mode}"
    return sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, check_same_thread=False)


def can_follow(path: Path) -> bool:
    """Say whether the database can be read while it changes."""
    try:
        with closing(view(path, follows=True)) as connection:
            connection.execute("SELECT 1 FROM build_info").fetchone()
    except sqlite3.Error:
        return False
    return True


def reader(path: Path) -> sqlite3.Connection:
    """Open the database read-only. Raises ReviewError where there is none, or it is not one of this version."""
    fault = "it was built by another version"
    try:
        connection = view(path, follows=can_follow(path))
    except sqlite3.Error as error:
        raise ReviewError(f"{path}: cannot be read: {error}.", "Build it: reviewdb build") from error
    try:
        if connection.execute("SELECT value FROM build_info WHERE key = 'schema'").fetchone() == (schema(),):
            return connection
    except sqlite3.Error as error:
        fault = str(error)
    connection.close()
    raise ReviewError(f"{path}: cannot be read: {fault}.", "Build it: reviewdb build")


def ask(
    connection: sqlite3.Connection,
    sql: str,
    values: Mapping[str, Any] | Row = (),
    *,
    seconds: float = 0,
    most: int = -1,
) -> Result:
    """Run one SELECT. Raises ReviewError where SQLite refuses it.

    With `seconds`, a stranger may have written it: it stops after so long, and gives no more than `bounds.MOST_BYTES`.
    With `most`, it stops after so many rows.
    """
    deadline = time.monotonic() + seconds
    if seconds:
        bounds.guard(connection)
        connection.set_progress_handler(lambda: time.monotonic() > deadline, _PROGRESS_STEPS)
    try:
        cursor = connection.execute(sql, values)
        found = islice(cursor, most) if most >= 0 else cursor
        rows = bounds.fetched(found) if seconds else list(found)
        return Result(tuple(d[0] for d in cursor.description or ()), rows)
    except OverflowError as error:
        raise ReviewError(f"the query {error}.", "Ask for less at once.") from error
    except sqlite3.Error as error:
        if seconds and time.monotonic() > deadline:
            raise ReviewError(
                f"the query ran longer than {seconds:g} seconds and was stopped.", "Simplify it."
            ) from error
        if damage.is_damage(error):
            raise damage.told(error) from error
        raise ReviewError(f"SQLite refuses the query: {error}.", "Mend the SQL.") from error
    finally:
        connection.set_progress_handler(None, 0)


def fault_of(connection: sqlite3.Connection, sql: str) -> str:
    """Return why SQLite cannot run `sql`, or that it would write, or an empty string; nothing is run."""
    connection.set_authorizer(_reads_only)
    try:
        connection.execute(f"EXPLAIN {sql}")
    except sqlite3.Error as error:
        return "a query only reads" if "not authorized" in str(error) else str(error)
    except sqlite3.Warning as error:  # more than one statement, in Python 3.11
        return str(error)
    finally:
        connection.set_authorizer(None)
    return ""


def _reads_only(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


def faults(connection: sqlite3.Connection) -> list[str]:
    """Return what SQLite finds wrong with the file itself: damaged pages, dangling references."""
    damaged = [row[0] for row in connection.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
    dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
    return damaged + [f"{_row(row[1])} of {row[0]} points to a missing row of {row[2]}" for row in dangling]


def _row(number: int | None) -> str:
    return "a row" if number is None else f"row {number}"


def decisions_on(connection: sqlite3.Connection, paper: str) -> list[tuple[int, Decision]]:
    """Return every decision on any record of a paper, with its number; the evidence of rules is left out."""
    return [(said.number, said.made) for said in _said(connection, (paper, paper), rules=True)]


def decisions_of_people(connection: sqlite3.Connection) -> Iterator[Said]:
    """Yield every decision of a person, paper by paper, in the order of time."""
    return _said(connection, ("", _AFTER_ALL), rules=False)


def _said(connection: sqlite3.Connection, papers: tuple[str, str], *, rules: bool) -> Iterator[Said]:
    values = {"first": papers[0], "last": papers[1], "rules": rules}
    for paper, key, number, *row in connection.execute(statement("decisions-on-papers"), values):
        coder, record, question, at, why, settles, withdrawn, undoes, reopened, said = row
        answer = None if withdrawn or reopened else tuple(json.loads(said))
        again = bool(reopened)
        made = Decision(coder, record, question, answer, at, why, bool(settles), undoes, reopened=again)
        yield Said(paper, key, number, made)
