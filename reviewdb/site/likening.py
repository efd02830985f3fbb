"""Likening: the papers most like one, by the codes and the words of its title that they share with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2

from reviewdb import text
from reviewdb.site import catalogue, papers
from reviewdb.site.about import About, statement
from reviewdb.site.catalogue import CODED, SUGGESTED, Catalogue, Papers

#: Letters that a word must have, and letters of a title that are looked at.
_LETTERS, _LONGEST_TITLE = 3, 400
#: What more than this part of all papers has says nothing of any.
_COMMON = 0.5
#: A word that more papers have takes long to look for; there are not many such words.
_OFTEN = 1_000
#: What two papers share at least, and what is told of it; papers that are shown.
_SHARED, _TOLD, _SHOWN = 2, 5, 5
#: Words that say how a title is built, not what it is about.
_EMPTY = frozenset(
    """about after against among and are based before between beyond both can does for from how into its more not new
    novel off one our over per than that the their them these they this those through too toward towards under using
    via was were what when where which while who why with within without your""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Alike:
    """A paper like another, and the labels of what both have, the rarest first."""

    card: papers.Card
    shared: Sequence[str]


def alike(connection: sqlite3.Connection, about: About, of: Catalogue, card: papers.Card, path: str) -> list[Alike]:
    """Return the papers most like the one of a card, most alike first; each shares at least two things with it.

    Each code and each word of the title that two papers share counts for its information, log2(all papers / papers that
    have it); a code counts whoever says it, a word where it stands in the title or the abstract. What more than half
    of all papers have does not count, and what no other has cannot be shared.
    """
    import numpy as np  # noqa: PLC0415 - 0.1 s that the start of the site need not wait for

    every = len(of.ids)
    score, things = np.zeros(every), np.zeros(every, dtype=np.int16)
    having_it: list[tuple[str, Papers]] = []
    features = [(number.bit_count(), label, number) for label, number in _features(connection, about, of, card)]
    for count, label, having in sorted(features):
        if 1 < count <= max(every * _COMMON, 2):
            packed = np.frombuffer(having.to_bytes(every // 8 + 1, "little"), dtype=np.uint8)
            has = np.unpackbits(packed, bitorder="little")[:every]
            score += has * log2(every / count)
            things += has
            having_it.append((label, having))
    score[things < _SHARED] = 0
    # One more, as the paper itself is like none so much.
    best = np.argsort(-score, kind="stable")[: _SHOWN + 1]
    near = [int(place) for place in best if score[place] and of.ids[place] != card.id][:_SHOWN]
    shared = {of.ids[place]: [label for label, having in having_it if having >> place & 1][:_TOLD] for place in near}
    found = papers.cards(connection, about, [of.ids[place] for place in near], path)
    return [Alike(one, shared[one.id]) for one in found]


def _features(
    connection: sqlite3.Connection, about: About, of: Catalogue, card: papers.Card
) -> Iterator[tuple[str, Papers]]:
    """Yield what a paper can share, with its label and the papers that have it."""
    codes = connection.execute(statement("paper-codes"), {"paper": card.id}).fetchall()
    for question_id, code in dict.fromkeys((row["question_id"], row["code"]) for row in codes):
        question = about.questions[question_id]
        if question.kind == "codes":
            having = (of.carrying(question_id, code, standing) for standing in (CODED, SUGGESTED))
            yield about.full_label(question, code), catalogue.union(having)
    for word in dict.fromkeys(text.words(card.title[:_LONGEST_TITLE])):
        if len(word) >= _LETTERS and word not in _EMPTY:
            yield f"“{word}”", _with_word(connection, of, word)


def _with_word(connection: sqlite3.Connection, of: Catalogue, word: str) -> Papers:
    """Return the papers with a word in title or abstract; decisions change neither, so what takes long is kept."""
    if word in of.words:
        return of.words[word]
    query = f'{{title abstract}} : "{word}"'
    rowids = [rowid for (rowid,) in connection.execute(statement("rows-with"), {"query": query})]
    papers = of.set_of(of.at(rowids))
    if len(rowids) > _OFTEN:
        of.words[word] = papers
    return papers
