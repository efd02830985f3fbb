"""Citing: a paper as text to be copied; where it is too long for that, a file has it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reviewdb import references
from reviewdb.formats import bib, reference
from reviewdb.model import Paper
from reviewdb.site import links
from reviewdb.text import clean

_LONGEST = 4000
_AUTHORS = 20


@dataclass(frozen=True, slots=True)
class Citation:
    """A paper as a reference and as BibTeX; empty where it is too long to be read."""

    text: str
    bibtex: str


def citation(connection: sqlite3.Connection, row: Any) -> Citation:  # noqa: ANN401 - a row of SQLite
    """Return how to cite the paper that a row of papers is."""
    (paper,) = references.of_papers(connection, row.keys(), [tuple(row)])
    texts = ("".join(_text(paper)).strip(), bib.bibtex([paper]).strip())
    return Citation(*("" if len(text) > _LONGEST else text for text in texts))


def _text(paper: Paper) -> Iterator[str]:
    """Yield the parts of a reference as styles with names and years have it: names, year, title, venue, address."""
    listed = [clean(name) for name in paper.authors if name != reference.CUT]
    named = ", ".join(listed[:_AUTHORS])
    more = " et al." if len(paper.authors) > len(listed[:_AUTHORS]) else ""
    yield f"{named}{more}" if named else "Anonymous"
    yield f" ({paper.year})" if paper.year else ""
    yield f". {_sentence(clean(paper.title))}"
    yield f" {_sentence(', '.join(filter(None, map(clean, (paper.venue, paper.volume, paper.pages)))))}"
    yield f" {links.doi(paper.doi) or links.web(paper.url)}"


def _sentence(text: str) -> str:
    return text if not text or text[-1] in ".?!" else f"{text}."
