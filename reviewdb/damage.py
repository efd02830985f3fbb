"""Damage: what goes wrong with the file of a database or with the disk that it is on, and not with what was asked."""

from __future__ import annotations

import sqlite3

from reviewdb.errors import ReviewError

_KINDS = (
    *(sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN),
    *(sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY),
)


def is_damage(error: Exception) -> bool:
    """Say whether an error is of that kind."""
    code = getattr(error, "sqlite_errorcode", None) or sqlite3.SQLITE_OK
    return code & 0xFF in _KINDS  # the first byte of a code is its kind


def told(error: Exception) -> ReviewError:
    """Return what a person is told of such an error."""
    todo = "The text is as it was said. Look for space and permissions, then build it anew: reviewdb build --fresh"
    return ReviewError(f"the database failed: {error}.", todo)
