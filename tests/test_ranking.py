"""Ranking: what separates the classes comes first, the same way every time; figures of it are the known ones."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from reviewdb import discovery, ranking
from reviewdb.ranking import Ranker, best_first, replay
from reviewdb.vectors import Vectors

ABOUT = "software defect prediction metrics fault modules effort".split()  # noqa: SIM905
OTHERS = "patients trial dose placebo nurses hospital ward".split()  # noqa: SIM905
COMMON = "study results method data analysis we of the in for paper new".split()  # noqa: SIM905


def screening(count: int = 400, included: int = 30) -> tuple[list[str], list[int]]:
    """Return made texts, and labels that a few of their words tell."""
    chance = random.Random(5)
    labels = [1] * included + [0] * (count - included)
    chance.shuffle(labels)
    texts = [
        " ".join(chance.choices(COMMON, k=30) + chance.choices(ABOUT if label else OTHERS, k=4)) for label in labels
    ]
    return texts, labels


def replayed(texts: Sequence[str], labels: Sequence[int], seed: int) -> list[int]:
    """Return the labels in the order of a replay."""
    return [labels[n] for n in replay(texts, labels, seed, lambda *_: None).order]


def test_vectors_are_those_of_scikit_learn() -> None:
    texts, _ = screening(60)
    texts += ["", "a b c", "Ünïcode straße x2 x2", "same again same again"]
    theirs = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_df=0.95)
    matrix = theirs.fit_transform(texts)
    ours = Vectors(texts)
    np.testing.assert_allclose((ours.matrix @ ours.matrix.T).toarray(), (matrix @ matrix.T).toarray(), atol=1e-12)
    asked = "software defect of patients same again, x2 unheard"
    alike = (matrix @ theirs.transform([asked]).T).toarray().ravel()
    np.testing.assert_allclose(ours.likeness(asked), alike, atol=1e-12)


@pytest.mark.parametrize("texts", [[], [""], ["a", "b"], ["same", "same"], ["only one text"]])
def test_texts_that_nothing_tells_apart_have_vectors_of_nothing(texts: list[str]) -> None:
    vectors = Vectors(texts)
    assert vectors.matrix.sum() == 0
    assert list(vectors.likeness("same text")) == [0] * len(texts)


def test_tags_of_a_page_are_no_words_and_a_comparison_is_no_tag() -> None:
    vectors = Vectors(["<p>defect</p> p < 0.05 and dose > 3", "defect div p 05 dose", "nurses"])
    assert vectors.likeness("div")[0] == 0
    assert vectors.likeness("dose")[0] > 0


def test_what_is_like_the_included_comes_before_what_is_like_the_excluded() -> None:
    texts, labels = screening()
    known = [label if n < 60 else None for n, label in enumerate(labels)]
    order = best_first(Ranker(texts).scores(known), range(60, 400))
    assert sum(labels[n] for n in order[:30]) == sum(labels[60:]) > 20


def test_equals_stay_in_their_order() -> None:
    assert best_first(np.array([1.0, 2.0, 1.0, 2.0]), [3, 0, 2, 1]) == [3, 1, 0, 2]


@pytest.mark.parametrize("labels", [[1, None, 1], [0, None, 0], [None, None, None]])
def test_without_both_labels_there_is_nothing_to_learn(labels: list[int | None]) -> None:
    with pytest.raises(ValueError, match="nothing was included"):
        Ranker(["a text", "one more", "another"]).scores(labels)


def test_texts_without_words_are_ranked_without_complaint() -> None:
    assert len(Ranker(["", "", ""]).scores([1, 0, None])) == 3


def test_a_replay_screens_each_text_once_and_is_the_same_again() -> None:
    texts, labels = screening()
    once, again = (replay(texts, labels, 3, lambda *_: None) for _ in range(2))
    assert once == again
    assert sorted((*once.prior, *once.order)) == list(range(400))
    assert [labels[n] for n in once.prior] == [1, 0]
    assert once.prior != replay(texts, labels, 4, lambda *_: None).prior


def test_words_that_separate_the_classes_are_found_early_and_shuffled_labels_are_not() -> None:
    texts, labels = screening()
    shuffled = random.Random(2).sample(labels, len(labels))
    for seed in range(3):
        assert discovery.wss(replayed(texts, labels, seed), 0.95) > 0.8
        assert discovery.recall_at(replayed(texts, labels, seed), 0.1) == 1
        assert discovery.wss(replayed(texts, shuffled, seed), 0.95) < 0.2
        assert discovery.recall_at(replayed(texts, shuffled, seed), 0.1) < 0.35


def test_a_replay_tells_how_far_it_is() -> None:
    texts, labels = screening()
    told: list[tuple[int, int, int]] = []
    replay(texts, labels, 0, lambda *said: told.append(said))
    assert told == sorted(told)
    assert {of for _, of, _ in told} == {400}
    assert told[-1][2] == 30


def test_a_replay_begins_with_the_two_that_asreview_takes() -> None:
    # asreview 3.0.8: simulate --n-prior-included 1 --n-prior-excluded 1 --prior-seed 7, on a file with these labels.
    assert ranking.prior([int(n % 4 == 1) for n in range(40)], 7) == (33, 3)


# Counted by hand: ten records, the included at 1, 2 and 5. An even order has one at record 3 (3/9 x 2 rounded is 1),
# two at 5, three at 9 (counted from 0: 2, 5 and 8).
FEW = [1, 1, 0, 0, 1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("labels", "recall", "saved"),
    [
        (FEW, 0.34, (2 - 0) / 10),
        (FEW, 0.95, (5 - 1) / 10),
        (FEW, 1.0, (8 - 4) / 10),
        ([0] * 7 + [1] * 3, 1.0, (8 - 9) / 10),
        ([1], 0.95, 0),
    ],
)
def test_work_saved_over_sampling(labels: list[int], recall: float, saved: float) -> None:
    assert discovery.wss(labels, recall) == pytest.approx(saved)


def test_recall_and_the_time_to_discovery() -> None:
    assert discovery.recall_at(FEW, 0.1) == pytest.approx(1 / 3)
    assert discovery.recall_at(FEW, 0.19) == pytest.approx(1 / 3)
    assert discovery.recall_at(FEW, 0.5) == 1
    assert discovery.atd(FEW) == pytest.approx((1 + 2 + 5) / 3)


def test_figures_are_those_of_asreview_insights() -> None:
    # asreview-insights 1.6.1: _wss(labels, .95), _recall(labels, .1) and _average_time_to_discovery of these labels.
    chance = random.Random(1)
    labels = [int(chance.random() < 0.1 / (1 + n / 60)) for n in range(500)]
    assert (discovery.wss(labels, 0.95), discovery.recall_at(labels, 0.1), discovery.atd(labels)) == pytest.approx(
        (0.324, 6 / 22, 136.6818181818182)
    )


@pytest.mark.parametrize(("irrelevant", "screened"), [(1, 3), (2, 4), (3, 8), (5, 10), (6, 10)])
def test_who_stops_after_some_irrelevant_in_a_row_has_screened_so_many(irrelevant: int, screened: int) -> None:
    assert discovery.stopped_after(FEW, irrelevant) == screened
