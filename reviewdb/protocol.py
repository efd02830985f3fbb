"""The protocol: question, search terms, time window, criteria, and what a published review reports of itself."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Any

from reviewdb.errors import Problem
from reviewdb.scheme import EXCLUDE, Scheme, line_of, toml_problem

#: Version of the layout of `data/` that this software reads and writes.
FORMAT = 1

_MONTH = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?")


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
    except tomllib.TOMLDecodeError as error:
        return Protocol(), [toml_problem(path, error)]
    reader = _Reader(source, path)
    if data.get("format") != FORMAT:
        reader.problem(("format",), f"format = {data.get('format')!r} is unknown.", f"This version reads {FORMAT}.")
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
            Criterion(reader.text(c, "stage"), reader.text(c, "reason"), reader.text(c, "text"))
            for c in reader.tables(data, "criteria")
        ),
        reported=tuple(
            Reported(*(reader.text(r, key) for key in ("label", "value", "note", "figure")))
            for r in reader.tables(data, "reported")
        ),
    )
    if all(protocol.window) and protocol.window[0] > protocol.window[1]:
        reader.problem(("[window]",), "the window ends before it begins.", "Swap from and to.")
    return protocol, reader.problems


def unknown_reasons(protocol: Protocol, scheme: Scheme, source: str, path: str) -> list[Problem]:
    """Return a problem for each criterion whose stage or reason the coding scheme does not define."""
    problems = []
    for criterion in protocol.criteria:
        stage = scheme.questions.get(criterion.stage)
        if stage is None or f"{EXCLUDE}.{criterion.reason}" not in stage.codes:
            line = line_of(source, "[[criteria]]", f'reason = "{criterion.reason}"')
            what = f"the coding scheme has no reason {criterion.reason!r} at a stage {criterion.stage!r}."
            problems.append(Problem(path, line, what, "Add it there, or mend the criterion."))
    return problems


class _Reader:
    """Takes typed values out of the parsed TOML and notes what is not of the right kind."""

    def __init__(self, source: str, path: str) -> None:
        self.source = source
        self.path = path
        self.problems: list[Problem] = []

    def problem(self, needles: tuple[str, ...], what: str, todo: str) -> None:
        self.problems.append(Problem(self.path, line_of(self.source, *needles), what, todo))

    def table(self, data: dict[str, Any], key: str) -> dict[str, Any]:
        value = data.get(key, {})
        if isinstance(value, dict):
            return value
        self.problem((key,), f"{key} is not a table.", f"Write it as [{key}].")
        return {}

    def tables(self, data: dict[str, Any], key: str) -> list[dict[str, Any]]:
        value = data.get(key, [])
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return value
        self.problem((key,), f"{key} is not a list of tables.", f"Write each as [[{key}]].")
        return []

    def text(self, data: dict[str, Any], key: str, *, needed: bool = False) -> str:
        value = data.get(key, "")
        if not isinstance(value, str):
            self.problem((key,), f"{key} is not a string.", "Put it in quotes.")
            return ""
        if needed and not value.strip():
            self.problem((key,), f"{key} is missing.", f'Add a line {key} = "...".')
        return value

    def texts(self, data: dict[str, Any], key: str) -> tuple[str, ...]:
        value = data.get(key, [])
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self.problem((key,), f"{key} is not a list of strings.", "Put each in quotes, all in [ ].")
        return ()

    def count(self, data: dict[str, Any], key: str, default: int) -> int:
        value = data.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        self.problem((key,), f"{key} is not a whole number above 0.", f"For example {key} = {default}.")
        return default

    def month(self, data: dict[str, Any], key: str) -> str:
        value = self.text(data, key)
        if not value or _MONTH.fullmatch(value):
            return value
        self.problem(("[window]", key), f"{key} = {value!r} is not a month.", 'Write it as "2015-01".')
        return ""
