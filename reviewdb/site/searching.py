"""Searching: papers by words, best match first, with the words marked where they stand, and what else was meant."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from markupsafe import Markup, escape
from rapidfuzz import process
from rapidfuzz.distance import OSA

from reviewdb import text
from reviewdb.site.about import rows, statement
from reviewdb.site.catalogue import NEWEST, Catalogue, Papers
from reviewdb.site.keeping import Kept

#: The marks around a found word, as `found-words.sql` sets them.
_OPEN, _CLOSE = "\x02", "\x03"
_MARKS = re.compile(f"([{_OPEN}{_CLOSE}])")
#: Letters of a word that may be wrong: one of three, and at most so many.
_LETTERS_FOR_ONE, _MOST_WRONG = 3, 3
#: A word that papers have is taken for a slip of one in so many times as many papers, if it has so many letters.
_MANY_TIMES, _TOLD_APART = 20, 5
#: Terms of the index that are near, those of them that are looked at, and places where each stands.
_NEAR, _TRIED, _SEEN = 50, 8, 10


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


def hits(connection: sqlite3.Connection, of: Catalogue, typed: str) -> Hits | None:
    """Return what a search finds; None where nothing was typed, which finds everything."""
    if not typed.strip():
        return None
    query = text.full_text_query(typed)
    found = connection.execute(statement("hits"), {"query": query}) if query else ()
    ranks = sorted((rank, of.places[rowid]) for rowid, rank in found)
    ranked = [place for _, place in ranks]
    # Papers without a word are all as good.
    return Hits(of.set_of(ranked), ranked if text.wanted_words(typed) else of.orders[NEWEST])


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


def vocabulary(connection: sqlite3.Connection, kept: Kept) -> dict[str, int]:
    """Return the terms of the full-text index, which are stems, each with the number of papers that it is in.

    It is read once; decisions only add to it. Numbers of terms that were there before are those of then.
    """

    def read() -> dict[str, int]:
        with _index(connection):
            return dict(rows(connection, "SELECT term, doc FROM temp.vocabulary"))

    def mend(before: dict[str, int], papers: Sequence[str]) -> dict[str, int]:
        said = rows(connection, statement("terms-of-papers"), {"ids": json.dumps(list(papers))})
        words = [word for row in said for word in text.words(row["terms"])]
        with _index(connection):
            new = set(_stems(connection, words).values()) - before.keys()
            count = "SELECT term, doc FROM temp.vocabulary WHERE term = :term"
            return before | dict(row for term in new for row in rows(connection, count, {"term": term}))

    return kept.mended(connection, "vocabulary", read, mend)


def stems(connection: sqlite3.Connection, words: Iterable[str]) -> dict[str, str]:
    """Return folded words as the full-text index has them."""
    with _index(connection):
        return _stems(connection, words)


def meant(connection: sqlite3.Connection, typed: str, papers_with: Mapping[str, int]) -> list[str]:
    """Return the searches that may have been meant by one that finds nothing, the likeliest first; each is whole.

    Words that no paper has are put right by the nearest that some has, one letter in three may be wrong. Words that
    hardly a paper has, as papers have slips themselves, are put right in the first search and stay in the second. The
    words are those of the full-text index, `papers_with` as `vocabulary` gives it, so that what is proposed is found.
    """
    words = text.wanted_words(typed)
    unknown = [word for word in words if not _finds(connection, f"{word.folded}{'*' * _is_begun(typed, word)}")]
    found = _nearest(connection, [word.folded for word in words if not _is_begun(typed, word)], papers_with)
    found |= _nearest(connection, [word.folded for word in unknown if _is_begun(typed, word)], papers_with)
    wrong = [word for word in words if word in unknown or found.get(word.folded)]
    searches = (_put_right(typed, chosen, found) for chosen in (wrong, unknown))
    return list(dict.fromkeys(filter(None, searches)))


def _is_begun(typed: str, word: text.Token) -> bool:
    return typed[word.end : word.end + 1] == "*"


def _put_right(typed: str, wrong: Sequence[text.Token], found: Mapping[str, str]) -> str:
    """Return what was typed with the wrong words put right, and nothing else changed; empty where none can be."""
    if not any(found[word.folded] for word in wrong):
        return ""
    parts, at = [], 0
    for word in wrong:
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


def _nearest(connection: sqlite3.Connection, words: Iterable[str], papers_with: Mapping[str, int]) -> dict[str, str]:
    """Return for each word the nearest one that stands in papers, or an empty string.

    A word that stands in some itself has one only where that is a single slip away and stands in many times as many.
    """
    found: dict[str, str] = {}
    most = max(papers_with.values(), default=0)
    with _index(connection):
        for word, stem in _stems(connection, words).items():
            wrong = min(max(len(word) // _LETTERS_FOR_ONE, 1), _MOST_WRONG) if len(word) >= _LETTERS_FOR_ONE else 0
            if least := papers_with.get(stem, 0) * _MANY_TIMES:
                wrong = 1 if least <= most and len(word) >= _TOLD_APART else 0
            near = _near(word, stem, papers_with, wrong) if wrong else set()
            written = (
                (OSA.distance(spelling, word), -papers_with[term], spelling)
                for term in near
                if papers_with[term] >= least
                for spelling in _as_written(connection, term)
            )
            best = min((one for one in written if one[0] <= wrong), default=None)
            found[word] = best[2] if best else ""
    return found


def _near(word: str, stem: str, papers_with: Mapping[str, int], wrong: int) -> set[str]:
    """Return the terms that a word may have been meant for: those near its stem, and those near how it begins.

    What is mistyped is often stemmed otherwise: generatve is left as it is, where generative becomes gener.
    """
    near = process.extract(stem, list(papers_with), scorer=OSA.distance, score_cutoff=wrong, limit=_NEAR)
    begun = [
        (OSA.distance(word[: len(term)], term, score_cutoff=wrong), -count, term)
        for term, count in papers_with.items()
        if term[:2] == word[:2] and len(word) <= 2 * len(term)
    ]
    # The most frequent of those as near as others.
    nearest = sorted((distance, -papers_with[term], term) for term, distance, _ in near)
    return {term for distance, _, term in (*nearest[:_TRIED], *sorted(begun)[:_TRIED]) if distance <= wrong}


@contextmanager
def _index(connection: sqlite3.Connection) -> Iterator[None]:
    """Let the terms of the full-text index, and the places of each, be read as tables of this connection."""
    _run(connection, "vocabulary")
    try:
        yield
    finally:
        _run(connection, "vocabulary-gone")


def _stems(connection: sqlite3.Connection, words: Iterable[str]) -> dict[str, str]:
    """Return words as the full-text index would have them."""
    for n, word in enumerate(dict.fromkeys(words)):
        connection.execute("INSERT INTO temp.typed (rowid, word) VALUES (?, ?)", [n, word])
    return dict(rows(connection, statement("stems")))


def _run(connection: sqlite3.Connection, script: str) -> None:
    # `executescript` would end the transaction that the page is read in.
    for one in statement(script).split(";"):
        connection.execute(one)


def _as_written(connection: sqlite3.Connection, term: str) -> set[str]:
    """Return how papers write a term of the index, which is a stem."""
    written: set[str] = set()
    seen = connection.execute("SELECT doc, col FROM temp.standing WHERE term = ? LIMIT ?", [term, _SEEN])
    for rowid, column in seen.fetchall():
        said = connection.execute("SELECT * FROM papers WHERE rowid = ?", [rowid]).fetchone()[column]
        near = min(text.tokens(said), key=lambda token: OSA.distance(token.folded[: len(term)], term), default=None)
        written |= {near.raw.lower()} if near else set()
    return written
