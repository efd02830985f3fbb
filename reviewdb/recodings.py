"""Recodings: what answers given in the codes of their time come to in the codes of now."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reviewdb.model import EXCLUDE, RULE_PREFIX, Decision, Recoding
from reviewdb.scheme import Question, Scheme
from reviewdb.text import ancestors

# A text of SQL that could be a code.
_LITERAL = re.compile(r"'([a-z][a-z0-9_.]*)'")
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
        steps = self.steps.get(question.facet, ()) if question and question.has_codes else ()
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
    if begun := _half_undone(question, code, made, known):
        return f"Finish what was begun: {undo_command(begun)}"
    if code not in (made.answer or ()):
        return _missing(question, code, made, known)
    if along := _along(question, code, known):
        return f"It was recoded before this answer. Take the answer along: {command(along)}"
    former = question.former.get(code)
    if former and former.became is not None:
        became = Recoding("", facet, tuple(dict.fromkeys((code, *former.became))), former.became, "")
        return f"The scheme says what it became, and no decision does. Finish it: {command(became)}"
    return (
        "Mend the line, put the code into the coding scheme, or say what it became: "
        f"reviewdb scheme rename {facet} {argument(code)} NEW"
    )


def _half_undone(question: Question, code: str, made: Decision, known: Recodings) -> Recoding | None:
    """Return the undoing, the last line of all, that has not come to the scheme, if that is why a code is unknown."""
    lines = sorted((one for one in known.made if one.facet == question.facet), key=_in_time)
    last = lines[-1] if lines else None
    if last is None or not last.undoes or last.at <= made.at:
        return None
    undone = next((one for one in lines if (one.coder, one.at) == (last.coder, last.undoes)), None)
    if undone is None or not _step(undone).above(code):
        return None
    left = code in question.former or (is_rename(undone) and undone.became[0] in question.codes)
    return last if left else None


def _missing(question: Question, code: str, made: Decision, known: Recodings) -> str:
    """Say what to do about an answer that was recoded into a code that the scheme does not have."""
    said = ", ".join(made.answer or ())
    by = now(made.answer or (), made.at, known.steps.get(question.facet, ()))[1][-1]
    mine = [one for one in known.standing if (one.facet, one.coder) == (by.facet, by.coder)]
    # Where the old name is still there, the scheme is that of before, and the coder's last step can be undone.
    undo = f", or: {undo_command(by)}" if mine[-1:] == [by] and {*by.codes} & question.codes.keys() else ""
    return f"It was said as {said}. Put {code} into the coding scheme{undo}"


def _along(question: Question, code: str, known: Recodings) -> Recoding | None:
    """Return the recoding that takes answers with one code along, where it was given after the code was recoded.

    It names that code alone: others that were recoded with it are known to nobody any more.
    """
    steps = known.steps.get(question.facet, ())
    undone = (step.since for step in reversed(steps) if step.since and step.above(code))
    for at in ("", *undone):
        codes, by = now((code,), at, steps)
        if not by:
            continue
        became = by[-1].became if codes is None or not by[-1].became else codes
        if by[-1].undoes:  # a name that was a code for a while is the one before again
            became = codes or ()
        if all(new in question.codes for new in became):
            # One that becomes a code that is there is merged into it.
            named = (code, *became) if len(became) == 1 else (code,)
            return Recoding("", question.facet, named, became, "")
    return None


def _step(made: Recoding) -> Step:
    return Step(made.codes, made.became, "", "", made)


def undo_command(made: Recoding) -> str:
    """Return the command by which the coder of a recoding takes the last one back."""
    return f"reviewdb scheme undo {made.facet} --coder {made.coder}"


def what_became(code: str, facet: str, known: Recodings) -> tuple[str, ...] | None:
    """Return the codes that a code of a facet became (none: it was retired); None where nobody recoded it."""
    codes, by = now((code,), "", known.steps.get(facet, ()))
    if not by:
        return None
    return by[-1].became if codes is None else codes


def told(code: str, became: Sequence[str]) -> str:
    """Return what a code became, for people."""
    into = " or ".join(argument(new) for new in became)
    return f"{argument(code)} became {into}: say that." if became else f"{argument(code)} was retired."


def outdated(sql: str, used: Container[str], former: Container[str], known: Recodings) -> Iterator[tuple[int, str]]:
    """Yield the lines of a query that name a code, or a reason to exclude, which is not in use any more, and the name.

    `used` and `former` are the codes of all questions; a `former` code that nobody recoded was renamed by hand.
    """
    steps = [_step(one) for one in known.standing]
    for number, line in enumerate(sql.split("\n"), 1):
        for code in _LITERAL.findall(line.partition("--")[0]):
            names = (code, f"{EXCLUDE}.{code}")
            if not any(name in used for name in names) and any(
                name in former or any(step.above(name) for step in steps) for name in names
            ):
                yield number, code


def command(made: Recoding) -> str:
    """Return the command that makes a recoding."""
    codes = [argument(code) for code in made.codes]
    became = [argument(code) for code in made.became]
    if not made.became:
        words = ["retire", made.facet, *codes]
    elif is_rename(made):
        words = ["rename", made.facet, *codes, *became]
    elif len(made.became) == 1:
        into = [*became, *([] if became[0] in codes else ["--new"])]
        words = ["merge", made.facet, *(code for code in codes if code not in became), *into]
    else:
        words = ["split", made.facet, *codes[:1], *became]
    return f"reviewdb scheme {' '.join(words)}"


def argument(code: str) -> str:
    """Return a code as the command line has it."""
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
