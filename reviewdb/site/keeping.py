"""Keeping: what takes long to count is counted once for each state of a database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable, Sequence
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from reviewdb import touched

if TYPE_CHECKING:  # Datasette loads this plugin while it is itself half loaded
    from datasette.app import Datasette

Value = TypeVar("Value")

#: More papers than these are sooner read with all others than mended one by one.
_FEW = 1_000
#: Of what readers may ask in any words, so many answers are kept.
_RECENT = 32


class _Once(Generic[Value]):
    """A value that one thread counts and all others wait for; one that cannot be counted is counted anew."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: tuple[Value, ...] = ()

    def value(self, count: Callable[[], Value]) -> Value:
        with self._lock:
            if not self._found:
                self._found = (count(),)
        return self._found[0]


class Kept:
    """What was counted of one database, forgotten as soon as it is built from other text."""

    def __init__(self, state: Callable[[sqlite3.Connection], object] | None = None) -> None:
        #: Gives what a database stands for; what was counted of another one counts no more.
        self._state = state or _state
        #: The same for what a search finds alone, which few decisions change.
        self.words: Kept = self if state else Kept(_words)
        # Replaced as one: threads that read different states never see each other's values.
        self._held: tuple[object, dict[Hashable, Any], dict[Hashable, RLock]] = (None, {}, {})
        self._mended: dict[Hashable, tuple[str, int, Any]] = {}

    def value(self, connection: sqlite3.Connection, name: Hashable, count: Callable[[], Value]) -> Value:
        """Return what `count` gives, from before where the database is still the same.

        What one thread counts, others that ask for it wait for. What is counted on the way may be kept, too, unless it
        itself asks for `name`.
        """
        state, held = self._state(connection), self._held
        if held[0] != state:
            held = self._held = (state, {}, {})
        _, values, locks = held
        with locks.setdefault(name, RLock()):
            if name not in values:
                values[name] = count()
        kept: Value = values[name]
        return kept

    def lately(
        self, connection: sqlite3.Connection, kind: Hashable, name: Hashable, count: Callable[[], Value]
    ) -> Value:
        """Return what `count` gives, as `value` does, but remember only what was last asked for of a kind."""
        recent: dict[Hashable, _Once[Value]] = self.value(connection, kind, dict)
        # Other threads may take it out and put it back meanwhile.
        held = recent.setdefault(name, _Once())
        recent[name] = recent.pop(name, held)
        for old in list(recent)[:-_RECENT]:
            recent.pop(old, None)
        return held.value(count)

    def mended(
        self,
        connection: sqlite3.Connection,
        name: Hashable,
        read: Callable[[], Value],
        mend: Callable[[Value, Sequence[str]], Value],
    ) -> Value:
        """Return what `read` gives, where a few papers changed since by `mend`, which is told their ids.

        Neither may change a value that was given before: other threads still read it.
        """

        def renewed() -> Value:
            build, last, before = self._mended.get(name, ("", 0, None))
            now, number, papers = touched.since(connection, build, last)
            # A reader of an older state must not take away what it lacks from a newer one.
            can = before is not None and papers is not None and last <= number and len(papers) <= _FEW
            value = mend(before, papers or ()) if can else read()
            self._mended[name] = now, number, value
            return value

        return self.value(connection, name, renewed)


# By the name of the database.
_kept: WeakKeyDictionary[Datasette, dict[str, Kept]] = WeakKeyDictionary()


def of(datasette: Datasette, name: str) -> Kept:
    """Return what was counted of a database that a Datasette serves."""
    return _kept.setdefault(datasette, {}).setdefault(name, Kept())


def _state(connection: sqlite3.Connection) -> object:
    """Return what changes whenever the database is built or brought up to date."""
    built = [tuple(row) for row in connection.execute("SELECT key, value FROM build_info")]
    return built, connection.execute("SELECT max(number) FROM touched").fetchone()[0]


def _words(connection: sqlite3.Connection) -> object:
    """Return what changes whenever a search may find something else."""
    build, *_ = touched.since(connection, "", 0)
    last = connection.execute("SELECT max(number) FROM touched WHERE words").fetchone()[0]
    return (build, last) if build else _state(connection)
