"""The form: what does not change from paper to paper, the questions in the order of their keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from reviewdb.scheme import Question, Scheme
from reviewdb.session import keys, marks, paper
from reviewdb.session.listing import Seat
from reviewdb.session.views import Track

#: What became of a rule's proposals, by question and code.
Tracks = Mapping[tuple[str, str], Track]


@dataclass(frozen=True, slots=True)
class Form:
    """What does not change from paper to paper."""

    scheme: Scheme
    seat: Seat
    #: The letter of each question.
    letters: Mapping[str, str]
    #: As they were when the screen was opened, so that figures do not move under the reader's eyes.
    tracks: Tracks


def most_used_first(scheme: Scheme, used: Mapping[tuple[str, str], int]) -> Scheme:
    """Return the scheme with the codes of its large questions in the order in which they are used most.

    `used` counts papers by question and code. A question whose outermost codes all have a number of their own stays as
    its authors ordered it, and so do codes that are used alike.
    """

    def order(question: Question) -> Question:
        if marks.pages(question) == 1:
            return question
        ranked = sorted(question.codes, key=lambda code: -used.get((question.id, code.partition(".")[0]), 0))
        return replace(question, codes={code: question.codes[code] for code in ranked})

    return replace(scheme, questions={name: order(question) for name, question in scheme.questions.items()})


def form(connection: sqlite3.Connection, scheme: Scheme, seat: Seat) -> Form:
    """Return the form of a scheme, as the database now tells which codes are used and which proposals kept."""
    letters = dict(
        presses for letter, names in keys.facet_keys(scheme).items() for presses in _presses(scheme, letter, names)
    )
    tracks = paper.tracks(connection, "" if seat.unblind else seat.coder)
    return Form(most_used_first(scheme, paper.used(connection)), seat, letters, tracks)


def _presses(scheme: Scheme, letter: str, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the questions of a facet with what brings each up: its letter, again after all nines before it."""
    before = 1
    for name in names:
        yield name, letter * before
        before += marks.pages(scheme.questions[name])
