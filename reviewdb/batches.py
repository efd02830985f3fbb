"""Batches: the answers of a whole sheet, checked row by row and written at once or not at all."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import asdict, dataclass, field, replace
from heapq import nsmallest
from pathlib import Path
from typing import Any

from reviewdb import build, coding, consensus, database, entries, journal, locks, reading, sheets
from reviewdb.coding import Case, Coder
from reviewdb.errors import Problem, ReviewError
from reviewdb.hints import hint
from reviewdb.model import Decision
from reviewdb.quantities import Commas
from reviewdb.reading import Found
from reviewdb.review import Review
from reviewdb.scheme import Scheme
from reviewdb.sheets import Row, Sheet
from reviewdb.text import clean, doi, words

#: Told how many rows are done, of how many, and what goes on.
Watch = Callable[[int, int, str], None]

_STEP = 1000
#: What names a paper by itself.
_NAMES = ("key", "id", "doi")
#: What a paper is called in the library that it was imported from, where that is not its key.
_LIBRARY_KEY = "library key"
#: So many keys of papers are listed in a message.
_LISTED = 5


@dataclass(frozen=True, slots=True)
class Change:
    """An answer of a sheet that is not what the coder says now; `before` is None where that is nothing."""

    line: int
    key: str
    question: str
    before: str | None
    after: str


@dataclass(slots=True)
class Report:
    """What a sheet comes to."""

    name: str
    changes: list[Change] = field(default_factory=list)
    #: Answers that the coder has given already.
    same: int = 0
    problems: list[Problem] = field(default_factory=list)
    unused: Sequence[str] = ()
    #: What commas do in the numbers of a column, by its question.
    commas: Mapping[str, Commas] = field(default_factory=dict)
    #: Lines that were written.
    written: int = 0
    #: Why the database lags behind them, if it does.
    fault: str = ""

    @property
    def new(self) -> int:
        """How many answers are the coder's first to their questions."""
        return sum(change.before is None for change in self.changes)

    def as_object(self) -> dict[str, Any]:
        """Return the report for JSON."""
        counts = {"new": self.new, "changed": len(self.changes) - self.new, "same": self.same, "written": self.written}
        problems = [str(problem) for problem in self.problems]
        changes = [asdict(change) for change in self.changes]
        columns = {"unused": list(self.unused), "commas": dict(self.commas)}
        return {"file": self.name, **counts, "problems": problems, **columns, "changes": changes}


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a sheet is to be taken."""

    #: It says whether papers are in the review, not how they are coded.
    stages: bool
    #: Read and compare, and write nothing.
    dry_run: bool = False
    #: Write the good rows even if there are others.
    partial: bool = False
    #: Of stages: a row that says no answer says include.
    include: bool = False


def decide(place: Review, path: Path, coder: Coder, wanted: Wanted, watch: Watch) -> Report:
    """Write what a sheet says as decisions of a coder: one lock, one append, one update of the database.

    Raises ReviewError, with nothing written, where the coder or the text of the review is no good, or the file cannot
    be read at all. A row that is wrong is a problem of the report; then nothing is written, unless `partial`.
    """
    coding.check_coder(place, coder.name, "decisions")
    sheet = sheets.read(path, coding.load_scheme(place), stages=wanted.stages, include=wanted.include)
    if not wanted.partial:
        _check_columns(sheet)
    with nullcontext() if wanted.dry_run else locks.writing(place.root):
        build.refresh(place, held=not wanted.dry_run)
        coding_scheme = coding.load_scheme(place)
        with closing(database.reader(place.database)) as connection:
            batch = _Batch(coding_scheme, coder, connection, stages=wanted.stages)
        report = Report(sheet.name, problems=list(sheet.problems), unused=sheet.unused, commas=sheet.commas)
        made = batch.make(sheet, report, watch)
        if wanted.dry_run or not made or (report.problems and not wanted.partial):
            return report
        lines = [entries.of_decision(d, coding_scheme.questions[d.question]) for d in made]
        journal.append(place.decisions_of(coder.name), lines)
        report.written = len(lines)
        if len(sheet.rows) >= _STEP:
            watch(len(sheet.rows), len(sheet.rows), f"{len(lines)} answers written; what follows from them")
        try:
            build.refresh(place, held=True)
        except ReviewError as error:
            report.fault = str(error)
    return report


def _check_columns(sheet: Sheet) -> None:
    """Raise ReviewError where a column is called nearly as one that would have answers: those would be lost unseen."""
    for name, meant in sheet.misnamed.items():
        todo = f"Did you mean {meant}? If not, leave the column out, or take the others alone with --partial."
        raise ReviewError(f"{sheet.name}: no facet or stage is called {name!r}.", f"{todo} Nothing is written.")


class _Batch:
    """All papers and what people said about them, for the rows of one sheet."""

    def __init__(self, scheme: Scheme, coder: Coder, connection: sqlite3.Connection, *, stages: bool) -> None:
        self._scheme, self._coder, self._stages = scheme, coder, stages
        self._papers: dict[str, Found] = {}
        #: Papers by each way to name them.
        self._named: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._said: dict[str, list[Decision]] = defaultdict(list)
        for said in database.decisions_of_people(connection):
            self._said[said.paper].append(said.made)
        self._recoded = coding.last_recoding(connection)
        self._known = reading.recoded(connection)
        for paper, key, *names in connection.execute(database.statement("names-of-papers")):
            self._papers[paper] = Found(paper, key, "")
            record, library_key, *both = names
            for field_, name in (("key", key.casefold()), ("id", paper), ("id", record)):
                self._named[field_][name].add(paper)
            if library_key:
                self._named[_LIBRARY_KEY][str(library_key).casefold()].add(paper)
            for of_doi, title, year in (both[:3], both[3:]):
                for field_, name in (("doi", doi(of_doi or "")), ("title", _title(title, year))):
                    if name:  # what a paper lacks is no name of it
                        self._named[field_][name].add(paper)

    def make(self, sheet: Sheet, report: Report, watch: Watch) -> list[Decision]:
        """Return the decisions of a sheet that say anything new, and tell of all in the report."""
        made: list[Decision] = []
        seen: dict[tuple[str, str], int] = {}
        for number, row in enumerate(sheet.rows, 1):
            if number % _STEP == 0:
                watch(number, len(sheet.rows), f"{number} rows read")
            try:
                case = self._case(row)
                given = list(self._decisions(case, row))
                for decision in given:
                    first = seen.setdefault((case.paper.id, decision.question), row.line)
                    if first != row.line:
                        what = f"{decision.question} of {case.paper.key} is answered on line {first} already."
                        raise ReviewError(what, "Keep one of them.")  # noqa: TRY301 - told as what coding refuses is
            except ReviewError as error:
                todo = error.todo if error.todo != "Nothing is written." else ""
                report.problems.append(Problem(sheet.name, row.line, error.what, todo))
                continue
            made += [decision for decision in given if self._is_new(case, decision, row, report)]
        report.problems.sort()
        return made

    def _is_new(self, case: Case, made: Decision, row: Row, report: Report) -> bool:
        question = self._scheme.questions[made.question]
        own = case.own().get(made.question)
        standing = case.standings().get(made.question)
        same = own is not None and consensus.implied(own, question) == consensus.implied(made.answer or (), question)
        if same and not (made.settles and standing and standing.contested):
            report.same += 1
            return False
        before = None if own is None else replace(made, answer=own).answer_text
        report.changes.append(Change(row.line, case.paper.key, made.question, before, made.answer_text))
        return True

    def _decisions(self, case: Case, row: Row) -> Iterator[Decision]:
        if self._stages:
            for name, answer in row.answers:
                verdict, _, reason = answer.partition(".")
                made = coding.screen(case, verdict, reason, name)
                case = replace(case, history=[*case.history, *made])
                yield from made
        else:
            yield from coding.tag(case, [f"{name}={answer}" for name, answer in row.answers])

    def _case(self, row: Row) -> Case:
        paper = self._find(row)
        coder = replace(self._coder, why=clean(row.why) or self._coder.why)
        return Case(self._scheme, self._papers[paper], coder, self._said.get(paper, []), self._recoded, self._known)

    def _find(self, row: Row) -> str:
        """Return the id of the paper of a row. Raises ReviewError where it names none, or more than one."""
        names = {field_: row.named[field_] for field_ in _NAMES if field_ in row.named}
        if not names and "title" in row.named:
            names = {"title": row.named["title"]}
        if not names:
            raise ReviewError("the row names no paper.", "Give its key, id or doi, or its title and year.")
        found: set[str] | None = None
        for field_, name in names.items():
            papers = self._named[field_].get(self._name(field_, name, row))
            if field_ == "key":  # of two entries with one key, the second paper has another
                papers = (papers or set()) | self._named[_LIBRARY_KEY].get(name.casefold(), set())
            if not papers:
                raise ReviewError(*self._unknown(field_, name, row))
            found = papers if found is None else found & papers
        if not found:
            raise ReviewError(f"{' and '.join(names)} are of different papers.", "Mend one of them.")
        if len(found) > 1:
            keys = nsmallest(_LISTED, (self._papers[paper].key for paper in found))
            listed = ", ".join(keys) + f" and {len(found) - _LISTED} more" * (len(found) > _LISTED)
            if "key" in names:
                what = f"{names['key']} is the key of several papers in their libraries: {listed}."
                raise ReviewError(what, "Give the id or the DOI beside it.")
            raise ReviewError(f"{' and '.join(names)} are of several papers: {listed}.", "Give the key.")
        return next(iter(found))

    @staticmethod
    def _name(field_: str, name: str, row: Row) -> str:
        if field_ == "title":
            return _title(name, row.named.get("year"))
        return {"key": name.casefold(), "doi": doi(name)}.get(field_, name)

    def _unknown(self, field_: str, name: str, row: Row) -> tuple[str, str]:
        if field_ == "title":
            year = row.named.get("year")
            what = f"no paper of {year} has the title {name!r}." if year else f"{name!r} has no year beside it."
            return what, "Give the paper's key, id or doi, or its title as the review has it, and its year."
        if field_ == "doi" and not doi(name):
            return f"{name!r} is no DOI.", "Leave the cell empty, and name the paper by its key or id."
        known = list(self._named[field_]) if field_ == "key" else []
        return f"no paper has the {field_} {name!r}.", hint(name, known, "See: reviewdb search WORDS")


def _title(title: str, year: object) -> str:
    return f"{year} {' '.join(words(title))}" if year else ""
