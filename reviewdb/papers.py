"""Papers: what is said of one by the records that are it, and the citation key that names it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reviewdb.model import Group, Paper, Record, Search
from reviewdb.text import citation_key, doi

_NOTHING: Mapping[str, Any] = {"authors": (), "year": None, "citations": None}
_EMPTY = ("", (), None)
# arXiv's own DOIs.
_PREPRINTS = "10.48550/"


def merge(group: Group, records: Sequence[Record], key: str) -> Paper:
    """Return the paper that `records` are: each field from the most complete record that has it.

    A whole text goes before a cut one. Venue, volume, pages, year and DOI are one citation: they come together from
    the record that is best to cite, and each from the next that has it only where that record names no venue. A year
    alone is taken from any other: a paper without one could not be found by it.
    """
    citable = sorted(records, key=_citable)
    cited = citable[:1] if citable[0].venue else citable
    ranked = sorted(records, key=lambda r: ("title" in r.cut, not r.doi, -len(r.authors), not r.abstract, r.id))
    year = next((r.year for r in (*cited, *citable) if r.year), None)
    dated = [r for r in (*cited, *citable) if year is None or r.published[:4] == str(year)]
    givers = {
        "title": ranked[0],
        "authors": max(ranked, key=lambda r: (len(r.authors), "authors" not in r.cut)),
        "year": _first(r for r in (*cited, *citable) if r.year),
        "venue": _first(r for r in cited if r.venue),
        "volume": _first(r for r in cited if r.volume),
        "pages": _first(r for r in cited if r.pages),
        "doi": _first(r for r in cited if doi(r.doi)),
        "url": _first(r for r in ranked if r.url),
        "abstract": max(ranked, key=lambda r: (bool(r.abstract) and "abstract" not in r.cut, len(r.abstract))),
        "citations": max((r for r in ranked if r.citations is not None), key=lambda r: r.citations or 0, default=None),
        "venue_type": _first(r for r in cited if r.venue_type),
        # A date of another year is that of another version.
        "published": _first(r for r in dated if r.published),
    }
    told: dict[str, Any] = {
        field: getattr(giver, field) if giver else _NOTHING.get(field, "") for field, giver in givers.items()
    }
    return Paper(
        id=group.paper,
        key=key,
        study=group.study,
        records=group.records,
        given={field: giver.id for field, giver in givers.items() if giver and told[field] not in _EMPTY},
        **{**told, "doi": doi(told["doi"])},
    )


def _citable(record: Record) -> tuple[object, ...]:
    """Order records by how well they can be cited: published before preprint, then by place, venue and year."""
    name = doi(record.doi)
    published = bool(name) and not name.startswith(_PREPRINTS) and record.venue_type != "repository"
    place = bool(record.volume) + bool(record.pages)
    return not published, -place, not record.venue, not record.year, not name, record.id


def _first(records: Iterable[Record]) -> Record | None:
    return next(iter(records), None)


def arrivals(searches: Iterable[Search]) -> dict[str, int]:
    """Return the order in which searches were made; one without a date came last."""
    ordered = sorted(searches, key=lambda search: (not search.date, search.date, search.id))
    return {search.id: number for number, search in enumerate(ordered)}


def first(records: Sequence[Record], arrived: Mapping[str, int]) -> Record:
    """Return the record of a paper that came first, which names it."""
    return min(records, key=lambda record: (arrived[record.search], record.id))


def base(record: Record) -> str:
    """Return the citation key that a record makes, before collisions are told apart."""
    return citation_key(record.authors, record.year, record.title)


def keys(papers: Sequence[Sequence[Record]], arrived: Mapping[str, int]) -> list[str]:
    """Return a citation key for each paper, given its records.

    `arrived` says in which order the searches came. A key that is taken gets a letter, so that a paper which
    came later never renames an earlier one.
    """
    firsts = [first(records, arrived) for records in papers]
    order = sorted(range(len(firsts)), key=lambda n: (arrived[firsts[n].search], firsts[n].id))
    taken: dict[str, int] = {}
    given: dict[int, str] = {}
    for number in order:
        stem = key = base(firsts[number])
        while key in taken:
            key = stem + _letters(taken[stem])
            taken[stem] += 1
        taken[key] = 0
        given[number] = key
    return [given[number] for number in range(len(firsts))]


def _letters(number: int) -> str:
    """Return a, b, ... z, aa, ab, ... for 0, 1, ..."""
    rest, last = divmod(number, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("a") + last)
