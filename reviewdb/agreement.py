"""Agreement: how far coders give the same answers, and how far beyond what chance would give.

The answers that one paper got are a tuple, one answer a coder; a paper with fewer than two says nothing of agreement.
Papers are given one by one, or counted: a Counter of such tuples. An answer is the set of its codes. What cannot be
computed is None, never 1 or NaN: where nothing was answered twice, and, for a coefficient, where every answer is the
same, as then chance alone would agree as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Answer = frozenset[str]
#: The answers that papers got, one by one or counted.
Papers = Iterable[tuple[Answer, ...]]
#: How far two answers are apart: 0 for the same; of codes, 1 for nothing in common.
Distance = Callable[[Answer, Answer], float]

CONFIDENCE = 0.95
RESAMPLES = 2000
_SEED = 1
#: Fewer different answers than these leave nothing to tell apart.
_SEVERAL = 2
_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A coefficient, at most 1, and its interval of 95 %; None where the answers are too few or too alike for one."""

    value: float
    interval: tuple[float, float] | None


def nominal(one: Answer, other: Answer) -> float:
    """Return 0 for the same answer, else 1."""
    return float(one != other)


def masi(one: Answer, other: Answer) -> float:
    """Return how far two sets of codes are apart: 1 - J * M (Passonneau, LREC 2006, p. 831-836).

    J is Jaccard's share of common codes. M is 1 for the same set, 2/3 where one holds the other, 1/3 where each has
    codes of its own, 0 where they share none. Plain Jaccard knows no M: it is preferred here because a coder who is
    less fine (`mri` for `mri.brain`), or who forgets a code, is nearer to another than one who contradicts. Software
    differs on what MASI is; this is the reading of NLTK. For answers of one code each it is `nominal`.
    """
    if one == other:
        return 0.0
    common = len(one & other)
    if not common:
        return 1.0
    monotony = 2 / 3 if one < other or other < one else 1 / 3
    return 1 - common / len(one | other) * monotony


def interval(one: Answer, other: Answer) -> float:
    """Return how far two numbers are apart, each alone in its answer: the square of their difference.

    It is the metric of interval data of Krippendorff (see `alpha`); only how one distance compares to others counts.
    """
    return float((float(*one) - float(*other)) ** 2)


def percent(papers: Papers) -> float | None:
    """Return the percentage of papers to which two coders give the same answer, 0 to 100.

    With more coders, it is that of their pairs, averaged over papers (Fleiss 1971).
    """
    counted = {answers: count for answers, count in Counter(papers).items() if len(answers) > 1}
    same = Fraction(0)
    for answers, count in counted.items():
        pairs = [one == other for one, other in combinations(answers, 2)]
        same += Fraction(count * sum(pairs), len(pairs))
    return float(100 * same / sum(counted.values())) if counted else None


def cohen(papers: Iterable[tuple[Answer, Answer]]) -> Estimate | None:
    """Return Cohen's kappa of two coders, each paper with the answer of the first and of the second.

    J. Cohen, Educational and Psychological Measurement 20 (1960), p. 37-46. The interval is that of the standard error
    by J. L. Fleiss, J. Cohen and B. S. Everitt, Psychological Bulletin 72 (1969), p. 323-327.
    """
    counted = Counter(papers)
    n = counted.total()
    # Fractions, so that a spread of 0 is not hidden by rounding.
    cells = {cell: Fraction(count, n) for cell, count in counted.items()}
    first: Counter[Answer] = Counter()
    second: Counter[Answer] = Counter()
    for (one, other), count in counted.items():
        first[one] += count
        second[other] += count
    if len(first.keys() | second.keys()) < _SEVERAL:
        return None
    observed = sum(share for (one, other), share in cells.items() if one == other)
    expected = Fraction(sum(count * second[answer] for answer, count in first.items()), n * n)
    kappa = (observed - expected) / (1 - expected)
    spread = -((kappa - expected * (1 - kappa)) ** 2)
    for (one, other), share in cells.items():
        margins = Fraction(second[one] + first[other], n)
        spread += share * (int(one == other) - margins * (1 - kappa)) ** 2
    reach = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * sqrt(spread / n) / (1 - expected)
    interval = max(float(kappa - reach), -1.0), min(float(kappa + reach), 1.0)
    return Estimate(float(kappa), interval if spread else None)


