"""Consensus: from what each coder said, in order, to where each question about a paper stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reviewdb.model import EXCLUDE, INCLUDE, MAYBE, RULE_PREFIX, Decision, Standing
from reviewdb.scheme import Question
from reviewdb.text import ancestors

INCLUDED, EXCLUDED, CONTESTED, PENDING = "included", "excluded", "contested", "pending"


def not_undone(decisions: Iterable[Decision]) -> list[Decision]:
    """Return the decisions that count, in the order given: without those undone, and without the undoing.

    An undoing that is itself undone undoes nothing.
    """
    said = list(decisions)
    # Next to nobody undoes anything, and this is asked of every paper.
    return list(standing_backwards(reversed(said)))[::-1] if any(made.undoes for made in said) else said


def standing_backwards(decisions: Iterable[Decision]) -> Iterator[Decision]:
    """Yield the decisions that count, as `not_undone` does, of decisions that come last one first."""
    undone: set[tuple[str, str, str, str]] = set()
    for made in decisions:
        if (made.coder, made.record, made.question, made.at) in undone:
            continue
        if made.undoes:
            undone.add((made.coder, made.record, made.question, made.undoes))
        else:
            yield made


def current(decisions: Iterable[Decision]) -> dict[tuple[str, str], Decision]:
    """Return the decision that stands, per question and coder, of the decisions on one paper in order of time.

    Only people are heard. A later decision replaces the coder's earlier one, one that is withdrawn or undone is
    gone, and one that settles silences every coder before it.
    """
    standing: dict[tuple[str, str], Decision] = {}
    for made in not_undone(d for d in decisions if not d.coder.startswith(RULE_PREFIX)):
        if made.settles:
            for key in [k for k in standing if k[0] == made.question]:
                del standing[key]
        if made.answer is None:
            standing.pop((made.question, made.coder), None)
        else:
            standing[made.question, made.coder] = made
    return standing


@dataclass(frozen=True, slots=True)
class Own:
    """A coder's answer to a question, as given independently, and what the coder says since (None: nothing)."""

    answer: Decision
    later: Decision | None


def independent(decisions: Iterable[Decision]) -> dict[tuple[str, str], Own]:
    """Return each person's last answer given before another's could be seen, per question and coder.

    That is what agreement is measured on. Others' answers are hidden from a coder who has none, so the first answer is
    independent, and so are later ones while nobody else has answered; what is changed, withdrawn or undone after that
    is not. Who settles a conflict, or answers while it is settled, knows what others said; settling that was undone
    before an answer is none to it, and neither is settling where nobody else has answered. `decisions` are those on
    one paper in order of time.
    """
    histories: dict[str, list[Decision]] = defaultdict(list)
    for made in decisions:
        if not made.coder.startswith(RULE_PREFIX):
            histories[made.question].append(made)
    found = {question: _independent(history) for question, history in histories.items()}
    return {(question, coder): own for question, owns in found.items() for coder, own in owns.items()}


def _independent(history: Sequence[Decision]) -> dict[str, Own]:
    """Return the independent answers to one question."""
    if len(history) == 1:  # as most are: answered once, by one coder
        (only,) = history
        return {only.coder: Own(only, only)} if only.answer is not None else {}
    lines: dict[str, list[Decision]] = defaultdict(list)
    #: What each coder says so far, and the part of it that is independent: lines that settle a conflict aside.
    says: dict[str, Decision] = {}
    own: dict[str, Decision] = {}
    settling: list[Decision] = []
    seen: set[str] = set()
    for made in history:
        settles = made.settles and bool(says.keys() - {made.coder})
        if settles or (settling and made.undoes):
            settling.append(made)
        if settles:
            seen.add(made.coder)
            continue
        lines[made.coder].append(made)
        if settling and not_undone(settling):
            seen.add(made.coder)
        last = not_undone(lines[made.coder])[-1:] if made.undoes else [made]
        for answers in (says, own) if made.coder not in seen else (says,):
            answers.pop(made.coder, None)
            answers |= {one.coder: one for one in last if one.answer is not None}
        if len(says) > 1:
            seen.update(says)
    return {coder: Own(answer, says.get(coder)) for coder, answer in own.items()}


