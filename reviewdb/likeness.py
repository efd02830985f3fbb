"""Likeness: whether a work that another source knows is the one that a record of the review names, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rapidfuzz import fuzz

from reviewdb import works
from reviewdb.model import Record
from reviewdb.text import counted, surname, words

#: Least similarity of two folded titles, in per cent of their letters. Spellings, plurals and lost hyphens of one title
#: stay above it; below, titles of two works of one group begin. What still comes through above ("CT" for "MR") is
#: refused word by word.
TITLES_ALIKE = 95
#: A preprint and its journal version are often a year apart.
YEARS_APART = 1
#: Titles of fewer letters ("Editorial"), and beginnings of titles, recur: they need an author in common.
SHORT = 25
#: With the same DOI, titles may differ in a subtitle, but a DOI in the wrong place leads to another work.
TITLES_OF_ONE_DOI = 85

# Words that titles gain and lose without becoming others.
_SMALL = frozenset("a an and as at by for from in into of on the to via".split())  # noqa: SIM905 - as people read it
# Two spellings of a word begin alike; short words are mostly abbreviations, of which each is another thing.
_OPENING, _SHORTEST_WORD, _SPELLING = 3, 4, 80
# What has the title of the work that it is about.
_NOT_PAPERS = frozenset(("peer-review", "paratext", "erratum", "retraction", "supplementary-materials", "libguides"))


@dataclass(frozen=True, slots=True)
class Likeness:
    """Why a work is taken for that of a record."""

    #: Similarity of the titles, 0 to 100.
    score: float
    reason: str
    years_apart: int
    authors: int


def best(records: Sequence[Record], candidates: Iterable[Record]) -> tuple[Record, Likeness] | None:
    """Return the candidate most like one of the `records` of a paper, or None where none is enough like it.

    Of two that are as like, the one nearer in time comes first, then the one with more authors in common, then the one
    with the smaller OpenAlex id.
    """
    found = [
        (candidate, like)
        for candidate in candidates
        if candidate.extra.get("type") not in _NOT_PAPERS
        for record in records
        if (like := by_title(record, candidate))
    ]
    return max(found, key=_order, default=None)


def _order(found: tuple[Record, Likeness]) -> tuple[float, int, int, int]:
    work, like = found
    return like.score, -like.years_apart, like.authors, -works.number(work)


def by_doi(records: Sequence[Record], work: Record) -> Likeness | None:
    """Return why `work`, which has the DOI of one of the `records`, is theirs; None where its title is another one."""
    title = " ".join(words(work.title))
    ours = [" ".join(words(record.title)) for record in records]
    score = max(max(fuzz.ratio(own, title), fuzz.token_set_ratio(own, title)) for own in ours)
    return Likeness(round(score, 1), "same DOI", 0, 0) if score >= TITLES_OF_ONE_DOI else None


def by_title(record: Record, work: Record) -> Likeness | None:
    """Return why `work` is that of `record`, by title, year and authors; None where it is not known to be."""
    cut = "title" in record.cut
    ours, theirs = words(record.title), words(work.title)
    own, title = " ".join(ours), " ".join(theirs)
    if cut:
        # The last word may be half a word; the score takes it as it is, and the comparison of words leaves it out.
        title = title[: len(own)]
        ours, theirs = ours[:-1], title.split()[: len(ours) - 1]
    score = fuzz.ratio(own, title)
    if score < TITLES_ALIKE or not _same_words(ours, theirs):
        return None
    apart = abs(record.year - work.year) if record.year and work.year else None
    authors = _authors(record, work)
    if (apart or 0) > YEARS_APART or authors == 0 or (authors is None and (cut or len(own) < SHORT)):
        return None
    reason = [f"{'the beginning of the title' if cut else 'titles'} {int(score)} % alike"]
    reason += [] if apart is None else ["same year" if not apart else counted(apart, "year") + " apart"]
    reason += [counted(authors, "author") + " in common"] if authors else []
    return Likeness(round(score, 1), ", ".join(reason), YEARS_APART if apart is None else apart, authors or 0)


def _authors(a: Record, b: Record) -> int | None:
    """Return how many authors are in common, by family name or all names in any order; None where one lists none."""
    families = [{name for author in record.authors if (name := surname(author))} for record in (a, b)]
    whole = [{" ".join(sorted(words(author))) for author in record.authors} for record in (a, b)]
    return max(len(families[0] & families[1]), len(whole[0] & whole[1])) if all(families) else None


def _same_words(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Say whether no word of one title stands for another one, or is missing, but for small words and spelling."""
    one, other = (list((Counter(a) - Counter(b)).elements()) for a, b in ((ours, theirs), (theirs, ours)))
    if "".join(one) == "".join(other):
        return True
    pairs = zip_longest(*([word for word in rest if word not in _SMALL] for rest in (one, other)), fillvalue="")
    return all(a == b or _is_spelling(a, b) for a, b in pairs)


def _is_spelling(a: str, b: str) -> bool:
    return (
        min(len(a), len(b)) >= _SHORTEST_WORD
        and a[:_OPENING] == b[:_OPENING]
        and (a + b).isalpha()
        and fuzz.ratio(a, b) >= _SPELLING
    )
