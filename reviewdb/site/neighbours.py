"""Neighbours of a paper: what it cites and who cites it inside the review, as a small drawing."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reviewdb.formats.writing import family
from reviewdb.site.about import rows, statement

#: Papers drawn on each side of a graph; height of each, and what stands above them, in pixels.
_DRAWN, _ROW, _HEAD = 12, 24, 30
_LONGEST_LABEL, _LONGEST_TITLE = 18, 300


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A paper that cites another, or is cited by it."""

    id: str
    label: str
    title: str
    year: int | None


@dataclass(frozen=True, slots=True)
class Node:
    """A paper where it is drawn: `y` in pixels from the top."""

    paper: Neighbour
    y: float


@dataclass(frozen=True, slots=True)
class Graph:
    """Citations of a paper inside the review: what it cites at the left, who cites it at the right.

    `known` counts the works that it cites, in the review or not, as far as they are known.
    """

    cites: Sequence[Node]
    cited_by: Sequence[Node]
    more: tuple[int, int]
    height: int
    middle: float
    known: int


def graph(connection: sqlite3.Connection, paper: str) -> Graph | None:
    """Return the citations of a paper; None where nothing is known of them."""
    near: dict[str, list[Neighbour]] = {"cites": [], "cited by": []}
    for row in rows(connection, statement("paper-neighbours"), {"paper": paper}):
        near[row["relation"]].append(_neighbour(row))
    (known,) = connection.execute(statement("paper-references"), {"paper": paper}).fetchone()
    if not known and not near["cited by"]:
        return None
    cites, cited_by = near["cites"], near["cited by"]
    longest = min(max(len(cites), len(cited_by), 1), _DRAWN)
    high = longest * _ROW

    def placed(papers: Sequence[Neighbour]) -> list[Node]:
        drawn = papers[:_DRAWN]
        top = _HEAD + (high - len(drawn) * _ROW) / 2
        return [Node(one, top + (n + 0.5) * _ROW) for n, one in enumerate(drawn)]

    return Graph(
        cites=placed(cites),
        cited_by=placed(cited_by),
        more=(max(len(cites) - _DRAWN, 0), max(len(cited_by) - _DRAWN, 0)),
        height=_HEAD + high,
        middle=_HEAD + high / 2,
        known=known,
    )


def _neighbour(row: Any) -> Neighbour:  # noqa: ANN401 - a row of SQLite
    first = family(row["authors"].split("; ")[0]) or "Anonymous"
    label = f"{first[:_LONGEST_LABEL]} {row['year'] or ''}"
    return Neighbour(row["id"], label.strip(), row["title"][:_LONGEST_TITLE], row["year"])
