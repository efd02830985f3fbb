"""Recurring titles: "Editorial", "Book reviews", and whatever else too many bear for it to name one work."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from reviewdb.matching.folding import WORDS

if TYPE_CHECKING:
    from reviewdb.matching.prepared import Flags, Integers

# A title that so many author lists without a name in common bear, or that comes in so many years, recurs.
_LISTS, _LISTS_OF_SHORT, _YEARS_OF_ONE = 3, 2, 5
# A column is listed so often under one venue, and nothing tells its issues apart; or twice under each of two.
_LISTINGS, _TWICE, _COLUMN = 3, 2, 40
# Letters under which a title is too short to name a work by itself.
_SHORT = 25


def recurring(titles: Sequence[str], authors: Sequence[str], year: Integers, venue: Integers, placed: Flags) -> Flags:
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
    most = _LISTS if len(title) >= _SHORT else _LISTS_OF_SHORT
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
