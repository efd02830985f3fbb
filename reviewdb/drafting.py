"""Drafting: a coding scheme and queries proposed from a sheet of answers that somebody has kept without one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from string import Template

from reviewdb import build, coding, database, guessing, importing, journal, locks, query, review, scaffold, sources
from reviewdb.build import Tell
from reviewdb.errors import BadReviewError, Problem, ReviewError
from reviewdb.folder import SCHEME, Review
from reviewdb.formats import delimited
from reviewdb.guessing import Guess
from reviewdb.headings import ANSWER, BIBLIOGRAPHY, NAME_PAPERS, QUESTION, REASON, STAGE, VERDICT, WHY, Columns
from reviewdb.quantities import written
from reviewdb.questions import Question, Scheme
from reviewdb.text import alike

_NOTHING = "Nothing is written."
_COMMENT = (
    '# Drafted from {}: say in definition = "..." what each facet and code means, and mend what was guessed wrong.'
)
#: With more pairs of facets than these, only those with the first facet are crossed.
_CROSSED = 6
_LISTING = "coded-papers"


@dataclass(frozen=True, slots=True)
class Column:
    """What a column asks of papers, or the rows of one question: its heading, its question, and its cells."""

    heading: str
    #: None where the coding scheme does not have it yet.
    question: Question | None
    #: Those that say something.
    cells: Sequence[str]
    #: The line of the sheet that each stands on.
    lines: Sequence[int]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a sheet comes to: the coding scheme as it would be, and queries, each by the name of its file."""

    #: The scheme before and after; the same where nothing is to add.
    before: str
    scheme: str
    queries: Mapping[str, str]
    #: What is added to the scheme; and whether the facets of the starter go.
    added: str
    replaces: bool
    #: Facets that are added, and those that get codes more.
    facets: Sequence[Guess]
    longer: Sequence[tuple[Question, Mapping[str, str]]]
    #: Queries that are there already, and stay as they are.
    kept: Sequence[str]

    @property
    def is_done(self) -> bool:
        """There is nothing to write."""
        return self.before == self.scheme and not self.queries


def draft(place: Review, path: Path, agree: Callable[[Draft], bool], tell: Tell) -> tuple[Draft, bool]:
    """Propose a coding scheme from a sheet, and write it where `agree` says so; return it, and whether it is written.

    Facets and codes are added; what the scheme has stays as it is, but for the facets of an untouched starter. Raises
    ReviewError, with nothing written, where the sheet or the scheme cannot be read, or the draft makes no good review.
    """
    seen = sources.states(place)
    made = _draft(place, path)
    if made.is_done or not agree(made):
        return made, False
    with locks.writing(place.root):
        if sources.states(place) != seen:  # others may write while somebody thinks about it
            raise ReviewError("somebody else has written meanwhile.", f"Draft it again. {_NOTHING}")
        if made.scheme != made.before:
            journal.replace(place.root / SCHEME, made.scheme.encode("utf-8"))
        (place.root / "queries").mkdir(exist_ok=True)
        for name, text in made.queries.items():
            journal.replace(place.root / name, text.encode("utf-8"))
        build.refresh(place, tell, held=True)
    return made, True