def open_again(decisions: Iterable[Decision]) -> dict[tuple[str, str], Decision]:
    """Return the answers whose code was split, per question and coder, that still wait for somebody to say which.

    The coder does by any later answer, and whoever settles the question does for all. `decisions` are those on one
    paper in order of time.
    """
    waiting: dict[tuple[str, str], Decision] = {}
    people = [made for made in decisions if not made.coder.startswith(RULE_PREFIX)]
    if not any(made.reopened for made in people):
        return waiting
    for made in not_undone(people):
        if made.settles:
            waiting = {key: one for key, one in waiting.items() if key[0] != made.question}
        waiting.pop((made.question, made.coder), None)
        if made.reopened:
            waiting[made.question, made.coder] = made
    return waiting


def suggested(decisions: Iterable[Decision]) -> dict[str, frozenset[str]]:
    """Return what rules say to each question, from any of the paper's records."""
    said: dict[str, frozenset[str]] = {}
    for made in decisions:
        if made.coder.startswith(RULE_PREFIX):
            said[made.question] = said.get(made.question, frozenset()) | frozenset(made.answer or ())
    return said


def stand(decisions: Iterable[Decision], questions: Mapping[str, Question]) -> dict[str, Standing]:
    """Return where each question that a person answered stands.

    `decisions` are those of `current`. Codes imply their ancestors, so two coders who chose `mri.brain`
    and `mri` agree on `mri` and contest `mri.brain`.
    """
    answers: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for made in decisions:
        if made.answer is not None:
            answers[made.question].append((made.coder, implied(made.answer, questions[made.question])))
    return {question: _stand(said) for question, said in answers.items()}


def _stand(said: Sequence[tuple[str, frozenset[str]]]) -> Standing:
    if len(said) == 1:  # most questions are answered by one coder
        return Standing(said[0][1], frozenset(), (said[0][0],))
    agreed = frozenset.intersection(*(codes for _, codes in said))
    every = frozenset.union(*(codes for _, codes in said))
    return Standing(agreed, every - agreed, tuple(sorted(coder for coder, _ in said)))


def implied(answer: Iterable[str], question: Question) -> frozenset[str]:
    """Return the codes of an answer with their ancestors (for a text or a number, that)."""
    return with_ancestors(answer) if question.has_codes else frozenset(answer)


def with_ancestors(codes: Iterable[str]) -> frozenset[str]:
    """Return codes with all that they imply."""
    return _with_ancestors(frozenset(codes))


@lru_cache(maxsize=16_384)  # most papers are answered as others are
def _with_ancestors(codes: frozenset[str]) -> frozenset[str]:
    return codes | {above for code in codes for above in ancestors(code)}


def status(standings: Mapping[str, Standing], stages: Iterable[Question]) -> tuple[str, str, str]:
    """Return whether a paper is in the review, the stage that says so, and the reason if it is out.

    Excluded at any stage is out; else, where coders disagree at any stage, it is contested; included at every
    stage is in; anything else is pending at the first stage without an include.
    """
    agreed = {stage.id: standings[stage.id].agreed if stage.id in standings else frozenset[str]() for stage in stages}
    for stage, answers in agreed.items():
        if EXCLUDE in answers:
            reasons = sorted(code.split(".", 1)[1] for code in answers if code.startswith(f"{EXCLUDE}."))
            return EXCLUDED, stage, " ".join(reasons)
    for stage, answers in agreed.items():
        if stage in standings and not answers & {INCLUDE, MAYBE}:
            return CONTESTED, stage, ""
    pending = [stage for stage, answers in agreed.items() if INCLUDE not in answers]
    if pending or not agreed:
        return PENDING, next(iter(pending), ""), ""
    return INCLUDED, list(agreed)[-1], ""


def leaves(codes: Iterable[str]) -> list[str]:
    """Return the codes that no other of them implies, in order."""
    named = set(codes)
    implied = {above for code in named for above in ancestors(code)}
    return sorted(named - implied)
