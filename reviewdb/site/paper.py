"""The page of one paper: what is said about it, who says so, when, and from which words."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

from reviewdb import database, origins
from reviewdb.model import RULE_PREFIX
from reviewdb.site import papers
from reviewdb.site.about import About, Question, rows, statement
from reviewdb.text import words as words_of

# What tells documents apart for people.
_COMPARED = ("title", "authors", "year", "venue")


@dataclass(frozen=True, slots=True)
class Made:
    """A decision as it is shown: its answers as labels, and whether it stands, was replaced, withdrawn or split."""

    question: Question
    coder: str
    at: str
    why: str
    state: str
    codes: tuple[str, ...]
    text: str
    settles: bool
    #: The answer in the codes of its time, where they are others now.
    was: str

    @property
    def said(self) -> str:
        """The answer in words."""
        if self.question.kind == "text":
            return self.text
        if self.question.kind == "number":
            return f"{self.text} {self.question.unit}".strip() if self.text else "none reported"
        return ", ".join(map(self.question.label_of, self.codes)) or "none applies"


@dataclass(frozen=True, slots=True)
class Said:
    """A code of the paper with the decisions that say so, and the words that rules found for it."""

    chip: papers.Chip
    label: str
    by: Sequence[Made]
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """Where one question about the paper stands."""

    question: Question
    said: Sequence[Said] = ()
    by: Sequence[Made] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A record that is the paper, with what it says otherwise than the paper does: field and value."""

    record: Any
    #: What people call the source, and how it was found there.
    source: str
    kind: str
    otherwise: Sequence[tuple[str, str]]
    #: Of a correction: the fields that it puts right; empty: it takes others back.
    corrects: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What the page of one paper shows; of `columns`, every one that the table has."""

    card: papers.Card
    columns: Any
    authors: Sequence[str]
    title: Markup
    abstract: Markup
    screening: Sequence[Answer]
    criteria: Sequence[Any]
    coded: Sequence[Answer]
    suggested: Sequence[Answer]
    history: Sequence[Made]
    records: Sequence[Part]
    links: Sequence[Any]
    versions: Sequence[Any]


@dataclass(slots=True)
class _Spoken:
    """The decisions on a paper, apart: people's, and the evidence of rules by question and code."""

    made: list[Made] = field(default_factory=list)
    words: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    spans: list[tuple[str, int, int, str]] = field(default_factory=list)

    def current(self, question: Question) -> list[Made]:
        return [made for made in self.made if made.question.id == question.id and made.state == "stands"]


def read(connection: sqlite3.Connection, about: About, paper: str, path: str) -> Page | None:
    """Return the page of the paper with an id; `path` is that of the list of papers. None where there is none."""
    named = {"paper": paper}
    row = connection.execute("SELECT * FROM papers WHERE id = :paper", named).fetchone()
    if row is None:
        return None
    spoken = _spoken(connection, about, paper)
    standing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for found in connection.execute(statement("paper-codes"), named):
        standing[found["question_id"], found["status"]].append(found["code"])

    def answers(questions: Iterable[Question], *statuses: str) -> list[Answer]:
        made = (_answer(about, question, standing, spoken, statuses, path, row) for question in questions)
        return [answer for answer in made if answer.said or answer.by or answer.text]

    facets = [question for question in about.questions.values() if question.kind != "stage"]
    stages = [question for question in about.questions.values() if question.kind == "stage"]
    screening = answers(stages, "coded", "contested")
    decided = {answer.question.id for answer in screening}
    return Page(
        card=papers.cards(connection, about, [paper], path)[0],
        columns=row,
        authors=[name for name in row["authors"].split("; ") if name],
        title=marked(row["title"], _spans(spoken, "title")),
        abstract=marked(row["abstract"] or "", _spans(spoken, "abstract")),
        screening=screening,
        # That no rule can tell is of use only to who has to decide.
        criteria=[
            told
            for told in rows(connection, statement("paper-criteria"), named)
            if told["holds"] != "unknown" or told["stage"] not in decided
        ],
        coded=answers(facets, "coded", "contested"),
        suggested=[answer for answer in answers(facets, "suggested") if answer.said],
        history=spoken.made,
        records=[_part(record, row) for record in rows(connection, database.statement("records-of-paper"), named)],
        links=rows(connection, statement("paper-links"), named),
        versions=rows(connection, statement("paper-versions"), named),
    )