def columns_of(path: Path, scheme: Scheme) -> list[Column]:
    """Return the columns of a sheet that ask something of papers, those that the coding scheme does not know included.

    Raises ReviewError where the file cannot be read, has no column that names papers, or a row that is broken.
    """
    with importing.opened(path) as stream:
        content = importing.content_of(stream)
        with importing.decoded(stream, content) as text:
            header, rest = delimited.table(delimited.delimiter_of(content.head), iter(text))
            rows = list(rest)
    name = "stdin" if path == importing.STDIN else str(path)
    for row in rows:
        if isinstance(row, Problem):
            raise ReviewError(str(replace(row, path=name)))
    columns = Columns(header)
    if not columns.name_papers:
        raise ReviewError(f"{name}: no column names papers.", NAME_PAPERS)
    said = [row for row in rows if not isinstance(row, Problem)]
    columns.take(WHY)
    asked, answer = columns.take(QUESTION), columns.take(ANSWER)
    if asked is not None and answer is not None:
        answers: dict[str, list[tuple[int, str]]] = {}
        for line, cells in said:
            if cells[asked].strip() and cells[answer].strip():
                answers.setdefault(cells[asked].strip(), []).append((line, cells[answer].strip()))
        return [_asking(facet, scheme.question(facet), given) for facet, given in answers.items()]
    for names in (VERDICT, REASON, STAGE, *([stage.id] for stage in scheme.stages), *BIBLIOGRAPHY):
        columns.take(names)
    places = columns.left
    known = columns.taken([question for question in scheme.questions.values() if question.kind != "stage"], scheme)
    given = {n: [(line, cells[n].strip()) for line, cells in said if cells[n].strip()] for n in places}
    return [_asking(head, known.get(n), given[n]) for n, head in places.items() if given[n]]


def _asking(heading: str, question: Question | None, given: Sequence[tuple[int, str]]) -> Column:
    return Column(heading, question, [cell for _, cell in given], [line for line, _ in given])


def _draft(place: Review, path: Path) -> Draft:
    coding.load_scheme(place)
    before = (place.root / SCHEME).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    text = _without_starter(place, before)
    known, _ = review.parse_scheme(text)
    columns = columns_of(path, known)
    if not columns:
        raise ReviewError(f"{path}: no column asks anything of papers.", "Give each facet a column, with its codes.")
    guesses = _named(
        [guessing.guess(one.heading, one.cells, one.lines) for one in columns if one.question is None], known
    )
    longer = [(one.question, more) for one in columns if one.question and (more := _missing(one.question, one.cells))]
    parts = [*map(_facet, guesses), *(_codes(question.facet, more) for question, more in longer)]
    name = "stdin" if path == importing.STDIN else path.name
    added = "\n".join([_COMMENT.format(name), *parts]) if parts else ""
    replaces = bool(parts) and text != before
    text = f"{text.rstrip()}\n\n{added}" if parts else before
    after, problems = review.parse_scheme(text)
    if problems:
        raise BadReviewError(list(problems), f"That is of the scheme with the draft: add it by hand. {_NOTHING}")
    asked = [after.questions[guess.id] for guess in guesses] + [one.question for one in columns if one.question]
    order = list(after.questions)
    queries = _queries(sorted(asked, key=lambda question: order.index(question.id)))
    kept = [name for name in queries if (place.root / name).exists() and not _is_starter(place, name)]
    fresh = {name: sql for name, sql in queries.items() if name not in kept}
    made = Draft(before, text, fresh, added, replaces, guesses, longer, kept)
    _check(place, made)
    return made


def _check(place: Review, made: Draft) -> None:
    """Raise ReviewError where the review would have problems with the draft."""
    content = review.load(place, review.Planned({SCHEME: made.scheme}))
    drafted = {Path(name).stem: text for name, text in made.queries.items()}
    parsed = [query.parse(text, name, f"queries/{name}.sql") for name, text in drafted.items()]
    content.queries = [one for one in content.queries if one.name not in drafted]
    content.queries += [found for found, _ in parsed if found]
    content.problems += [problem for _, problems in parsed for problem in problems]
    try:
        with build.in_memory(content, lambda _: None):
            pass
    except BadReviewError as error:
        raise BadReviewError(error.problems, f"With the draft, these would be wrong. {_NOTHING}") from error


def _is_starter(place: Review, name: str) -> bool:
    """Say whether a file is what every new review begins with."""
    ours = scaffold.STARTER / name
    return ours.exists() and (place.root / name).read_text(encoding="utf-8-sig") == ours.read_text(encoding="utf-8")


def _without_starter(place: Review, text: str) -> str:
    """Return a coding scheme without the facets of the starter, which stand there to be replaced."""
    return text[: text.index("[facet.")] if _is_starter(place, SCHEME) else text


