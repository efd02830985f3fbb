"""The matcher: which records may be one document, by which rule, and why. Values in, links out."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import combinations

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from reviewdb.model import Link, Record, Relation
from reviewdb.text import doi, surname, words

# A block larger than this is a recurring title or a famous family name: only neighbours in order are compared.
_LARGEST_BLOCK = 40
_WINDOW = 10
# Least similarity of two spellings of a word; and the letters of a word that a syllable before it may turn round.
_SPELLING = 60
_STEM = 5
_DIGITS = re.compile(r"\d+")
_ROMAN = {
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "x": "10",
}


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A record as it is compared: normalised once."""

    id: str
    title: str
    numerals: frozenset[str]
    surnames: frozenset[str]
    #: The words of each full name, in order of the alphabet: two lists may turn names around.
    names: frozenset[str]
    year: int | None
    doi: str
    first_page: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the rules see of a pair. Similarities are 0 to 100; None where one side does not say."""

    title: float
    #: How much of the shorter title lies in the longer one.
    part: float
    #: Letters of the shorter title.
    letters: int
    #: Share of the shorter author list found in the longer one, 0 to 1.
    authors: float | None
    years_apart: int | None
    same_doi: bool | None
    #: The first pages agree: two abstracts of one title and one author often stand in one volume.
    same_page: bool | None
    same_numerals: bool
    #: No word of one title stands for another one: "CT" for "MR", "supervised" for "unsupervised".
    same_words: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold of a pair for it to be related as `relation`: least values, None where anything will do."""

    name: str
    relation: Relation
    #: A sentence with fields of the evidence in braces.
    reason: str
    title: float = 0
    part: float = 0
    letters: int = 0
    authors: float | None = None
    #: The one greatest value.
    years_apart: int | None = None
    #: True: both have the same DOI; None: they must not have different ones; False: they may.
    same_doi: bool | None = None
    same_page: bool | None = None
    same_numerals: bool = True
    same_words: bool = True
    #: Which of `authors` and `years_apart` hold as well where one side does not say.
    may_lack: tuple[str, ...] = ()

    def holds(self, e: Evidence) -> bool:
        """Say whether the evidence meets the rule."""
        return (
            e.title >= self.title
            and e.part >= self.part
            and e.letters >= self.letters
            and self._authors(e.authors)
            and self._years(e.years_apart)
            and _agrees(self.same_doi, e.same_doi)
            and _agrees(self.same_page, e.same_page)
            and (e.same_numerals or not self.same_numerals)
            and (e.same_words or not self.same_words)
        )

    def _authors(self, share: float | None) -> bool:
        if self.authors is None or share is None:
            return self.authors is None or "authors" in self.may_lack
        return share >= self.authors

    def _years(self, apart: int | None) -> bool:
        if self.years_apart is None or apart is None:
            return self.years_apart is None or "years_apart" in self.may_lack
        return apart <= self.years_apart


def _agrees(wanted: bool | None, found: bool | None) -> bool:
    """Say whether what was found will do: True must be True, False may be anything, None must not be False."""
    return wanted is False or (found is True if wanted else found is not False)


def _rules() -> tuple[Rule, ...]:
    data = tomllib.loads((files("reviewdb") / "matching-rules.toml").read_text(encoding="utf-8"))
    return tuple(
        Rule(**{**rule, "relation": Relation(rule["relation"]), "may_lack": tuple(rule.get("may_lack", ()))})
        for rule in data["rule"]
    )


#: The first rule that holds decides; a pair that none holds for is different.
RULES = _rules()


def prepare(record: Record) -> _Prepared:
    """Normalise one record for comparison."""
    parts = words(record.title)
    surnames = [(author, name) for author in record.authors if (name := surname(author))]
    return _Prepared(
        id=record.id,
        title=" ".join(parts),
        numerals=frozenset(_numerals(parts)),
        surnames=frozenset(name for _, name in surnames),
        names=frozenset(" ".join(sorted(words(author))) for author, _ in surnames),
        year=record.year,
        doi=doi(record.doi),
        first_page=_first_page(record.pages),
    )


