"""Records as they are compared: each field of all of them normalised in one go, once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from reviewdb.matching.folding import WORDS, first_number, folded, names, numerals
from reviewdb.matching.recurring import recurring
from reviewdb.model import Record
from reviewdb.text import doi

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Bits = NDArray[np.uint64]


_PREPRINT = re.compile(
    r"10\.(?:48550|1101/(?:\d{4}|\d{6}$)|21203|26434|31219|31234|20944|2139/ssrn|36227|22541)"
    r"|\b(?:arxiv|biorxiv|medrxiv|chemrxiv|psyarxiv|ssrn|preprints?|research square|corr)\b"
)
# Google Scholar often names the site of a text where it knows no venue.
_SITE = re.compile(r"(?:[a-z0-9-]+\.)+(?:com|edu|gov|net|org|[a-z]{2})(?:/\S*)?")
_ENDS = ("…", "...")
# An address without a path; and how many titles an address has that is none of a work: two may be spellings of one.
_FRONT = re.compile(r"https?://[^/?#]*/?")
_SHARED_BY = 3
#: Years as sources may give them; anything else is no year.
YEARS = range(1000, 3000)


@dataclass(frozen=True, slots=True)
class Columns:
    """What is compared of n records: for each field the n texts of it, empty where a record does not say."""

    ids: Sequence[str]
    titles: Sequence[str]
    authors: Sequence[str]
    years: Sequence[int]
    venues: Sequence[str]
    volumes: Sequence[str]
    numbers: Sequence[str]
    pages: Sequence[str]
    dois: Sequence[str]
    #: Where a record is found: an address, or the number that its source gives the work.
    links: Sequence[str]
    #: Whether the source cut the title short.
    cut: Sequence[bool]

    def __post_init__(self) -> None:
        if len({len(getattr(self, field.name)) for field in fields(self)}) > 1:
            raise ValueError("the columns are not of one length")


@dataclass(frozen=True, slots=True)
class Prepared:
    """n records as they are compared, in order of id. In arrays of numbers, 0 says that a record does not say."""

    ids: list[str]
    #: Folded words, with a space between.
    titles: list[str]
    #: Letters and words of the titles.
    letters: Integers
    counts: Integers
    #: A bit for each word of the title but the small ones; several words share a bit.
    words: Bits
    #: Folded names of two letters or more, initials left out, with a space between.
    authors: list[str]
    #: The distinct venues, folded, the empty one first.
    venues: list[str]
    venue: Integers
    #: Those of the venues that were cut short.
    cut_venues: frozenset[int]
    year: Integers
    volume: Integers
    number: Integers
    page: Integers
    doi: Integers
    link: Integers
    #: The numbers in the titles, sorted, with a space between.
    numerals: list[str]
    cut: Flags
    #: Is a preprint, by its DOI or its venue.
    preprint: Flags
    #: Bears a title that names no single work.
    recurring: Flags

    def __len__(self) -> int:
        return len(self.ids)


def of_records(records: Iterable[Record]) -> Columns:
    """Return what is compared of the records of a review."""
    found = list(records)
    return Columns(
        [r.id for r in found],
        [r.title for r in found],
        ["; ".join(r.authors) for r in found],
        [r.year or 0 for r in found],
        [f"{r.venue} …" if "venue" in r.cut else r.venue for r in found],
        [r.volume.partition("(")[0] for r in found],
        [r.volume.partition("(")[2] for r in found],
        [r.pages for r in found],
        [r.doi for r in found],
        [str(r.extra.get("cid") or r.url) for r in found],
        ["title" in r.cut for r in found],
    )


def prepare(columns: Columns) -> Prepared:
    """Return the records in order of id, so that the order in which they come changes nothing."""
    order = sorted(range(len(columns.ids)), key=columns.ids.__getitem__)

    def ordered(values: Sequence[str]) -> list[str]:
        return [values[n] for n in order]

    dois = [doi(text) if text else "" for text in ordered(columns.dois)]
    titles = folded(ordered(columns.titles))
    authors = list(map(names, ordered(columns.authors)))
    year = np.array([columns.years[n] if columns.years[n] in YEARS else 0 for n in order], np.int64)
    distinct, venue = _numbered("" if _SITE.fullmatch(text) else text for text in ordered(columns.venues))
    venues = folded(distinct)
    is_repository = np.array([bool(_PREPRINT.search(text)) for text in venues], np.bool_)
    volume, page = (_parsed(ordered(texts), first_number) for texts in (columns.volumes, columns.pages))
    name, link = _numbered(dois)[1], _numbered(_telling(ordered(columns.links), titles))[1]
    return Prepared(
        ids=ordered(columns.ids),
        titles=titles,
        letters=np.array([len(title) for title in titles], np.int64),
        counts=np.array([title.count(" ") + 1 if title else 0 for title in titles], np.int64),
        words=_words_in_bits(titles),
        authors=authors,
        venues=venues,
        venue=venue,
        cut_venues=frozenset(n for n, text in enumerate(distinct) if text.startswith(_ENDS) or text.endswith(_ENDS)),
        year=year,
        volume=volume,
        number=_parsed(ordered(columns.numbers), first_number),
        page=page,
        doi=name,
        link=link,
        numerals=list(map(numerals, titles)),
        cut=np.array([columns.cut[n] for n in order], np.bool_),
        preprint=is_repository[venue] | np.array([bool(_PREPRINT.match(text)) for text in dois], np.bool_),
        recurring=recurring(titles, authors, year, venue, (volume > 0) | (page > 0) | (name > 0) | (link > 0)),
    )


def _telling(links: Sequence[str], titles: Sequence[str]) -> list[str]:
    """Return the links that lead to one work: not the front page of a site, nor what several titles share."""
    led: dict[str, set[str]] = defaultdict(set)
    for link, title in zip(links, titles, strict=True):
        led[link].add(title)
    return ["" if _FRONT.fullmatch(link) or len(led[link]) >= _SHARED_BY else link for link in links]


def _words_in_bits(titles: Iterable[str]) -> Bits:
    bits: dict[str, int] = dict.fromkeys(WORDS["titles"]["small"], 0)
    found = []
    for title in titles:
        mask = 0
        for word in title.split():
            # In turn, and not by a hash of Python's, which is another one in every process.
            mask |= bits.setdefault(word, 1 << len(bits) % 64)
        found.append(mask)
    return np.array(found, np.uint64)


def _parsed(texts: Iterable[str], read: Callable[[str], int]) -> Integers:
    known = {"": 0}
    values = []
    for text in texts:
        if text not in known:
            known[text] = read(text)
        values.append(known[text])
    return np.array(values, np.int64)


def _numbered(keys: Iterable[str]) -> tuple[list[str], Integers]:
    """Return the distinct keys, and for each of `keys` its place among them; that of the empty text is 0."""
    numbers = {"": 0}
    places = np.fromiter((numbers.setdefault(key, len(numbers)) for key in keys), np.int64)
    return list(numbers), places
