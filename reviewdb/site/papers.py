"""The list of papers: one card each, what was chosen, and the facets to choose from."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewdb.site import either, links
from reviewdb.site.about import About, Question, rows, statement
from reviewdb.site.faceting import Count, Facet, facet
from reviewdb.site.links import Pair

_AUTHORS_SHOWN = 6
#: What a reader chooses papers by that looks as if it were one of Datasette's settings.
_CHOSEN = ("_search", either.PARAMETER)
_STATUSES = ("included", "contested", "pending", "excluded")
#: (name of the order, parameter, column), the default first.
_ORDERS = (
    ("newest first", "_sort_desc", "year"),
    ("oldest first", "_sort", "year"),
    ("by title", "_sort", "title"),
)


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


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a reader chose, and the address without it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Order:
    """A way to sort the list."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """What the page of papers shows."""

    cards: Sequence[Card]
    choices: Sequence[Choice]
    clear_url: str
    orders: Sequence[Order]
    statuses: Sequence[tuple[str, Count]]
    years: Sequence[tuple[str, Count]]
    facets: Sequence[Facet]
    #: What a new search keeps: filters and order.
    kept: Sequence[Pair]
    next_url: str
    first_url: str


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


def listing(
    about: About,
    path: str,
    query_string: str,
    cards: Sequence[Card],
    facet_results: Mapping[str, Any],
    next_: str | None,
) -> Listing:
    """Return the page of papers: `facet_results` and `next_` as Datasette gives them."""
    chosen = links.pairs(query_string)
    counts = {name: {v["value"]: v["count"] for v in found["results"]} for name, found in facet_results.items()}
    here = [pair for pair in chosen if pair[0] != "_next"]
    facets = [facet(q, counts.get(q.column, {}), counts.get(q.suggested_column, {}), path, here) for q in about.facets]
    return Listing(
        cards=cards,
        choices=_choices(about, path, here),
        clear_url=links.address(path, [pair for pair in here if pair[0].startswith("_sort")]),
        orders=_orders(path, here),
        statuses=[
            (status, _count(path, here, ("status", status), counts["status"][status]))
            for status in _STATUSES
            if counts.get("status", {}).get(status)
        ],
        years=[
            (str(year), _count(path, here, ("year", str(year)), papers))
            for year, papers in sorted(counts.get("year", {}).items(), reverse=True)
        ],
        facets=[one for one in facets if one],
        kept=[pair for pair in here if pair[0] != "_search"],
        next_url=links.address(path, [*here, ("_next", next_)]) if next_ else "",
        first_url=links.address(path, here) if len(here) < len(chosen) else "",
    )


def _count(path: str, chosen: Sequence[Pair], pair: Pair, papers: int) -> Count:
    if pair in chosen:
        return Count(papers, links.changed(path, chosen, drop=[pair]), selected=True)
    return Count(papers, links.changed(path, chosen, add=[pair]), selected=False)


def _orders(path: str, chosen: Sequence[Pair]) -> list[Order]:
    sorts = [pair for pair in chosen if pair[0] in ("_sort", "_sort_desc")]
    current = sorts[0] if sorts else _ORDERS[0][1:]
    return [
        Order(label, links.changed(path, chosen, drop=sorts, add=[(name, column)]), current == (name, column))
        for label, name, column in _ORDERS
    ]


def _choices(about: About, path: str, chosen: Sequence[Pair]) -> list[Choice]:
    filters = [pair for pair in chosen if pair[0] in _CHOSEN or not pair[0].startswith("_") or "__" in pair[0]]
    return [Choice(_in_words(about, *pair), links.changed(path, chosen, drop=[pair])) for pair in filters if pair[1]]


def _in_words(about: About, name: str, value: str) -> str:
    if name == "_search":
        return f"“{value}”"
    if name == either.PARAMETER:
        return either.in_words(about, value)
    column, _, lookup = name.partition("__")
    for question in about.facets:
        if lookup == "arraycontains" and column in (question.column, question.suggested_column):
            suggested = " (suggested)" if column != question.column else ""
            return f"{about.full_label(question, value)}{suggested}"
    return f"{column} {lookup} {value}" if lookup else f"{column}: {value}"