def fleiss(papers: Papers) -> Estimate | None:
    """Return Fleiss' kappa: each paper was answered by the same number of coders, not always the same ones.

    J. L. Fleiss, Psychological Bulletin 76 (1971), p. 378-382. None too where papers got different numbers of answers:
    it is not defined for them, and to leave papers out would bias it (Zapf et al. 2016); `alpha` is.
    """
    counted = Counter(papers)
    if len({len(answers) for answers in counted}) > 1:
        return None
    return _beyond_chance(counted, nominal, replaced=True)


def alpha(papers: Papers, distance: Distance = masi) -> Estimate | None:
    """Return Krippendorff's alpha, for any number of coders, each of whom may have left papers out.

    K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), https://repository.upenn.edu/asc_papers/43.
    """
    return _beyond_chance(Counter(papers), distance, replaced=False)


def _beyond_chance(counted: Counter[tuple[Answer, ...]], distance: Distance, *, replaced: bool) -> Estimate | None:
    """Return 1 - observed / expected distance. Chance draws pairs of all answers, `replaced` or not.

    The interval is that of the percentiles of a bootstrap over papers: A. Zapf et al., BMC Medical Research Methodology
    16:93 (2016), found it to cover as it should for both coefficients, unlike the asymptotic one of Fleiss. That of
    Hayes and Krippendorff (2007) draws pairs of answers instead, as if those of one paper were independent.
    There is none where all resamples give the same, as when coders never disagree: that does not tell what more papers
    would show; and none where the coefficient is undefined for more resamples than the interval leaves out, as when all
    answers but a few are the same.
    """
    patterns: Counter[tuple[tuple[str, ...], ...]] = Counter()
    for answers, count in counted.items():
        if len(answers) > 1:
            patterns[tuple(sorted(map(_sorted, answers)))] += count
    # In an order of their own, so that no order of papers or coders changes what is drawn.
    kinds = sorted(patterns)
    values = sorted({answer for kind in kinds for answer in kind})
    if len(values) < _SEVERAL:
        return None
    place = {value: n for n, value in enumerate(values)}
    apart = np.zeros((len(values), len(values)))
    for (m, one), (n, other) in combinations(enumerate(map(frozenset, values)), 2):
        apart[m, n] = apart[n, m] = distance(one, other)
    counts = np.zeros((len(kinds), len(values)))
    for n, kind in enumerate(kinds):
        for answer in kind:
            counts[n, place[answer]] += 1
    within = _pairs(counts, apart) / (counts.sum(axis=1) - 1)

    def coefficient(drawn: _Floats) -> _Floats:
        """Return the coefficient for each row of `drawn`, which says how often it has each kind of paper."""
        answers = drawn @ counts
        n = answers.sum(axis=1)
        expected = _pairs(answers, apart) / (n if replaced else n - 1)
        defined = expected > 0
        found: _Floats = 1 - (drawn @ within)[defined] / expected[defined]
        return found

    weights = np.array([patterns[kind] for kind in kinds], dtype=np.float64)
    n = int(weights.sum())
    # The one generator of numpy whose numbers are promised to stay: the same answers give the same interval anywhere.
    chance = np.random.RandomState(_SEED)
    found = coefficient(chance.multinomial(n, weights / n, size=RESAMPLES).astype(np.float64))
    value = float(coefficient(weights[np.newaxis])[0])
    if found.size < CONFIDENCE * RESAMPLES:
        return Estimate(value, None)
    tail = (1 - CONFIDENCE) / 2
    low, high = map(float, np.quantile(found, [tail, 1 - tail]))
    return Estimate(value, (low, high) if low < high else None)


def _pairs(counts: _Floats, apart: _Floats) -> _Floats:
    """Return, for each row of counts of values, the sum of the distances of all ordered pairs in it."""
    total: _Floats = ((counts @ apart) * counts).sum(axis=1)
    return total


def _sorted(answer: Answer) -> tuple[str, ...]:
    return tuple(sorted(answer))
