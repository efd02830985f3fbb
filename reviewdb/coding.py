"""Coding: one coder's answers, checked against the scheme, appended to that coder's file."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reviewdb import consensus, database, entries, journal, review, scheme
from reviewdb.errors import BadReviewError, ReviewError
from reviewdb.hints import hint
from reviewdb.model import Decision
from reviewdb.review import Review
from reviewdb.scheme import EXCLUDE, INCLUDE, Question, Scheme

_ASSIGNMENT = re.compile(r"([a-z0-9_.]+)(\+?|-?)=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """A paper that a person named."""

    id: str
    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Coder:
    """Who decides, why, and whether that settles a conflict."""

    name: str
    why: str = ""
    settles: bool = False


def load_scheme(place: Review) -> Scheme:
    """Return the coding scheme of a review. Raises BadReviewError where it has problems."""
    path = place.root / review.SCHEME
    try:
        found, problems = scheme.parse(path.read_text(encoding="utf-8-sig"), review.SCHEME)
    except (OSError, UnicodeDecodeError) as error:
        raise ReviewError(f"{path}: cannot be read: {error}.", "A review needs this file, in UTF-8.") from error
    if problems:
        raise BadReviewError(problems, "Mend the coding scheme first.")
    return found


def paper(connection: sqlite3.Connection, name: str) -> Found:
    """Return the paper with this citation key, paper id or record id. Raises ReviewError where there is none."""
    found = connection.execute(database.statement("find-paper"), {"name": name}).fetchone()
    if found:
        return Found(*found)
    keys = [key for (key,) in connection.execute("SELECT key FROM papers")]
    raise ReviewError(f"no paper has the key or id {name!r}.", hint(name, keys, "Look for it: reviewdb search WORDS"))


def tag(
    connection: sqlite3.Connection, coding_scheme: Scheme, on: Found, assignments: Sequence[str], coder: Coder
) -> list[Decision]:
    """Return the decisions that assignments say: `facet=code,code`, `facet+=code`, `facet-=code`, `facet=text`.

    Raises ReviewError for an assignment that the scheme cannot take; then none of them is returned.
    """
    made = []
    for assignment in assignments:
        parts = _ASSIGNMENT.fullmatch(assignment)
        if not parts:
            raise ReviewError(f"{assignment!r} is not an assignment.", "Write it as modality=mri.brain or method+=vae.")
        question = _facet(coding_scheme, parts.group(1))
        value, sign = parts.group(3).strip(), parts.group(2)
        if question.kind == "text":
            answer: tuple[str, ...] = (value,)
        else:
            codes = tuple(dict.fromkeys(filter(None, (code.strip() for code in value.split(",")))))
            for code in codes:
                _known_code(question, code)
            answer = _combined(connection, on, question, coder, sign, codes)
        decision = _decision(on, question, answer, coder)
        fault = review.decision_fault(decision, coding_scheme)
        if fault:
            raise ReviewError(f"{fault}.", "Name one code.")
        made.append(decision)
    return made


def screen(
    connection: sqlite3.Connection,
    coding_scheme: Scheme,
    on: Found,
    verdict: str,
    reason: str,
    stage: str,
    coder: Coder,
) -> Decision:
    """Return the decision on a stage: the one named, or that of the reason, or the coder's first one still open."""
    answer = f"{verdict}.{reason}" if reason else verdict
    stages = coding_scheme.stages
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
        said = _own(connection, on, coder.name)
        chosen = next((s for s in stages if said.get(s.id, ()) != (INCLUDE,)), stages[-1])
    if answer not in chosen.codes:
        places = {code.split(".", 1)[1]: s.id for s in stages for code in s.codes if "." in code}
        raise ReviewError(f"{chosen.id} has no reason {reason!r}.", _other_reason(reason, places))
    return _decision(on, chosen, (answer,), coder)


def _other_reason(reason: str, places: Mapping[str, str]) -> str:
    return f"It is one of {places[reason]}." if reason in places else hint(reason, list(places))


def undo(
    connection: sqlite3.Connection,
    coding_scheme: Scheme,
    on: Found,
    names: Sequence[str],
    coder: Coder,
    *,
    stages: bool,
) -> list[Decision]:
    """Return the lines that undo the coder's last answer to each of the questions `names` on a paper.

    Without names, that is the coder's last answer to any stage, or else to any facet. What is undone counts as never
    made, so undoing again goes one answer further back. Raises ReviewError where there is nothing to undo.
    """
    asked = {q.id for q in coding_scheme.questions.values() if (q.kind == "stage") == stages}
    said = [made for made in _said(connection, on, coder.name) if made.question in asked]
    wanted = [_undoable(coding_scheme, name, asked).id for name in names] or [made.question for made in said[-1:]]
    lines = []
    for question in wanted or [""]:
        last = next((made for made in reversed(said) if made.question == question), None)
        if last is None:
            raise ReviewError(f"{coder.name} has not answered {question or 'that'} on {on.key}.", "Nothing is undone.")
        lines.append(Decision(coder.name, last.record, question, None, _now(), coder.why, undoes=last.at))
    return lines


