"""Spelling: what a search that finds nothing was probably meant to be, from the words that papers have."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from reviewdb import text
from reviewdb.site.about import rows, statement
from reviewdb.site.keeping import Kept
from reviewdb.site.searching import finds

#: Letters of a word that may be wrong: one of three, and at most so many.
_LETTERS_FOR_ONE, _MOST_WRONG = 3, 3
#: A word that papers have is taken for a slip of one in so many times as many papers, if it has so many letters.
_MANY_TIMES, _TOLD_APART = 20, 5
#: Terms of the index that are near and looked at, and places where each stands.
_TRIED, _SEEN = 8, 10
#: So many letters at its begin are what a mistyped word and the one that was meant share, where their stems differ.
_BEGIN = 2


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms of the full-text index, which are stems, and the number of papers with each.

    `groups` has the terms by length, and by begin and length (all lengths together have an empty begin), each from the
    most frequent to the rarest; `most` is the number of papers with the most frequent one of all.
    """

    papers_with: Mapping[str, int]
    most: int
    groups: Mapping[tuple[str, int], Sequence[str]]

    @classmethod
    def of(cls, papers_with: Mapping[str, int]) -> Vocabulary:
        """Return the vocabulary of some terms, each with the number of papers that it is in."""
        groups: dict[tuple[str, int], list[str]] = defaultdict(list)
        for term in sorted(papers_with, key=lambda term: -papers_with[term]):
            groups["", len(term)].append(term)
            groups[term[:_BEGIN], len(term)].append(term)
        return cls(papers_with, max(papers_with.values(), default=0), dict(groups))

    def with_more(self, papers_with: Mapping[str, int]) -> Vocabulary:
        """Return it with terms that it has not, each with the number of papers that it is in."""
        every, groups = {**self.papers_with, **papers_with}, dict(self.groups)
        for term in papers_with:
            for group in (("", len(term)), (term[:_BEGIN], len(term))):
                groups[group] = sorted([*groups.get(group, ()), term], key=lambda term: -every[term])
        return Vocabulary(every, max(self.most, *papers_with.values()), groups)

    def within(self, wrong: int, word: str, begin: str, length: int, least: int) -> list[tuple[int, int, str]]:
        """Return the terms of a group with no more `wrong` letters than that, each behind its distance and frequency.

        Those in fewer papers than `least` are left out, and are not looked at.
        """
        group = self.groups.get((begin, length), ())
        often = group[: bisect_right(group, -least, key=lambda term: -self.papers_with[term])]
        near = process.extract(word, often, scorer=OSA.distance, score_cutoff=wrong, limit=None)
        return [(distance, -self.papers_with[term], term) for term, distance, _ in near]


def vocabulary(connection: sqlite3.Connection, kept: Kept) -> Vocabulary:
    """Return the vocabulary of a database.

    It is read once; decisions only add to it. Numbers of terms that were there before are those of then.
    """

    def read() -> Vocabulary:
        with _index(connection):
            return Vocabulary.of(dict(rows(connection, "SELECT term, doc FROM temp.vocabulary")))

    def mend(before: Vocabulary, papers: Sequence[str]) -> Vocabulary:
        said = rows(connection, statement("terms-of-papers"), {"ids": json.dumps(list(papers))})
        words = [word for row in said for word in text.words(row["terms"])]
        with _index(connection):
            new = set(_stems(connection, words).values()) - before.papers_with.keys()
            count = "SELECT term, doc FROM temp.vocabulary WHERE term = :term"
            counts = dict(row for term in new for row in rows(connection, count, {"term": term}))
        return before.with_more(counts) if counts else before

    return kept.mended(connection, "vocabulary", read, mend)


def stems(connection: sqlite3.Connection, words: Iterable[str]) -> dict[str, str]:
    """Return folded words as the full-text index has them."""
    with _index(connection):
        return _stems(connection, words)


def meant(connection: sqlite3.Connection, typed: str, known: Vocabulary) -> list[str]:
    """Return the searches that may have been meant by one that finds nothing, the likeliest first; each is whole.

    Words that no paper has are put right by the nearest that some has, one letter in three may be wrong. Words that
    hardly a paper has, as papers have slips themselves, are put right in the first search and stay in the second. The
    words are those of the full-text index, so that what is proposed is found.
    """
    words = text.wanted_words(typed)
    unknown = [word for word in words if not finds(connection, f"{word.folded}{'*' * _is_begun(typed, word)}")]
    found = _nearest(connection, [word.folded for word in words if not _is_begun(typed, word)], known)
    found |= _nearest(connection, [word.folded for word in unknown if _is_begun(typed, word)], known)
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


def _nearest(connection: sqlite3.Connection, words: Iterable[str], known: Vocabulary) -> dict[str, str]:
    """Return for each word the nearest one that stands in papers, or an empty string.

    A word that stands in some itself has one only where that is a single slip away and stands in many times as many.
    """
    found: dict[str, str] = {}
    papers_with = known.papers_with
    with _index(connection):
        for word, stem in _stems(connection, words).items():
            wrong = min(max(len(word) // _LETTERS_FOR_ONE, 1), _MOST_WRONG) if len(word) >= _LETTERS_FOR_ONE else 0
            if least := papers_with.get(stem, 0) * _MANY_TIMES:
                wrong = 1 if least <= known.most and len(word) >= _TOLD_APART else 0
            near = _near(word, stem, known, wrong, least) if wrong else set()
            written = (
                (OSA.distance(spelling, word), -papers_with[term], spelling)
                for term in near
                for spelling in _as_written(connection, term)
            )
            best = min((one for one in written if one[0] <= wrong), default=None)
            found[word] = best[2] if best else ""
    return found


def _near(word: str, stem: str, known: Vocabulary, wrong: int, least: int) -> set[str]:
    """Return the terms that a word may have been meant for: those near its stem, and those near how it begins.

    What is mistyped is often stemmed otherwise: generatve is left as it is, where generative becomes gener.
    """
    # No term whose length differs by more can be so near.
    lengths = range(len(stem) - wrong, len(stem) + wrong + 1)
    near = [one for length in lengths for one in known.within(wrong, stem, "", length, least)]
    begin, lengths = word[:_BEGIN], range(-(-len(word) // 2), len(word) + wrong + 1)
    begun = [one for length in lengths for one in known.within(wrong, word[:length], begin, length, least)]
    # The most frequent of those as near as others.
    return {term for _, _, term in (*sorted(near)[:_TRIED], *sorted(begun)[:_TRIED])}


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
        words = text.raw_words(said)
        begun = next((word for word in words if text.fold(word).startswith(term)), "")
        near = begun or min(words, key=lambda word: OSA.distance(text.fold(word)[: len(term)], term), default="")
        written |= {near.lower()} if near else set()
    return written