def _part(record: Any, paper: Any) -> Part:  # noqa: ANN401 - rows of SQLite
    source = origins.name(record["source"])
    corrects = None if record["corrects"] is None else json.loads(record["corrects"])
    return Part(record, source, origins.kind(source, record["kind"]), _otherwise(record, paper, corrects), corrects)


def _otherwise(record: Any, paper: Any, corrects: Sequence[str] | None) -> list[tuple[str, str]]:  # noqa: ANN401 - rows
    """Return what a record says of the paper in other words, so that a wrong merge can be seen."""
    compared = [field_ for field_ in _COMPARED if corrects is None or field_ in corrects]
    said = [(field_, str(record[field_] or ""), str(paper[field_] or "")) for field_ in compared]
    return [(field_, value) for field_, value, merged in said if value and _bare(value) != _bare(merged)]


def _bare(text: str) -> str:
    return " ".join(words_of(text)) or text  # a text of marks alone has no words


def _spoken(connection: sqlite3.Connection, about: About, paper: str) -> _Spoken:
    by_decision: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(statement("paper-decisions"), {"paper": paper}):
        by_decision[row["id"]].append(row)
    spoken = _Spoken()
    for parts in by_decision.values():
        first = parts[0]
        if not first["coder"].startswith(RULE_PREFIX):
            spoken.made.append(_made(about.questions[first["question_id"]], parts))
            continue
        for part in parts:
            if part["words"]:
                words = spoken.words[part["question_id"], part["code"]]
                words += [part["words"]] if part["words"] not in words else []
                spoken.spans.append((part["field"], part["start"], part["end"], part["words"]))
    return spoken


def _made(question: Question, parts: Sequence[Any]) -> Made:
    first = parts[0]
    state = (
        "undoes"
        if first["undoes"]
        else "withdraws"
        if first["withdrawn"]
        else "stands"
        if first["stands"]
        else "split"
        if first["reopened"]
        else "replaced"
    )
    return Made(
        question=question,
        coder=first["coder"],
        at=first["at"],
        why=first["why"],
        state=state,
        codes=tuple(part["code"] for part in parts if part["code"]),
        text=next((part["text"] for part in parts if part["text"]), ""),
        settles=bool(first["settles"]),
        was=first["said"] or "",
    )


def _answer(
    about: About,
    question: Question,
    standing: dict[tuple[str, str], list[str]],
    spoken: _Spoken,
    statuses: Sequence[str],
    path: str,
    row: Any,  # noqa: ANN401 - a row of SQLite
) -> Answer:
    current = spoken.current(question)
    if question.kind in ("text", "number"):
        confirmed = "coded" in statuses
        # What coders agree on, as the first of them has it.
        text = current[0].said if current and row[question.column] is not None else ""
        return Answer(question, by=current if confirmed else (), text=text * confirmed)
    said = [
        Said(
            chip=papers.chip(about, question, code, status, path),
            label=question.label_of(code),
            by=[made for made in current if _names(made.codes, code)],
            words=spoken.words.get((question.id, code), []),
        )
        for status in statuses
        for code in sorted(standing[question.id, status], key=lambda code: question.codes[code].position)
    ]
    # A person who answered that no code applies has answered.
    return Answer(question, said, by=current if "coded" in statuses and not said else ())


def _names(codes: Iterable[str], code: str) -> bool:
    return any(named == code or named.startswith(f"{code}.") for named in codes)


def _spans(spoken: _Spoken, of: str) -> list[tuple[int, int, str]]:
    return [(start, end, words) for field_, start, end, words in spoken.spans if field_ == of]


def marked(text: str, spans: Iterable[tuple[int, int, str]]) -> Markup:
    """Return `text` with the words that rules found in it marked.

    A span whose words do not stand there belongs to another record of the paper, and is left out.
    """
    inside = bytearray(len(text))
    for start, end, words in spans:
        if words and text[start:end] == words:
            inside[start:end] = b"\x01" * (end - start)
    parts: list[Markup] = []
    at = 0
    while at < len(text):
        until = inside.find(not inside[at], at)
        until = len(text) if until < 0 else until
        part = escape(text[at:until])
        parts.append(Markup("<mark>{}</mark>").format(part) if inside[at] else part)
        at = until
    return Markup().join(parts)
