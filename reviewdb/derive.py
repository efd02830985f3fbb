"""Derivation: what follows from the decisions on one paper, as rows for reading."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from reviewdb import consensus
from reviewdb.model import DAY, NO_CODE, RULE_PREFIX, Decision, Standing
from reviewdb.scheme import Question, Scheme
from reviewdb.text import words

#: Ids that are words, and letters of the longest abbreviation.
_WORDS, _LONGEST_SHORT = ("yes", "no", NO_CODE), 5
_NOTHING: frozenset[str] = frozenset()
#: A decision with its number in the database.
Numbered = tuple[int, Decision]


@dataclass(frozen=True, slots=True)
class Derived:
    """What the decisions on one paper come to.

    Attributes:
        values: columns of `papers`: status, stage, reason, terms, then the columns of each question.
        current: rows of `current_decisions`.
        again: rows of `open_again`.
        codes: rows of `paper_codes`.
        days: rows of `paper_days`.
        independent: rows of `independent_answers`.

    """

    values: dict[str, str | float | None]
    current: list[tuple[str, str, str, int, str, int]]
    again: list[tuple[str, str, str, int]]
    codes: list[tuple[str, str, str, str, int]]
    days: list[tuple[str, ...]]
    independent: list[tuple[str, str, str]]

    @property
    def beside(self) -> dict[str, Sequence[Sequence[Any]]]:
        """The rows of each table that stand beside a paper."""
        return {
            "current_decisions": self.current,
            "open_again": self.again,
            "paper_codes": self.codes,
            "paper_days": self.days,
            "independent_answers": self.independent,
        }


def in_time(numbered: Numbered) -> tuple[str, str, int]:
    """Return the key that sorts decisions in the order of time."""
    number, made = numbered
    return made.at, made.coder, number


def derive(paper: str, decisions: Iterable[Numbered], scheme: Scheme) -> Derived:
    """Return what `decisions`, on any record of `paper` and in any order, come to."""
    ordered = sorted(decisions, key=in_time)
    people = [made for _, made in ordered if not made.coder.startswith(RULE_PREFIX)]
    current = consensus.current(people)
    standings = consensus.stand(current.values(), scheme.questions)
    suggested = consensus.suggested(made for _, made in ordered)
    status, stage, reason = consensus.status(standings, scheme.stages)
    values: dict[str, str | float | None] = {
        "status": status,
        "stage": stage or None,
        "reason": reason or None,
        "terms": None,
        **dict.fromkeys(in_questions(scheme)),
    }
    terms: list[str] = []
    codes: list[tuple[str, str, str, str, int]] = []
    for question in scheme.questions.values():
        standing = standings.get(question.id)
        if standing is None and question.id not in suggested:
            continue
        agreed, contested = (standing.agreed, standing.contested) if standing else (_NOTHING, _NOTHING)
        proposed = _NOTHING if standing else consensus.implied(suggested[question.id], question)
        for column, said in zip(question.columns, (agreed, proposed), strict=True):
            if column and said:
                values[column] = _value(said, question)
                terms += _terms(said, question)
        if question.has_codes:
            for status_, said in (("coded", agreed), ("contested", contested), ("suggested", proposed)):
                codes += ((paper, question.id, code, status_, implied) for code, implied in _marked(said))
    values["terms"] = "; ".join(terms) or None
    numbers = {id(made): number for number, made in ordered}
    rows = []
    for (asked, coder), made in sorted(current.items(), key=_by_key):
        disagree = bool(standings[asked].contested)
        rows.append((paper, asked, coder, numbers[id(made)], made.answer_text, int(disagree)))
    waiting = sorted(consensus.open_again(people).items(), key=_by_key)
    again = [(paper, asked, coder, numbers[id(made)]) for (asked, coder), made in waiting]
    return Derived(
        values,
        rows,
        again,
        codes,
        days=list(_days(paper, people, (status, _codes(standings, scheme)), scheme)),
        independent=list(_independent(paper, people)),
    )


def _independent(paper: str, said: Sequence[Decision]) -> Iterator[tuple[str, str, str]]:
    answered = sorted(consensus.independent(said).items(), key=_by_key)
    for asked, own in groupby(answered, key=lambda item: item[0][0]):
        yield paper, asked, _array(tuple((coder, *_answers(one)) for (_, coder), one in own))


def _answers(own: consensus.Own) -> Iterator[tuple[str, ...] | None]:
    """Yield what a coder said, and says since."""
    yield own.answer.answer or ()
    yield own.later.answer if own.later else None


def _days(paper: str, said: Sequence[Decision], now: tuple[str, str], scheme: Scheme) -> Iterator[tuple[str, ...]]:
    """Yield where a paper stood before and after each day on which people decided; `now` is where it stands at last."""
    before, seen = (consensus.PENDING, "{}"), 0
    for day, decided in groupby(said, key=lambda made: made.at[:DAY]):
        today = list(decided)
        seen += len(today)
        after = now if seen == len(said) else _stood(said[:seen], scheme)
        yield paper, day, today[-1].at, _array(tuple(sorted({made.coder for made in today}))), *before, *after
        before = after


def _stood(said: Sequence[Decision], scheme: Scheme) -> tuple[str, str]:
    """Return the status of a paper after what was said so far, and its codes."""
    standings = consensus.stand(consensus.current(said).values(), scheme.questions)
    return consensus.status(standings, scheme.stages)[0], _codes(standings, scheme)


def _codes(standings: Mapping[str, Standing], scheme: Scheme) -> str:
    """Return the codes on which coders agree, as finely as they do: a JSON object of an array for each question."""
    asked = scheme.questions
    said = [(name, standing.agreed) for name, standing in standings.items() if standing.agreed]
    return _object(tuple(sorted(pair for pair in said if asked[pair[0]].kind == "codes")))


# What papers come to is much the same, and is said of a million of them.
@lru_cache(maxsize=65_536)
def _object(agreed: tuple[tuple[str, frozenset[str]], ...]) -> str:
    return json.dumps({question: consensus.leaves(codes) for question, codes in agreed})


@lru_cache(maxsize=4_096)  # of texts as well, which may be long
def _array(values: Sequence[Any]) -> str:
    return json.dumps(values)


def _by_key(item: tuple[tuple[str, str], Any]) -> tuple[str, str]:
    return item[0]


def _value(said: frozenset[str], question: Question) -> str | float | None:
    if question.has_codes:
        return _array(tuple(sorted(said)))
    one = next(iter(said))
    return float(one) if question.kind == "number" else one or None


def _terms(said: frozenset[str], question: Question) -> Sequence[str]:
    if question.kind == "number":
        return ()  # nobody looks for a paper by the digits of its results
    if question.kind == "text":
        return sorted(filter(None, said))
    return [_searched(code.id, code.label) for code in question.codes.values() if code.id in said]


@lru_cache(maxsize=4_096)
def _searched(id_: str, label: str) -> str:
    """Return what finds a code: its label, with the abbreviation that its id may be, as people look for GANs."""
    short, letters = id_.rpartition(".")[2], iter(label.casefold())
    is_short = short not in _WORDS and 1 < len(short) <= _LONGEST_SHORT and label[:1].casefold() == short[:1]
    stands = is_short and all(letter in letters for letter in short) and short not in words(label)
    return f"{label} ({short})" if stands else label


@lru_cache(maxsize=65_536)
def _marked(codes: frozenset[str]) -> tuple[tuple[str, int], ...]:
    named = set(consensus.leaves(codes))
    return tuple((code, int(code not in named)) for code in sorted(codes))


def in_questions(scheme: Scheme) -> dict[str, str]:
    """Return the columns of papers that the questions add, in the order of `Derived.values`, with SQLite's types."""
    return {
        column: "REAL" if question.kind == "number" else "TEXT"
        for question in scheme.questions.values()
        for column in question.columns
        if column
    }
