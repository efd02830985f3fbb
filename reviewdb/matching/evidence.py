"""Evidence: what can be said of many pairs of records at once, a column for each thing."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from reviewdb.matching.folding import numerals
from reviewdb.matching.prepared import Prepared
from reviewdb.matching.wording import AGREE, DIFFER, UNKNOWN, kind_of, venues_agree, wordings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reviewdb.matching.prepared import Bits, Flags, Integers

    Numbers = NDArray[np.float32]
    Answers = NDArray[np.int8]
    Counts = NDArray[np.int8]

# Pairs whose titles are less alike are compared further only where something else speaks for them.
_ALIKE, _A_LITTLE_ALIKE = 60, 25
# The wording is only looked at where a rule may ask for it.
_WORDED = 75
# An ending more or less is no other beginning.
_CUT_ENDS = 1
_NAMES_ALIKE = 75
# How many bits are set in each number of sixteen.
_SET = np.array([number.bit_count() for number in range(1 << 16)], np.int8)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of m pairs, an array of m values a field.

    Numbers are NaN where a record does not say; answers are AGREE, UNKNOWN or DIFFER.
    """

    #: Similarity of the titles, 0 to 100, by edits.
    title: Numbers
    #: How much of the shorter title is in the longer one, 0 to 100, by words.
    part: Numbers
    #: Letters of the shorter title, and its words.
    letters: Numbers
    words: Numbers
    #: Share of the names of the shorter author list that are in the longer one, 0 to 100.
    authors: Numbers
    #: Names in the shorter author list.
    names: Numbers
    years_apart: Numbers
    doi: Answers
    volume: Answers
    number: Answers
    #: The first page.
    page: Answers
    venue: Answers
    #: The venue is spelled alike, as where one source lists both; UNKNOWN where a record has none.
    listing: Answers
    #: Both venues call themselves journals, or meetings, or nothing; UNKNOWN where a record has none.
    kind: Answers
    #: The address, or the number that the source gives the work.
    link: Answers
    #: The numbers in the titles: "part II" is not "part 3"; UNKNOWN where one has more of them.
    numerals: Answers
    #: The words of the titles, but for their spelling; UNKNOWN where one says more.
    wording: Answers
    #: The words that differ are at least alike, as misspelled ones are.
    spelling: Answers
    #: One title was cut short by its source, and the other begins so.
    cut: Answers
    #: Titles that name no single work, by all who bear them.
    single: Answers
    #: Both are preprints, or neither is.
    stage: Answers

    def __len__(self) -> int:
        return len(self.title)

    def told(self, pair: int) -> dict[str, float | str | None]:
        """Return what is known of one pair, by field: a number, `agree` or `differ`, None where nobody says."""
        said: dict[str, float | str | None] = {}
        for field in fields(self):
            values = getattr(self, field.name)
            value = values[pair].item()
            if values.dtype == np.int8:
                said[field.name] = {AGREE: "agree", DIFFER: "differ"}.get(value)
            else:
                said[field.name] = None if np.isnan(value) else round(value, 1)
        return said


def sift(records: Prepared, left: Integers, right: Integers) -> tuple[Integers, Integers]:
    """Return those of the pairs that can be related at all: the others are different by their titles alone."""
    kept = _ratios(records, left, right, _ALIKE) > 0
    kept |= records.cut[left] | records.cut[right]
    speaks = (records.doi[left] == records.doi[right]) & (records.doi[left] > 0)
    speaks |= (records.page[left] == records.page[right]) & (records.page[left] > 0)
    speaks |= (records.link[left] == records.link[right]) & (records.link[left] > 0)
    speaks |= _one_holds_the_other(records.words[left], records.words[right])
    other = np.flatnonzero(speaks & ~kept)
    kept[other] = _ratios(records, left[other], right[other], _A_LITTLE_ALIKE) > 0
    return left[kept], right[kept]


def _one_holds_the_other(one: Bits, other: Bits) -> Flags:
    """Return where at least half of the words of one title are in the other, or its bits are."""
    common = _count(one & other)
    return (common > 0) & (2 * common >= np.minimum(_count(one), _count(other)))


def _count(bits: Bits) -> Counts:
    """Return how many bits are set in each number; numpy has its own from 2.0 on."""
    found: Counts = _SET[bits.view(np.uint16)].reshape(len(bits), 4).sum(axis=1, dtype=np.int8)
    return found


def _ratios(records: Prepared, left: Integers, right: Integers, least: float) -> Numbers:
    titles = records.titles
    one, other = [titles[n] for n in left], [titles[n] for n in right]
    return cpdist(one, other, scorer=fuzz.ratio, score_cutoff=least, workers=-1, dtype=np.float32)


