"""Recall: the bounds are exact, and intervals hold as often as they say, by chance and by sample."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from scipy.stats import hypergeom

from reviewdb import recall
from reviewdb.recall import by_order, by_sample, hypergeometric


def test_the_distribution_is_that_of_scipy() -> None:
    chance = random.Random(3)
    for _ in range(2000):
        papers = chance.randint(1, 3000)
        relevant, drawn = chance.randint(0, papers), chance.randint(0, papers)
        most = chance.randint(-1, min(relevant, drawn) + 1)
        expected = hypergeom.cdf(most, papers, relevant, drawn)
        assert hypergeometric(most, papers, relevant, drawn) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("labels", [[], [0], [0] * 50])
def test_without_a_find_nothing_is_said(labels: list[int]) -> None:
    assert by_order(labels, 100) is None
    assert by_sample(labels, 100, range(len(labels))) is None


def test_when_all_is_screened_all_is_found() -> None:
    for said in (by_order([1, 0, 0], 3), by_sample([1, 0, 0], 3, range(1, 3))):
        assert said is not None
        assert (said.estimate, said.low, said.high, said.by) == (1, 1, 1, "all")


def test_a_sample_without_a_find_leaves_what_chance_can_have_missed() -> None:
    # 40 found among 100, then none among 60 of the 300 left: 16 are missed with a chance of 0.0254, 17 with 0.0200.
    said = by_sample([1] * 40 + [0] * 120, 400, range(100, 160))
    assert said is not None
    assert said.low == 40 / 56
    assert (said.estimate, said.high, said.sampled) == (1, 1, 60)


def test_a_sample_with_finds_bounds_from_both_sides() -> None:
    # 20 found among 100, then 6 among 60 of the 300 left.
    labels = [1] * 20 + [0] * 80 + [1] * 6 + [0] * 54
    said = by_sample(labels, 400, range(100, 160))
    assert said is not None
    can_be = [
        k for k in range(6, 247) if hypergeom.cdf(6, 300, k, 60) > 0.025 and 1 - hypergeom.cdf(5, 300, k, 60) > 0.025
    ]
    assert (said.low, said.high) == (pytest.approx(26 / (20 + can_be[-1])), pytest.approx(26 / (20 + can_be[0])))
    assert said.estimate == pytest.approx(26 / (20 + 30))


def test_finds_after_the_sample_count_as_found() -> None:
    labels = [1] * 20 + [0] * 80 + [0] * 60 + [1] * 5
    said = by_sample(labels, 400, range(100, 160))
    assert said is not None
    assert said.found == 25
    assert said.high <= 1
    assert said.estimate == 1


def test_more_that_is_irrelevant_raises_the_bound_of_the_order() -> None:
    bounds = [said.low for n in range(20, 980, 60) if (said := by_order([1] * 20 + [0] * n, 1000))]
    assert len(bounds) == 16
    assert all(before <= after for before, after in pairwise(bounds))
    assert bounds[-1] > 0.9


def test_a_screening_that_finds_as_often_as_ever_is_as_far_as_its_papers() -> None:
    said = by_order([0, 0, 0, 1] * 25, 400)
    assert said is not None
    assert said.estimate == pytest.approx(0.25, abs=0.02)
    assert said.low < 0.25


def test_a_trend_that_falls_by_half_is_carried_on() -> None:
    # Finds at a rate that halves every 100 papers: of all that would ever come, 3 / 4 come in the first 200.
    chance = random.Random(4)
    labels = [int(chance.random() < 0.6 * 0.5 ** (n / 100)) for n in range(200)]
    said = by_order(labels, 10_000)
    assert said is not None
    assert said.estimate == pytest.approx(0.75, abs=0.1)


def test_a_lucky_find_at_the_start_is_no_trend() -> None:
    said = by_order([1] + [0] * 50, 1700)
    assert said is not None
    assert said.estimate is None
    assert said.low < 0.01


def test_an_estimate_lies_in_its_interval() -> None:
    chance = random.Random(6)
    for _ in range(300):
        papers = chance.randint(10, 500)
        labels = [int(chance.random() < 0.2) for _ in range(chance.randint(5, papers))]
        start = chance.randrange(len(labels))
        for said in (by_order(labels, papers), by_sample(labels, papers, range(start, len(labels)))):
            if said:
                assert 0 < said.low <= (said.estimate or said.low) <= said.high <= 1


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_intervals_hold_as_often_as_they_say_even_if_the_order_is_one_of_chance(share: float) -> None:
    chance = random.Random(8)
    held = {"order": 0, "sample": 0}
    times = 300
    for _ in range(times):
        labels = chance.sample([1] * 60 + [0] * 940, 1000)
        screened = labels[: round(1000 * share)]
        truth = sum(screened) / 60
        for said in (by_order(screened, 1000), by_sample(screened, 1000, range(40, len(screened)))):
            assert said is not None
            held[said.by] += said.low - 1e-9 <= truth <= said.high + 1e-9
    assert held["order"] >= recall.LEVEL * times
    assert held["sample"] >= (recall.LEVEL - 0.02) * times
