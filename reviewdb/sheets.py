"""Sheets: tables of answers as people keep them, one row a paper or one row an answer, read line by line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from reviewdb import importing, quantities
from reviewdb.consensus import leaves
from reviewdb.errors import Problem, ReviewError
from reviewdb.formats import delimited
from reviewdb.guessing import NO_CODE
from reviewdb.headings import ANSWER, NAME_PAPERS, QUESTION, REASON, STAGE, VERDICT, WHY, Columns
from reviewdb.hints import hint, near
from reviewdb.model import EXCLUDE, INCLUDE, MAYBE
from reviewdb.quantities import Commas
from reviewdb.scheme import PAPER_COLUMNS, Question, Scheme
from reviewdb.text import alike

# How alike a column and the name of a facet are, where the one was meant to be the other: metod, modalities.
_MISSPELT = 75


@dataclass(frozen=True, slots=True)
class Row:
    """What one line of a sheet says about a paper."""

    line: int
    #: How it names the paper, by `key`, `id`, `doi`, `title` and `year`; what is not said is left out.
    named: Mapping[str, str]
    #: Questions with their answers as the command line has them; an empty question is the stage that comes next.
    answers: Sequence[tuple[str, str]]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its rows, a problem for each that cannot be read, and the columns that nothing was made of."""

    name: str
    rows: Sequence[Row]
    problems: Sequence[Problem]
    unused: Sequence[str]
    #: Those that are called nearly as a column with answers would be, and that name.
    misnamed: Mapping[str, str] = field(default_factory=dict)
    #: What commas do in the numbers of each question that has any.
    commas: Mapping[str, Commas] = field(default_factory=dict)


#: What makes a row of a line and its cells; None of one that says nothing.
_Parse = Callable[[int, Sequence[str]], Row | Problem | None]


def read(path: Path, scheme: Scheme, *, stages: bool, include: bool = False) -> Sheet:
    """Read a sheet of codes, or with `stages` of verdicts; `-` is stdin.

    With `include`, a row without a verdict includes its paper.
    Raises ReviewError where the file cannot be read, or has no column that names papers, or none with answers.
    """
    name = "stdin" if path == importing.STDIN else str(path)
    with importing.opened(path) as stream:
        content = importing.content_of(stream)
        with importing.decoded(stream, content) as text:
            header, rest = delimited.table(delimited.delimiter_of(content.head), iter(text))
            columns = Columns(header)
            if not columns.name_papers:
                raise ReviewError(f"{name}: no column names papers.", NAME_PAPERS)
            lines = list(rest)
    whole = [line[1] for line in lines if not isinstance(line, Problem)]
    parse = _verdicts(columns, scheme, name, include=include) if stages else _codes(columns, scheme, name, whole)
    found = [line if isinstance(line, Problem) else parse(*line) for line in lines]
    problems = [replace(one, path=name) for one in found if isinstance(one, Problem)]
    rows = _joined([one for one in found if isinstance(one, Row)], scheme) if columns.is_long else found
    misnamed = _misnamed(columns, scheme, stages=stages)
    return Sheet(
        name, [one for one in rows if isinstance(one, Row)], problems, columns.unused, misnamed, columns.commas
    )


def _misnamed(columns: Columns, scheme: Scheme, *, stages: bool) -> dict[str, str]:
    """Return the columns of which nothing was made and that are called nearly as a question, with its name."""
    asked = [question for question in scheme.questions.values() if (question.kind == "stage") == stages]
    called = [name for question in asked for name in dict.fromkeys((question.facet, question.id))]
    # Our own export has these beside the answers.
    exported = {*PAPER_COLUMNS, *(own for question in scheme.questions.values() for own in question.columns)}
    found = {one: near(one.lower(), called, _MISSPELT) for one in columns.unused if one not in exported}
    return {one: meant for one, meant in found.items() if meant}


def _no_answers(name: str, columns: Columns, scheme: Scheme, todo: str, *, stages: bool) -> ReviewError:
    meant = next(iter(_misnamed(columns, scheme, stages=stages).values()), "")
    return ReviewError(f"{name}: no column has answers.", f"Did you mean {meant}?" if meant else todo)


def _joined(rows: Sequence[Row], scheme: Scheme) -> list[Row]:
    """Return rows that say one code each, those of one question and paper as one."""
    kept: dict[tuple[object, ...], Row] = {}
    for row in rows:
        (name, answer), *_ = row.answers
        question = scheme.questions[name]
        where = (name, *sorted(row.named.items())) if question.has_codes else (row.line,)
        first = kept.get(where)
        kept[where] = replace(first, answers=[(name, f"{first.answers[0][1]},{answer}")]) if first else row
    return list(kept.values())


