"""Papers as cards: what a list shows of each, and its codes as chips."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reviewdb.site import links
from reviewdb.site.about import About, Question, rows, statement

_AUTHORS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Chip:
    """A code on a card; `status` is coded, contested or suggested."""

    label: str
    status: str
    hint: str
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """A paper in the list."""

    id: str
    key: str
    title: str
    authors: Sequence[str]
    et_al: bool
    year: int | None
    venue: str
    citations: int | None
    status: str
    reason: str
    abstract: str
    chips: Sequence[Chip]


def authors(joined: str, shown: int = _AUTHORS_SHOWN) -> tuple[list[str], bool]:
    """Return the first authors of those joined by semicolons, and whether there are more."""
    names = [name for name in joined.split("; ") if name]
    more = bool(names) and names[-1].rstrip(".").lower() == "et al"
    if more:
        names.pop()
    return names[:shown], more or len(names) > shown


def reason(about: About, stages: str) -> str:
    """Return why a paper is out, as people call it: the label of the reason of any stage."""
    known = {
        code.id.partition(".")[2]: code.label
        for question in about.questions.values()
        if question.kind == "stage"
        for code in question.codes.values()
        if "." in code.id
    }
    return ", ".join(known.get(word, word) for word in stages.split())


def cards(connection: sqlite3.Connection, about: About, ids: Sequence[str], path: str) -> list[Card]:
    """Return the cards of papers, in the order of their ids."""
    wanted = {"ids": json.dumps(list(ids))}
    chips: dict[str, list[Chip]] = defaultdict(list)
    for row in connection.execute(statement("chips"), wanted):
        question = about.questions[row["question_id"]]
        chips[row["paper_id"]].append(chip(about, question, row["code"], row["status"], path))
    found = {row["id"]: row for row in rows(connection, statement("cards"), wanted)}
    return [_card(about, found[id_], chips[id_]) for id_ in ids if id_ in found]


def chip(about: About, question: Question, code: str, status: str, path: str) -> Chip:
    """Return a code as a chip that leads to the papers that carry it."""
    column = question.suggested_column if status == "suggested" else question.column
    url = links.address(path, [(f"{column}__arraycontains", code)])
    return Chip(about.full_label(question, code), status, question.label, url)


def _card(about: About, row: Any, chips: Sequence[Chip]) -> Card:  # noqa: ANN401 - a row of SQLite
    names, more = authors(row["authors"])
    return Card(
        id=row["id"],
        key=row["key"],
        title=row["title"],
        authors=names,
        et_al=more,
        year=row["year"],
        venue=row["venue"] or "",
        citations=row["citations"],
        status=row["status"],
        reason=reason(about, row["reason"] or ""),
        abstract=row["abstract"] or "",
        chips=chips,
    )
