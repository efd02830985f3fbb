"""Touched: which papers of a database changed since it was built, so that what was read can be mended."""

from __future__ import annotations

import sqlite3
from uuid import uuid4


def begin_anew(connection: sqlite3.Connection) -> None:
    """Say that papers are others than before, so that nothing that was read can be mended by `touched` alone."""
    connection.execute("INSERT OR REPLACE INTO build_info VALUES ('build', ?)", [uuid4().hex])
    connection.execute("DELETE FROM touched")


def forget_updates(connection: sqlite3.Connection) -> None:
    """Leave no trace of which papers changed when: whatever was read before is to be read anew."""
    connection.execute("DELETE FROM build_info WHERE key = 'build'")
    connection.execute("DELETE FROM touched")


def since(connection: sqlite3.Connection, build: str, number: int) -> tuple[str, int, list[str] | None]:
    """Return the name of the build, the number of its last update, and the papers changed since an earlier one.

    None: no telling, as the build is another one, or has no name.
    """
    now = connection.execute("SELECT value FROM build_info WHERE key = 'build'").fetchone()
    last = connection.execute("SELECT coalesce(max(number), 0) FROM touched").fetchone()[0]
    if now is None or now[0] != build:
        return (now[0] if now else ""), last, None
    since = connection.execute("SELECT DISTINCT paper_id FROM touched WHERE number > ?", [number])
    return now[0], last, [id_ for (id_,) in since]
