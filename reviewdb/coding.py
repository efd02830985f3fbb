"""Coding: one coder's answers, checked against the scheme, appended to that coder's file."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from reviewdb import answering, build, consensus, database, derive, entries, journal, locks, reading, recodings, review
from reviewdb.answering import Answer
from reviewdb.build import Tell
from reviewdb.errors import BadReviewError, ReviewError
from reviewdb.hints import hint
from reviewdb.model import EXCLUDE, INCLUDE, Decision, Standing
from reviewdb.reading import Found
from reviewdb.recodings import Recodings
from reviewdb.review import Review
from reviewdb.scheme import Question, Scheme

_ASSIGNMENT = re.compile(r"([a-z0-9_.]+)(\+?|-?)=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Coder:
    """Who decides, why, and whether that settles a conflict."""

    name: str
    why: str = ""
    settles: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A paper before a coder: the questions, and all that was ever said about it, in order of time."""

    scheme: Scheme
    paper: Found
    coder: Coder
    history: Sequence[Decision]
    #: The moment of the last recoding: what is said now is said after it.
    recoded: str = ""
    #: What codes have become.
    known: Recodings = recodings.NONE

    def own(self) -> dict[str, Answer]:
        """Return what the coder says now, by question."""
        standing = consensus.current(self.history)
        mine = {question: made.answer for (question, coder), made in standing.items() if coder == self.coder.name}
        return {question: answer for question, answer in mine.items() if answer is not None}

    def has_answered(self, question: str) -> bool:
        """Say whether the coder ever answered a question, and did not undo it, whatever became of the answer."""
        return any(d.question == question and d.coder == self.coder.name for d in consensus.not_undone(self.history))

    def is_news(self, made: Decision) -> bool:
        """Say whether a decision says anything that its coder does not say already: another answer, or a new reason."""
        before = consensus.current(self.history).get((made.question, made.coder))
        if before is None or before.answer is None or made.answer is None:
            return True
        return set(before.answer) != set(made.answer) or (bool(made.why) and made.why != before.why)

    def standings(self) -> dict[str, Standing]:
        """Return where the questions stand."""
        return consensus.stand(consensus.current(self.history).values(), self.scheme.questions)

    def decision(self, question: Question, answer: Answer) -> Decision:
        """Return the decision that gives `answer`."""
        return Decision(
            self.coder.name, self.paper.id, question.id, answer, self.now(), self.coder.why, settles=self.coder.settles
        )

    def now(self) -> str:
        """Return this moment; where a clock was ahead, the first one after all that was said about the paper."""
        return entries.moment_after(max([self.recoded, *(made.at for made in self.history)]), datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What deciding came to: the decisions written, the questions then contested, and why the database lags, if so."""

    paper: Found
    made: tuple[Decision, ...]
    contested: tuple[str, ...]
    fault: str = ""


def decide(place: Review, name: str, coder: Coder, make: Callable[[Case], list[Decision]], tell: Tell) -> Outcome:
    """Write the decisions that `make` draws from a paper; they are on disk when this returns.

    No other process of the review writes between what `make` sees and what is written. Raises ReviewError, with
    nothing written, where the text has problems, the paper or the coder is unknown, or `make` refuses.
    """
    check_coder(place, coder.name, "decisions")
    with locks.writing(place.root):
        build.refresh(place, tell, held=True)
        coding_scheme = load_scheme(place)
        with closing(database.reader(place.database)) as connection:
            found = reading.find(connection, name)
            known = reading.recoded(connection)
            case = Case(coding_scheme, found, coder, _history(connection, found), last_recoding(connection), known)
        made = [d for d in make(case) if d.undoes or d.settles or case.is_news(d)]
        if not made:
            return Outcome(found, (), ())
        lines = [entries.of_decision(d, coding_scheme.questions[d.question]) for d in made]
        journal.append(place.decisions_of(coder.name), lines)
        after = replace(case, history=[*case.history, *made]).standings()
        contested = tuple(question for question in {d.question: None for d in made} if is_contested(after, question))
        try:
            build.refresh(place, tell, held=True)
        except ReviewError as error:
            return Outcome(found, tuple(made), contested, str(error))
    return Outcome(found, tuple(made), contested)


def is_contested(standings: Mapping[str, Standing], question: str) -> bool:
    """Say whether coders disagree on a question."""
    return question in standings and bool(standings[question].contested)


def last_recoding(connection: sqlite3.Connection) -> str:
    """Return the moment of the last recoding; empty: there is none."""
    found: str = connection.execute("SELECT coalesce(max(at), '') FROM recodings").fetchone()[0]
    return found


def _history(connection: sqlite3.Connection, on: Found) -> list[Decision]:
    return [made for _, made in sorted(database.decisions_on(connection, on.id), key=derive.in_time)]


def load_scheme(place: Review) -> Scheme:
    """Return the coding scheme of a review. Raises BadReviewError where it has problems."""
    path = place.root / review.SCHEME
    try:
        found, problems = review.parse_scheme(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise ReviewError(f"{path}: cannot be read: {error}.", "A review needs this file, in UTF-8.") from error
    if problems:
        raise BadReviewError(problems, "Mend the coding scheme first.")
    return found


def tag(case: Case, assignments: Sequence[str]) -> list[Decision]:
    """Return the decisions that assignments say: `facet=code,code`, `facet+=code`, `facet-=code`, `facet=text`.

    Raises ReviewError for an assignment that the scheme cannot take; then none of them is returned.
    """
    answers: dict[str, Answer] = {}
    for assignment in assignments:
        parts = _ASSIGNMENT.fullmatch(assignment)
        if not parts:
            raise ReviewError(f"{assignment!r} is not an assignment.", "Write it as modality=mri.brain or method+=vae.")
        question = _facet(case.scheme, parts.group(1))
        sign, value = parts.group(2), parts.group(3).strip()
        if question.id in answers and not sign:
            raise ReviewError(f"{question.id} is answered twice.", "Separate several codes by commas.")
        if sign and not question.has_codes:
            what = f"{question.id} is a {question.kind}: nothing is added to it or taken from it."
            raise ReviewError(what, "Write it with =.")
        answer = answering.answer_of(question, value, case.known)
        answers[question.id] = _combined(case, question, sign, answer, answers.get(question.id)) if sign else answer
    made = [case.decision(case.scheme.questions[question], answer) for question, answer in answers.items()]
    faults = [fault for decision in made if (fault := review.decision_fault(decision, case.scheme))]
    if faults:
        raise ReviewError(f"{faults[0]}.", "Name one.")
    return made


def _combined(case: Case, question: Question, sign: str, codes: Answer, before: Answer | None) -> Answer:
    """Return the codes that an answer has after adding to it (`+`) or taking from it (`-`).

    That is the answer of this command so far, or else the coder's own. Who settles, or was settled over, knows what
    others said and goes on from what all agree on; to anybody else, what others said is hidden, and counts for nothing.
    """
    if before is None:
        before = case.own().get(question.id)
    if before is None and (case.coder.settles or case.has_answered(question.id)):
        standings = case.standings()
        if is_contested(standings, question.id):
            what = f"coders disagree on {question.id} of {case.paper.key}: there is nothing to add to or take from."
            raise ReviewError(what, f"Say all of your answer: {question.id}=...")
        before = tuple(consensus.leaves(standings[question.id].agreed)) if question.id in standings else ()
    before = before or ()
    if sign == "+":
        return tuple(dict.fromkeys([*before, *codes]))
    missing = [code for code in codes if code not in before]
    if missing:
        so_far = ", ".join(before) or "no code"
        what = f"{missing[0]} cannot be taken away: {case.coder.name}'s {question.id} of {case.paper.key} is {so_far}."
        raise ReviewError(what, "Nothing is written.")
    return tuple(code for code in before if code not in codes)


def screen(case: Case, verdict: str, reason: str, stage: str) -> list[Decision]:
    """Return the decision on a stage: the one named, or that of the reason, or the coder's first one still open."""
    answer = f"{verdict}.{reason}" if reason else verdict
    stages = case.scheme.stages
    if reason and verdict != EXCLUDE:
        raise ReviewError(f"a reason goes with {EXCLUDE}, not with {verdict}.", "Give the words with --why.")
    if not stages:
        raise ReviewError("the coding scheme has no stages.", f"Add [stage.screening] to {review.SCHEME}.")
    if stage:
        chosen = next((s for s in stages if s.id == stage), None)
        if chosen is None:
            raise ReviewError(f"there is no stage {stage!r}.", f"There are: {', '.join(s.id for s in stages)}.")
    elif reason:
        chosen = next((s for s in stages if answer in s.codes), stages[0])
    else:
        own, standings = case.own(), case.standings()
        disputed = [s for s in stages if case.coder.settles and is_contested(standings, s.id)]
        chosen = next((s for s in disputed or stages if disputed or own.get(s.id) != (INCLUDE,)), stages[-1])
    if answer not in chosen.codes:
        places = {code.split(".", 1)[1]: s.id for s in stages for code in s.codes if "." in code}
        todo = f"It is one of {places[reason]}." if reason in places else hint(reason, list(places))
        raise ReviewError(f"{chosen.id} has no reason {reason!r}.", todo)
    return [case.decision(chosen, (answer,))]


def settling(case: Case, made: list[Decision]) -> list[Decision]:
    """Return decisions as they are. Raises ReviewError where one is to settle a question that nobody disagrees on.

    An answer whose code was split can be settled as well: it waits for somebody to say which.
    """
    standings, again = case.standings(), consensus.open_again(case.history)
    for one in made:
        waits = any(question == one.question for question, coder in again if coder != one.coder)
        if not one.settles or waits or is_contested(standings, one.question):
            continue
        disputed = [question for question in case.scheme.questions if is_contested(standings, question)]
        what = f"coders do not disagree on {one.question} of {case.paper.key}: there is nothing to settle."
        todo = (
            f"They do on: {', '.join(disputed)}." if disputed else "For an answer like any other, leave out --settle."
        )
        raise ReviewError(what, f"{todo} Nothing is written.")
    return made


def undo(case: Case, names: Sequence[str], *, stages: bool) -> list[Decision]:
    """Return the lines that undo the coder's last answer to each of the questions `names`.

    Without names, that is the coder's last answer to any stage, or else to any facet. What is undone counts as never
    made, so undoing again goes one answer further back. Raises ReviewError where there is nothing to undo.
    """
    asked = {q.id for q in case.scheme.questions.values() if (q.kind == "stage") == stages}
    said = consensus.not_undone(d for d in case.history if d.coder == case.coder.name)
    said = [made for made in said if made.question in asked]
    wanted = [_undoable(case.scheme, name, asked) for name in names] or [made.question for made in said[-1:]]
    lines = []
    for question in wanted or [""]:
        last = next((made for made in reversed(said) if made.question == question), None)
        if last is None:
            acted = f"answered {question} on" if question else "screened" if stages else "tagged"
            what = f"{case.coder.name} has not {acted} {case.paper.key}."
            raise ReviewError(what, "There is nothing to undo.")
        lines.append(Decision(case.coder.name, last.record, question, None, case.now(), case.coder.why, undoes=last.at))
    return lines


def _undoable(coding_scheme: Scheme, name: str, asked: Collection[str]) -> str:
    if "=" in name:
        raise ReviewError(f"{name!r} is an answer.", "To undo the last one, name the question alone.")
    question = coding_scheme.question(name)
    if question is None or question.id not in asked:
        raise ReviewError(f"there is no such question as {name!r}.", hint(name, sorted(asked)))
    return question.id


def check_coder(place: Review, name: str, kind: str) -> None:
    """Raise ReviewError where `name` cannot be the coder of a file of that kind: `decisions` or `rulings`."""
    fault = entries.coder_fault(name) if name else "who decides is not said"
    if fault:
        raise ReviewError(f"{fault}.", "Name the coder with --coder ana, or set REVIEWDB_CODER=ana.")
    path = place.said_by(name, kind)
    near = next((p for p in place.files(kind) if p.name.casefold() == path.name.casefold()), path)
    if near.name != path.name:
        raise ReviewError(f"there is a coder {near.stem!r} already.", f"Decide as {near.stem!r}, or take another name.")


def _facet(coding_scheme: Scheme, name: str) -> Question:
    question = coding_scheme.question(name)
    if question and question.kind != "stage":
        return question
    facets = [q.id for q in coding_scheme.questions.values() if q.kind != "stage"]
    raise ReviewError(f"the coding scheme has no facet {name!r}.", hint(name, facets))
