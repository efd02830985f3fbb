"""Coding: one coder's answers, checked against the scheme, appended to that coder's file."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
        made.append(_decision(on, question, answer, coder))
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
        reasons = [code.split(".", 1)[1] for s in ([chosen] if stage else stages) for code in s.codes if "." in code]
        raise ReviewError(f"there is no reason {reason!r}.", f"There are: {', '.join(reasons)}.")
    return _decision(on, chosen, (answer,), coder)


def undo(connection: sqlite3.Connection, coding_scheme: Scheme, on: Found, name: str, coder: Coder) -> Decision:
    """Return the decision that brings back what the coder said before the last time; undone twice, it stands again."""
    question = coding_scheme.question(name)
    if question is None:
        question = _facet(coding_scheme, name)
    said = [
        made
        for _, made in sorted(
            database.decisions_on(connection, on.id), key=lambda numbered: (numbered[1].at, numbered[0])
        )
        if made.coder == coder.name and made.question == question.id
    ]
    if not said:
        raise ReviewError(f"{coder.name} has not answered {question.id} on {on.key}.", "There is nothing to undo.")
    before = said[-2].answer if len(said) > 1 else None
    return _decision(on, question, before, replace(coder, why=coder.why or "undone"))


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
    found = connection.execute(
        "SELECT DISTINCT question_id FROM paper_codes WHERE paper_id = ? AND status = 'contested'", [on.id]
    )
    return sorted({question for (question,) in found} & {decision.question for decision in made})


def check_coder(name: str) -> None:
    """Raise ReviewError where `name` cannot be a coder's."""
    fault = entries.coder_fault(name) if name else "who decides is not said"
    if fault:
        raise ReviewError(f"{fault}.", "Name the coder with --coder ana, or set REVIEWDB_CODER=ana.")


def _decision(on: Found, question: Question, answer: tuple[str, ...] | None, coder: Coder) -> Decision:
    at = entries.moment_text(datetime.now(UTC))
    return Decision(coder.name, on.id, question.id, answer, at, coder.why, settles=coder.settles)


def _facet(coding_scheme: Scheme, name: str) -> Question:
    question = coding_scheme.question(name)
    if question and question.kind != "stage":
        return question
    facets = [q.id for q in coding_scheme.questions.values() if q.kind != "stage"]
    raise ReviewError(f"the coding scheme has no facet {name!r}.", hint(name, facets))


def _known_code(question: Question, code: str) -> None:
    if code not in question.codes:
        raise ReviewError(f"{question.id} has no code {code!r}.", hint(code, list(question.codes)))


def _combined(
    connection: sqlite3.Connection, on: Found, question: Question, coder: Coder, sign: str, codes: tuple[str, ...]
) -> tuple[str, ...]:
    if not sign:
        return codes
    agreed = "SELECT code FROM paper_codes WHERE paper_id = ? AND question_id = ? AND status = 'coded' AND NOT implied"
    before = _own(connection, on, coder.name).get(question.id)
    if before is None:
        before = tuple(code for (code,) in connection.execute(agreed, [on.id, question.id]))
    change: Callable[[str], bool] = (lambda code: code not in codes) if sign == "-" else (lambda _: True)
    kept = [code for code in before if change(code)]
    return tuple(dict.fromkeys([*kept, *(codes if sign == "+" else ())]))


def _own(connection: sqlite3.Connection, on: Found, coder: str) -> dict[str, tuple[str, ...]]:
    """Return what the coder says now about a paper, by question."""
    numbered = sorted(database.decisions_on(connection, on.id), key=lambda n: (n[1].at, n[0]))
    standing = consensus.current(made for _, made in numbered if made.coder == coder)
    return {question: made.answer or () for (question, _), made in standing.items()}
