"""Recall: how much of what should be included was found so far, as an estimate with its interval.

Nobody knows this before all is screened, and no rule for when to stop can promise it. Two cases are told apart:

- Where a *random sample* of the papers not screened was screened, the number of relevant ones in it bounds how many
  there were: the exact hypergeometric interval of Callaghan & Müller-Hansen 2020 (doi 10.1186/s13643-020-01521-4).
  That holds whatever the ranking is worth.
- Otherwise the *order* of the screening bounds it from below, by what the same authors call quasi-sampling: if the
  order was at no point worse than chance, then the papers screened since any moment hold at least as many relevant ones
  as a random sample of what was left then. They take the best of all moments, which is right too seldom where the order
  is no better than chance (7 to 10 times in 10, instead of 95 in 100, in tests/benchmarks/ranking.py). Here the moments
  are fixed beforehand (when the whole, a half, a quarter, ... of the screening was still to come), and the error is
  shared among them (Bonferroni). The upper end is 1, as there may be nothing left. The estimate is a trend: finds that
  get rarer at a constant rate (Cox & Lewis 1966, log-linear Poisson process), as used for this by Stevenson & Bin-Hezam
  2023 (doi 10.1145/3631990). It has no claim to the interval's level, and there is none from fewer than ten finds: a
  screening whose first find was lucky looks finished after fifty papers.

Both say it for one moment, chosen without a look at the figure: who looks again and again until it pleases fools
himself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

LEVEL = 0.95
_MOMENTS = 8
# Fewer papers than that say nothing of what is left.
_FEWEST = 5
# Fewer finds than that make no trend.
_FEWEST_FINDS = 10
_STEPS = 60
_STEEPEST = 300.0


@dataclass(frozen=True, slots=True)
class Recall:
    """The share of relevant papers that is found.

    Attributes:
        found: relevant papers so far.
        screened: papers screened.
        papers: all papers.
        estimate: the likeliest share, from 0 to 1; None where the order has too few finds for one.
        low, high: the ends of the interval.
        by: what it rests on: a random `sample`, the `order`, or `all` of the papers.
        sampled: papers of the random sample.

    """

    found: int
    screened: int
    papers: int
    estimate: float | None
    low: float
    high: float
    by: Literal["sample", "order", "all"]
    sampled: int = 0
    level: float = LEVEL

    def as_object(self) -> dict[str, Any]:
        """Return the recall for JSON."""
        said = asdict(self)
        return {key: round(value, 4) if isinstance(value, float) else value for key, value in said.items()}


def by_order(labels: Sequence[int], papers: int, level: float = LEVEL) -> Recall | None:
    """Return the recall from labels (1 or 0) in the order of screening; None where nothing relevant is found."""
    found, screened = sum(labels), len(labels)
    if not found:
        return None
    if screened >= papers:
        return Recall(found, screened, screened, 1, 1, 1, "all", level=level)
    most = _most(labels, papers, level)
    low = found / most
    likely = None if found < _FEWEST_FINDS else max(low, found / (found + _left_by_trend(labels, papers)))
    return Recall(found, screened, papers, likely, low, 1, "order", level=level)


def by_sample(labels: Sequence[int], papers: int, sample: range, level: float = LEVEL) -> Recall | None:
    """Return the recall where `sample`, a range of places in `labels`, was drawn at random from what was left then."""
    found, screened = sum(labels), len(labels)
    if not found:
        return None
    if screened >= papers:
        return Recall(found, screened, screened, 1, 1, 1, "all", level=level)
    before, hits = sum(labels[: sample.start]), sum(labels[sample.start : sample.stop])
    left, size, since = papers - sample.start, len(sample), found - sum(labels[: sample.start])
    # As many as were found since then are there, and no more than these and all that is not screened yet.
    fewest, most = since, since + papers - screened
    half = (1 - level) / 2
    high = _last(fewest, most, lambda k: hypergeometric(hits, left, k, size) > half)
    low = _first(fewest, most, lambda k: 1 - hypergeometric(hits - 1, left, k, size) > half)
    likely = min(max(hits * left / size, fewest), most)
    return Recall(
        found,
        screened,
        papers,
        found / (before + likely),
        found / (before + high),
        min(1.0, found / (before + low)),
        "sample",
        size,
        level,
    )


def hypergeometric(most: int, papers: int, relevant: int, drawn: int) -> float:
    """Return how likely at most so many relevant papers are among `drawn` ones of `papers`, of which some are."""
    least = max(0, drawn - (papers - relevant))
    most = min(most, relevant, drawn)
    if most < least:
        return 0.0
    if most == min(relevant, drawn):
        return 1.0
    if most * papers > relevant * drawn:
        # Beyond the middle, the other papers are counted: the terms from there on fall, and soon no longer matter.
        return 1 - hypergeometric(drawn - most - 1, papers, papers - relevant, drawn)
    term = math.exp(
        _log_choices(relevant, most) + _log_choices(papers - relevant, drawn - most) - _log_choices(papers, drawn)
    )
    total = term
    for k in range(most, least, -1):
        term *= k * (papers - relevant - drawn + k) / ((relevant - k + 1) * (drawn - k + 1))
        total += term
        if term < total * 1e-15:
            break
    return min(total, 1.0)


def _log_choices(of: int, taken: int) -> float:
    """Return the logarithm of the number of ways to take so many of so many."""
    return math.lgamma(of + 1) - math.lgamma(taken + 1) - math.lgamma(of - taken + 1)


def _most(labels: Sequence[int], papers: int, level: float) -> int:
    """Return the largest number of relevant papers, found ones included, that the order does not speak against."""
    screened, found = len(labels), sum(labels)
    since = sorted({screened >> halved for halved in range(_MOMENTS)} - set(range(_FEWEST))) or [screened]
    error = (1 - level) / len(since)
    moments = [(size, sum(labels[screened - size :])) for size in since]

    def can_be(relevant: int) -> bool:
        return all(
            hypergeometric(hits, papers - screened + size, relevant - found + hits, size) > error
            for size, hits in moments
        )

    return _last(found, found + papers - screened, can_be)


def _last(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the last number from `low` to `high` for which something holds that stops to hold but once."""
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the first number from `low` to `high` for which something holds that begins to hold but once."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _left_by_trend(labels: Sequence[int], papers: int) -> float:
    """Return how many are left if finds get rarer by the factor exp(-fall) over as many papers as were screened."""
    screened, found = len(labels), sum(labels)
    mean = sum(n + 0.5 for n, label in enumerate(labels) if label) / found / screened
    longer = papers / screened
    if mean >= 0.5:  # noqa: PLR2004 - they do not get rarer: as often from here on as so far
        return found * (longer - 1)
    # The likelihood is greatest where the mean place of finds is the one of the process; that falls with the rate.
    low, high = 1e-6, _STEEPEST
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if 1 / middle - 1 / math.expm1(middle) > mean else (low, middle)
    return found * (math.exp(-low) - math.exp(-low * longer)) / -math.expm1(-low)
