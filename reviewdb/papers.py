"""Papers: what is said of one by the records that are it, and the citation key that names it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reviewdb.model import Group, Paper, Record
from reviewdb.text import citation_key, doi


def merge(group: Group, records: Sequence[Record], key: str) -> Paper:
    """Return the paper that `records` are: each field from the most complete record that has it."""
    ranked = sorted(records, key=lambda r: (not r.doi, -len(r.authors), not r.abstract, r.id))
    best = ranked[0]
    return Paper(
        id=group.paper,
        key=key,
        study=group.study,
        records=group.records,
        title=best.title,
        authors=max((r.authors for r in ranked), key=len),
        year=next((r.year for r in ranked if r.year), None),
        venue=_first(r.venue for r in ranked),
        volume=_first(r.volume for r in ranked),
        pages=_first(r.pages for r in ranked),
        doi=_first(doi(r.doi) for r in ranked),
        url=_first(r.url for r in ranked),
        abstract=max((r.abstract for r in ranked), key=len),
        citations=max((r.citations for r in ranked if r.citations is not None), default=None),
    )


def _first(values: Iterable[str]) -> str:
    return next(filter(None, values), "")


def keys(firsts: Iterable[Record]) -> list[str]:
    """Return a citation key for each paper, given the first record of each in order of arrival.

    A key that is taken gets a letter, so that a later paper never renames an earlier one.
    """
    taken: dict[str, int] = {}
    for record in firsts:
        base = key = citation_key(record.authors, record.year, record.title)
        while key in taken:
            key = base + _letters(taken[base])
            taken[base] += 1
        taken[key] = 0
    return list(taken)


def _letters(number: int) -> str:
    """Return a, b, ... z, aa, ab, ... for 0, 1, ..."""
    rest, last = divmod(number, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("a") + last)
