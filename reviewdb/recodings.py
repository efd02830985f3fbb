"""Recodings: what answers given in the codes of their time come to in the codes of now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reviewdb.model import EXCLUDE, RULE_PREFIX, Decision, Recoding
from reviewdb.scheme import Question, Scheme
from reviewdb.text import ancestors

#: What codes mean now: None where only a person can say.
Codes = tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Step:
    """What codes of a facet became for the answers given from one moment on (empty: any) and before another."""

    codes: tuple[str, ...]
    became: tuple[str, ...]
    since: str
    until: str
    #: Who says so.
    made: Recoding

    def covers(self, at: str) -> bool:
        """Say whether an answer given at that moment is meant."""
        return self.since <= at < self.until

    def above(self, code: str) -> str:
        """Return which of its codes a code is, or is a kind of (the finest one); empty: none."""
        return next((named for named in (code, *reversed(ancestors(code))) if named in self.codes), "")

    def now(self, code: str) -> Codes:
        """Return what a code became; what it became below a code, it became with the code."""
        found = self.above(code)
        if not found:
            return (code,)
        if len(self.became) == 1:
            return (self.became[0] + code.removeprefix(found),)
        if self.became:
            # Codes that only became finer are still kinds of what they were.
            finer = all(new.startswith(f"{found}.") for new in self.became)
            return (code,) if finer and code != found else None
        # What a finer code implied is still so.
        return tuple(above for above in ancestors(code) if not self.above(above))[-1:]


@dataclass(frozen=True, slots=True)
class Recoded:
    """A decision as it counts now."""

    made: Decision
    #: The recodings that changed it, in order.
    by: tuple[Recoding, ...] = ()


@dataclass(frozen=True, slots=True)
class Recodings:
    """All recodings of a review, and the steps that stand, by facet, in order of time."""

    made: Sequence[Recoding] = ()
    steps: Mapping[str, Sequence[Step]] = field(default_factory=dict)

    def recoded(self, made: Decision, scheme: Scheme) -> Recoded:
        """Return a decision in the codes of now. What rules say is in these already."""
        if not self.steps:
            return Recoded(made)
        question = scheme.questions.get(made.question)
        steps = self.steps.get(question.facet, ()) if question and question.kind != "text" else ()
        if not steps or made.answer is None or made.coder.startswith(RULE_PREFIX):
            return Recoded(made)
        codes, by = now(made.answer, made.at, steps)
        if not by:
            return Recoded(made)
        return Recoded(replace(made, answer=codes, reopened=codes is None), by)

    @property
    def standing(self) -> list[Recoding]:
        """The recodings that nobody undid, in order of time."""
        return sorted(_not_undone(self.made)[0], key=_in_time)


#: Of a review whose codes have always been those of now.
NONE = Recodings()


def gather(made: Iterable[Recoding]) -> Recodings:
    """Return the recodings of a review, given in the order of each coder's file.

    A rename that was undone leaves a step behind: answers given under the new name, while it stood, mean the old one.
    """
    everything = list(made)
    standing, undone = _not_undone(everything)
    steps: dict[str, list[Step]] = defaultdict(list)
    for one in standing:
        steps[one.facet].append(Step(one.codes, one.became, "", one.at, one))
    for one, undoing in undone:
        if is_rename(one):
            steps[one.facet].append(Step(one.became, one.codes, one.at, undoing.at, undoing))
    for known in steps.values():
        known.sort(key=lambda step: (step.until, step.made.coder))
    return Recodings(everything, dict(steps))


def is_rename(made: Recoding) -> bool:
    """Say whether one code has become one other, which was none before."""
    return len(made.codes) == len(made.became) == 1


def todo(question: Question, code: str, made: Decision, known: Recodings) -> str:
    """Say what to do about an answer that comes to a code that the scheme does not have in use."""
    facet = question.facet
    lines = sorted((one for one in known.made if one.facet == facet), key=_in_time)
    if lines and lines[-1].undoes and lines[-1].at > made.at:
        return f"Finish what was begun: reviewdb scheme undo {facet}"
    if code not in (made.answer or ()):
        said = ", ".join(made.answer or ())
        return f"It was said as {said}. Put {code} into the coding scheme, or: reviewdb scheme undo {facet}"
    later = next((one for one in reversed(known.standing) if one.facet == facet and code in one.codes), None)
    if later:
        return f"It was recoded before this answer. Take the answer along: {command(later)}"
    former = question.former.get(code)
    if former and former.became is not None:
        became = Recoding("", facet, tuple(dict.fromkeys((code, *former.became))), former.became, "")
        return f"The scheme says what it became, and no decision does. Finish it: {command(became)}"
    return (
        "Mend the line, put the code into the coding scheme, or say what it became: "
        f"reviewdb scheme rename {facet} {_argument(code)} NEW"
    )


def command(made: Recoding) -> str:
    """Return the command that makes a recoding."""
    codes = [_argument(code) for code in made.codes]
    became = [_argument(code) for code in made.became]
    if not made.became:
        words = ["retire", made.facet, *codes]
    elif is_rename(made):
        words = ["rename", made.facet, *codes, *became]
    elif len(made.became) == 1:
        words = ["merge", made.facet, *(code for code in codes if code not in became), *became]
    else:
        words = ["split", made.facet, *codes[:1], *became]
    return f"reviewdb scheme {' '.join(words)}"


def _argument(code: str) -> str:
    return code.removeprefix(f"{EXCLUDE}.")


def now(answer: Iterable[str], at: str, steps: Iterable[Step]) -> tuple[Codes, tuple[Recoding, ...]]:
    """Return what an answer given at a moment comes to, and the recodings that changed it."""
    codes = tuple(answer)
    by: list[Recoding] = []
    for step in steps:
        if not step.covers(at):
            continue
        parts = [step.now(code) for code in codes]
        if None in parts:
            return None, (*by, step.made)
        became = tuple(dict.fromkeys(code for part in parts for code in part or ()))
        by += [step.made] if became != codes else []
        codes = became
    return codes, tuple(by)


def _not_undone(made: Iterable[Recoding]) -> tuple[list[Recoding], list[tuple[Recoding, Recoding]]]:
    """Return the recodings that stand, and those undone, each with what undoes it; undoing may be undone itself."""
    undone: dict[tuple[str, str, str], Recoding] = {}
    kept: list[Recoding] = []
    gone: list[tuple[Recoding, Recoding]] = []
    for one in sorted(made, key=_in_time, reverse=True):
        undoing = undone.get((one.coder, one.facet, one.at))
        if undoing:
            gone += [] if one.undoes else [(one, undoing)]
        elif one.undoes:
            undone[one.coder, one.facet, one.undoes] = one
        else:
            kept.append(one)
    return kept[::-1], gone[::-1]


def _in_time(made: Recoding) -> tuple[str, str]:
    return made.at, made.coder
