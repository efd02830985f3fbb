"""The shelf: the papers of a review in their order, which of them are shown, and which one is taken down."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from reviewdb import database
from reviewdb.session import listing
from reviewdb.session.listing import Seat
from reviewdb.session.views import Row

CONFLICTS, UNTAGGED, UNSCREENED = "conflicts", "untagged", "unscreened"
# Reading this many papers one by one takes as long as reading all of them at once.
_ONE_BY_ONE = 100


class Shelf:
    """Papers as one coder sees them; what others write meanwhile is taken in by `catch_up`.

    What is shown is what the filter let through when it was set: a paper that is done stays where it is.
    """

    def __init__(self, connection: sqlite3.Connection, seat: Seat, order: Iterable[str] | None) -> None:
        self._connection = connection
        self._seat = seat
        self._order = None if order is None else tuple(order)
        self._every: dict[str, Row] = {}
        self._stamp, self._last = (0, 0), 0
        self._places: dict[str, int] = {}
        #: What is shown; a row is replaced where it stands, so that ten thousand cost no more than one.
        self.rows: list[Row] = []
        self.at = 0
        self.filter = ""
        #: How many papers of the review wait for the coder.
        self.waiting = 0
        self._load()

    def connect(self, connection: sqlite3.Connection) -> None:
        """Read another database from now on: the file was replaced."""
        self._connection = connection
        self._stamp = (0, 0)

    @property
    def row(self) -> Row | None:
        """The paper that is taken down."""
        return self.rows[self.at] if self.rows else None

    @property
    def settling(self) -> bool:
        """Whether conflicts are shown, and nothing is looked for among them, so that what is accepted settles."""
        words = self.filter.lower().split()
        return CONFLICTS in words and all(word in listing.FILTERS for word in words)

    def key(self, paper: str) -> str:
        """Return the citation key of a paper, or its id where it is gone."""
        return self._every[paper].key if paper in self._every else paper

    def show(self, asked: str) -> None:
        """Show the papers that a filter lets through; the one taken down stays, if it is among them."""
        now = self.row.id if self.row else ""
        self.rows = listing.filtered(self._connection, self._seat, list(self._every.values()), asked)
        self.filter = " ".join(asked.split())
        self._places = {row.id: n for n, row in enumerate(self.rows)}
        self.at = self._places.get(now, 0)

    def step(self, by: int) -> None:
        """Take down the paper so many places further, or the last one."""
        self.at = max(0, min(self.at + by, len(self.rows) - 1))

    def find(self, paper: str) -> bool:
        """Take down this paper, whatever is shown; return False where there is none."""
        if paper not in self._every:
            return False
        if paper not in self._places:
            self.show("")
        self.at = self._places[paper]
        return True

    def go_on(self) -> bool:
        """Take down the next paper that still waits, from the top again after the last; return False where none does.

        Where the filter asks for something else than what waits, the next paper is simply the next one.
        """
        after = [*range(self.at + 1, len(self.rows)), *range(self.at)]
        words = set(self.filter.lower().split())
        if self.settling:
            nexts = [n for n in after if self.rows[n].contested]
        elif UNTAGGED in words:
            nexts = [n for n in after if self._seat.untagged(self.rows[n])]
        elif UNSCREENED in words:
            nexts = [n for n in after if self._seat.unscreened(self.rows[n])]
        else:
            nexts = [n for n in after if n > self.at]
        if nexts:
            self.at = nexts[0]
        return bool(nexts)

    def catch_up(self) -> set[str] | None:
        """Take in what was written since the last time; return the papers that it is about, or None for all."""
        stamp, last = self._state()
        if stamp != self._stamp:
            self._load()
            self.show_again()
            return None
        if last == self._last:
            return set()
        touched = {
            paper for (paper,) in self._connection.execute(database.statement("papers-decided-since"), [self._last])
        }
        self._last = last
        if len(touched) > _ONE_BY_ONE:
            self._load()
            self.show_again()
        else:
            for paper in touched:
                for row in listing.load(self._connection, self._seat, paper):
                    self._put(row)
        return touched

    def _put(self, row: Row) -> None:
        self.waiting += self._seat.waits(row) - self._seat.waits(self._every[row.id])
        self._every[row.id] = row
        if row.id in self._places:
            self.rows[self._places[row.id]] = row

    def show_again(self) -> None:
        """Show what the filter let through, without the papers that are gone."""
        now = self.row.id if self.row else ""
        self.rows = [self._every[row.id] for row in self.rows if row.id in self._every]
        self._places = {row.id: n for n, row in enumerate(self.rows)}
        self.at = self._places.get(now, max(min(self.at, len(self.rows) - 1), 0))

    def _load(self) -> None:
        self._stamp, self._last = self._state()
        rows = listing.ordered(listing.load(self._connection, self._seat), self._order)
        self._every = {row.id: row for row in rows}
        self.waiting = sum(map(self._seat.waits, rows))

    def _state(self) -> tuple[tuple[int, int], int]:
        """Return what changes when papers do, and the last decision.

        A whole build swaps the database, which changes the version of its schema; a ruling groups papers anew.
        """
        (version,) = self._connection.execute("PRAGMA schema_version").fetchone()
        ruled, last = self._connection.execute(database.statement("session-state")).fetchone()
        return (version, ruled), last
