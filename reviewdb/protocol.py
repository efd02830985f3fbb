"""The protocol: question, search terms, time window, criteria, and what a published review reports of itself."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from typing import Any

from reviewdb.errors import Problem
from reviewdb.scheme import EXCLUDE, Scheme, toml_problem

#: Version of the layout of `data/` that this software reads and writes.
FORMAT = 1

_MONTH = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2]))?")
_HEADER = re.compile(r"\s*\[\[?\s*(\w+)\s*\]")
_KEY = re.compile(r"""\s*["']?(\w+)["']?\s*[=.]""")

#: A table of the file: its name (empty: the top), and which one of that name, from 1.
_Table = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a paper must satisfy, and the stage and reason that exclude it where it does not."""

    stage: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Reported:
    """A figure as the published review prints it, apart from anything that is derived here."""

    label: str
    value: str
    note: str
    #: The row of the headline figures that derives the same thing, if one does.
    figure: str


@dataclass(frozen=True, slots=True)
class Protocol:
    """What the review asks and how it looks for answers. `window` is two months `YYYY-MM`, or empty strings."""

    title: str = ""
    question: str = ""
    citation: str = ""
    url: str = ""
    sources: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    pages: int = 1
    page_size: int = 10
    window: tuple[str, str] = ("", "")
    criteria: tuple[Criterion, ...] = ()
    reported: tuple[Reported, ...] = ()


def parse(source: str, path: str) -> tuple[Protocol, list[Problem]]:
    """Read a protocol from TOML text; return what is good of it, and every problem with its line."""
    try:
        data = tomllib.loads(source)
    # A number of 5,000 digits is a plain ValueError, a thousand brackets are a RecursionError.
    except (ValueError, RecursionError) as error:
        return Protocol(), [toml_problem(path, ValueError(str(error)))]
    reader = _Reader(source, path)
    stated = data.get("format")
    if stated != FORMAT or isinstance(stated, bool):
        reader.problem("format", f"format = {stated!r} is unknown.", f"This version reads {FORMAT}.")
    search, window = reader.table(data, "search"), reader.table(data, "window")
    protocol = Protocol(
        title=reader.text(data, "title", needed=True),
        question=reader.text(data, "question", needed=True),
        citation=reader.text(data, "citation"),
        url=reader.text(data, "url"),
        sources=reader.texts(search, "sources"),
        terms=reader.texts(search, "terms"),
        pages=reader.count(search, "pages", 1),
        page_size=reader.count(search, "page_size", 10),
        window=(reader.month(window, "from"), reader.month(window, "to")),
        criteria=tuple(
            Criterion(*(reader.text(c, key, ("criteria", n)) for key in ("stage", "reason", "text")))
            for n, c in enumerate(reader.tables(data, "criteria"), 1)
        ),
        reported=tuple(
            Reported(*(reader.text(r, key, ("reported", n)) for key in ("label", "value", "note", "figure")))
            for n, r in enumerate(reader.tables(data, "reported"), 1)
        ),
    )
    first, last = protocol.window
    # A year alone is the whole year.
    if first and last and first[: len(last)] > last[: len(first)]:
        reader.problem("from", "the window ends before it begins.", "Swap from and to.", ("window", 1))
    return protocol, reader.problems


def unknown_reasons(protocol: Protocol, scheme: Scheme, source: str, path: str) -> list[Problem]:
    """Return a problem for each criterion whose stage or reason the coding scheme does not define."""
    problems = []
    for number, criterion in enumerate(protocol.criteria, 1):
        stage = scheme.questions.get(criterion.stage)
        if stage is None or f"{EXCLUDE}.{criterion.reason}" not in stage.codes:
            line = _line(source, "reason", ("criteria", number))
            what = f"the coding scheme has no reason {criterion.reason!r} at a stage {criterion.stage!r}."
            problems.append(Problem(path, line, what, "Add it there, or mend the criterion."))
    return problems


def _line(source: str, key: str, table: _Table) -> int:
    """Return the number of the line with `key` in `table`, else that of the table, else 0.

    tomllib keeps no places. Keys are looked for where people write them: first on a line, under their header.
    """
    place: _Table = ("", 1)
    seen: Counter[str] = Counter()
    nearest = 0
    for number, line in enumerate(source.split("\n"), 1):
        header, named = _HEADER.match(line), _KEY.match(line)
        if header:
            seen[header.group(1)] += 1
            place = header.group(1), seen[header.group(1)]
            nearest = number if place == table else nearest
        elif named and place == table and named.group(1) == key:
            return number
        elif named and place == ("", 1) and named.group(1) == table[0]:
            nearest = number  # an inline table
    return nearest


class _Reader:
    """Takes typed values out of the parsed TOML and notes what is not of the right kind."""

    def __init__(self, source: str, path: str) -> None:
        self.source = source
        self.path = path
        self.problems: list[Problem] = []

    def problem(self, key: str, what: str, todo: str, table: _Table = ("", 1)) -> None:
        self.problems.append(Problem(self.path, _line(self.source, key, table), what, todo))

    def table(self, data: dict[str, Any], key: str) -> dict[str, Any]:
        value = data.get(key, {})
        if isinstance(value, dict):
            return value
        self.problem(key, f"{key} is not a table.", f"Write it as [{key}].", (key, 1))
        return {}

    def tables(self, data: dict[str, Any], key: str) -> list[dict[str, Any]]:
        value = data.get(key, [])
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return value
        self.problem(key, f"{key} is not a list of tables.", f"Write each as [[{key}]].", (key, 1))
        return []

    def text(self, data: dict[str, Any], key: str, table: _Table = ("", 1), *, needed: bool = False) -> str:
        value = data.get(key, "")
        if not isinstance(value, str):
            self.problem(key, f"{key} is not a string.", "Put it in quotes.", table)
            return ""
        if needed and not value.strip():
            self.problem(key, f"{key} is missing.", f'Add a line {key} = "...".', table)
        return value

    def texts(self, data: dict[str, Any], key: str) -> tuple[str, ...]:
        value = data.get(key, [])
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self.problem(key, f"{key} is not a list of strings.", "Put each in quotes, all in [ ].", ("search", 1))
        return ()

    def count(self, data: dict[str, Any], key: str, default: int) -> int:
        value = data.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        self.problem(key, f"{key} is not a whole number above 0.", f"For example {key} = {default}.", ("search", 1))
        return default

    def month(self, data: dict[str, Any], key: str) -> str:
        value = self.text(data, key, ("window", 1))
        if not value or _MONTH.fullmatch(value):
            return value
        self.problem(key, f"{key} = {value!r} is not a month.", 'Write it as "2015-01".', ("window", 1))
        return ""
