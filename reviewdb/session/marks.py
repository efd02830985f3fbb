"""Marks: which codes a coder has marked on one paper but not said yet, and which number stands for which code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from reviewdb.model import NO_CODE
from reviewdb.scheme import Question
from reviewdb.text import ancestors

#: Numbers to choose by: the keys 1 to 9.
NUMBERS = 9

Answer = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked: for each question the codes (or the text); a question without an entry is left open.

    `page` counts nines of codes; `unfolded` is the code whose children the numbers stand for, and `below` counts nines
    of these; `chosen`: the coder made the question active, which a paper does not open with.
    """

    answers: Mapping[str, Answer]
    active: str = ""
    page: int = 0
    unfolded: str = ""
    below: int = 0
    chosen: bool = False
    #: Questions that the coder has answered on disk: taking the last code away says that none applies.
    said: frozenset[str] = field(default_factory=frozenset)
    #: Questions that the coder has marked by hand.
    touched: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Line:
    """One code as it is listed: `number` is None where no key stands for it now."""

    code: str
    number: int | None


def children(question: Question, parent: str) -> list[str]:
    """Return the codes right below one; below none, the outermost ones."""
    return [code for code in question.codes if code.rpartition(".")[0] == parent]


def pages(question: Question, parent: str = "") -> int:
    """Return on how many pages of nine the outermost codes stand, or those right below one."""
    return max(1, -(-len(children(question, parent)) // NUMBERS))


def nines(question: Question, marks: Marks) -> tuple[int, int]:
    """Return which nine codes the numbers stand for, counted from 1, and how many nines there are."""
    if marks.unfolded:
        return marks.below + 1, pages(question, marks.unfolded)
    return marks.page + 1, pages(question)


def lines(question: Question, marks: Marks) -> list[Line]:
    """Return the codes of the active question as they are listed: those that numbers stand for, and those around them.

    Where a code is unfolded, the numbers are those of its children.
    """
    first = marks.page * NUMBERS
    shown = children(question, "")[first : first + NUMBERS]
    if not marks.unfolded:
        return [Line(code, n) for n, code in enumerate(shown, 1)]
    found: list[Line] = []
    opened = (*ancestors(marks.unfolded), marks.unfolded)
    for code in shown:
        found.append(Line(code, None))
        if code == opened[0]:
            found += [Line(above, None) for above in opened[1:]]
            below = enumerate(children(question, marks.unfolded), 1 - marks.below * NUMBERS)
            found += [Line(child, n if 1 <= n <= NUMBERS else None) for n, child in below]
    return found


def choose(marks: Marks, names: Sequence[str], questions: Mapping[str, Question]) -> Marks:
    """Return the marks after the key of a facet, whose questions are `names`: the facet, then what else is under it.

    Pressed again, the key turns to the next nine children of a code, folds it, turns to the next nine codes, then to
    the next layer of the facet.
    """
    if marks.active not in names or not marks.chosen:
        stays = marks.active if marks.active in names else names[0]
        return activated(marks, stays)
    if marks.unfolded:
        turns = marks.below + 1 < pages(questions[marks.active], marks.unfolded)
        return replace(marks, below=marks.below + 1) if turns else replace(marks, unfolded="", below=0)
    if marks.page + 1 < pages(questions[marks.active]):
        return replace(marks, page=marks.page + 1)
    after = names[(names.index(marks.active) + 1) % len(names)]
    return replace(marks, active=after, page=0)


def activated(marks: Marks, question: str) -> Marks:
    """Return the marks with a question made active by the coder, its first codes in sight."""
    return replace(marks, active=question, page=0, unfolded="", below=0, chosen=True)


def press(marks: Marks, question: Question, number: int) -> Marks:
    """Return the marks after a number key, on the active question.

    A code with children unfolds, and is marked where nothing of it is; any other is marked, or no longer. 0 stands for
    the unfolded code itself; where none is, it says that no code applies, and pressed again leaves the question open.
    """
    codes = marks.answers.get(question.id)
    if number == 0:
        if marks.unfolded:
            return _toggled(marks, question, marks.unfolded, "")
        return answered(marks, question, None if codes == () and question.id not in marks.said else ())
    code = next((line.code for line in lines(question, marks) if line.number == number), None)
    if code is None:
        return marks
    if not children(question, code):
        return _toggled(marks, question, code, "")
    if any(said == code or code in ancestors(said) for said in codes or ()):
        return replace(marks, unfolded=code, below=0)
    return _toggled(marks, question, code, code)


def answered(marks: Marks, question: Question, answer: Answer | None) -> Marks:
    """Return the marks with all of one answer replaced; None leaves the question open."""
    said = {name: codes for name, codes in marks.answers.items() if name != question.id}
    if answer is not None:
        said[question.id] = answer
    return replace(marks, answers=said, touched=marks.touched | {question.id}, chosen=True)


def toggled(question: Question, codes: Answer, code: str) -> Answer:
    """Return an answer with a code added or taken away; what a new code implies, or excludes, goes."""
    if code in codes:
        return tuple(said for said in codes if said != code)
    if question.single or code == NO_CODE:
        return (code,)
    implied = ancestors(code)
    kept = [said for said in codes if said not in implied and said != NO_CODE and code not in ancestors(said)]
    order = list(question.codes)
    return tuple(sorted([*kept, code], key=order.index))


def _toggled(marks: Marks, question: Question, code: str, unfolded: str) -> Marks:
    codes = toggled(question, marks.answers.get(question.id, ()), code)
    nothing = not codes and question.id not in marks.said
    return replace(answered(marks, question, None if nothing else codes), unfolded=unfolded, below=0)
