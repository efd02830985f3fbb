"""A query of the review: an SQL file whose first comments give its title and description."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reviewdb.errors import Problem

_HEADER = re.compile(r"--\s*(title|description|across)\s*:\s*(.*)")
# How SQLite names the word that it complains of.
_NAMED = re.compile(
    r'near "([^"]+)"|(?:no such \w+|ambiguous column name): (?:\w+\.)?(\w+)|arguments to function (\w+)'
)
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


def parse(source: str, name: str, path: str) -> tuple[Query | None, list[Problem]]:
    """Read one query. Comment lines that follow `-- description:` go on with it."""
    if not _NAME.fullmatch(name):
        return None, [Problem(path, 0, f"{name!r} cannot be the name of a query.", "Use small letters, digits, -.")]
    header = {"title": "", "description": "", "across": ""}
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
    problems = []
    if not header["title"]:
        problems.append(Problem(path, 1, "the query has no title.", 'Begin the file with a line "-- title: ...".'))
    if not re.match(r"(?i)(select|with|values)\b", sql):
        begins = f"begins with {sql.split()[0]!r}" if sql else "is empty"
        todo = "Begin it with SELECT, WITH or VALUES; a query only reads."
        problems.append(Problem(path, body + 1, f"the query {begins}.", todo))
    if problems:
        return None, problems
    return Query(name, header["title"], header["description"], header["across"], sql, source), []


def place_of(source: str, message: str) -> int:
    """Return the line of `source` that SQLite's `message` complains of (`near "FORM"`, `no such column: x`), or 1."""
    found = _NAMED.search(message)
    word = next((group for group in found.groups() if group), "") if found else ""
    if not word:
        return 1
    lines = source.split("\n")
    shape = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    return next((n for n, line in enumerate(lines, 1) if shape.search(line.partition("--")[0])), 1)