def compare(records: Prepared, left: Integers, right: Integers) -> Evidence:
    """Return what is known of the pairs whose positions are given, each `left` with its `right`."""
    title = _ratios(records, left, right, 0)
    size = len(title)
    differ_in_title = np.flatnonzero(title < 100)  # noqa: PLR2004 - per cent
    titles, authors = records.titles, records.authors
    part = title.copy()
    one, other = ([titles[n] for n in side[differ_in_title]] for side in (left, right))
    part[differ_in_title] = cpdist(one, other, scorer=fuzz.token_set_ratio, workers=-1, dtype=np.float32)
    cut = _begin_alike(records, left, right, title, part)
    numbers = np.array(
        [
            _numbers_agree(records.numerals[a], records.numerals[b])
            for a, b in zip(left.tolist(), right.tolist(), strict=True)
        ],
        np.int8,
    )
    wording, spelling = np.full(size, AGREE, np.int8), np.full(size, AGREE, np.int8)
    for at in np.flatnonzero((title < 100) & ((title >= _WORDED) | (part >= _WORDED)) & (cut != AGREE)):  # noqa: PLR2004
        one, other = titles[left[at]], titles[right[at]]
        wording[at], spelling[at] = wordings(one, other)
        if one.replace(" ", "") == other.replace(" ", ""):
            numbers[at] = AGREE  # "H2O" is "H 2 O"
    for at in np.flatnonzero(cut == AGREE):
        short, long = sorted((titles[left[at]], titles[right[at]]), key=len)
        numbers[at] = _numbers_agree(numerals(short), numerals(long[: len(short)]))
    share, names = _authors(authors, left, right)
    return Evidence(
        title=title,
        part=part,
        letters=np.minimum(records.letters[left], records.letters[right]).astype(np.float32),
        words=np.minimum(records.counts[left], records.counts[right]).astype(np.float32),
        authors=share,
        names=names,
        years_apart=_apart(records.year, left, right),
        doi=_equal(records.doi, left, right),
        volume=_equal(records.volume, left, right),
        number=_equal(records.number, left, right),
        page=_equal(records.page, left, right),
        venue=_venues(records, left, right),
        listing=_equal(records.venue, left, right),
        kind=_kinds(records, left, right),
        link=_equal(records.link, left, right),
        numerals=numbers,
        wording=wording,
        spelling=spelling,
        cut=cut,
        single=np.where(records.recurring[left] | records.recurring[right], DIFFER, AGREE).astype(np.int8),
        stage=np.where(records.preprint[left] == records.preprint[right], AGREE, DIFFER).astype(np.int8),
    )


def _numbers_agree(one: str, other: str) -> int:
    if one == other:
        return AGREE
    here, there = set(one.split()), set(other.split())
    return UNKNOWN if here <= there or there <= here else DIFFER


def _equal(values: Integers, left: Integers, right: Integers) -> Answers:
    one, other = values[left], values[right]
    return np.where((one == 0) | (other == 0), UNKNOWN, np.where(one == other, AGREE, DIFFER)).astype(np.int8)


def _apart(year: Integers, left: Integers, right: Integers) -> Numbers:
    one, other = year[left], year[right]
    return np.where((one == 0) | (other == 0), np.nan, np.abs(one - other)).astype(np.float32)


def _venues(records: Prepared, left: Integers, right: Integers) -> Answers:
    size = len(records.venues)
    one, other = records.venue[left], records.venue[right]
    pairs, where = np.unique(np.minimum(one, other) * size + np.maximum(one, other), return_inverse=True)
    said = np.array([_venues_agree(records, *divmod(pair, size)) for pair in pairs.tolist()], np.int8)
    return said[where] if len(said) else np.zeros(0, np.int8)


def _kinds(records: Prepared, left: Integers, right: Integers) -> Answers:
    kinds = np.array([kind_of(venue.split()) for venue in records.venues], np.int8)
    one, other = records.venue[left], records.venue[right]
    said = np.where(kinds[one] == kinds[other], AGREE, DIFFER)
    return np.where((one == 0) | (other == 0), UNKNOWN, said).astype(np.int8)


def _venues_agree(records: Prepared, one: int, other: int) -> int:
    said = venues_agree(records.venues[one], records.venues[other])
    is_cut = one in records.cut_venues or other in records.cut_venues
    return UNKNOWN if said == DIFFER and is_cut else said


def _authors(authors: list[str], left: Integers, right: Integers) -> tuple[Numbers, Numbers]:
    share = np.full(len(left), np.nan, np.float32)
    names = np.zeros(len(left), np.float32)
    unlike = []
    for at, (a, b) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        one, other = authors[a], authors[b]
        if not one or not other:
            continue
        if one == other:
            share[at], names[at] = 100, one.count(" ") + 1
            continue
        here, there = set(one.split()), set(other.split())
        names[at] = fewest = min(len(here), len(there))
        share[at] = 100 * len(here & there) / fewest
        if share[at] < 50:  # noqa: PLR2004 - a half
            unlike.append(at)
    if unlike:
        # Spellings: a letter lost in every second name.
        one_side, other_side = ([authors[n] for n in side[unlike]] for side in (left, right))
        alike = cpdist(one_side, other_side, scorer=fuzz.token_sort_ratio, score_cutoff=_NAMES_ALIKE, dtype=np.float32)
        share[unlike] = np.maximum(share[unlike], alike)
    return share, names


def _begin_alike(records: Prepared, left: Integers, right: Integers, title: Numbers, part: Numbers) -> Answers:
    """Return where one title was cut short and the other begins so, and set `title` and `part` for these pairs."""
    found = np.zeros(len(left), np.int8)
    for at in np.flatnonzero(records.cut[left] | records.cut[right]):
        a, b = int(left[at]), int(right[at])
        (short, is_cut), (long, _) = sorted(
            ((records.titles[n], bool(records.cut[n])) for n in (a, b)), key=lambda end: len(end[0])
        )
        if is_cut and short:
            title[at] = part[at] = fuzz.ratio(short, long[: len(short)])
            found[at] = AGREE if title[at] >= 95 else DIFFER  # noqa: PLR2004
    return found