def _numerals(parts: Sequence[str]) -> Iterator[str]:
    """Yield what numbers one part of a work, or one of its kind: `2D`, `part B`, `II`; the X of `X-ray` is none."""
    for at, word in enumerate(parts):
        before, after = parts[max(at - 1, 0)], parts[min(at + 1, len(parts) - 1)]
        digits = _DIGITS.findall(word)
        if digits:
            yield from digits
        elif at and (before == "part" or (word in _ROMAN and not (word == "x" and after.startswith("ray")))):
            yield _ROMAN.get(word, word)


def _first_page(pages: str) -> str:
    found = words(pages)
    return found[0].lstrip("0") if found else ""


def candidates(prepared: Sequence[_Prepared]) -> list[tuple[int, int]]:
    """Return the pairs of positions (small, large) that share a blocking key, in order."""
    blocks: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, record in enumerate(prepared):
        for key in _keys(record):
            blocks[key].append(at)
    pairs: set[tuple[int, int]] = set()
    for block in blocks.values():
        pairs.update(_pairs(block, prepared))
    return sorted(pairs)


def _keys(record: _Prepared) -> Iterator[tuple[str, str]]:
    if record.doi:
        yield "doi", record.doi
    letters = record.title.replace(" ", "")
    yield "title", letters[:22]
    yield "end", letters[-22:]
    # Word order and a new opening ("PaRCE: ...") leave the rarer, longer words in place.
    yield "longest", " ".join(sorted(sorted(set(record.title.split()), key=lambda w: (-len(w), w))[:3]))
    for name in sorted(record.surnames)[:2]:
        yield "author", f"{name} {record.year}"


def _pairs(block: list[int], prepared: Sequence[_Prepared]) -> Iterable[tuple[int, int]]:
    if len(block) <= _LARGEST_BLOCK:
        return combinations(block, 2)
    ordered = sorted(block, key=lambda at: (prepared[at].title, prepared[at].year or 0, at))
    return ((min(a, b), max(a, b)) for i, a in enumerate(ordered) for b in ordered[i + 1 : i + 1 + _WINDOW])


def match(records: Sequence[Record]) -> list[Link]:
    """Return a link for every pair of records that a rule calls the same or doubtful, in order of ids.

    The order of `records` changes nothing.
    """
    prepared = sorted(map(prepare, records), key=lambda record: record.id)
    pairs = candidates(prepared)
    if not pairs:
        return []
    left = [prepared[a].title for a, _ in pairs]
    right = [prepared[b].title for _, b in pairs]
    title = cpdist(left, right, scorer=fuzz.ratio, workers=-1, dtype=np.float32)
    part = cpdist(left, right, scorer=fuzz.token_set_ratio, workers=-1, dtype=np.float32)
    links = []
    for (a, b), alike, within in zip(pairs, title.tolist(), part.tolist(), strict=True):
        evidence = _evidence(prepared[a], prepared[b], alike, within)
        rule = next((rule for rule in RULES if rule.holds(evidence)), None)
        if rule:
            reason = rule.reason.format(title=evidence.title, part=evidence.part, authors=evidence.authors or 0.0)
            score = round(evidence.title, 1)
            links.append(Link(prepared[a].id, prepared[b].id, rule.relation, rule.name, score, reason))
    return links


def _share(a: _Prepared, b: _Prepared) -> float | None:
    fewest = min(len(a.surnames), len(b.surnames))
    return min(max(len(a.surnames & b.surnames), len(a.names & b.names)) / fewest, 1.0) if fewest else None


def _evidence(a: _Prepared, b: _Prepared, title: float, part: float) -> Evidence:
    return Evidence(
        title=title,
        part=part,
        letters=min(len(a.title), len(b.title)),
        authors=_share(a, b),
        years_apart=abs(a.year - b.year) if a.year and b.year else None,
        same_doi=a.doi == b.doi if a.doi and b.doi else None,
        same_page=a.first_page == b.first_page if a.first_page and b.first_page else None,
        same_numerals=a.numerals == b.numerals,
        same_words=_same_words(a.title, b.title),
    )


def _same_words(a: str, b: str) -> bool:
    in_a, in_b = ([w for w in title.split() if w not in _ROMAN and not w.isdigit()] for title in (a, b))
    one, other = (" ".join(w for w in ours if w not in theirs) for ours, theirs in ((in_a, in_b), (in_b, in_a)))
    if not one or not other:
        return True
    short, long = sorted((one, other), key=len)
    return fuzz.ratio(one, other) >= _SPELLING and not (len(short) >= _STEM and long.endswith(short))
