"""One paper before a coder: what it is, what rules propose from which words, and what people say of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reviewdb import consensus, database
from reviewdb.model import CITATIONS, Span
from reviewdb.scheme import Question
from reviewdb.session.marks import Answer
from reviewdb.session.views import Evidence, Piece, Said, Track

_AUTHORS_SHOWN = 12
_FIELDS = ("title", "abstract")


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the database says of one paper; `said` has every coder, whoever may see it."""

    id: str
    key: str
    title: str
    abstract: str
    authors: str
    venue: str
    year: int | None
    link: str
    found_by: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    said: Mapping[str, tuple[Said, ...]]
    contested: frozenset[str]
    #: Questions with an answer, of this or that coder, whose code was split since: (question, coder).
    reopened: frozenset[tuple[str, str]]

    def own(self, coder: str) -> dict[str, Answer]:
        """Return what a coder says now, by question."""
        return {q: one.answer for q, said in self.said.items() for one in said if one.coder == coder}

    def others(self, question: str, coder: str, *, unblind: bool) -> tuple[Said, ...]:
        """Return what other coders say, once this one has said something or does not code blind."""
        said = self.said.get(question, ())
        if not unblind and all(one.coder != coder for one in said):
            return ()
        return tuple(one for one in said if one.coder != coder)

    def proposed(self, question: Question) -> Answer:
        """Return what rules propose to a question, the finest codes only."""
        codes = {one.code for one in self.evidence if one.question == question.id}
        finest = set(consensus.leaves(codes))
        found = tuple(code for code in question.codes if code in finest)
        return found[:1] if question.single else found


def load(connection: sqlite3.Connection, paper: str) -> Facts | None:
    """Return what is known of a paper; None where there is no such paper any more."""
    row = connection.execute(database.statement("paper-to-code"), [paper]).fetchone()
    if row is None:
        return None
    id_, key, title, abstract, authors, venue, year, doi, url = row
    texts = {"title": title, "abstract": abstract or ""}
    said: dict[str, list[Said]] = {}
    contested = set()
    for question, coder, why, at, differs, answer in connection.execute(database.statement("said-now"), [paper]):
        said.setdefault(question, []).append(Said(coder, tuple(json.loads(answer)), why, at))
        contested |= {question} if differs else set()
    return Facts(
        id=id_,
        key=key,
        title=title,
        abstract=abstract or "",
        authors=_shortened(authors),
        venue=venue or "",
        year=year,
        link=f"https://doi.org/{doi}" if doi else url or "",
        found_by=tuple(map(_found_by, connection.execute(database.statement("found-by"), [paper]))),
        evidence=tuple(_evidence(row, texts) for row in connection.execute(database.statement("proposed"), [paper])),
        said={question: tuple(each) for question, each in said.items()},
        contested=frozenset(contested),
        reopened=frozenset(connection.execute(database.statement("open-again"), [paper]).fetchall()),
    )


def _shortened(authors: str) -> str:
    names = authors.split("; ") if authors else []
    more = f", and {len(names) - _AUTHORS_SHOWN} more" if len(names) > _AUTHORS_SHOWN else ""
    return ", ".join(names[:_AUTHORS_SHOWN]) + more


def _found_by(row: Sequence[object]) -> str:
    query, source, kind, rank = row
    what = "citations" if kind == CITATIONS else str(source)
    about = f"{what}{f', hit {rank}' if rank else ''}"
    return f"“{query}” ({about})" if query else about


def _evidence(row: Sequence[object], texts: Mapping[str, str]) -> Evidence:
    """Return a span with its place in the text that is shown, which may be that of another record of the paper."""
    rule, record, question, code, field, start, end, words = row
    span = Span(str(field or ""), int(str(start or 0)), int(str(end or 0)), str(words or ""))
    text = texts.get(span.field, "")
    placed = bool(span.words) and text[span.start : span.end] == span.words
    if not placed and span.words and (at := text.find(span.words)) >= 0:
        span, placed = Span(span.field, at, at + len(span.words), span.words), True
    return Evidence(str(rule), str(record), str(question), str(code), span, placed)


def pieces(field: str, text: str, evidence: Iterable[Evidence]) -> tuple[Piece, ...]:
    """Return a text cut where evidence begins and ends, each piece with the questions that it speaks to."""
    spans = [one for one in evidence if one.placed and one.span.field == field]
    cuts = sorted({0, len(text), *(at for one in spans for at in (one.span.start, one.span.end))})
    found: list[Piece] = []
    for start, end in pairwise(cuts):
        here = (one.question for one in spans if one.span.start <= start and end <= one.span.end)
        questions = tuple(dict.fromkeys(here))
        if found and found[-1].questions == questions:
            found[-1] = Piece(found[-1].text + text[start:end], questions)
        else:
            found.append(Piece(text[start:end], questions))
    return tuple(found)


def tracks(connection: sqlite3.Connection, coder: str = "") -> dict[tuple[str, str], Track]:
    """Return what became of the proposals of each code that people have answered, by question and code.

    With a coder, only that one's answers count: those of others would tell who codes blind what they said.
    """
    rows = connection.execute(database.statement("proposals-kept"), {"coder": coder})
    return {(question, code): Track(kept, judged) for question, code, kept, judged in rows}


def used(connection: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """Return how much each code is used, by question and code: by people, and where they are even, by rules.

    Everybody counts, for who codes blind as well: it tells nothing of any one paper, and short keys need it.
    """
    return {(question, code): papers for question, code, papers in connection.execute(database.statement("codes-used"))}
