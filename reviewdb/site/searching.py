"""Searching: papers by words, best match first, with the words marked where they stand, and what else was meant."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from markupsafe import Markup, escape
from rapidfuzz import process
from rapidfuzz.distance import OSA

from reviewdb import text
from reviewdb.site.about import rows, statement
from reviewdb.site.catalogue import Catalogue, Papers

#: The marks around a found word, as `found-words.sql` sets them.
_OPEN, _CLOSE = "\x02", "\x03"
_MARKS = re.compile(f"([{_OPEN}{_CLOSE}])")
#: Letters of a word that may be wrong: one of three, and at most so many.
_LETTERS_FOR_ONE, _MOST_WRONG = 3, 3
#: Terms of the index that are near enough to look at, and places where each stands.
_NEAR, _SEEN = 50, 20


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found: as a set, and the places of the papers from the best match on."""

    papers: Papers
    ranked: Sequence[int]


@dataclass(frozen=True, slots=True)
class Marked:
    """The texts of a paper with the words of a search marked; empty where none stands in them."""

    title: Markup
    abstract: Markup
    elsewhere: Sequence[tuple[str, Markup]]


def hits(connection: sqlite3.Connection, of: Catalogue, typed: str) -> Hits | None:
    """Return what a search finds; None where nothing was typed, which finds everything."""
    if not typed.strip():
        return None
    query = text.full_text_query(typed)
    found = connection.execute(statement("hits"), {"query": query}) if query else ()
    ranked = of.at(rowid for (rowid,) in found)
    return Hits(of.set_of(ranked), ranked)


def marked(connection: sqlite3.Connection, typed: str, ids: Sequence[str]) -> dict[str, Marked]:
    """Return the texts of some papers with the words of a search marked, by the id of the paper."""
    query = text.full_text_query(typed)
    if not query:
        return {}
    wanted = {"query": query, "ids": json.dumps(list(ids))}
    return {row["id"]: _marked(row) for row in rows(connection, statement("found-words"), wanted)}


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


def meant(connection: sqlite3.Connection, typed: str) -> str:
    """Return a search whose words that no paper has are put right by the nearest that some has; empty where none are.

    The words are those of the full-text index, so that what is proposed is found. One letter in three may be wrong.
    """
    unknown = [word for word in text.wanted_words(typed) if not _finds(connection, word.folded)]
    if not unknown:
        return ""
    found = _nearest(connection, [word.folded for word in unknown])
    if not any(found.values()):
        return ""
    parts, at = [], 0
    for word in unknown:
        # What cannot be put right goes, with the marks at it.
        parts += [typed[at : word.start], found[word.folded]]
        at = word.end
    return " ".join("".join([*parts, typed[at:]]).split())


def attempts(connection: sqlite3.Connection, typed: str) -> Iterator[Attempt]:
    """Yield narrower and wider searches for the words of one that found nothing, each of which may find nothing too."""
    words = list(dict.fromkeys(word.raw for word in text.wanted_words(typed)))
    for word in words[:5]:
        begins = f"{word}*"
        if len(words) > 1 and _finds(connection, word):
            yield Attempt("only this word", word)
        elif not _finds(connection, word) and _finds(connection, begins):
            yield Attempt("words that begin so", begins)


def _finds(connection: sqlite3.Connection, typed: str) -> bool:
    query = text.full_text_query(typed)
    return bool(query) and bool(rows(connection, statement("finds"), {"query": query}))


def _nearest(connection: sqlite3.Connection, words: Iterable[str]) -> dict[str, str]:
    """Return for each word the nearest one that stands in a paper, or an empty string."""
    with _vocabulary(connection, words) as stems:
        papers_with = dict(rows(connection, "SELECT term, doc FROM temp.vocabulary"))
        terms = list(papers_with)
        found: dict[str, str] = {}
        for word, stem in stems.items():
            wrong = min(max(len(stem) // _LETTERS_FOR_ONE, 1), _MOST_WRONG) if len(stem) >= _LETTERS_FOR_ONE else 0
            near = process.extract(stem, terms, scorer=OSA.distance, score_cutoff=wrong, limit=_NEAR)
            best = min(((distance, -papers_with[term], term) for term, distance, _ in near), default=None)
            found[word] = _as_written(connection, best[2], word) if best else ""
        return found


@contextmanager
def _vocabulary(connection: sqlite3.Connection, words: Iterable[str]) -> Iterator[dict[str, str]]:
    """Give the stems of words as the index has them, while its terms and the places of these are there to be read."""
    _run(connection, "vocabulary")
    try:
        for n, word in enumerate(dict.fromkeys(words)):
            connection.execute("INSERT INTO temp.typed (rowid, word) VALUES (?, ?)", [n, word])
        stemmed = "SELECT typed.word, typed_terms.term FROM temp.typed_terms JOIN temp.typed ON typed.rowid = doc"
        yield dict(rows(connection, stemmed))
    finally:
        _run(connection, "vocabulary-gone")


def _run(connection: sqlite3.Connection, script: str) -> None:
    # `executescript` would end the transaction that the page is read in.
    for one in statement(script).split(";"):
        connection.execute(one)


def _as_written(connection: sqlite3.Connection, term: str, typed: str) -> str:
    """Return a term of the index, which is a stem, as a paper writes it; of several ways the one nearest to `typed`."""
    written: dict[str, int] = {}
    seen = connection.execute("SELECT doc, col FROM temp.standing WHERE term = ? LIMIT ?", [term, _SEEN])
    for rowid, column in seen.fetchall():
        said = connection.execute("SELECT * FROM papers WHERE rowid = ?", [rowid]).fetchone()[column]
        nearest = min(text.tokens(said), key=lambda token: OSA.distance(token.folded[: len(term)], term))
        written[nearest.raw.lower()] = OSA.distance(nearest.folded, typed)
    return min(written, key=lambda word: (written[word], word))