def _undoable(coding_scheme: Scheme, name: str, asked: Collection[str]) -> Question:
    if "=" in name:
        raise ReviewError(f"{name!r} is an answer.", "To undo the last one, name the question alone.")
    question = coding_scheme.question(name)
    if question is None or question.id not in asked:
        raise ReviewError(f"there is no such question as {name!r}.", hint(name, sorted(asked)))
    return question


def new(connection: sqlite3.Connection, on: Found, made: Sequence[Decision]) -> list[Decision]:
    """Return the decisions that say something else than their coder says already."""
    said = {coder: _own(connection, on, coder) for coder in {decision.coder for decision in made}}
    return [d for d in made if d.undoes or d.settles or said[d.coder].get(d.question) != d.answer]


def write(place: Review, made: Sequence[Decision], coding_scheme: Scheme) -> None:
    """Append decisions of one coder to the coder's file; they are on disk when this returns."""
    path = place.decisions_of(made[0].coder)
    near = next((p for p in place.files("decisions") if p.name.casefold() == path.name.casefold()), path)
    if near.name != path.name:
        raise ReviewError(f"there is a coder {near.stem!r} already.", f"Decide as {near.stem!r}, or take another name.")
    lines = [entries.of_decision(d, text=coding_scheme.questions[d.question].kind == "text") for d in made]
    with journal.writing(place.root):
        journal.append(path, lines)


def conflicts(connection: sqlite3.Connection, on: Found, made: Sequence[Decision]) -> list[str]:
    """Return the questions just answered on which coders now disagree."""
    answers: dict[str, set[frozenset[str]]] = {}
    numbered = sorted(database.decisions_on(connection, on.id), key=lambda n: (n[1].at, n[0]))
    for (question, _), decision in consensus.current(d for _, d in numbered).items():
        answers.setdefault(question, set()).add(frozenset(decision.answer or ()))
    return sorted(question for question in {d.question for d in made} if len(answers.get(question, ())) > 1)


def check_coder(name: str) -> None:
    """Raise ReviewError where `name` cannot be a coder's."""
    fault = entries.coder_fault(name) if name else "who decides is not said"
    if fault:
        raise ReviewError(f"{fault}.", "Name the coder with --coder ana, or set REVIEWDB_CODER=ana.")


def _decision(on: Found, question: Question, answer: tuple[str, ...] | None, coder: Coder) -> Decision:
    return Decision(coder.name, on.id, question.id, answer, _now(), coder.why, settles=coder.settles)


def _now() -> str:
    return entries.moment_text(datetime.now(UTC))


def _facet(coding_scheme: Scheme, name: str) -> Question:
    question = coding_scheme.question(name)
    if question and question.kind != "stage":
        return question
    facets = [q.id for q in coding_scheme.questions.values() if q.kind != "stage"]
    raise ReviewError(f"the coding scheme has no facet {name!r}.", hint(name, facets))


def _known_code(question: Question, code: str) -> None:
    if code not in question.codes:
        by_label = {c.label.casefold(): c.id for c in question.codes.values()}
        meant = by_label.get(code.casefold(), code.lower())
        raise ReviewError(f"{question.id} has no code {code!r}.", hint(meant, list(question.codes)))


def _combined(
    connection: sqlite3.Connection, on: Found, question: Question, coder: Coder, sign: str, codes: tuple[str, ...]
) -> tuple[str, ...]:
    if not sign:
        return codes
    before = _own(connection, on, coder.name).get(question.id)
    if before is None:
        rows = connection.execute(database.statement("standing-codes"), [on.id, question.id]).fetchall()
        if any(status == "contested" for _, status in rows):
            what = f"coders disagree on {question.id} of {on.key}, so there is nothing to add to or take from."
            raise ReviewError(what, f"Say all of your answer: {question.id}=...")
        before = tuple(code for code, _ in rows)
    if sign == "+":
        return tuple(dict.fromkeys([*before, *codes]))
    missing = [code for code in codes if code not in before]
    if missing:
        said = ", ".join(before) or "no code"
        raise ReviewError(
            f"{missing[0]} cannot be taken away: {question.id} of {on.key} is {said}.", "Nothing is written."
        )
    return tuple(code for code in before if code not in codes)


def _said(connection: sqlite3.Connection, on: Found, coder: str) -> list[Decision]:
    """Return what the coder ever said about a paper and did not undo, in order of time."""
    numbered = sorted(database.decisions_on(connection, on.id), key=lambda n: (n[1].at, n[0]))
    return consensus.not_undone(made for _, made in numbered if made.coder == coder)


def _own(connection: sqlite3.Connection, on: Found, coder: str) -> dict[str, tuple[str, ...] | None]:
    """Return what the coder says now about a paper, by question."""
    standing = consensus.current(_said(connection, on, coder))
    return {question: made.answer for (question, _), made in standing.items()}
