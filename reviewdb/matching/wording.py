"""Wording: whether two titles say the same in other words, and whether two venues are one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from reviewdb.matching.folding import ROMAN, WORDS

#: What two records say of one thing.
AGREE, UNKNOWN, DIFFER = 1, 0, -1

# Least similarity of two spellings of a word; letters from which on a word may have one too many, and in which place.
_SPELLING = 60
_STEM = 5
_LONG, _PLURAL = 8, 4
# British and American: "oesophageal", "anaemia".
_DIGRAPH = re.compile("[ao]e")
_SMALL = WORDS["titles"]["small"]
_TELLING = WORDS["titles"]["about"] | WORDS["titles"]["opposite"]
_FURTHER, _CONTRAST = WORDS["titles"]["further"], WORDS["titles"]["contrast"]
_BEGINNINGS = sorted(WORDS["titles"]["beginnings"])
_VENUES = WORDS["venues"]
_UNNAMED = _VENUES["generic"] | _VENUES["small"] | _VENUES["publishers"]
# Of what two venues name themselves by, how much must be in both.
_SHARED = 0.6
_SHORTEST = 2
# An abbreviation of a venue that is made of letters from anywhere in its name.
_LONGEST_ACRONYM = 8
_SPELT_ALIKE = 80


def wordings(one: str, other: str) -> tuple[int, int]:
    """Say of two folded titles whether they have the same words, and whether they may have: AGREE, UNKNOWN or DIFFER.

    They have where words are only spelled otherwise ("tumour", "auto-encoder"); it is not known where one says more.
    They may have where the other words are alike at all, as "Iran" and "Iraq" are. "CT" for "MR" is neither, nor is
    "Erratum" where the other one has nothing.
    """
    # Hyphens come and go: "auto encoder" is "autoencoder".
    if one.replace(" ", "") == other.replace(" ", ""):
        return AGREE, AGREE
    mine, theirs = _words(one), _words(other)
    here, there = _unmatched([w for w in mine if w not in theirs], [w for w in theirs if w not in mine])
    if "".join(here) == "".join(there):
        return AGREE, AGREE
    if not _TELLING.isdisjoint(here) or not _TELLING.isdisjoint(there):
        return DIFFER, DIFFER
    if not here or not there:
        return UNKNOWN if _FURTHER.isdisjoint(here or there) else DIFFER, AGREE
    # Word by word, so that one exchanged is not outvoted by those misspelled.
    pairs = zip(here, there, strict=True) if len(here) == len(there) else [(" ".join(here), " ".join(there))]
    return DIFFER, AGREE if all(_are_alike(*pair) for pair in pairs) else DIFFER


def _unmatched(here: Sequence[str], there: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the words on either side that are no spelling of one on the other."""
    rest, left = list(there), []
    for word in here:
        same = next((other for other in rest if _is_spelling(word, other)), None)
        if same is None:
            left.append(word)
        else:
            rest.remove(same)
    return left, rest


def _is_spelling(one: str, other: str) -> bool:
    """Say whether two words are one but for a letter, in a long word any, or for an ending: "Iran" is not "Iraq"."""
    one, other = (_DIGRAPH.sub("e", word) for word in (one, other))
    short, long = sorted((one, other), key=len)
    if [*filter(str.isdigit, one)] != [*filter(str.isdigit, other)]:
        return False
    if one == other or (len(short) >= _PLURAL and long in (f"{short}s", f"{short}es")):
        return True
    # Of a word of five letters, one may be too many ("tumour") and two change places, but none be another one.
    is_long_enough = len(short) >= _LONG or (
        one[0] == other[0] and len(short) >= _STEM + (len(short) == len(long) and sorted(one) != sorted(other))
    )
    return is_long_enough and OSA.distance(one, other, score_cutoff=1) <= 1 and not _is_contrast(one, other)


def _is_contrast(one: str, other: str) -> bool:
    """Say whether two words are opposites, or begin otherwise and go on alike: "hypertension" and "hypotension"."""
    return (one in _CONTRAST and other in _CONTRAST) or not _ends(one).isdisjoint(_ends(other))


def _ends(word: str) -> set[str]:
    """Return the word, and what is left of it after each beginning that turns a word."""
    left = {word[len(start) :] for start in _BEGINNINGS if word.startswith(start)}
    return {word, *(end for end in left if len(end) >= _STEM - 1)}


def _are_alike(one: str, other: str) -> bool:
    """Say whether two texts are alike; "supervised" and "unsupervised" are not."""
    return fuzz.ratio(one, other) >= _SPELLING and not _is_contrast(one, other)


def _words(title: str) -> list[str]:
    return [w for w in title.split() if w not in ROMAN and not w.isdigit() and w not in _SMALL]


def venues_agree(one: str, other: str) -> int:
    """Say whether two folded venues are one: AGREE, UNKNOWN or DIFFER.

    Each may be written out, abbreviated by word or by initials, with or without what venues are generally called. A
    journal and a meeting differ, whatever they share: the one is where the other is worked out.
    """
    here, there = one.split(), other.split()
    few, many = sorted((_named(here), _named(there)), key=len)
    if not few:
        return AGREE if one == other and here else UNKNOWN
    if one == other or _opens(here, there) or _opens(there, here):
        return AGREE
    kinds = kind_of(here), kind_of(there)
    if kinds[0] * kinds[1] < 0:
        return DIFFER
    if _is_acronym(here, there) or _is_acronym(there, here):
        return AGREE
    if _shared(few, many) >= _SHARED:
        # "Lancet" may be "Lancet Oncology" or not.
        return UNKNOWN if len(few) == 1 < len(many) else AGREE
    is_acronym = len(few) == 1 and len(few[0]) <= _LONGEST_ACRONYM and len(many) > 1
    return UNKNOWN if is_acronym and kinds == (-1, -1) else DIFFER


def _shared(few: Sequence[str], many: Sequence[str]) -> float:
    return sum(any(_short_for(a, b) for b in many) for a in few) / len(few)


def _opens(short: Sequence[str], long: Sequence[str]) -> bool:
    """Say whether one begins as the other, abbreviated or not: "Endocrine Reviews. Conference: ..." as "Endocr Rev"."""
    return 1 < len(short) <= len(long) and all(b.startswith(a) for a, b in zip(short, long, strict=False))


def kind_of(venue: Sequence[str]) -> int:
    """Return 1 for a journal, -1 for a meeting, 0 where the name does not tell."""
    words = set(venue)
    if words & _VENUES["meeting"]:
        return -1
    return 1 if words & _VENUES["journal"] else 0


def _named(venue: Sequence[str]) -> list[str]:
    return [w for w in venue if w not in _UNNAMED and not w.isdigit() and len(w) >= _SHORTEST]


def _is_acronym(short: Sequence[str], long: Sequence[str]) -> bool:
    """Say whether a word of `short` is made of the initials of words that follow each other in `long`."""
    initials = "".join(word[0] for word in long if word not in _VENUES["small"])
    return any(len(w) > _SHORTEST and w in initials for w in short if w not in _UNNAMED)


def _short_for(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    return long.startswith(short) or fuzz.ratio(a, b) >= _SPELT_ALIKE
