"""Papers: what is said of one by the records that are it, and the citation key that names it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reviewdb.model import Group, Paper, Record
from reviewdb.text import citation_key, doi

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
    best = ranked[0]
    year = next((r.year for r in (*cited, *citable) if r.year), None)
    return Paper(
        id=group.paper,
        key=key,
        study=group.study,
        records=group.records,
        title=best.title,
        authors=max(ranked, key=lambda r: (len(r.authors), "authors" not in r.cut)).authors,
        year=year,
        venue=_first(r.venue for r in cited),
        volume=_first(r.volume for r in cited),
        pages=_first(r.pages for r in cited),
        doi=_first(doi(r.doi) for r in cited),
        url=_first(r.url for r in ranked),
        abstract=max(ranked, key=lambda r: (bool(r.abstract) and "abstract" not in r.cut, len(r.abstract))).abstract,
        citations=max((r.citations for r in ranked if r.citations is not None), default=None),
        venue_type=_first(r.venue_type for r in cited),
        # A date of another year is that of another version.
        published=_first(r.published for r in (*cited, *citable) if year is None or r.published[:4] == str(year)),
    )


def _citable(record: Record) -> tuple[object, ...]:
    """Order records by how well they can be cited: published before preprint, then by place, venue and year."""
    name = doi(record.doi)
    published = bool(name) and not name.startswith(_PREPRINTS) and record.venue_type != "repository"
    place = bool(record.volume) + bool(record.pages)
    return not published, -place, not record.venue, not record.year, not name, record.id


def _first(values: Iterable[str]) -> str:
    return next(filter(None, values), "")


def keys(papers: Sequence[Sequence[Record]], arrivals: Mapping[str, int]) -> list[str]:
    """Return a citation key for each paper, given its records.

    `arrivals` says in which order the searches came. A key that is taken gets a letter, so that a paper which
    came later never renames an earlier one.
    """
    firsts = [min(records, key=lambda r: (arrivals[r.search], r.id)) for records in papers]
    order = sorted(range(len(firsts)), key=lambda n: (arrivals[firsts[n].search], firsts[n].id))
    taken: dict[str, int] = {}
    given: dict[int, str] = {}
    for number in order:
        record = firsts[number]
        base = key = citation_key(record.authors, record.year, record.title)
        while key in taken:
            key = base + _letters(taken[base])
            taken[base] += 1
        taken[key] = 0
        given[number] = key
    return [given[number] for number in range(len(firsts))]


def _letters(number: int) -> str:
    """Return a, b, ... z, aa, ab, ... for 0, 1, ..."""
    rest, last = divmod(number, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("a") + last)
