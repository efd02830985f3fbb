"""Papers: what is said of one by the records that are it, and the citation key that names it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewdb import grouping
from reviewdb.model import CORRECTS, RESTORES, Group, Link, Paper, Record, Search
from reviewdb.text import citation_key, doi, is_key

_NOTHING: Mapping[str, Any] = {"authors": (), "year": None, "citations": None}
_EMPTY = ("", (), None)
# arXiv's own DOIs.
_PREPRINTS = "10.48550/"
# Three letters tell 18,278 papers of one stem apart.
_MOST_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Settled:
    """What records come to: papers in order of id, and every link between records, what is set aside marked."""

    groups: Sequence[Group]
    #: The citation keys of these papers, and of those beside them.
    keys: Sequence[str]
    beside: Sequence[str]
    links: Sequence[Link]

    def papers(self, records: Mapping[str, Record], some: slice = slice(None)) -> list[Paper]:
        """Return some of the papers, merged of their records."""
        named = zip(self.groups[some], self.keys[some], strict=True)
        return [merge(group, [records[id_] for id_ in group.records], key) for group, key in named]


def settle(
    records: Mapping[str, Record],
    matches: Sequence[Link],
    rulings: Sequence[Link],
    arrived: Mapping[str, int],
    beside: Sequence[Sequence[Record]] = (),
) -> Settled:
    """Put records into papers by what rules and people say of them, and name each paper.

    A record that only tells more of another one (`about`) joins the paper of that one; it neither joins papers nor
    names any. `beside` holds the hits of other papers, whose keys may change with these.
    """
    hits = {id_: record for id_, record in records.items() if not record.about}
    on_hits = [ruling for ruling in rulings if ruling.a in hits and ruling.b in hits]
    on_more = [ruling for ruling in rulings if not (ruling.a in hits and ruling.b in hits)]
    groups, links = grouping.group(hits, matches, on_hits)
    named = keys([*([hits[r] for r in group.records] for group in groups), *beside], arrived)
    groups, told = grouping.attach(groups, on_more, [record for record in records.values() if record.about])
    return Settled(groups, named[: len(groups)], named[len(groups) :], [*links, *on_more, *told])


def merge(group: Group, records: Sequence[Record], key: str) -> Paper:
    """Return the paper that `records` are: each field from the most complete record that has it.

    A whole text goes before a cut one. Venue, volume, pages, year and DOI are one citation: they come together from
    the record that is best to cite, and each from the next that has it only where that record names no venue. A year
    alone is taken from any other: a paper without one could not be found by it. What a person put right goes before
    all of it.
    """
    put_right = corrected(records)
    if any(map(is_correction, records)):
        records = [r for r in records if not is_correction(r)]
    citable = ranked = records
    if len(records) > 1:  # two of three papers have one
        citable = sorted(records, key=_citable)
        ranked = sorted(records, key=lambda r: ("title" in r.cut, not r.doi, -len(r.authors), not r.abstract, r.id))
    cited = citable[:1] if citable[0].venue else citable
    year = next((r.year for r in (*filter(None, [put_right.get("year")]), *cited, *citable) if r.year), None)
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
    givers |= put_right
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


def is_correction(record: Record) -> bool:
    """Say whether a person filed a record to put another one right, and not a source."""
    return bool(record.about) and (CORRECTS in record.extra or RESTORES in record.extra)


def corrected(records: Iterable[Record]) -> dict[str, Record]:
    """Return, for each field of a paper that a person put right and left so, the record that says what it is."""
    found: dict[str, Record] = {}
    for record in sorted(filter(is_correction, records), key=lambda r: (str(r.extra.get("at", "")), r.id)):
        for field in record.extra.get(RESTORES, ()):
            found.pop(field, None)
        found |= dict.fromkeys(record.extra.get(CORRECTS, ()), record)
    return found


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


def arrival(paper: Paper, records: Mapping[str, Record], arrived: Mapping[str, int]) -> tuple[str, str]:
    """Return the id of a paper, and that of the search which found it first."""
    hits = [records[id_] for id_ in paper.records if not records[id_].about]
    return paper.id, first(hits, arrived).search


def base(record: Record) -> str:
    """Return the citation key that a record has in its author's own library, or else makes, before collisions.

    What the author's manuscript cites by stays as it is; a key with marks that LaTeX takes amiss does not.
    """
    own = record.extra.get("citation_key")
    if isinstance(own, str) and is_key(own):
        return own
    return citation_key(record.authors, record.year, record.title)


def keys(papers: Sequence[Sequence[Record]], arrived: Mapping[str, int]) -> list[str]:
    """Return a citation key for each paper, given its records.

    `arrived` says in which order the searches came. A key that is taken, in whatever capitals, gets a letter, so that
    a paper which came later never renames an earlier one.
    """
    firsts = [first(records, arrived) for records in papers]
    order = sorted(range(len(firsts)), key=lambda n: (arrived[firsts[n].search], firsts[n].id))
    taken: dict[str, int] = {}
    given: dict[int, str] = {}
    for number in order:
        own = key = base(firsts[number])
        stem = own.lower()
        while key.lower() in taken:
            key = own + _letters(taken[stem])
            taken[stem] += 1
        taken[key.lower()] = 0
        given[number] = key
    return [given[number] for number in range(len(firsts))]


def may_meet(stem: str) -> Iterator[tuple[str, int]]:
    """Yield each shorter stem of which a later paper would be called `stem`, with how many papers take keys before it.

    Of `one2019deepb` it is `one2019deep`, once that one and `one2019deepa` are taken.
    """
    for length in range(1, min(_MOST_LETTERS, len(stem) - 1) + 1):
        letters = stem[-length:]
        if not (letters.isascii() and letters.isalpha() and letters.islower()):
            return
        yield stem[:-length], 1 + _number(letters)


def _number(letters: str) -> int:
    """Return 0, 1, ... for a, b, ... z, aa, ab, ..."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("a") + 1
    return number - 1


def _letters(number: int) -> str:
    """Return a, b, ... z, aa, ab, ... for 0, 1, ..."""
    rest, last = divmod(number, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("a") + last)
