"""Agreement: the coefficients equal published examples to their last digit, and keep the laws that all data obey."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdb.agreement import Answer, Estimate, alpha, cohen, fleiss, interval, masi, nominal, percent

Papers = list[tuple[Answer, ...]]


def answer(codes: str) -> Answer:
    """Return an answer of codes of one letter each."""
    return frozenset(codes)


def crossed(*rows: Sequence[int]) -> list[tuple[Answer, Answer]]:
    """Return the papers of a table: the first coder put them in the category of the row, the second of the column."""
    return [
        (answer(str(row)), answer(str(column)))
        for row, counts in enumerate(rows)
        for column, count in enumerate(counts)
        for _ in range(count)
    ]


def counted(*rows: Sequence[int]) -> Papers:
    """Return the papers of a table: so many coders put the paper of the row in the category of the column."""
    return [tuple(answer(str(n)) for n, count in enumerate(row) for _ in range(count)) for row in rows]


def coders(*lines: str) -> Papers:
    """Return the papers of lines, one a coder, with a mark for each paper; a dot: not answered."""
    return [tuple(answer(mark) for mark in marks if mark != ".") for marks in zip(*lines, strict=True)]


def sets(papers: str) -> Papers:
    """Return papers such as `AB/A/- C/C`: each with the codes of its coders, a dash for none."""
    return [tuple(answer(codes.strip("-")) for codes in paper.split("/")) for paper in papers.split()]


def of(found: Estimate | None) -> float:
    """Return the value of what must be defined."""
    assert found is not None
    return found.value


def limits(found: Estimate | None) -> tuple[float, float]:
    """Return the interval of what must have one."""
    assert found is not None
    assert found.interval is not None
    return found.interval


@pytest.mark.parametrize(
    ("papers", "kappa", "digits"),
    [
        # J. Cohen, Psychological Bulletin 70 (1968), p. 213-220: 200 patients; as in psych::cohen.kappa's help (R).
        (crossed((88, 14, 18), (10, 40, 10), (2, 6, 12)), 0.492, 3),
        # J. L. Fleiss, J. Cohen and B. S. Everitt, Psychological Bulletin 72 (1969), p. 323-327; ibidem.
        (crossed((106, 10, 4), (22, 28, 10), (2, 12, 6)), 0.4286, 4),
        # Printed by PROC FREQ of SAS, as in the tests of statsmodels.
        (crossed((0, 4, 1), (0, 8, 0), (0, 1, 5)), 0.4842, 4),
        # The help of statpsych::ci.kappa (R), after Fleiss and Paik (2003).
        (crossed((31, 12), (4, 58)), 0.6756757, 7),
        # By scikit-learn 1.9.1, from random answers.
        (
            list(
                zip(
                    map(answer, "ababbcacaaacbccabbbbabaabcacabbcabbbacac"),
                    map(answer, "cbabbbaccaabbccabbbbabaabcacabbcabbcaaab"),
                    strict=True,
                )
            ),
            0.732057416268,
            12,
        ),
    ],
)
def test_cohens_kappa_is_the_published_one(papers: list[tuple[Answer, Answer]], kappa: float, digits: int) -> None:
    assert round(of(cohen(papers)), digits) == kappa


@pytest.mark.parametrize(
    ("papers", "low", "high", "digits"),
    [
        # SAS and statpsych, as above; then the table of Fleiss, Cohen and Everitt by statsmodels 0.15.
        (crossed((0, 4, 1), (0, 8, 0), (0, 1, 5)), 0.2137, 0.7547, 4),
        (crossed((31, 12), (4, 58)), 0.5317210, 0.8196303, 7),
        (crossed((106, 10, 4), (22, 28, 10), (2, 12, 6)), 0.3233, 0.5338, 4),
    ],
)
def test_cohens_kappa_has_the_published_interval(
    papers: list[tuple[Answer, Answer]], low: float, high: float, digits: int
) -> None:
    assert [round(limit, digits) for limit in limits(cohen(papers))] == [low, high]


# J. L. Fleiss, Psychological Bulletin 76 (1971), p. 378-382: 30 patients, one a word, with the diagnoses of 6
# psychiatrists each; as in the R package irr.
PATIENTS = (
    "444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444 224445 "
    "333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 111155 224444 133333 555555"
)


@pytest.mark.parametrize(
    ("papers", "kappa", "digits"),
    [
        ([tuple(map(answer, patient)) for patient in PATIENTS.split()], 0.430, 3),
        # The same by statsmodels 0.15.
        ([tuple(map(answer, patient)) for patient in PATIENTS.split()], 0.4302, 4),
        # 10 subjects, 14 raters: the example of Wikipedia's article, .210; by its sums 0.2099.
        (
            counted(
                *((0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1)),
                *((7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7)),
            ),
            0.2099,
            4,
        ),
        # Randolph's online kappa calculator ("fixed marginal"), as in the tests of statsmodels.
        (counted((7, 1), (3, 5)), 0.161905, 6),
        (counted((6, 1, 0), (0, 7, 0)), 0.708333, 6),
        (counted((7, 0), (0, 7)), 1, 6),
    ],
)
def test_fleiss_kappa_is_the_published_one(papers: Papers, kappa: float, digits: int) -> None:
    assert round(of(fleiss(papers)), digits) == kappa


@pytest.mark.parametrize(
    ("papers", "value", "digits"),
    [
        # K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), sections A, B and C.
        (coders("0100000010", "1110010000"), 0.095, 3),
        (coders("aabbdcccedda", "babbbccceddd"), 0.692, 3),
        (coders("123321412...", "12332241 25.3".replace(" ", ""), ".3332342251.", "12332441251."), 0.743, 3),
        # The same by NLTK, in its tests.
        (coders("123321412...", "12332241 25.3".replace(" ", ""), ".3332342251.", "12332441251."), 0.743421052632, 12),
        # Wikipedia's computational example, as in the PyPI package krippendorff.
        (coders(".....34121133.3", "1.213343.......", "..21344.211 33.4".replace(" ", "")), 0.691, 3),
        # A. F. Hayes and K. Krippendorff, Communication Methods and Measures 1 (2007), p. 77-89, table 1: 40 articles,
        # 5 observers, taken as nominal; by the package krippendorff 0.9 (which gives the .7598 printed for ordinal).
        (
            coders(
                "112.001122.01311211000201001111223222221",
                "1130000.21102311121000302102111122222221",
                "203000222100221123001.30.1012202.2232.21",
                ".13....0.10022...31.103021122..122...12.",
                "2..0001.2....3112..0.0..2.0..20.2.2222.1",
            ),
            0.4765,
            4,
        ),
    ],
)
def test_alpha_is_the_published_one(papers: Papers, value: float, digits: int) -> None:
    assert round(of(alpha(papers)), digits) == value
    assert alpha(papers, nominal) == alpha(papers)


@pytest.mark.parametrize(
    ("papers", "value"),
    [
        # K. Krippendorff (2011), section C, by the metric of interval data.
        (coders("123321412...", "12332241 25.3".replace(" ", ""), ".3332342251.", "12332441251."), 0.849),
        # Wikipedia's computational example.
        (coders(".....34121133.3", "1.213343.......", "..21344.211 33.4".replace(" ", "")), 0.811),
    ],
)
def test_alpha_of_numbers_is_the_published_one(papers: Papers, value: float) -> None:
    assert round(of(alpha(papers, interval)), 3) == value


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("AB", "AB", 0),
        ("", "", 0),
        ("AB", "ABCD", 2 / 3),  # the example in NLTK's documentation
        ("A", "AB", 2 / 3),
        ("AB", "BC", 8 / 9),
        ("A", "B", 1),
        ("", "A", 1),
    ],
)
def test_masi_grades_sets_as_passonneau_does(one: str, other: str, apart: float) -> None:
    """See Passonneau (2006): the same, one holds the other, each has codes of its own, nothing in common."""
    assert masi(answer(one), answer(other)) == masi(answer(other), answer(one)) == pytest.approx(apart)


@pytest.mark.parametrize(
    ("papers", "value"),
    [
        # By NLTK 3.10.4's AnnotationTask: papers of the test of DKPro Statistics, without and with empty answers (for
        # which NLTK's own masi_distance divides by zero); then three coders who leave out some.
        ("A/A A/B AB/A AB/AC ABC/ABC C/AC C/AC", 0.1772151898734179),
        ("-/- A/- A/A A/B AB/A AB/AC ABC/ABC C/AC C/AC", 0.2730806608357629),
        ("A/A/AB B/B/B AB/B C/AC/C ABC/AB/BC B/C A A/A/A", 0.4183123877917415),
    ],
)
def test_alpha_of_sets_is_that_of_another_program(papers: str, value: float) -> None:
    assert of(alpha(sets(papers))) == pytest.approx(value, abs=1e-12)


def test_sets_that_overlap_count_in_part() -> None:
    near, far = sets("AB/A B/B C/C"), sets("AB/C B/B C/C")
    assert of(alpha(near, nominal)) == pytest.approx(of(alpha(sets("A/D B/B C/C"), nominal)))
    assert of(alpha(near)) > of(alpha(near, nominal))
    assert of(alpha(near)) > of(alpha(far))


@pytest.mark.parametrize(
    ("papers", "percentage"),
    [
        ("A/A B/B", 100),
        ("A/A A/B", 50),
        ("A/A/B", 100 / 3),
        ("A/A/B A/A", 200 / 3),
        ("AB/BA A/AB", 50),
        ("A/A B", 100),
    ],
)
def test_percent_agreement_counts_equal_pairs(papers: str, percentage: float) -> None:
    assert percent(sets(papers)) == pytest.approx(percentage)


@pytest.mark.parametrize("papers", ["", "A", "A B C"])
def test_where_nothing_is_answered_twice_nothing_is_defined(papers: str) -> None:
    found = sets(papers)
    assert (percent(found), fleiss(found), alpha(found)) == (None, None, None)
    assert cohen([]) is None


def test_where_all_answers_are_the_same_chance_explains_them() -> None:
    papers = [(answer("A"), answer("A"))] * 5
    assert percent(papers) == 100
    assert (cohen(papers), fleiss(papers), alpha(papers)) == (None, None, None)


@pytest.mark.parametrize(
    ("papers", "values"),
    [
        # One paper only; the same difference on every paper; no difference at all.
        ("A/B", (0, -1, 0)),
        ("A/B A/B A/B", (0, -1, -2 / 3)),
        ("A/A B/B B/B", (1, 1, 1)),
    ],
)
def test_what_does_not_vary_has_no_interval(papers: str, values: tuple[float, float, float]) -> None:
    found = sets(papers)
    estimates = cohen([(one, other) for one, other in found]), fleiss(found), alpha(found)
    assert [of(estimate) for estimate in estimates] == pytest.approx(values)
    assert [estimate and estimate.interval for estimate in estimates] == [None, None, None]


def test_where_resamples_often_lose_the_only_difference_there_is_no_interval() -> None:
    """Without the one paper that differs, which 1/e of all resamples are, nothing is left to tell apart."""
    papers = crossed((50, 1), (0, 0))
    assert [estimate and estimate.interval for estimate in (alpha(papers), fleiss(papers))] == [None, None]
    assert limits(alpha(crossed((50, 1), (0, 5))))[1] == 1


def test_fleiss_kappa_needs_as_many_answers_to_each_paper() -> None:
    assert fleiss(sets("A/A/B B/B")) is None
    assert of(fleiss(sets("A/A/B B/B/A"))) < 1


@pytest.mark.parametrize("coefficient", [fleiss, alpha])
def test_the_bootstrap_agrees_with_the_analytic_error_where_there_are_many_papers(coefficient: Any) -> None:  # noqa: ANN401
    """With even margins, the three coefficients hardly differ, and neither may their intervals (Zapf et al. 2016)."""
    papers = crossed((300, 40, 60), (50, 280, 70), (50, 80, 270))
    assert limits(coefficient(papers)) == pytest.approx(limits(cohen(papers)), abs=0.004)


codes = st.frozensets(st.sampled_from("ABC"), max_size=3)
some = st.lists(st.lists(codes, max_size=4).map(tuple), max_size=12)
pairs = st.lists(st.tuples(codes, codes), min_size=1, max_size=12)


@given(some, st.randoms(use_true_random=False))
def test_the_order_of_papers_and_of_coders_changes_nothing(papers: Papers, chance: random.Random) -> None:
    mixed = [tuple(chance.sample(answers, len(answers))) for answers in chance.sample(papers, len(papers))]
    assert alpha(mixed) == alpha(papers)
    assert fleiss(mixed) == fleiss(papers)
    assert percent(mixed) == pytest.approx(percent(papers))


@given(pairs, st.randoms(use_true_random=False))
def test_neither_does_it_for_cohens_kappa(papers: list[tuple[Answer, Answer]], chance: random.Random) -> None:
    found = cohen(papers)
    turned = cohen([(other, one) for one, other in chance.sample(papers, len(papers))])
    assert (found is None) == (turned is None)
    if found and turned:
        assert turned.value == pytest.approx(found.value)
        assert (found.interval is None) == (turned.interval is None)
        assert found.interval is None or turned.interval == pytest.approx(found.interval)


@given(some, pairs)
def test_no_coefficient_leaves_its_bounds(papers: Papers, two: list[tuple[Answer, Answer]]) -> None:
    for found in (alpha(papers), alpha(papers, nominal), fleiss(papers), cohen(two), fleiss(two), alpha(two)):
        if found:
            assert -1 - 1e-9 <= found.value <= 1
            low, high = found.interval or (0, 1)
            assert -1 - 1e-9 <= low < high <= 1
    shares = [share for share in (percent(papers), percent(two)) if share is not None]
    assert all(0 <= share <= 100 for share in shares)


@given(st.lists(codes, min_size=2).filter(lambda answers: len(set(answers)) > 1), st.integers(2, 4))
def test_perfect_agreement_is_1_and_nothing_else_is(answers: list[Answer], many: int) -> None:
    papers: Papers = [(answer,) * many for answer in answers]
    assert (percent(papers), of(alpha(papers)), of(fleiss(papers))) == (100, 1, 1)
    assert of(cohen([(answer, answer) for answer in answers])) == 1
    papers[0] = (*papers[0][1:], next(other for other in answers if other != answers[0]))
    assert max(of(alpha(papers)), of(fleiss(papers)), (percent(papers) or 100) / 100) < 1


@given(pairs)
def test_alpha_is_fleiss_kappa_but_for_the_size_of_the_sample(papers: list[tuple[Answer, Answer]]) -> None:
    """See Krippendorff (2011): with n answers, 1 - alpha = (1 - kappa)(n - 1) / n."""
    kappa, found = fleiss(papers), alpha(papers, nominal)
    assert (kappa is None) == (found is None)
    if kappa and found:
        n = 2 * len(papers)
        assert 1 - found.value == pytest.approx((1 - kappa.value) * (n - 1) / n)


@given(some)
def test_a_paper_that_one_coder_answered_changes_nothing(papers: Papers) -> None:
    assert alpha([*papers, (answer("A"),), ()]) == alpha(papers)


@given(codes, codes)
def test_masi_is_a_distance_between_0_and_1_and_for_single_codes_all_or_nothing(one: Answer, other: Answer) -> None:
    assert 0 <= masi(one, other) <= nominal(one, other)
    for a, b in permutations("ABC", 2):
        assert masi(answer(a), answer(b)) == 1


def test_the_same_answers_give_the_same_interval_anywhere() -> None:
    """The resamples are drawn with a seed, by a generator whose numbers are promised to stay the same."""
    found = limits(alpha(coders("0100000010", "1110010000")))
    assert found == pytest.approx((-0.46153846153846145, 0.6274509803921569))
