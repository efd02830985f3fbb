"""A review on disk: everything that its files say, with everything wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from reviewdb import conflicts, entries, journal, protocol, quantities, query, recodings, scheme, searches
from reviewdb.errors import Problem
from reviewdb.folder import PROTOCOL, SCHEME, Review, at, find
from reviewdb.journal import MEGABYTE
from reviewdb.model import Decision, Recoding, Record, Ruling, Search
from reviewdb.protocol import Protocol
from reviewdb.query import Query
from reviewdb.recodings import Recodings
from reviewdb.scheme import Question, Scheme
from reviewdb.text import counted

__all__ = ["PROTOCOL", "SCHEME", "Content", "Planned", "Review", "at", "find", "load"]

#: Of a protocol, a coding scheme or a query.
_LONGEST_TEXT = 10 * MEGABYTE
_MEND = "Mend the line or delete it."
# What people decided is good, and what it is about may come back.
_BRING_BACK = "Bring it back, from git or from what was cut off (.reviewdb/cut-off); if it is gone, delete this line."

Value = TypeVar("Value")
Parsed = TypeVar("Parsed")


@dataclass(slots=True)
class Content:
    """What a review says. `problems` holds what could not be read; the rest is good."""

    protocol: Protocol
    scheme: Scheme
    searches: list[Search] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    #: As they were said, in the codes of their time.
    decisions: list[Decision] = field(default_factory=list)
    recodings: Recodings = field(default_factory=Recodings)
    #: Codes that answers come to and the scheme does not have in use, by facet; those answers are left out.
    unknown: dict[str, set[str]] = field(default_factory=dict)
    #: The moment of the last decision or recoding, even of one that is left out; empty: there is none.
    last: str = ""
    rulings: list[Ruling] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Planned:
    """What is about to be written: whole texts of files, by their names, and recodings."""

    texts: Mapping[str, str] = field(default_factory=dict)
    recodings: Sequence[Recoding] = ()


def load(review: Review, planned: Planned | None = None) -> Content:
    """Read the whole review, as it is or as it is planned; decisions and rulings come in the order of time."""
    planned = planned or Planned()
    problems: list[Problem] = review.strays()
    scheme_text = planned.texts.get(SCHEME) or _text(review, review.root / SCHEME, problems)
    protocol_text = planned.texts.get(PROTOCOL) or _text(review, review.root / PROTOCOL, problems)
    coding_scheme = Scheme({}, {}) if scheme_text is None else _parsed(scheme.parse, scheme_text, SCHEME, problems)
    plan = Protocol() if protocol_text is None else _parsed(protocol.parse, protocol_text, PROTOCOL, problems)
    plan = protocol.in_use(plan, coding_scheme)
    unknown = protocol.unknown_reasons(plan, coding_scheme, PROTOCOL)
    lost = {problem.line for problem in unknown}
    plan = replace(plan, criteria=tuple(one for one in plan.criteria if one.line not in lost))
    content = Content(plan, coding_scheme, problems=problems)
    # Without a scheme, every criterion and decision would be one problem more; the first one says it all.
    known = bool(coding_scheme.questions) or not any(problem.path == SCHEME for problem in problems)
    if known:
        problems += unknown
    for path in review.files("searches"):
        _load_search(path, review.shown(path), content)
    problems += _unknown_subjects(content)
    problems += same_coder(review)
    said = {review.shown(path): read_said(path, review.shown(path), problems) for path in review.files("decisions")}
    recoded = [one for lines in said.values() for _, one in lines if isinstance(one, Recoding)]
    content.recodings = recodings.gather([*recoded, *planned.recodings])
    content.last = max((one.at for lines in said.values() for _, one in lines), default="")
    problems += _unknown_recoded(said, coding_scheme) if known else ()
    asked = coding_scheme if known else None
    content.decisions = accepted(said, asked, content.recodings, content.records, problems, content.unknown)
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


def parse_scheme(text: str) -> tuple[Scheme, tuple[Problem, ...]]:
    """Return the coding scheme that a text says, and its problems."""
    problems: list[Problem] = []
    return _parsed(scheme.parse, text, SCHEME, problems), tuple(problems)


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


def read_said(
    path: Path, shown: str, problems: list[Problem], part: tuple[int, int | None] = (0, None)
) -> list[tuple[int, Decision | Recoding]]:
    """Read the lines of one coder's decisions, or of the bytes `part` of them, each with its number."""
    coder = path.stem

    def read(entry: dict[str, Any]) -> Decision | Recoding:
        return entries.recoding(entry, coder) if entries.is_recoding(entry) else entries.decision(entry, coder)

    return _said(path, shown, read, problems, part)


def accepted(
    said: Mapping[str, Iterable[tuple[int, Decision | Recoding]]],
    coding_scheme: Scheme | None,
    known: Recodings,
    records: Container[str],
    problems: list[Problem],
    codes: dict[str, set[str]] | None = None,
) -> list[Decision]:
    """Return the decisions of files, as they were said; note those that the scheme or the records do not know.

    Without a scheme, lines are checked for all else, and none comes back. A code that is unknown is one problem,
    however many answers name it; `codes` takes such codes, by facet.
    """
    good: list[Decision] = []
    unknown: dict[tuple[str, str], list[Problem]] = {}
    for shown, lines in said.items():
        for number, made in lines:
            if isinstance(made, Recoding):
                continue
            counts = known.recoded(made, coding_scheme).made if coding_scheme else made
            todo = _MEND
            fault = decision_fault(counts, coding_scheme) if coding_scheme else ""
            code = unknown_code(counts, coding_scheme) if coding_scheme else ""
            if not fault and made.record not in records:
                fault, todo = f"no search has a record {made.record!r}", _BRING_BACK
            if code and coding_scheme:
                question = coding_scheme.questions[made.question]
                todo = recodings.todo(question, code, made, known)
                if codes is not None:
                    codes.setdefault(question.facet, set()).update(set(counts.answer or ()) - question.codes.keys())
                unknown.setdefault((made.question, code), []).append(Problem(shown, number, f"{fault}.", todo))
            elif fault:
                problems.append(Problem(shown, number, f"{fault}.", todo))
            elif coding_scheme:
                good.append(made)
    for first, *more in unknown.values():
        others = f" So do {counted(len(more), 'more answer')}." if len(more) > 1 else " So does one more." * len(more)
        problems.append(replace(first, what=first.what + others))
    return good


