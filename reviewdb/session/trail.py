"""The trail: the way back through all that a coder ever did and that still stands, and forth again."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import TypeAlias

from reviewdb import consensus, database, rulings
from reviewdb.model import Decision
from reviewdb.review import Review
from reviewdb.session.acts import Act, Coded, Ruled, Written

#: Lines of a coder's file read at once: a session undoes a few, of months of work.
_AT_ONCE = 200
_Connect: TypeAlias = Callable[[], sqlite3.Connection]
# After any moment, and any number.
_END = ("~", 2**62)


def earlier(place: Review, connect: _Connect, coder: str) -> Iterator[Act]:
    """Yield the acts of a coder that stand, last one first; they are read as they are asked for.

    Lines of one moment about one paper are one act. `connect` gives the database of now; it may be replaced meanwhile.
    """
    acts = heapq.merge(_coded(connect, coder), _ruled(place, connect, coder), key=lambda one: one[0], reverse=True)
    return (act for _, act in acts)


def _coded(connect: _Connect, coder: str) -> Iterator[tuple[str, Act]]:
    papers: dict[str, str] = {}
    standing = consensus.standing_backwards(_decisions(connect, coder, papers))
    for (paper, at), lines in groupby(standing, key=lambda one: (papers[one.record], one.at)):
        made = list(lines)[::-1]
        found = tuple((one.record, one.question, one.at) for one in made)
        yield at, Coded(paper, found, ", ".join(one.question for one in made))


def _decisions(connect: _Connect, coder: str, papers: dict[str, str]) -> Iterator[Decision]:
    """Yield the lines of a coder, last one first, and note the paper of each record in `papers`."""
    at, id_ = _END
    while True:
        asked = {"coder": coder, "at": at, "id": id_, "limit": _AT_ONCE}
        found = connect().execute(database.statement("own-decisions"), asked).fetchall()
        for paper, record, question, at, withdrawn, undoes, id_ in found:  # noqa: B007 - where to go on
            papers[record] = paper
            yield Decision(coder, record, question, None if withdrawn or undoes else (), at, undoes=undoes)
        if len(found) < _AT_ONCE:
            return


def _ruled(place: Review, connect: _Connect, coder: str) -> Iterator[tuple[str, Act]]:
    for word in reversed(rulings.words_of(place, coder)):
        now = word.now
        paper = connect().execute(database.statement("paper-of-record"), [now.a]).fetchone()
        said = f"{now.a} and {now.b}: {now.relation or 'no ruling'}"
        yield now.at, Ruled(paper[0] if paper else now.a, (now,), (word.before,), said)


class Trail:
    """The way back and forth: acts of this session first, then those of earlier days."""

    def __init__(self) -> None:
        self._done: list[Act] = []
        self._undone: list[Act] = []
        self._earlier: Iterator[Act] | None = None
        #: Acts that this session has put on disk.
        self.saved = 0

    def did(self, act: Act) -> None:
        """Note an act; what was undone before it can no longer be redone."""
        self._done.append(act)
        self._undone.clear()
        self.saved += 1

    def undo(self, before: Callable[[], Iterator[Act]], take: Callable[[Act], Written]) -> Act | None:
        """Take the last act back that still stands; return it, or None where there is none.

        `before` gives the acts of earlier days, last one first; it is asked once, when those of the session are undone.
        """
        while self._done or self._reach(before):
            if act := self._moved(self._done, self._undone, take):
                return act
        return None

    def _reach(self, before: Callable[[], Iterator[Act]]) -> bool:
        """Go one act further back than this session; return False where nothing is left."""
        if self._earlier is None:
            self._earlier = before()
        self._done += [act for act in [next(self._earlier, None)] if act]
        return bool(self._done)

    def redo(self, take: Callable[[Act], Written]) -> Act | None:
        """Undo the last undoing; return what stands again, or None where nothing was undone."""
        while self._undone:
            if act := self._moved(self._undone, self._done, take):
                return act
        return None

    def _moved(self, one: list[Act], other: list[Act], take: Callable[[Act], Written]) -> Act | None:
        """Take back the last act of one side, and lay what that wrote on the other: to redo is to undo an undoing."""
        written = take(one[-1])  # where that fails, the act stays where it is
        act = one.pop()
        if written.act is None:
            return None  # another window has taken it back before
        other.append(replace(written.act, text=act.text))
        self.saved += 1
        return act
