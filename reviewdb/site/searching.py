"""Searching: papers by words, best match first, with the words marked where they stand, and what else may be tried."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from markupsafe import Markup, escape

from reviewdb import text
from reviewdb.site.about import rows, statement
from reviewdb.site.catalogue import NEWEST, Catalogue, Papers
from reviewdb.site.keeping import Kept

#: The marks around a found word, as `found-words.sql` sets them.
_OPEN, _CLOSE = "\x02", "\x03"
_MARKS = re.compile(f"([{_OPEN}{_CLOSE}])")


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found: as a set, and an order of the papers, or of more, from the best match on."""

    papers: Papers
    ranked: Sequence[int]


@dataclass(frozen=True, slots=True)
class Marked:
    """The texts of a paper with the words of a search marked; empty where none stands in them."""

    title: Markup
    abstract: Markup
    elsewhere: Sequence[tuple[str, Markup]]


def hits(connection: sqlite3.Connection, kept: Kept, of: Catalogue, typed: str) -> Hits | None:
    """Return what a search finds; None where nothing was typed, which finds everything."""
    if not typed.strip():
        return None
    # Facets, years and pages are asked for again and again about the same words.
    return kept.words.lately(connection, "hits", typed, lambda: _hits(connection, of, typed))


def _hits(connection: sqlite3.Connection, of: Catalogue, typed: str) -> Hits:
    found = _found(connection, "hits", typed)
    # Of equals, in the order of the catalogue; they come in that of their rows. Numbers sort in half the time of pairs.
    if not of.is_in_rows:
        found.sort(key=lambda row: of.places[row[0]])
    found.sort(key=itemgetter(1))
    ranked = [of.places[rowid] for rowid, _ in found]
    # Papers without a word are all as good.
    return Hits(of.set_of(ranked), ranked if text.wanted_words(typed) else of.orders[NEWEST])


def among(connection: sqlite3.Connection, kept: Kept, of: Catalogue, typed: str) -> Papers:
    """Return the papers that a search finds, in no order, which takes a fifth of the time."""
    if not typed.strip():
        return of.every

    def found() -> Papers:
        return of.set_of(of.at(row[0] for row in _found(connection, "finds", typed)))

    return kept.words.lately(connection, "among", typed, found)


def finds(connection: sqlite3.Connection, typed: str) -> bool:
    """Say whether a search finds anything."""
    return bool(_found(connection, "finds", typed, most=1))


def _found(connection: sqlite3.Connection, name: str, typed: str, most: int = -1) -> list[tuple[Any, ...]]:
    query = text.full_text_query(typed)
    if not query:
        return []
    cursor = connection.cursor()
    cursor.row_factory = None  # a hundred thousand rows come twice as fast as tuples
    return cursor.execute(statement(name), {"query": query, "most": most}).fetchall()


def marked(connection: sqlite3.Connection, typed: str, ids: Sequence[str]) -> dict[str, Marked]:
    """Return the texts of some papers with the words of a search marked, by the id of the paper."""
    query = text.full_text_query(typed)
    if not text.wanted_words(typed):
        return {}
    connection.execute(statement("shown"))
    try:
        connection.execute(statement("shown-papers"), {"ids": json.dumps(list(ids))})
        return {row["id"]: _marked(row) for row in rows(connection, statement("found-words"), {"query": query})}
    finally:
        connection.execute("DROP TABLE temp.shown")


def _marked(row: sqlite3.Row) -> Marked:
    titles = {"title": 300, "abstract": 600}
    title, abstract = (in_markup(row[name], size) if _has(row[name]) else Markup() for name, size in titles.items())
    others = (("authors", "authors"), ("venue", "venue"), ("codes", "terms"))
    elsewhere = [(label, _around(row[column])) for label, column in others if _has(row[column])]
    return Marked(title, abstract, () if title or abstract else elsewhere)


def _has(marked: str | None) -> bool:
    return bool(marked) and _OPEN in str(marked)


def _around(marked: str) -> Markup:
    """Return the parts of a list, held apart by semicolons, that have a mark; at most three of them."""
    parts = [part.strip() for part in marked.split(";") if _OPEN in part]
    return Markup("; ").join(in_markup(part, 160) for part in parts[:3])


def in_markup(marked: str, size: int) -> Markup:
    """Return text with marks as HTML, cut after `size` letters; whatever the text says is only ever text."""
    parts: list[Markup] = []
    is_inside = False
    for part in _MARKS.split(marked):
        if part in (_OPEN, _CLOSE):
            is_inside = part == _OPEN
        elif part:
            shown = escape(part[:size])
            parts.append(Markup("<mark>{}</mark>").format(shown) if is_inside else shown)
            size -= len(part)
            if size <= 0:
                return Markup().join([*parts, "…"] if size < 0 else parts)
    return Markup().join(parts)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Another search that finds something, and why it may be what was meant."""

    label: str
    search: str


def attempts(connection: sqlite3.Connection, typed: str) -> Iterator[Attempt]:
    """Yield narrower and wider searches for the words of one that found nothing, each of which may find nothing too."""
    words = list(dict.fromkeys(word.raw for word in text.wanted_words(typed)))
    for word in words[:5]:
        begins = f"{word}*"
        if len(words) > 1 and finds(connection, word):
            yield Attempt("only this word", word)
        elif not finds(connection, word) and finds(connection, begins):
            yield Attempt("words that begin so", begins)