def _unknown_recoded(
    said: Mapping[str, Iterable[tuple[int, Decision | Recoding]]], coding_scheme: Scheme
) -> Iterator[Problem]:
    coded = {question.facet for question in coding_scheme.questions.values() if question.has_codes}
    for shown, lines in said.items():
        for number, made in lines:
            if isinstance(made, Recoding) and made.facet not in coded:
                what = f"the coding scheme has no codes of a facet {made.facet!r}."
                yield Problem(shown, number, what, _MEND)


def decision_fault(made: Decision, coding_scheme: Scheme) -> str:
    """Return why the coding scheme cannot take a decision, or an empty string."""
    question = coding_scheme.questions.get(made.question)
    if question is None:
        return f"the coding scheme has no question {made.question!r}"
    if made.answer is None:
        return ""
    if question.kind == "text":
        return "" if len(made.answer) == 1 else f"{made.question} is answered by one line of text"
    if question.kind == "number":
        return _number_fault(made.answer, question)
    if unknown := unknown_code(made, coding_scheme):
        return f"{made.question} has no code {unknown!r}"
    wrong = (question.single and len(made.answer) > 1) or (question.kind == "stage" and not made.answer)
    return f"{made.question} takes one answer" if wrong else ""


def _number_fault(answer: Sequence[str], question: Question) -> str:
    try:
        numbers = [float(said) for said in answer if quantities.read(said) == said]
    except ValueError as error:
        return f"{question.id} is a number, and {error}"
    if len(numbers) < len(answer):
        return f"{question.id} is a number: write it without quotes"
    if len(numbers) > 1:
        return f"{question.id} is answered by one number"
    beyond = "".join(quantities.outside(number, question.minimum, question.maximum) for number in numbers)
    return f"{question.id} is {answer[0]}, {beyond}" if beyond else ""


def unknown_code(made: Decision, coding_scheme: Scheme) -> str:
    """Return the first code of a decision that the coding scheme does not have in use, or an empty string."""
    question = coding_scheme.questions.get(made.question)
    if question is None or not question.has_codes:
        return ""
    return next((code for code in made.answer or () if code not in question.codes), "")


def read_rulings(
    path: Path,
    shown: str,
    records: Container[str],
    problems: list[Problem],
    part: tuple[int, int | None] = (0, None),
) -> list[Ruling]:
    """Read one coder's rulings, or the bytes `part` of them; note those about records that no search has."""
    good = []
    for number, made in _said(path, shown, lambda entry: entries.ruling(entry, path.stem), problems, part):
        if unknown := [record for record in (made.a, made.b) if record not in records]:
            problems.append(Problem(shown, number, f"no search has a record {unknown[0]!r}.", _BRING_BACK))
        else:
            good.append(made)
    return good


def _load_search(path: Path, shown: str, content: Content) -> None:
    found = searches.read(path, shown)
    content.problems += found.problems
    if found.search:
        content.searches.append(found.search)
    for number, record in found.hits:
        if record.id not in content.records:
            content.records[record.id] = record
        elif not any(map(conflicts.is_one, found.problems)):  # of a conflict, which is told, it is the other side
            first = content.records[record.id]
            what = f"the id {record.id!r} is already that of hit {first.rank} of {first.search}."
            content.problems.append(Problem(shown, number, what, "Give one of them another id."))


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
) -> list[tuple[int, Value]]:
    """Read what one coder says, line by line."""
    fault = entries.coder_fault(path.stem)
    if fault:
        problems.append(Problem(shown, 0, f"{fault}.", "Rename the file."))
        return []
    good = []
    for line in journal.read(path, shown, *part):
        if isinstance(line, Problem):
            problems.append(line)
            continue
        number, entry = line
        try:
            good.append((number, read(entry)))
        except ValueError as error:
            problems.append(Problem(shown, number, f"{error}.", _MEND))
    return good


def _text(review: Review, path: Path, problems: list[Problem]) -> str | None:
    shown = review.shown(path)
    try:
        if review.is_stray(path):
            return None
        if path.stat().st_size > _LONGEST_TEXT:
            problems.append(Problem(shown, 0, f"it has more than {_LONGEST_TEXT // MEGABYTE} MB.", "Make it shorter."))
            return None
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
    value: Parsed
    value, faults = _remembered(parse, text, name, *more)
    problems += faults
    return value


# A run reads a review several times, before and after it writes, and a server for as long as it runs: what a scheme, a
# protocol and a query say follows from their text alone. It is a quarter of building a small review, and to write a
# decision takes a third of the time that reading the scheme takes.
@lru_cache(maxsize=64)
def _remembered(parse: Callable[..., Any], *texts: str) -> Any:  # noqa: ANN401 - whatever parses the text
    return parse(*texts)