def _codes(columns: Columns, scheme: Scheme, name: str, lines: Sequence[Sequence[str]]) -> _Parse:
    facets = [question for question in scheme.questions.values() if question.kind != "stage"]
    why = columns.take(WHY)
    asked, answer = columns.take(QUESTION), columns.take(ANSWER)
    if asked is not None and answer is not None:
        columns.is_long = True
        return _long(columns, scheme, (asked, answer, why), lines)
    wide = columns.taken(facets, scheme)
    if not wide:
        todo = f"Call it as a facet ({', '.join(scheme.facets)}), or give question and answer."
        raise _no_answers(name, columns, scheme, todo, stages=False)

    # What a comma means, no cell can tell by itself.
    commas = {n: _commas([cells[n] for cells in lines], question) for n, question in wide.items()}
    columns.commas = {question.id: commas[n] for n, question in wide.items() if commas[n]}

    def parse(line: int, cells: Sequence[str]) -> Row | None:
        said = [(q.id, _value(cells[n], q, commas[n])) for n, q in wide.items() if cells[n].strip()]
        return Row(line, columns.named(cells), said, _cell(cells, why)) if said else None

    return parse


def _long(
    columns: Columns, scheme: Scheme, places: tuple[int, int, int | None], lines: Sequence[Sequence[str]]
) -> _Parse:
    asked, answer, why = places
    given: dict[str, list[str]] = {}
    for cells in lines:
        given.setdefault(cells[asked].strip(), []).append(cells[answer])
    commas = {name: _commas(said, question) for name, said in given.items() if (question := scheme.question(name))}
    columns.commas = {name: meaning for name, meaning in commas.items() if meaning}

    def parse(line: int, cells: Sequence[str]) -> Row | Problem | None:
        question = scheme.question(cells[asked].strip())
        if question is None or question.kind == "stage":
            what = f"the coding scheme has no facet {cells[asked].strip()!r}."
            return Problem("", line, what, hint(cells[asked].strip(), scheme.facets))
        if not cells[answer].strip():
            return None
        said = [(question.id, _value(cells[answer], question, commas[cells[asked].strip()]))]
        return Row(line, columns.named(cells), said, _cell(cells, why))

    return parse


def _verdicts(columns: Columns, scheme: Scheme, name: str, *, include: bool) -> _Parse:
    why, verdict = columns.take(WHY), columns.take(VERDICT)
    reason, stage = (columns.take(names) if verdict is not None else None for names in (REASON, STAGE))
    wide = {n: question.id for n, question in columns.taken(scheme.stages, scheme).items()}
    if include:  # a sheet of codes, which go with tag
        columns.taken([question for question in scheme.questions.values() if question.kind != "stage"], scheme)
    otherwise = [(stage.id, INCLUDE) for stage in scheme.stages] if include else []
    if verdict is None and not wide and not otherwise:
        todo = f"Call it answer, or as a stage ({', '.join(stage.id for stage in scheme.stages)})."
        raise _no_answers(name, columns, scheme, todo, stages=True)

    def parse(line: int, cells: Sequence[str]) -> Row | Problem | None:
        said = [(question, cells[n].strip().lower()) for n, question in wide.items() if cells[n].strip()]
        if verdict is not None and cells[verdict].strip():
            because = f".{_cell(cells, reason)}" if _cell(cells, reason) else ""
            said.append((_cell(cells, stage), cells[verdict].strip().lower() + because))
        for _, answer in said:
            if answer.partition(".")[0] not in (INCLUDE, MAYBE, EXCLUDE):
                what = f"{answer!r} is not an answer to a stage."
                return Problem("", line, what, f"Write {INCLUDE}, {MAYBE}, {EXCLUDE} or {EXCLUDE}.REASON.")
        said = said or otherwise
        return Row(line, columns.named(cells), said, _cell(cells, why)) if said else None

    return parse


def _cell(cells: Sequence[str], place: int | None) -> str:
    return "" if place is None else cells[place].strip()


def _commas(cells: Sequence[str], question: Question) -> Commas:
    said = [cell for cell in cells if cell.strip()]
    return quantities.commas(said, question.unit) if question.kind == "number" else ""


def _value(cell: str, question: Question, commas: Commas) -> str:
    """Return the answer of a cell as the command line has it."""
    cell = cell.strip()
    if question.kind == "text":
        return cell
    if cell == NO_CODE or (question.kind == "number" and cell.casefold() in quantities.NONE):
        return ""
    if question.kind == "number":
        return quantities.without_commas(cell, commas)
    if cell.startswith("["):  # as our own export has it, with the codes that others imply
        try:
            said = json.loads(cell)
        except ValueError:
            said = None
        if isinstance(said, list) and all(isinstance(code, str) for code in said):
            return ",".join(leaves(said))
    return ",".join(_parts(cell, question))


def _parts(cell: str, question: Question) -> Iterator[str]:
    """Yield the codes of a cell as the scheme spells them; a label may have a comma in it."""
    known: dict[str, set[str]] = {}
    for code in question.codes.values():
        for name in (code.id, code.label):
            known.setdefault(alike(name), set()).add(code.id)

    def meant(part: str) -> str:
        found = known.get(alike(part), set())
        return next(iter(found)) if len(found) == 1 and part not in question.codes else ""

    for part in filter(None, map(str.strip, cell.split(";"))):
        whole = meant(part)
        yield from [whole] if whole else (meant(one.strip()) or one.strip() for one in part.split(","))
