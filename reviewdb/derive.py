"""Derivation: what follows from the decisions on one paper, as rows for reading."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from reviewdb import consensus
from reviewdb.model import Decision
from reviewdb.scheme import Question, Scheme

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

    """

    values: dict[str, str | float | None]
    current: list[tuple[str, str, str, int, str, int]]
    again: list[tuple[str, str, str, int]]
    codes: list[tuple[str, str, str, str, int]]


def in_time(numbered: Numbered) -> tuple[str, str, int]:
    """Return the key that sorts decisions in the order of time."""
    number, made = numbered
    return made.at, made.coder, number


def derive(paper: str, decisions: Iterable[Numbered], scheme: Scheme) -> Derived:
    """Return what `decisions`, on any record of `paper` and in any order, come to."""
    ordered = sorted(decisions, key=in_time)
    numbers = {id(made): number for number, made in ordered}
    current = consensus.current(made for _, made in ordered)
    standings = consensus.stand(current.values(), scheme.questions)
    suggested = consensus.suggested(made for _, made in ordered)
    status, stage, reason = consensus.status(standings, scheme.stages)
    values: dict[str, str | float | None] = {
        "status": status,
        "stage": stage or None,
        "reason": reason or None,
        "terms": None,
    }
    terms: list[str] = []
    codes: list[tuple[str, str, str, str, int]] = []
    nothing: frozenset[str] = frozenset()
    for question in scheme.questions.values():
        standing = standings.get(question.id)
        if standing is None and question.id not in suggested:
            values.update((column, None) for column in question.columns if column)
            continue
        agreed, contested = (standing.agreed, standing.contested) if standing else (nothing, nothing)
        proposed = nothing if standing else consensus.implied(suggested.get(question.id, nothing), question)
        for column, said in zip(question.columns, (agreed, proposed), strict=True):
            if column:
                values[column] = _value(said, question)
                terms += _terms(said, question)
        if question.has_codes:
            for status_, said in (("coded", agreed), ("contested", contested), ("suggested", proposed)):
                codes += ((paper, question.id, code, status_, implied) for code, implied in _marked(said))
    values["terms"] = "; ".join(terms) or None
    rows = []
    for (asked, coder), made in sorted(current.items(), key=_by_key):
        disagree = bool(standings[asked].contested)
        rows.append((paper, asked, coder, numbers[id(made)], made.answer_text, int(disagree)))
    waiting = sorted(consensus.open_again(made for _, made in ordered).items(), key=_by_key)
    again = [(paper, asked, coder, numbers[id(made)]) for (asked, coder), made in waiting]
    return Derived(values, rows, again, codes)


def _by_key(item: tuple[tuple[str, str], Any]) -> tuple[str, str]:
    return item[0]


def _value(said: frozenset[str], question: Question) -> str | float | None:
    if not said:
        return None
    if question.has_codes:
        return json.dumps(sorted(said))
    one = next(iter(said))
    return float(one) if question.kind == "number" else one or None


def _terms(said: frozenset[str], question: Question) -> list[str]:
    if question.kind == "number":
        return []  # nobody looks for a paper by the digits of its results
    if question.kind == "text":
        return sorted(filter(None, said))
    return [code.label for code in question.codes.values() if code.id in said]


def _marked(codes: frozenset[str]) -> Iterator[tuple[str, int]]:
    if not codes:
        return
    named = set(consensus.leaves(codes))
    for code in sorted(codes):
        yield code, int(code not in named)


def in_questions(scheme: Scheme) -> dict[str, str]:
    """Return the columns of papers that the questions add, in the order of `Derived.values`, with SQLite's types."""
    return {
        column: "REAL" if question.kind == "number" else "TEXT"
        for question in scheme.questions.values()
        for column in question.columns
        if column
    }
