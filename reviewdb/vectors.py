"""Vectors: texts as TF-IDF of their words and pairs of words, as scikit-learn's TfidfVectorizer gives them.

With `ngram_range=(1, 2)`, `sublinear_tf=True`, `max_df=0.95`, that is; the numbers are the same, the columns stand in
another order. It takes a third of the time, as pairs are counted as numbers: 10,000 abstracts have 900,000 of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

_WORD = re.compile(r"\b\w\w+\b")
# Exports write abstracts with the tags of a web page, which are no words. "p < 0.05 and q > 3" is no tag.
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
# A word of nearly all texts tells none from another.
_MOST_TEXTS = 0.95

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Vectors:
    """The vectors of some texts: `matrix` has a row of length 1 (0: no words) for each text."""

    def __init__(self, texts: Sequence[str]) -> None:
        numbers: defaultdict[str, int] = defaultdict()
        numbers.default_factory = numbers.__len__
        found = [[numbers[word] for word in _words(text)] for text in texts]
        self._numbers = dict(numbers)
        lengths = np.fromiter(map(len, found), np.int64, len(found))
        words = np.fromiter((n for text in found for n in text), np.int64, int(lengths.sum()))
        rows = np.repeat(np.arange(len(texts)), lengths)
        beside = rows[:-1] == rows[1:]
        self._pairs, pairs = np.unique(self._paired(words)[beside], return_inverse=True)
        columns = np.concatenate([words, len(numbers) + pairs])
        counts = _counted(np.concatenate([rows, rows[:-1][beside]]), columns, len(texts), self._width)
        in_texts = np.bincount(counts.indices, minlength=self._width)
        self._weights = np.log((1 + len(texts)) / (1 + in_texts)) + 1
        self._weights[in_texts > _MOST_TEXTS * len(texts)] = 0
        self.matrix = self._weighted(counts)

    @property
    def _width(self) -> int:
        return len(self._numbers) + len(self._pairs)

    def _paired(self, words: Integers) -> Integers:
        """Return a number for each word and the next one."""
        return words[:-1] * max(len(self._numbers), 1) + words[1:]

    def _weighted(self, counts: Any) -> Any:  # noqa: ANN401 - SciPy has no types
        weighted = counts.copy()
        weighted.data = (np.log(counts.data) + 1) * self._weights[counts.indices]
        weighted.eliminate_zeros()
        lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        return csr_matrix(diags(1 / np.where(lengths, lengths, 1)) @ weighted)

    def likeness(self, text: str) -> Floats:
        """Return how alike each of the texts is to another one: the cosine of the two vectors, from 0 to 1."""
        numbers = np.array([self._numbers.get(word, -1) for word in _words(text)], dtype=np.int64)
        pairs = self._paired(numbers)[(numbers[:-1] >= 0) & (numbers[1:] >= 0)]
        known = pairs[np.isin(pairs, self._pairs)]
        columns = np.concatenate([numbers[numbers >= 0], len(self._numbers) + np.searchsorted(self._pairs, known)])
        asked = self._weighted(_counted(np.zeros_like(columns), columns, 1, self._width))
        alike: Floats = (self.matrix @ asked.T).toarray().ravel()
        return alike


def _words(text: str) -> list[str]:
    return _WORD.findall(_TAG.sub(" ", text).lower())


def _counted(rows: Integers, columns: Integers, height: int, width: int) -> Any:  # noqa: ANN401
    """Return how often each column stands in each row."""
    counts = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(height, max(width, 1)))
    counts.sum_duplicates()
    return counts
