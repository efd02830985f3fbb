"""References: papers as their own libraries cite them, with what sources say of them besides the fields of a paper."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from reviewdb import database
from reviewdb.formats import reference, writing
from reviewdb.model import Paper


def of_papers(connection: sqlite3.Connection, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Paper]:
    """Return the papers that rows of the table `papers` are, as they are cited."""
    papers = list(writing.papers(columns, rows))
    told_of = database.ask(
        connection, database.statement("references-of-papers"), {"ids": json.dumps([paper.id for paper in papers])}
    )
    told = {id_: [*of_one] for id_, of_one in groupby(told_of.rows, key=lambda row: row[0])}
    return [_with(paper, told[paper.id]) if paper.id in told else paper for paper in papers]


def without_parent(connection: sqlite3.Connection, papers: Sequence[Paper]) -> list[tuple[str, str]]:
    """Return key and `crossref` of each paper that names none of the review there, and lacks what that would say."""
    lacking = [paper for paper in papers if not (paper.venue and paper.year)]
    named = {paper.key: key for paper in lacking if (key := reference.text(paper, "crossref"))}
    found = database.ask(connection, database.statement("papers-by-key"), {"keys": json.dumps(list(named.values()))})
    known = {row[found.columns.index("key")] for row in found.rows}
    return [(key, crossref) for key, crossref in named.items() if crossref not in known]


def renamed(papers: Sequence[Paper]) -> list[tuple[str, str]]:
    """Return key and library's key of each paper that has a letter more, as another paper has that key."""
    owned = [(paper.key, reference.text(paper, reference.KEY)) for paper in papers]
    return [(key, own) for key, own in owned if own and re.fullmatch(f"{re.escape(own)}[a-z]+", key)]


def _with(paper: Paper, rows: Sequence[Sequence[Any]]) -> Paper:
    goes_on = any(row[2] for row in rows)
    authors = (*paper.authors, reference.CUT) if goes_on and paper.authors else paper.authors
    return replace(paper, authors=authors, besides=reference.besides(json.loads(row[1]) for row in rows))
