"""Overlap: which searches found which papers, and which papers several of them found."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass

from reviewdb import database, origins
from reviewdb.evidence import Scope


@dataclass(frozen=True, slots=True)
class Finder:
    """A search, and how many papers it found."""

    id: str
    source: str
    query: str
    date: str
    papers: int


@dataclass(frozen=True, slots=True)
class Shared:
    """How many papers these searches found and no other did."""

    searches: tuple[str, ...]
    papers: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """The searches in the order of time, and what they share, most papers first; each paper counts in one of these."""

    searches: tuple[Finder, ...]
    shared: tuple[Shared, ...]

    @property
    def papers(self) -> int:
        """All papers that were found."""
        return sum(one.papers for one in self.shared)


def overlap(connection: sqlite3.Connection, scope: Scope) -> Overlap:
    """Return the overlap of all searches that looked for papers; an empty status is any."""
    values = {"first": scope.first, "last": scope.last, "status": scope.status}
    found = connection.execute(database.statement("found-papers"), values).fetchall()
    by_paper: dict[str, list[str]] = defaultdict(list)
    finders: dict[str, tuple[str, str, str]] = {}
    sizes: Counter[str] = Counter()
    for search, source, query, date, paper in found:
        finders[search] = origins.name(source), query, date
        if paper:
            by_paper[paper].append(search)
            sizes[search] += 1
    order = list(finders)
    sets = Counter(map(tuple, by_paper.values()))
    shared = [Shared(searches, papers) for searches, papers in sets.items()]
    shared.sort(key=lambda one: (-one.papers, len(one.searches), [order.index(search) for search in one.searches]))
    return Overlap(tuple(Finder(id_, *about, sizes[id_]) for id_, about in finders.items()), tuple(shared))
