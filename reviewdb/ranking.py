"""Ranking: texts in, scores out: what is like the papers that were included, and unlike those that were excluded.

The model is that of ASReview LAB from version 2 on, ELAS u4: TF-IDF of words and pairs of words, a linear support
vector machine with weighted classes, and the surest paper first. Its settings are those that ASReview's authors chose
on the 26 reviews of SYNERGY (asreview/models/models.py, github.com/asreview/asreview-optuna); none is chosen here.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn import config_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from reviewdb.vectors import Floats, Vectors

#: Included, excluded, or not known.
Label = int | None
#: Told how many of how many were screened, and how many of them were included.
Tell = Callable[[int, int, int], None]

_COST = 0.11
# The excluded together weigh so many times less than the included.
_RATIO = 9.8
# A batch is so much of what was screened, and one more. Cormack & Grossman 2015 (arXiv 1504.06868) let batches grow by
# a tenth; with a hundredth, the order is as good as if it were made anew after each paper, in a tenth of the time.
_GROWTH = 100


class Ranker:
    """Ranks the same texts again and again: they become vectors once, and each fit takes milliseconds.

    The same texts, labels and seed give the same scores.
    """

    def __init__(self, texts: Sequence[str], seed: int = 0) -> None:
        self._seed = seed
        self._vectors = Vectors(texts)

    def scores(self, labels: Sequence[Label]) -> Floats:
        """Return a score for each text, higher for what is more like the included (above 0: more so than not).

        Raises ValueError where no text is included, or none excluded.
        """
        known = np.array([n for n, label in enumerate(labels) if label is not None], dtype=np.intp)
        said = np.array([label for label in labels if label is not None], dtype=np.intp)
        included = int(said.sum())
        excluded = len(said) - included
        if not included or not excluded:
            raise ValueError("nothing was included, or nothing excluded")
        weights = np.where(said == 1, 1.0, included / (_RATIO * excluded))
        weights *= len(said) / weights.sum()
        model = LinearSVC(C=_COST, loss="squared_hinge", dual=True, random_state=self._seed)
        # Our own numbers need no check, which takes as long as the fit.
        with warnings.catch_warnings(), config_context(assume_finite=True, skip_parameter_validation=True):
            # A plane that is not yet the best one ranks nearly as well.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(self._vectors.matrix[known], said, sample_weight=weights)
        scores: Floats = self._vectors.matrix @ model.coef_[0] + model.intercept_[0]
        return scores

    def likeness(self, words: str) -> Floats:
        """Return how alike each text is to `words`: the cosine of the two vectors, 0 to 1."""
        return self._vectors.likeness(words)


def best_first(scores: Floats, among: Sequence[int]) -> list[int]:
    """Return the numbers of texts `among` all, best score first; of equals, the earlier one."""
    wanted = np.asarray(among, dtype=np.intp)
    return [int(n) for n in wanted[np.argsort(-scores[wanted], kind="stable")]]


@dataclass(frozen=True, slots=True)
class Replay:
    """A screening that was done before, done again in the order of the ranking.

    Attributes:
        prior: the two texts that it began with, one included and one excluded.
        order: all other texts in the order in which they were screened, by number. Those after the last included one
            were not screened; they follow in the order of the texts.

    """

    prior: tuple[int, int]
    order: tuple[int, ...]


def prior(labels: Sequence[int], seed: int) -> tuple[int, int]:
    """Return one included and one excluded text at random: those that ASReview takes for `--prior-seed`."""
    said = np.asarray(labels)
    drawn = [np.random.RandomState(seed).choice(np.flatnonzero(said == label), 1, replace=False) for label in (1, 0)]
    return int(drawn[0][0]), int(drawn[1][0])


def replay(texts: Sequence[str], labels: Sequence[int], seed: int, tell: Tell) -> Replay:
    """Screen the texts in the order of the ranking, as somebody would who says what `labels` say (1 or 0).

    After each batch the ranking learns anew. It ends when everything that is included is found, as only a replay can
    know. Raises ValueError where nothing is included or nothing excluded.
    """
    if len(set(labels)) < 2:  # noqa: PLR2004 - both labels
        raise ValueError("nothing was included, or nothing excluded")
    begun = prior(labels, seed)
    ranker = Ranker(texts, seed)
    known: list[Label] = [None] * len(labels)
    screened = list(begun)
    for n in screened:
        known[n] = labels[n]
    of, found = sum(labels), 1
    while found < of:
        left = [n for n, label in enumerate(known) if label is None]
        batch = best_first(ranker.scores(known), left)[: 1 + len(screened) // _GROWTH]
        for n in batch:
            known[n] = labels[n]
            found += labels[n]
        screened += batch
        tell(len(screened), len(labels), found)
    return Replay(begun, (*screened[2:], *(n for n, label in enumerate(known) if label is None)))