def _named(guesses: Sequence[Guess], known: Scheme) -> list[Guess]:
    """Return guesses with names of which no two are one, nor that of a question."""
    taken = set(known.questions) | set(known.facets)
    found = []
    for guess in guesses:
        name = guess.id
        while name in taken:
            name += "_2"
        taken.add(name)
        found.append(replace(guess, id=name))
    return found


def _missing(question: Question, cells: Sequence[str]) -> dict[str, str]:
    """Return the codes of cells, with labels, that a question does not have."""
    if question.kind != "codes":
        return {}
    names = {
        alike(name) for code in (*question.codes.values(), *question.former.values()) for name in (code.id, code.label)
    }
    parts = [part for cell in cells if cell != guessing.NO_CODE for part in guessing.parted(cell, cells)]
    found = guessing.codes([part for part in parts if alike(part) not in names], question.facet)
    return {code: label for code, label in found.items() if code not in question.codes}


def _facet(guess: Guess) -> str:
    lines = [f"[facet.{guess.id}]", f"label = {_quoted(guess.label)}"]
    if guess.kind != "codes":
        lines.append(f'kind = "{guess.kind}"')
    lines += [f"unit = {_quoted(guess.unit)}"] if guess.unit else []
    for name, limit in (("minimum", guess.minimum), ("maximum", guess.maximum)):
        lines += [f"{name} = {written(limit)}"] if limit is not None else []
    return "\n".join([*lines, _codes(guess.id, guess.codes)])


def _codes(facet: str, codes: Mapping[str, str]) -> str:
    return "".join(
        f"[facet.{facet}.codes.{_quoted(code) if '.' in code else code}]\nlabel = {_quoted(label)}\n"
        for code, label in codes.items()
    )


def _quoted(text: str) -> str:
    """Return a text as TOML has it: its strings have the escapes of JSON."""
    return json.dumps(text, ensure_ascii=False)


def _queries(asked: Sequence[Question]) -> dict[str, str]:
    """Return queries for what is asked: a listing, each facet of codes, pairs of them, and numbers by the first."""
    coded = [question for question in asked if question.kind == "codes"]
    numbers = [question for question in asked if question.kind == "number"]
    pairs = list(combinations(coded, 2))
    if len(pairs) > _CROSSED:
        pairs = pairs[: len(coded) - 1]
    made = {_LISTING: _drafted("papers", columns=",\n".join(map(_column, asked)))}
    made |= {f"papers-by-{_file(one)}": _drafted("codes", one) for one in coded}
    made |= {f"{_file(one)}-by-{_file(other)}": _drafted("cross", one, other) for one, other in pairs}
    for number in numbers:
        if coded:
            made[f"{_file(number)}-by-{_file(coded[0])}"] = _drafted("numbers", number, coded[0])
        else:
            made[_file(number)] = _drafted("number", number)
    return {f"queries/{name}.sql": sql for name, sql in made.items()}


def _file(question: Question) -> str:
    return question.id.replace("_", "-").replace(".", "-")


def _column(question: Question) -> str:
    part = _drafted("papers-codes" if question.kind == "codes" else "papers-value", question)
    return part.partition("\n")[2].rstrip()  # the comment is about the template


def _digits(question: Question) -> str:
    """Return to how many digits medians and quartiles are rounded: as results are printed."""
    if question.unit == "%":
        return "1"
    return "3" if question.maximum == 1 else "4"


def _drafted(template: str, one: Question | None = None, other: Question | None = None, columns: str = "") -> str:
    """Return the SQL of a template with the names of questions in it.

    A query of a review takes no parameters: authors are to read and change it, so its names stand in it.
    """
    names = {"columns": columns}
    for prefix, question in (("", one), ("other_", other)):
        if question:
            label = question.heading.replace('"', "'")
            # Inside of a sentence; what has capitals of its own, such as CNN, keeps them.
            name = label[:1].lower() + label[1:] if label[1:].islower() else label
            names |= {f"{prefix}label": label, f"{prefix}name": name, f"{prefix}id": question.id}
            names |= {f"{prefix}column": question.columns[0], f"{prefix}digits": _digits(question)}
    return Template(database.statement(f"draft-{template}")).substitute(names)
