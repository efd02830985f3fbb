"""Blocking: which pairs of records are compared at all. No key is decisive, and none may make too many pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from reviewdb.matching.prepared import Prepared

if TYPE_CHECKING:
    from reviewdb.matching.prepared import Integers

# A block larger than this is a recurring title or a famous family name: only neighbours in order are compared.
_LARGEST = 30
_WINDOW = 10
_OPENING = 22
_LONG_WORDS = 3


def candidates(records: Prepared) -> tuple[Integers, Integers]:
    """Return the pairs of positions (left < right) that share a blocking key, in order."""
    size = len(records)
    rank = np.empty(size, np.int64)
    rank[np.lexsort((np.arange(size), records.year, _places(records.titles)))] = np.arange(size)
    codes = [np.array([], np.int64)]
    for key in _keys(records):
        for one, other in _pairs(key, rank):
            codes.append(np.minimum(one, other) * size + np.maximum(one, other))
    found = np.sort(np.concatenate(codes))
    found = found[np.diff(found, prepend=-1) > 0]  # np.unique takes a hundred times as long
    return found // max(size, 1), found % max(size, 1)


def _places(texts: list[str]) -> Integers:
    """Return for each text its place in the order of the alphabet."""
    place = {text: n for n, text in enumerate(sorted(set(texts)))}
    return np.array([place[text] for text in texts], np.int64)


def _keys(records: Prepared) -> Iterator[Integers]:
    """Yield for each kind of key the number of it that each record has, 0 for none."""
    letters = [title.replace(" ", "") for title in records.titles]
    yield _numbers(text[:_OPENING] for text in letters)
    yield _numbers(text[-_OPENING:] for text in letters)
    # Word order and a new opening ("PaRCE: ...") leave the rarer, longer words in place.
    yield _numbers(
        " ".join(sorted(sorted(set(title.split()), key=lambda w: (-len(w), w))[:_LONG_WORDS]))
        for title in records.titles
    )
    yield records.doi
    yield records.link
    placed = (records.volume > 0) & (records.page > 0)
    yield np.where(placed, (records.volume % 10**6 * 10**6 + records.page % 10**6) * 3000 + records.year, 0)
    names = [sorted(authors.split())[:2] for authors in records.authors]
    for at in range(2):
        name = _numbers(found[at] if at < len(found) else "" for found in names)
        yield np.where((name > 0) & (records.year > 0), name * 3000 + records.year, 0)


def _numbers(keys: Iterable[str]) -> Integers:
    numbers = {"": 0}
    return np.fromiter((numbers.setdefault(key, len(numbers)) for key in keys), np.int64)


def _pairs(key: Integers, rank: Integers) -> Iterator[tuple[Integers, Integers]]:
    """Yield the pairs of each block by how far apart they stand in it; in a large one, near ones only."""
    order = np.lexsort((rank, key))
    order = order[key[order] > 0]
    found = key[order]
    starts = np.flatnonzero(np.diff(found, prepend=-1))
    sizes = np.diff(starts, append=len(found))
    size = np.repeat(sizes, sizes)
    at = np.arange(len(found)) - np.repeat(starts, sizes)
    open_ = np.flatnonzero(size > 1)
    for step in range(1, _LARGEST):
        limit = size <= _LARGEST if step > _WINDOW else True
        open_ = open_[((at + step < size) & limit)[open_]]
        if not len(open_):
            return
        yield order[open_], order[open_ + step]
