"""Marks: numbers stand for codes, children unfold, and what contradicts or repeats itself goes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from reviewdb.scheme import Code, Question
from reviewdb.session import marks
from reviewdb.session.marks import Answer, Marks


def question(*codes: str, single: bool = False, id_: str = "modality") -> Question:
    return Question(
        id_, "codes", id_, id_, "", suggested=True, codes={code: Code(code, code) for code in codes}, single=single
    )


MODALITY = question("mri", "mri.brain", "mri.brain.t1", "mri.heart", "ct", "ct.head", "oct", "none")
MANY = question(*(f"c{n}" for n in range(1, 21)), id_="method")
ONE = question("yes", "no", single=True, id_="deviation_based")
QUESTIONS = {one.id: one for one in (MODALITY, MANY, ONE)}


def after(asked: Question, start: Answer | None, presses: Sequence[int], *, said: bool = False) -> Answer | None:
    """Return the answer after number keys were pressed."""
    now = Marks({} if start is None else {asked.id: start}, asked.id, said=frozenset([asked.id] if said else []))
    for number in presses:
        now = marks.press(now, asked, number)
    return now.answers.get(asked.id)


@pytest.mark.parametrize(
    ("start", "presses", "answer"),
    [
        (None, [3], ("oct",)),
        (None, [3, 3], None),
        (("oct",), [3], None),
        (None, [1], ("mri",)),
        (None, [1, 2], ("mri.heart",)),
        (None, [1, 1, 1], ("mri.brain.t1",)),
        (None, [1, 2, 2, 1], ("mri.heart", "ct.head")),
        (("mri.brain",), [1, 2], ("mri.brain", "mri.heart")),
        (("mri.brain",), [1, 0], ("mri",)),
        (("mri",), [1, 0], None),
        (("ct",), [0], ()),
        (("ct",), [0, 0], None),
        (("ct",), [0, 3], ("oct",)),
        (("oct",), [4], ("none",)),
        (("none",), [3], ("oct",)),
        (("oct",), [9], ("oct",)),
    ],
)
def test_numbers_mark_codes(start: Answer | None, presses: Sequence[int], answer: Answer | None) -> None:
    assert after(MODALITY, start, presses) == answer


@pytest.mark.parametrize(("start", "presses"), [(("oct",), [3]), (("oct",), [0]), (("oct",), [0, 0])])
def test_taking_away_all_of_an_answer_on_disk_says_that_no_code_applies(start: Answer, presses: Sequence[int]) -> None:
    assert after(MODALITY, start, presses, said=True) == ()


def test_a_question_with_one_answer_takes_the_last_one() -> None:
    assert after(ONE, ("yes",), [2]) == ("no",)


def test_the_key_of_a_facet_folds_then_turns_the_page_then_goes_round() -> None:
    now = Marks({}, "modality")
    now = marks.choose(now, ["method"], QUESTIONS)
    seen = []
    for _ in range(4):
        seen.append([line.code for line in marks.lines(MANY, now) if line.number == 1])
        now = marks.choose(now, ["method"], QUESTIONS)
    assert seen == [["c1"], ["c10"], ["c19"], ["c1"]]


def test_the_key_of_the_facet_that_a_paper_opens_with_turns_no_page() -> None:
    opened = marks.choose(Marks({}, "method"), ["method"], QUESTIONS)
    assert (opened.page, marks.choose(opened, ["method"], QUESTIONS).page) == (0, 1)


def test_the_key_of_a_facet_folds_first() -> None:
    unfolded = marks.press(Marks({}, "modality"), MODALITY, 1)
    assert [line.code for line in marks.lines(MODALITY, unfolded) if line.number] == ["mri.brain", "mri.heart"]
    folded = marks.choose(unfolded, ["modality"], QUESTIONS)
    assert [line.code for line in marks.lines(MODALITY, folded) if line.number] == ["mri", "ct", "oct", "none"]
    assert folded.answers == {"modality": ("mri",)}


def test_codes_beyond_the_ninth_have_no_number() -> None:
    wide = question("a", *(f"a.{n}" for n in range(1, 13)))
    unfolded = marks.press(Marks({}, "modality"), wide, 1)
    assert [line.number for line in marks.lines(wide, unfolded)] == [None, *range(1, 10), None, None, None]


def test_layers_of_a_facet_follow_each_other() -> None:
    now = Marks({}, "method")
    order = []
    for _ in range(3):
        now = marks.choose(now, ["modality", "deviation_based"], QUESTIONS)
        order.append(now.active)
    assert order == ["modality", "deviation_based", "modality"]


def test_children_beyond_nine_are_reached_by_the_key_of_the_facet() -> None:
    asked = question("mri", *(f"mri.c{n:02}" for n in range(1, 13)))
    now = marks.press(Marks({"modality": ("mri",)}, "modality", chosen=True), asked, 1)
    assert [line.code for line in marks.lines(asked, now) if line.number] == [f"mri.c{n:02}" for n in range(1, 10)]
    assert marks.nines(asked, now) == (1, 2)
    now = marks.choose(now, ["modality"], {"modality": asked})
    assert [line.code for line in marks.lines(asked, now) if line.number] == ["mri.c10", "mri.c11", "mri.c12"]
    assert marks.press(now, asked, 2).answers == {"modality": ("mri.c11",)}
    assert marks.choose(now, ["modality"], {"modality": asked}).unfolded == ""
