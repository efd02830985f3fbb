"""Records as they are compared: each field of all of them normalised in one go, once."""

from __future__ import annotations

import html
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
from anyascii import anyascii

from reviewdb.model import Record
from reviewdb.text import doi

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Bits = NDArray[np.uint64]


# Letters and digits of ASCII, folded; an apostrophe stands inside of words; what parts records stays.
_WORDS = {n: chr(n).lower() if chr(n).isalnum() else " " for n in range(128)} | {ord("\n"): "\n", ord("'"): ""}
_MARKED = re.compile(r"[<&\\${}\[]")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
# How Google Scholar marks what a hit is.
_KIND = re.compile(r"^\s*(?:\[(?:PDF|HTML|BOOK|CITATION|DOC|B|C|TXT|PS)\]\s*)+", re.IGNORECASE)
_INITIALS = re.compile(r"\b[A-Z]{1,3}\b")
_NAME = re.compile(r"[a-z]{2,}")
# What a database adds to a title: "[Review] [33 refs]", "[Japanese]"; not a translation, which is longer.
_NOTE = re.compile(r"(?:[^\]\[]{0,24}|(?:published )?erratum (?:appears )?in.*|(?:see )?comments? in.*)", re.IGNORECASE)
# Scripts that put no space between words: each letter is one.
_UNSPACED = re.compile("([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff])")
_NO_NAMES = frozenset(("and", "et", "al", "others", "jr", "sr", "anonymous"))
_DIGITS = re.compile(r"\d+")
_NUMERAL = re.compile(r"\d|\b(?:[ivx]+|part)\b")
#: Roman numerals as they stand in titles, folded.
ROMAN = {w: str(n) for n, w in enumerate("i ii iii iv v vi vii viii ix x xi xii".split(), 1)}  # noqa: SIM905
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
# A title that so many author lists without a name in common bear, or that comes in so many years, recurs.
_LISTS, _LISTS_OF_SHORT, _YEARS_OF_ONE = 3, 2, 5
# A column is listed so often under one venue, and nothing tells its issues apart; or twice under each of two.
_LISTINGS, _TWICE, _COLUMN = 3, 2, 40
#: What the matcher knows of words, by what they are said of.
WORDS: dict[str, dict[str, frozenset[str]]] = {
    said_of: {kind: frozenset(words.split()) for kind, words in kinds.items()}
    for said_of, kinds in tomllib.loads((files("reviewdb.matching") / "words.toml").read_text(encoding="utf-8")).items()
}
#: Letters under which a title is too short to name a work by itself.
SHORT = 25


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
    authors = list(map(_names, ordered(columns.authors)))
    year = np.array([columns.years[n] if columns.years[n] in YEARS else 0 for n in order], np.int64)
    distinct, venue = _numbered("" if _SITE.fullmatch(text) else text for text in ordered(columns.venues))
    venues = folded(distinct)
    is_repository = np.array([bool(_PREPRINT.search(text)) for text in venues], np.bool_)
    volume, page = (_parsed(ordered(texts), first_number) for texts in (columns.volumes, columns.pages))
    names, link = _numbered(dois)[1], _numbered(_telling(ordered(columns.links), titles))[1]
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
        doi=names,
        link=link,
        numerals=list(map(numerals, titles)),
        cut=np.array([columns.cut[n] for n in order], np.bool_),
        preprint=is_repository[venue] | np.array([bool(_PREPRINT.match(name)) for name in dois], np.bool_),
        recurring=_recurring(titles, authors, year, venue, (volume > 0) | (page > 0) | (names > 0) | (link > 0)),
    )


def folded(texts: Sequence[str]) -> list[str]:
    """Return the words of each text in the letters of ASCII, small, with a space between.

    Markup goes (HTML, LaTeX, the marks of Google Scholar), and so do accents; other scripts are transliterated.
    """
    lines = "\n".join(texts)
    if lines.count("\n") >= max(len(texts), 1) or not lines.isascii() or _MARKED.search(lines):
        texts = [text if text.isascii() and not _MARKED.search(text) else _plain(text) for text in texts]
        lines = "\n".join(" ".join(text.split()) for text in texts)
    return [" ".join(line.split()) for line in lines.translate(_WORDS).split("\n")][: len(texts)]


