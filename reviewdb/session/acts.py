"""Acts: what one key writes, all of it or nothing, and the way back through everything that the coder ever did."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from reviewdb import coding, consensus, review, rulings
from reviewdb.build import Tell
from reviewdb.coding import Case, Coder
from reviewdb.errors import ReviewError
from reviewdb.model import Decision, Relation, Ruling
from reviewdb.reading import Found
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
    """What a coder says of pairs of records `now`, and said `before`; `relation` None: nothing.

    `text` names both papers: they may be one by then.
    """

    paper: str
    now: tuple[Ruling, ...]
    before: tuple[Ruling, ...]
    text: str


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
    touched: Collection[str],
    verdict: Callable[[Case], list[Decision]] | None = None,
) -> Written:
    """Write a coder's answers and verdict on a paper; they are on disk when this returns, under one moment.

    An answer that is not `touched` was only shown: where the coder has said something else meanwhile, in another
    window, that stands. Raises ReviewError, with nothing written, where the scheme cannot take one of them or the disk
    refuses.
    """

    def make(case: Case) -> list[Decision]:
        gone = next((question for question in answers if question not in case.scheme.questions), None)
        if gone:
            raise ReviewError(f"the coding scheme has no question {gone!r} any more.", "Nothing is written.")
        own = {} if coder.settles else case.own()
        said = {q: codes if q in touched else own.get(q, codes) for q, codes in answers.items()}
        made = [case.decision(case.scheme.questions[question], codes) for question, codes in said.items()]
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
        lines, fault = rulings.say_again(place, act.now, act.before, tell)
        return Written(replace(act, now=tuple(lines), before=act.now) if lines else None, fault=fault)

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


def rule_same(place: Review, ends: tuple[Found, Found], coder: Coder) -> Written:
    """Write that two papers are one. Raises ReviewError where one of them is gone."""
    one, other = ends
    outcome = rulings.rule(place, (one.id, other.id), Relation.SAME, coder, silent)
    lines = [*([outcome.ruling] if outcome.ruling else []), *outcome.replaced]
    text = f"{one.key} is the same as {other.key}, “{other.title}”"
    act = Ruled(one.id, tuple(lines), tuple(outcome.before), text) if lines else None
    return Written(act, fault=outcome.fault)


def _written(outcome: coding.Outcome) -> Written:
    if not outcome.made:
        return Written(None)
    lines = tuple((one.record, one.question, one.at) for one in outcome.made)
    text = ", ".join(f"{one.question} = {one.answer_text}" for one in outcome.made if not one.undoes)
    return Written(Coded(outcome.paper.id, lines, text), outcome.contested, outcome.fault)
