"""Keeping: what takes long to count is counted once for each state of a database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:  # Datasette loads this plugin while it is itself half loaded
    from datasette.app import Datasette

Value = TypeVar("Value")


class Kept:
    """What was counted of one database, forgotten as soon as it is built from other text."""

    def __init__(self) -> None:
        # Replaced as one: threads that read different states never see each other's values.
        self._held: tuple[object, dict[Hashable, Any]] = (None, {})

    def value(self, connection: sqlite3.Connection, name: Hashable, count: Callable[[], Value]) -> Value:
        """Return what `count` gives, from before where the database is still the same.

        Two threads may count the same thing at once; what they find is equal.
        """
        state, held = _state(connection), self._held
        if held[0] != state:
            held = self._held = (state, {})
        values = held[1]
        if name not in values:
            values[name] = count()
        kept: Value = values[name]
        return kept


# By the name of the database.
_kept: WeakKeyDictionary[Datasette, dict[str, Kept]] = WeakKeyDictionary()


def of(datasette: Datasette, name: str) -> Kept:
    """Return what was counted of a database that a Datasette serves."""
    return _kept.setdefault(datasette, {}).setdefault(name, Kept())


def _state(connection: sqlite3.Connection) -> object:
    """Return what changes whenever the database is built or brought up to date: the text that it stands for."""
    read = ("SELECT path, size, mtime_ns FROM sources", "SELECT key, value FROM build_info")
    return [[tuple(row) for row in connection.execute(sql)] for sql in read]
