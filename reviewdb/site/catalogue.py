"""The catalogue: which papers carry which code, as bits of whole numbers, so that a hundred facets count at once.

A paper is a place, 0 for the first row of papers; a set of papers is a number whose bit at that place is 1. To count
the papers of a selection that carry a code is then one `&`, whatever was chosen before: over 100,000 papers a few
microseconds, where SQLite would join a million rows.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewdb.site.about import rows, statement
from reviewdb.site.keeping import Kept

#: A set of papers.
Papers = int

CODED, SUGGESTED = "coded", "suggested"
#: The orders of papers, the one for those who ask for none first.
NEWEST, OLDEST, CITED, TITLE = "newest", "oldest", "cited", "title"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The papers of one build; the standings of codes are coded and suggested."""

    ids: Sequence[str]
    places: Mapping[int, int]
    every: Papers
    codes: Mapping[tuple[str, str, str], Papers]
    statuses: Mapping[str, Papers]
    years: Mapping[int | None, Papers]
    orders: Mapping[str, Sequence[int]]
    #: By question, each number with the place of its paper, in ascending order.
    numbers: Mapping[str, Sequence[tuple[float, int]]]

    def carrying(self, question: str, code: str, standing: str) -> Papers:
        """Return the papers that carry a code."""
        return self.codes.get((question, code, standing), 0)

    def between(self, first: int | None, last: int | None) -> Papers:
        """Return the papers of some years, both ends included; None: open. Undated ones only where both are open."""
        if first is None and last is None:
            return self.every
        return union(
            papers
            for year, papers in self.years.items()
            if year is not None and (first is None or year >= first) and (last is None or year <= last)
        )

    def at(self, rowids: Iterable[int]) -> list[int]:
        """Return the places of rows, in their order."""
        return [self.places[rowid] for rowid in rowids if rowid in self.places]

    def set_of(self, places: Iterable[int]) -> Papers:
        """Return places as a set."""
        return _packed(places, len(self.ids))


def union(sets: Iterable[Papers]) -> Papers:
    """Return the papers of any of some sets."""
    every = 0
    for papers in sets:
        every |= papers
    return every


def inside(papers: Papers, order: Iterable[int], count: int) -> Iterator[int]:
    """Yield the places of a set in an order; `count` is the number of all papers there are."""
    packed = papers.to_bytes(count // 8 + 1, "little")
    return (place for place in order if packed[place >> 3] >> (place & 7) & 1)


def _packed(places: Iterable[int], count: int) -> Papers:
    packed = bytearray(count // 8 + 1)
    for place in places:
        packed[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(packed, "little")


def of(connection: sqlite3.Connection, kept: Kept) -> Catalogue:
    """Return the catalogue of a database, read once for each state of it."""
    return kept.value(connection, "catalogue", lambda: read(connection))


def read(connection: sqlite3.Connection) -> Catalogue:
    """Return the catalogue of a database."""
    papers = rows(connection, statement("catalogue-papers"))
    count = len(papers)
    place_of = {row["id"]: place for place, row in enumerate(papers)}
    carrying: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for paper, *said in connection.execute(statement("catalogue-codes")):
        carrying[tuple(said)].append(place_of[paper])
    return Catalogue(
        ids=list(place_of),
        places={row["rowid"]: place for place, row in enumerate(papers)},
        every=(1 << count) - 1,
        codes={said: _packed(places, count) for said, places in carrying.items()},
        statuses=_by(papers, "status"),
        years=_by(papers, "year"),
        orders=_orders(papers),
        numbers=_numbers(connection, place_of),
    )


def _numbers(connection: sqlite3.Connection, place_of: Mapping[str, int]) -> dict[str, list[tuple[float, int]]]:
    asked = connection.execute("SELECT id, paper_column FROM questions WHERE kind = 'number'").fetchall()
    return {
        id_: sorted(
            (value, place_of[paper])
            for paper, value in connection.execute(f'SELECT id, "{column}" FROM papers WHERE "{column}" IS NOT NULL')  # noqa: S608 - our columns
        )
        for id_, column in asked
    }


def _by(papers: Sequence[Any], column: str) -> dict[Any, Papers]:
    found: dict[Any, list[int]] = defaultdict(list)
    for place, row in enumerate(papers):
        found[row[column]].append(place)
    return {value: _packed(places, len(papers)) for value, places in found.items()}


def _orders(papers: Sequence[Any]) -> dict[str, list[int]]:
    """Return all places in each order; what is not known comes last, and what is equal in the order of rows."""
    places = range(len(papers))
    years = [row["year"] for row in papers]
    cited = [row["citations"] for row in papers]
    titles = [row["title"].casefold() for row in papers]
    return {
        NEWEST: sorted(places, key=lambda n: -(years[n] or 0)),
        OLDEST: sorted(places, key=lambda n: (years[n] is None, years[n] or 0)),
        CITED: sorted(places, key=lambda n: -1 if cited[n] is None else cited[n], reverse=True),
        TITLE: sorted(places, key=titles.__getitem__),
    }
