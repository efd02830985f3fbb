"""The queue at the terminal: doubtful pairs gone through by keys, each answer a ruling on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import typer

from reviewdb.cli.keyboard import END, ESCAPE, keyboard
from reviewdb.cli.pairs import bold, shown
from reviewdb.duplicates import Pair
from reviewdb.model import Relation
from reviewdb.rulings import Outcome
from reviewdb.text import counted

_KEYS = {"s": Relation.SAME, "d": Relation.DIFFERENT, "v": Relation.VERSION}
_HELP = "s same  d different  v version of one study  space later  u undo  q quit"
_LAST = "That was the last pair.  u undo  q quit"
_QUIT = ("q", END, ESCAPE)
_LATER = (" ", "\r", "\n")

Ends = tuple[str, str]


class Desk(Protocol):
    """Where the queue takes its pairs from, and where rulings go."""

    def waiting(self) -> list[Ends]:
        """Return the pairs that wait now, whoever ruled meanwhile."""

    def pair(self, ends: Ends) -> Pair:
        """Return one of them with all that is to be shown."""

    def rule(self, ends: Ends, relation: Relation | None) -> Outcome:
        """Write a ruling, or take it back; it is on disk when this returns."""


@dataclass(slots=True)
class Queue:
    """One go through the pairs that wait; what was ruled is on disk, wherever it ends."""

    desk: Desk
    #: All pairs that came up so far, those that came to wait meanwhile at the end.
    order: list[Ends] = field(default_factory=list)
    #: Pairs that were ruled on and not taken back.
    written: set[Ends] = field(default_factory=set)
    #: Pairs that others answered, or rulings on other pairs.
    gone: set[Ends] = field(default_factory=set)
    #: Pairs shown, for `u` to go back to.
    _seen: list[Ends] = field(default_factory=list)
    _at: int = 0

    def go_through(self) -> None:
        """Show pair after pair and take a key for each, until somebody quits."""
        with keyboard() as key_of:
            while self._at_one(key_of):
                pass

    def told(self) -> str:
        """Return how many rulings stand, and how many pairs are left."""
        left = len(set(self.order) - self.written - self.gone)
        kept = f"{counted(len(self.written), 'ruling')} kept" if self.written else "Nothing is written"
        return f"{kept}, {counted(left, 'pair')} left for later."

    def _at_one(self, key_of: Callable[[], str]) -> bool:
        """Show one pair, or the end, and do what the key says; return False where it says to quit."""
        ends = self._next()
        typer.echo()
        if ends:
            self._show(ends)
        typer.echo(typer.style(_HELP if ends else _LAST, dim=True))
        while True:
            key = key_of()
            if key in _QUIT:
                return False
            if key == "u" and self._seen:
                self._back()
                return True
            if ends and (key in _KEYS or key in _LATER):
                self._answer(ends, _KEYS.get(key))
                return True
            typer.echo("There is nothing to go back to." if key == "u" else f"The keys are: {_HELP if ends else _LAST}")

    def _next(self) -> Ends | None:
        """Return the next pair that still waits, and say which do not."""
        waiting = self.desk.waiting()
        self.order += [ends for ends in waiting if ends not in self.order]
        still = set(waiting)
        self.gone = set(self.order) - still - self.written
        while self._at < len(self.order):
            ends = self.order[self._at]
            if ends in still:
                return ends
            if ends not in self.written:
                typer.echo(f"{ends[0]} and {ends[1]}: answered meanwhile, or their papers were joined. Skipped.")
            self._at += 1
        return None

    def _show(self, ends: Ends) -> None:
        pair = self.desk.pair(ends)
        link = pair.link or pair.match
        typer.echo(bold(f"{self._at + 1} of {len(self.order)}") + (f"   {link.rule}: {link.reason}" if link else ""))
        for text in shown(pair):
            typer.echo(text)

    def _answer(self, ends: Ends, relation: Relation | None) -> None:
        self._seen.append(ends)
        self._at += 1
        if relation is None:
            return
        outcome = self.desk.rule(ends, relation)
        typer.echo(f"{relation}: they are {outcome.result}.")
        for other in outcome.others:
            typer.echo(f"But {other.coder} ruled {other.relation}. The more cautious holds.")
        for link in outcome.set_aside:
            typer.echo(f"That leaves no room for {link.coder}'s {link.relation} on {link.a} and {link.b}.")
        if outcome.fault:
            typer.echo(f"The ruling is kept, but the database is as it was.\n{outcome.fault}")
        if outcome.ruling:
            self.written.add(ends)

    def _back(self) -> None:
        ends = self._seen.pop()
        self._at = self.order.index(ends)
        if ends in self.written:
            self.desk.rule(ends, None)
            self.written.discard(ends)
            typer.echo("Taken back.")
