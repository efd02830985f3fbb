"""The catalogue: which papers carry which code, as bits of whole numbers, so that a hundred facets count at once.

A paper is a place, 0 for the first row of papers; a set of papers is a number whose bit at that place is 1. To count
the papers of a selection that carry a code is then one `&`, whatever was chosen before: over 100,000 papers a few
microseconds, where SQLite would join a million rows.
"""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from reviewdb.consensus import INCLUDED
from reviewdb.site.about import rows, statement
from reviewdb.site.keeping import Kept

Key = TypeVar("Key", bound=Hashable)

#: A set of papers.
Papers = int

CODED, SUGGESTED = "coded", "suggested"
#: The orders of papers, the one for those who ask for none first.
NEWEST, OLDEST, CITED, TITLE = "newest", "oldest", "cited", "title"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The papers of one build; the standings of codes are coded and suggested.

    `named` has the coded ones as finely as they were given, `codes` those as well that finer ones imply.
    """

    ids: Sequence[str]
    places: Mapping[int, int]
    every: Papers
    codes: Mapping[tuple[str, str, str], Papers]
    named: Mapping[tuple[str, str], Papers]
    statuses: Mapping[str, Papers]
    years: Mapping[int | None, Papers]
    orders: Mapping[str, Sequence[int]]
    #: By question, each number with the place of its paper, in ascending order.
    numbers: Mapping[str, Sequence[tuple[float, int]]] = field(default_factory=dict)
    #: Whether papers are in the order of their rows, as in a database that was built whole.
    is_in_rows: bool = False
    #: Papers with a word that many have, as far as it was looked for.
    words: dict[str, Papers] = field(default_factory=dict, compare=False, repr=False)

    def carrying(self, question: str, code: str, standing: str) -> Papers:
        """Return the papers that carry a code."""
        return self.codes.get((question, code, standing), 0)

    def included_with(self, one: tuple[str, str], other: tuple[str, str]) -> int:
        """Return how many included papers have both codes, each a question and a code of it; without a code, any."""

        def having(question: str, code: str) -> Papers:
            if code:
                return self.named.get((question, code), 0)
            return union(papers for (asked, _), papers in self.named.items() if asked == question)

        return (self.statuses.get(INCLUDED, 0) & having(*one) & having(*other)).bit_count()

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
    """Return the catalogue of a database, read once, and mended by what was decided since."""
    found: Catalogue = kept.mended(connection, "catalogue", lambda: read(connection), partial(mend, connection))
    return found


def read(connection: sqlite3.Connection) -> Catalogue:
    """Return the catalogue of a database."""
    papers = rows(connection, statement("catalogue-papers"))
    count = len(papers)
    rowids = [row["rowid"] for row in papers]
    place_of = {row["id"]: place for place, row in enumerate(papers)}
    carrying: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    naming: dict[tuple[str, str], list[int]] = defaultdict(list)
    cursor = connection.cursor()
    cursor.row_factory = None  # a million rows come twice as fast as tuples
    for paper, question, code, standing, is_named in cursor.execute(statement("catalogue-codes")):
        place = place_of[paper]
        carrying[question, code, standing].append(place)
        if is_named and standing == CODED:
            naming[question, code].append(place)
    return Catalogue(
        ids=list(place_of),
        places={rowid: place for place, rowid in enumerate(rowids)},
        every=(1 << count) - 1,
        codes={said: _packed(places, count) for said, places in carrying.items()},
        named={said: _packed(places, count) for said, places in naming.items()},
        statuses=_by(papers, "status"),
        years=_by(papers, "year"),
        orders=_orders(papers),
        numbers=_numbers(connection, list(place_of)),
        is_in_rows=rowids == sorted(rowids),
    )


def _numbers(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, list[tuple[float, int]]]:
    asked = connection.execute("SELECT id, paper_column FROM questions WHERE kind = 'number'").fetchall()
    return {
        id_: sorted(
            (value, bisect_left(ids, paper))
            for paper, value in connection.execute(f'SELECT id, "{column}" FROM papers WHERE "{column}" IS NOT NULL')  # noqa: S608 - our columns
        )
        for id_, column in asked
    }


def mend(connection: sqlite3.Connection, of: Catalogue, papers: Sequence[str]) -> Catalogue:
    """Return a catalogue in which some papers stand as they do now; all else about papers is of the whole build."""
    ids = {"ids": json.dumps(list(papers))}
    place_of = {id_: bisect_left(of.ids, id_) for id_ in papers}  # ids are in order
    carrying: dict[tuple[str, str, str], Papers] = defaultdict(int)
    naming: dict[tuple[str, str], Papers] = defaultdict(int)
    for paper, question, code, standing, is_named in connection.execute(statement("catalogue-codes-of-some"), ids):
        carrying[question, code, standing] |= 1 << place_of[paper]
        if is_named and standing == CODED:
            naming[question, code] |= 1 << place_of[paper]
    standing_as: dict[str, Papers] = defaultdict(int)
    for paper, status in connection.execute(statement("catalogue-statuses"), ids):
        standing_as[status] |= 1 << place_of[paper]
    others = of.every
    for place in place_of.values():
        others &= ~(1 << place)
    return replace(
        of,
        codes=_overlaid(of.codes, others, carrying),
        named=_overlaid(of.named, others, naming),
        statuses=_overlaid(of.statuses, others, standing_as),
        numbers=_numbers(connection, of.ids),
    )


def _overlaid(before: Mapping[Key, Papers], others: Papers, now: Mapping[Key, Papers]) -> dict[Key, Papers]:
    """Return sets with `others` as they were before, and the rest as they are now; none of them is empty."""
    found = {key: (before.get(key, 0) & others) | now.get(key, 0) for key in before.keys() | now.keys()}
    return {key: papers for key, papers in found.items() if papers}


def _by(papers: Sequence[Any], column: str) -> dict[Any, Papers]:
    found: dict[Any, list[int]] = defaultdict(list)
    for place, row in enumerate(papers):
        found[row[column]].append(place)
    return {value: _packed(places, len(papers)) for value, places in found.items()}


def _orders(papers: Sequence[Any]) -> dict[str, list[int]]:
    """Return all places in each order; what is not known comes last, and what is equal in the order of rows.

    Where no source counted citations, there is no order by them.
    """
    places = range(len(papers))
    years = [row["year"] for row in papers]
    cited = [row["citations"] for row in papers]
    titles = [row["title"].casefold() for row in papers]
    by_citations = sorted(places, key=lambda n: -1 if cited[n] is None else cited[n], reverse=True)
    return {
        NEWEST: sorted(places, key=lambda n: -(years[n] or 0)),
        OLDEST: sorted(places, key=lambda n: (years[n] is None, years[n] or 0)),
        **({CITED: by_citations} if any(count is not None for count in cited) else {}),
        TITLE: sorted(places, key=titles.__getitem__),
    }
