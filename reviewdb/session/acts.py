"""Acts: what one key writes, all of it or nothing, and the way back through everything that the coder ever did."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeAlias

from reviewdb import coding, consensus, database, review, rulings
from reviewdb.build import Tell
from reviewdb.coding import Case, Coder
from reviewdb.errors import ReviewError
from reviewdb.model import Decision, Relation
from reviewdb.review import Review
from reviewdb.session.marks import Answer

#: Record, question and moment: what names a line of a coder's file.
Line = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Coded:
    """Lines that one key wrote about a paper: answers, or what undoes some."""

    paper: str
    lines: tuple[Line, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Ruled:
    """A ruling that two records are one paper; `withdrawn` takes it back."""

    paper: str
    a: str
    b: str
    text: str
    withdrawn: bool = False


Act: TypeAlias = Coded | Ruled


@dataclass(frozen=True, slots=True)
class Written:
    """What writing came to: the act (None: all of it had been said already), and what lags or is contested."""

    act: Act | None
    contested: tuple[str, ...] = ()
    #: Why the database lags behind, if it does.
    fault: str = ""


def silent(_: str) -> None:
    """Tell nobody."""


def answer(
    place: Review,
    paper: str,
    coder: Coder,
    answers: Mapping[str, Answer],
    verdict: Callable[[Case], list[Decision]] | None = None,
) -> Written:
    """Write a coder's answers and verdict on a paper; they are on disk when this returns, under one moment.

    Raises ReviewError, with nothing written, where the scheme cannot take one of them or the disk refuses.
    """

    def make(case: Case) -> list[Decision]:
        made = [case.decision(case.scheme.questions[question], codes) for question, codes in answers.items()]
        # What is marked beside a verdict that settles is no more than an answer: others may stand there, unseen.
        standings = case.standings()
        made = [one if coding.is_contested(standings, one.question) else replace(one, settles=False) for one in made]
        made += verdict(case) if verdict else []
        faults = [fault for one in made if (fault := review.decision_fault(one, case.scheme))]
        if faults:
            raise ReviewError(f"{faults[0]}.", "Nothing is written.")
        moment = case.now()
        return [replace(one, at=moment) for one in made]

    return _written(coding.decide(place, paper, coder, make, silent))


def take_back(place: Review, coder: str, act: Act, tell: Tell = silent) -> Written:
    """Undo an act, or undo its undoing; an act of which nothing stands any more comes to nothing."""
    if isinstance(act, Ruled):
        relation = Relation.SAME if act.withdrawn else None
        outcome = rulings.rule(place, (act.a, act.b), relation, Coder(coder), tell)
        return Written(replace(act, withdrawn=not act.withdrawn), fault=outcome.fault)

    def make(case: Case) -> list[Decision]:
        standing = {(d.record, d.question, d.at) for d in consensus.not_undone(case.history) if d.coder == coder}
        undoing = {(d.record, d.question, d.at) for d in case.history if d.undoes and d.coder == coder}
        moment = case.now()
        return [
            Decision(coder, record, question, None, moment, undoes=at)
            for record, question, at in act.lines
            if (record, question, at) in standing | undoing
        ]

    return _written(coding.decide(place, act.paper, Coder(coder), make, tell))


def rule_same(place: Review, ends: tuple[str, str], coder: Coder) -> Written:
    """Write that two papers are one. Raises ReviewError where one of them is unknown."""
    outcome = rulings.rule(place, ends, Relation.SAME, coder, silent)
    act = Ruled(ends[0], outcome.a, outcome.b, f"same as {ends[1]}") if outcome.ruling else None
    return Written(act, fault=outcome.fault)


def _written(outcome: coding.Outcome) -> Written:
    if not outcome.made:
        return Written(None)
    lines = tuple((one.record, one.question, one.at) for one in outcome.made)
    text = ", ".join(f"{one.question} = {one.answer_text}" for one in outcome.made if not one.undoes)
    return Written(Coded(outcome.paper.id, lines, text), outcome.contested, outcome.fault)


def standing(connection: sqlite3.Connection, coder: str) -> list[Act]:
    """Return the acts of a coder that stand, oldest first: lines of one moment about one paper are one act."""
    papers: dict[str, str] = {}
    made = []
    for paper, record, question, at, withdrawn, undoes in connection.execute(
        database.statement("own-decisions"), [coder]
    ):
        papers[record] = paper
        made.append(Decision(coder, record, question, None if withdrawn or undoes else (), at, undoes=undoes))
    return list(_grouped(consensus.not_undone(made), papers))


def _grouped(made: Iterable[Decision], papers: Mapping[str, str]) -> Iterable[Act]:
    for (paper, _), lines in groupby(made, key=lambda one: (papers[one.record], one.at)):
        found = tuple((one.record, one.question, one.at) for one in lines)
        yield Coded(paper, found, ", ".join(question for _, question, _ in found))


class Trail:
    """The way back and forth: acts of this session first, then all that the coder ever did and that still stands."""

    def __init__(self) -> None:
        self._done: list[Act] = []
        self._undone: list[Act] = []
        self._earlier: list[Act] | None = None
        #: Acts that this session has put on disk.
        self.saved = 0

    def did(self, act: Act) -> None:
        """Note an act; what was undone before it can no longer be redone."""
        self._done.append(act)
        self._undone.clear()
        self.saved += 1

    def undo(self, connection: sqlite3.Connection, coder: str, take: Callable[[Act], Written]) -> Act | None:
        """Take the last act back that still stands; return it, or None where there is none."""
        while True:
            if not self._done and self._earlier is None:
                self._earlier = standing(connection, coder)
            acts = self._done or self._earlier or []
            if not acts:
                return None
            act = self._moved(acts, self._undone, take)
            if act:
                return act

    def redo(self, take: Callable[[Act], Written]) -> Act | None:
        """Undo the last undoing; return what stands again, or None where nothing was undone."""
        while self._undone:
            act = self._moved(self._undone, self._done, take)
            if act:
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
