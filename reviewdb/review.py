"""A review on disk: everything that its files say, with everything wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from reviewdb import entries, journal, protocol, query, scheme, searches
from reviewdb.errors import Problem
from reviewdb.folder import PROTOCOL, SCHEME, Review, at, find
from reviewdb.model import Decision, Record, Ruling, Search
from reviewdb.protocol import Protocol
from reviewdb.query import Query
from reviewdb.scheme import Scheme

__all__ = ["PROTOCOL", "SCHEME", "Content", "Review", "at", "find", "load"]

Value = TypeVar("Value")
Parsed = TypeVar("Parsed")


@dataclass(slots=True)
class Content:
    """What a review says. `problems` holds what could not be read; the rest is good."""

    protocol: Protocol
    scheme: Scheme
    searches: list[Search] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    rulings: list[Ruling] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def load(review: Review) -> Content:
    """Read the whole review; decisions and rulings come in the order of time."""
    problems: list[Problem] = []
    scheme_text = _text(review, review.root / SCHEME, problems)
    protocol_text = _text(review, review.root / PROTOCOL, problems)
    coding_scheme = Scheme({}, {}) if scheme_text is None else _parsed(scheme.parse, scheme_text, SCHEME, problems)
    plan = Protocol() if protocol_text is None else _parsed(protocol.parse, protocol_text, PROTOCOL, problems)
    content = Content(plan, coding_scheme, problems=problems)
    # Without a scheme, every criterion and decision would be one problem more; the first one says it all.
    known = bool(coding_scheme.questions) or not any(problem.path == SCHEME for problem in problems)
    if known:
        problems += protocol.unknown_reasons(plan, coding_scheme, PROTOCOL)
    for path in review.files("searches"):
        _load_search(path, review.shown(path), content)
    problems += _unknown_subjects(content)
    problems += same_coder(review)
    for path in review.files("decisions"):
        asked = coding_scheme if known else None
        content.decisions += read_decisions(path, review.shown(path), asked, content.records, problems)
    for path in review.files("rulings"):
        content.rulings += read_rulings(path, review.shown(path), content.records, problems)
    for path in review.files("queries"):
        text = _text(review, path, problems)
        if text is not None:
            found = _parsed(query.parse, text, path.stem, problems, review.shown(path))
            content.queries += [found] if found else []
    # A stable sort: lines of one moment keep the order of their file.
    content.decisions.sort(key=lambda decision: (decision.at, decision.coder))
    content.rulings.sort(key=lambda ruling: (ruling.at, ruling.coder))
    return content


@lru_cache(maxsize=4)
def parse_scheme(text: str) -> tuple[Scheme, tuple[Problem, ...]]:
    """Return the coding scheme that a text says, and its problems; the same text is read once.

    To write a decision takes a third of the time that reading the scheme takes.
    """
    found, problems = scheme.parse(text, SCHEME)
    return found, tuple(problems)


def same_coder(review: Review) -> list[Problem]:
    """Return a problem for each file whose coder another one has in other letters: elsewhere they are one file."""
    problems = []
    for kind in ("decisions", "rulings"):
        seen: dict[str, Path] = {}
        for path in review.files(kind):
            first = seen.setdefault(path.name.casefold(), path)
            if first is not path:
                what = f"{first.stem!r} is a coder as well: on other systems, both are one file."
                problems.append(Problem(review.shown(path), 0, what, "Join them under one name."))
    return problems


def read_decisions(
    path: Path,
    shown: str,
    coding_scheme: Scheme | None,
    records: Container[str],
    problems: list[Problem],
    part: tuple[int, int | None] = (0, None),
) -> list[Decision]:
    """Read one coder's decisions, or the bytes `part` of them; note those that the scheme or the records do not know.

    Without a scheme, lines are checked for all else, and none comes back.
    """

    def read(entry: dict[str, Any]) -> Decision:
        made = entries.decision(entry, path.stem)
        fault = decision_fault(made, coding_scheme) if coding_scheme else ""
        if not fault and made.record not in records:
            fault = f"no search has a record {made.record!r}"
        if fault:
            raise ValueError(fault)
        return made

    found = _said(path, shown, read, problems, part)
    return found if coding_scheme else []


def decision_fault(made: Decision, coding_scheme: Scheme) -> str:
    """Return why the coding scheme cannot take a decision, or an empty string."""
    question = coding_scheme.questions.get(made.question)
    if question is None:
        return f"the coding scheme has no question {made.question!r}"
    if made.answer is None:
        return ""
    if question.kind == "text":
        return "" if len(made.answer) == 1 else f"{made.question} is answered by one line of text"
    if (question.single and len(made.answer) > 1) or (question.kind == "stage" and not made.answer):
        return f"{made.question} takes one answer"
    unknown = [code for code in made.answer if code not in question.codes]
    return f"{made.question} has no code {unknown[0]!r}" if unknown else ""


def read_rulings(
    path: Path,
    shown: str,
    records: Container[str],
    problems: list[Problem],
    part: tuple[int, int | None] = (0, None),
) -> list[Ruling]:
    """Read one coder's rulings, or the bytes `part` of them; note those about records that no search has."""

    def read(entry: dict[str, Any]) -> Ruling:
        made = entries.ruling(entry, path.stem)
        unknown = [record for record in (made.a, made.b) if record not in records]
        if unknown:
            raise ValueError(f"no search has a record {unknown[0]!r}")
        return made

    return _said(path, shown, read, problems, part)


def _load_search(path: Path, shown: str, content: Content) -> None:
    found = searches.read(path, shown)
    content.problems += found.problems
    if found.search:
        content.searches.append(found.search)
    for number, record in found.hits:
        if record.id in content.records:
            first = content.records[record.id]
            what = f"the id {record.id!r} is already that of hit {first.rank} of {first.search}."
            content.problems.append(Problem(shown, number, what, "Give one of them another id."))
        else:
            content.records[record.id] = record


def _unknown_subjects(content: Content) -> Iterator[Problem]:
    for record in content.records.values():
        if record.about and record.about not in content.records:
            path = f"data/searches/{record.search}.jsonl"
            yield Problem(path, 0, f"{record.id} is about {record.about!r}, which no search has.", "Mend the line.")


def _said(
    path: Path,
    shown: str,
    read: Callable[[dict[str, Any]], Value],
    problems: list[Problem],
    part: tuple[int, int | None] = (0, None),
) -> list[Value]:
    """Read what one coder says, line by line."""
    fault = entries.coder_fault(path.stem)
    if fault:
        problems.append(Problem(shown, 0, f"{fault}.", "Rename the file."))
        return []
    lines, faults = journal.read(path, shown, *part)
    problems += faults
    good = []
    for number, entry in lines:
        try:
            good.append(read(entry))
        except ValueError as error:
            problems.append(Problem(shown, number, f"{error}.", "Mend the line or delete it."))
    return good


def _text(review: Review, path: Path, problems: list[Problem]) -> str | None:
    shown = review.shown(path)
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        problems.append(Problem(shown, 0, f"cannot be read: {error.strerror}.", "A review needs this file."))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problems.append(Problem(shown, line, "a byte is not UTF-8.", "Save the file as UTF-8."))
    return None


def _parsed(
    parse: Callable[..., tuple[Parsed, list[Problem]]], text: str, name: str, problems: list[Problem], *more: str
) -> Parsed:
    value, faults = parse(text, name, *more)
    problems += faults
    return value
