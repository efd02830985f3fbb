"""A query of the review: an SQL file whose first comments give its title and description."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reviewdb import conflicts
from reviewdb.errors import Problem

_HEADER = re.compile(r"--\s*(title|description|across|keys|widths|align|for)\s*:\s*(.*)")
# How SQLite names the word that it complains of.
_NAMED = re.compile(
    r'near "([^"]+)"|(?:no such \w+|ambiguous column name): (?:\w+\.)?(\w+)|arguments to function (\w+)'
)
READERS, CODERS = "readers", "coders"
_WIDTHS_TODO = "Write it as: -- widths: paper 1, aim 3"
_FOR_TODO = f"Write it as: -- for: {READERS}, or: -- for: {CODERS}"
_ALIGN_TODO = "Write it as: -- align: papers center, aim left"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Query:
    """One file of `queries/`: the same on the site, in the terminal and in the author's paper."""

    name: str
    title: str
    description: str
    #: The column whose values become columns where the table is drawn for reading; empty: drawn as it is.
    across: str
    sql: str
    #: The whole file; `sql` begins after its comments.
    source: str
    #: The column that holds the citation keys of the papers that a row counts, as a JSON array; empty: none.
    keys: str = ""
    #: Shares of the width of a printed table (`-- widths: paper 1, aim 3`), and sides, as the comments say them.
    widths: str = ""
    align: str = ""
    #: Whom it is for (`-- for: coders`): READERS come for it first, CODERS work through it; empty: neither is said.
    audience: str = ""


def parse(source: str, name: str, path: str) -> tuple[Query | None, list[Problem]]:
    """Read one query. Comment lines that follow `-- description:` go on with it."""
    if not _NAME.fullmatch(name):
        return None, [Problem(path, 0, f"{name!r} cannot be the name of a query.", "Use small letters, digits, -.")]
    if conflict := conflicts.problems(source, path):
        return None, conflict
    header = dict.fromkeys(("title", "description", "across", "keys", "widths", "align", "for"), "")
    lines = source.split("\n")  # as editors count them: other marks of a line's end may stand in a text of the SQL
    key = ""
    body = 0
    for body, line in enumerate(lines):  # noqa: B007 - where the comments end is where the SQL begins
        if line.strip() and not line.startswith("--"):
            break
        found = _HEADER.fullmatch(line.strip())
        if found:
            key = found.group(1)
            header[key] = found.group(2).strip()
        elif line.startswith("--") and key:
            header[key] = f"{header[key]} {line[2:].strip()}".strip()
        else:
            key = ""
    sql = "\n".join(lines[body:]).strip().rstrip(";").rstrip()
    problems: list[Problem] = []
    if not header["title"]:
        problems.append(Problem(path, 1, "the query has no title.", 'Begin the file with a line "-- title: ...".'))
    if not re.match(r"(?i)(select|with|values)\b", sql):
        begins = f"begins with {sql.split()[0]!r}" if sql else "is empty"
        todo = "Begin it with SELECT, WITH or VALUES; a query only reads."
        problems.append(Problem(path, body + 1, f"the query {begins}.", todo))
    problems += _layout_problems(header, lines, path)
    if problems:
        return None, problems
    return Query(name=name, sql=sql, source=source, audience=header.pop("for"), **header), []


def _layout_problems(header: Mapping[str, str], lines: Sequence[str], path: str) -> Iterator[Problem]:
    for key, read, todo in (
        ("widths", widths, _WIDTHS_TODO),
        ("align", sides, _ALIGN_TODO),
        ("for", audience, _FOR_TODO),
    ):
        try:
            read(header[key])
        except ValueError as error:
            at = next(n for n, line in enumerate(lines, 1) if (m := _HEADER.fullmatch(line.strip())) and m[1] == key)
            yield Problem(path, at, f"{key} cannot be read: {error}.", todo)


def audience(said: str) -> str:
    """Return whom a query is for, as it is said. Raises ValueError where that is nobody known."""
    if said not in ("", READERS, CODERS):
        raise ValueError(f"{said!r}")
    return said


def widths(said: str) -> dict[str, float]:
    """Return the share of each column that `paper 1, aim 3` names. Raises ValueError with what is no such pair."""
    found = {column: float(share) for column, share in _pairs(said, r"\d{1,6}(?:\.\d{1,6})?")}
    if wrong := next((column for column, share in found.items() if not share), ""):
        raise ValueError(f"{wrong!r} would have no width")
    return found


def sides(said: str) -> dict[str, str]:
    """Return left, right or center for each column that `n right, aim left` names. Raises ValueError as `widths`."""
    return dict(_pairs(said, "left|right|center"))


def _pairs(said: str, shape: str) -> Iterator[tuple[str, str]]:
    for pair in filter(None, map(str.strip, said.split(","))):
        column, _, value = " ".join(pair.split()).rpartition(" ")
        if not column or not re.fullmatch(shape, value):
            raise ValueError(f"{pair!r}")
        yield column, value


def place_of(source: str, message: str) -> int:
    """Return the line of `source` that SQLite's `message` complains of (`near "FORM"`, `no such column: x`), or 1."""
    found = _NAMED.search(message)
    word = next((group for group in found.groups() if group), "") if found else ""
    if not word:
        return 1
    lines = source.split("\n")
    shape = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    return next((n for n, line in enumerate(lines, 1) if shape.search(line.partition("--")[0])), 1)