def _plain(text: str) -> str:
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub("", text)
    if "\\" in text or "{" in text:
        from reviewdb.formats import latex  # noqa: PLC0415 - with its table of symbols, a tenth of a second

        text = latex.read(text)
    return anyascii(_UNSPACED.sub(r" \1 ", _without_notes(_KIND.sub("", text))))


def _without_notes(text: str) -> str:
    """Return a title without the notes in brackets at its end; one that is nothing else stays."""
    while True:
        bare = text.rstrip(" .\t\n")
        start = bare.rfind("[")
        if start < 1 or not _NOTE.fullmatch(bare[start + 1 :].removesuffix("]")) or not bare[:start].strip(" ."):
            return text
        text = bare[:start]


def _names(authors: str) -> str:
    """Return the names of two letters or more in a list of authors, however it is written, without initials."""
    if not authors:
        return ""
    plain = authors if authors.isascii() and not _MARKED.search(authors) else _plain(authors)
    plain = plain.replace("'", "")
    if not plain.isupper():
        plain = _INITIALS.sub(" ", plain)
    return " ".join(name for name in _NAME.findall(plain.lower()) if name not in _NO_NAMES)


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


def first_number(text: str) -> int:
    """Return the first number of a text such as `123-9`, `58 (1)` or `e1234`; 0 where it has none."""
    found = _DIGITS.search(text)
    return int(found.group()[:18]) if found else 0


def numerals(title: str) -> str:
    """Return what numbers one part of a work, or one of its kind: `2D`, `part B`, `II`; the X of `X-ray` is none."""
    return " ".join(sorted(set(_each_numeral(title.split())))) if _NUMERAL.search(title) else ""


def _each_numeral(parts: Sequence[str]) -> Iterator[str]:
    for at, word in enumerate(parts):
        before, after = parts[max(at - 1, 0)], parts[min(at + 1, len(parts) - 1)]
        digits = _DIGITS.findall(word)
        if digits:
            yield from (number.lstrip("0") for number in digits)
        # "I" and "X" begin titles that have no parts.
        elif (at or len(word) > 1) and (
            (at and before == "part") or (word in ROMAN and not (word == "x" and after.startswith("ray")))
        ):
            yield ROMAN.get(word, word)


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


def _recurring(titles: Sequence[str], authors: Sequence[str], year: Integers, venue: Integers, placed: Flags) -> Flags:
    """Return which records bear a title that names no single work.

    `placed` are those whose volume, page or DOI tells them from others of that title.
    """
    bearers: dict[str, list[int]] = defaultdict(list)
    for at, title in enumerate(titles):
        bearers[title].append(at)
    flags = np.zeros(len(titles), np.bool_)
    for title, places in bearers.items():
        if WORDS["titles"]["generic"].issuperset(title.split()):
            flags[places] = True
        elif len(places) > 1:
            lists = {authors[at] for at in places}
            flags[places] = _recurs(title, lists, year[places]) or (
                len(places) >= _LISTINGS
                and _is_column(
                    title, list(zip(venue[places].tolist(), year[places].tolist(), strict=True)), placed[places]
                )
            )
    return flags


def _recurs(title: str, lists: set[str], years: Integers) -> bool:
    most = _LISTS if len(title) >= SHORT else _LISTS_OF_SHORT
    if len(lists) < most and len(years) < _YEARS_OF_ONE:
        return False
    apart: list[set[str]] = []
    for names in sorted(lists):
        known = set(names.split())
        if known and all(known.isdisjoint(other) for other in apart):
            apart.append(known)
            if len(apart) >= most:
                return True
    return len(set(years[years > 0].tolist())) >= _YEARS_OF_ONE


def _is_column(title: str, listings: Sequence[tuple[int, int]], placed: Flags) -> bool:
    times = Counter(listing for listing, has_place in zip(listings, placed.tolist(), strict=True) if not has_place)
    return len(title) < _COLUMN and (
        max(times.values(), default=0) >= _LISTINGS or sum(count >= _TWICE for count in times.values()) >= _TWICE
    )
