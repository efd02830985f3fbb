"""The protocol: question, search terms, time window, criteria, coders, and what a published review reports of itself."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from typing import Any

from reviewdb.errors import Problem
from reviewdb.hints import hint
from reviewdb.model import EXCLUDE
from reviewdb.scheme import Scheme
from reviewdb.toml_reader import Path, Reader

#: Version of the layout of `data/` that this software writes. It is raised when something is written that an earlier
#: reviewdb would misread, and every earlier layout stays readable as it is.
FORMAT = 1

#: What a rule can tell of a criterion: the venue is peer-reviewed; the date lies in the window; and, with the name of a
#: facet behind it, the title or abstract names a code of that facet.
PEER_REVIEWED, IN_WINDOW, FACET_RULE = "peer-reviewed", "in-window", "facet:"

_MONTH = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2]))?")
_KEYS = ("format", "title", "question", "citation", "url", "search", "window", "criteria", "coders", "reported", "publish")
_REPORTED = ("label", "value", "note", "figure")


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a paper must satisfy, and the stage and reason that exclude it where it does not."""

    stage: str
    reason: str
    text: str
    #: What rules can tell of it: `peer-reviewed`, `in-window`, `facet:<name>`, or empty where only people can.
    rule: str = ""
    #: Where the protocol says so.
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Reported:
    """A figure as the published review prints it, apart from anything that is derived here."""

    label: str
    value: str
    note: str
    #: The box of the flow, or the row of the headline figures, that measures the same thing; empty: nothing does.
    figure: str


@dataclass(frozen=True, slots=True)
class Publish:
    """What readers of the site and of the published database see of what coders said."""

    #: Whether the reasons that coders give are shown.
    notes: bool = False
    #: The stages and facets whose answers are held back, paper by paper, until a second coder has answered.
    blind: tuple[str, ...] = ()
    #: Where the protocol says so.
    line: int = field(default=0, compare=False)


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
    publish: Publish = Publish()
    #: Who coders are and how they came to their answers, by name, where the protocol says so.
    coders: tuple[tuple[str, str], ...] = ()


def newer_format(source: str) -> int | None:
    """Return the format that the text of a protocol states, where it is newer than what this software reads."""
    try:
        stated = tomllib.loads(source).get("format")
    except (ValueError, RecursionError):  # which the reader tells with its line
        return None
    return stated if isinstance(stated, int) and stated > FORMAT else None


def parse(source: str, path: str) -> tuple[Protocol, list[Problem]]:
    """Read a protocol from TOML text; return what is good of it, and every problem with its line."""
    reader = _ProtocolReader(source, path)
    if reader.problems:
        return Protocol(), reader.problems
    data = reader.table(reader.data, (), _KEYS)
    stated = data.get("format")
    if stated != FORMAT or isinstance(stated, bool):
        reader.problem(("format",), f"format = {stated!r} is unknown.", f"This version reads format = {FORMAT}.")
    search = reader.table(data.get("search", {}), ("search",), ("sources", "terms", "pages", "page_size"))
    window = reader.table(data.get("window", {}), ("window",), ("from", "to"))
    coders = reader.table(data.get("coders", {}), ("coders",))
    shown = reader.table(data.get("publish", {}), ("publish",), ("notes", "blind"))
    protocol = Protocol(
        title=reader.needed(data, "title"),
        question=reader.needed(data, "question"),
        citation=reader.string(data, "citation", ()),
        url=reader.string(data, "url", ()),
        sources=tuple(source for source, _ in reader.strings(search, "sources", ("search",))),
        terms=tuple(term for term, _ in reader.strings(search, "terms", ("search",))),
        pages=reader.count(search, "pages", 1),
        page_size=reader.count(search, "page_size", 10),
        window=(reader.month(window, "from"), reader.month(window, "to")),
        criteria=tuple(
            Criterion(
                reader.string(criterion, "stage", where),
                reader.string(criterion, "reason", where),
                reader.string(criterion, "text", where),
                reader.rule(criterion, where),
                reader.line((*where, "reason")),
            )
            for criterion, where in reader.tables(data, "criteria", ("stage", "reason", "text", "rule"))
        ),
        reported=tuple(
            Reported(*(reader.string(r, key, where) for key in _REPORTED))
            for r, where in reader.tables(data, "reported", _REPORTED)
        ),
        publish=Publish(
            notes=reader.flag(shown, "notes", ("publish",)),
            blind=tuple(name for name, _ in reader.strings(shown, "blind", ("publish",))),
            line=reader.line(("publish", "blind")),
        ),
        coders=tuple((name, reader.string(coders, name, ("coders",))) for name in coders),
    )
    first, last = protocol.window
    # A year alone is the whole year.
    if first and last and first[: len(last)] > last[: len(first)]:
        reader.problem(("window", "from"), "the window ends before it begins.", "Swap from and to.")
    return protocol, sorted(reader.problems)


def in_use(protocol: Protocol, scheme: Scheme) -> Protocol:
    """Return a protocol whose criteria name the reasons of now.

    A reason that was merged into one other is that one, as for answers and words. The file keeps the old name, so that
    the criterion has its own reason again where the merge is undone.
    """

    def now(criterion: Criterion) -> Criterion:
        stage = scheme.questions.get(criterion.stage)
        former = stage.former.get(f"{EXCLUDE}.{criterion.reason}") if stage else None
        if former is None or former.became is None or len(former.became) != 1:
            return criterion
        return replace(criterion, reason=former.became[0].removeprefix(f"{EXCLUDE}."))

    return replace(protocol, criteria=tuple(map(now, protocol.criteria)))


def unknown_reasons(protocol: Protocol, scheme: Scheme, path: str) -> list[Problem]:
    """Return a problem for each stage, reason or facet of a protocol that the coding scheme does not define."""
    problems = []
    asked = {name for q in scheme.questions.values() for name in (q.id, q.facet)}
    for name in protocol.publish.blind:
        if name not in asked:
            what = f"blind names {name!r}, which is no stage or facet of the coding scheme."
            problems.append(Problem(path, protocol.publish.line, what, hint(name, sorted(asked))))
    for criterion in protocol.criteria:
        stage = scheme.questions.get(criterion.stage)
        if stage is None or f"{EXCLUDE}.{criterion.reason}" not in stage.codes:
            what = f"the coding scheme has no reason {criterion.reason!r} at a stage {criterion.stage!r}."
            problems.append(Problem(path, criterion.line, what, "Add it there, or mend the criterion."))
        facet = criterion.rule.removeprefix(FACET_RULE) if criterion.rule.startswith(FACET_RULE) else ""
        if facet and not any(q.facet == facet and q.suggested for q in scheme.questions.values()):
            what = f"the coding scheme has no patterns for a facet {facet!r}."
            problems.append(Problem(path, criterion.line, what, "Add them there, or mend the rule."))
    return problems


class _ProtocolReader(Reader):
    """Takes the values of a protocol and notes what is wrong with them."""

    def needed(self, data: dict[str, Any], key: str) -> str:
        """Return the string at `key`, which a protocol must have."""
        value = self.string(data, key, ())
        if not value.strip() and isinstance(data.get(key, ""), str):
            self.problem((key,), f"{key} is missing.", f'Add a line {key} = "...".')
        return value

    def count(self, search: dict[str, Any], key: str, default: int) -> int:
        """Return the whole number above 0 at `key` of the search."""
        value = search.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        self.problem(("search", key), f"{key} is not a whole number above 0.", f"For example {key} = {default}.")
        return default

    def rule(self, criterion: dict[str, Any], where: Path) -> str:
        """Return the rule of a criterion."""
        value = self.string(criterion, "rule", where)
        if value in ("", PEER_REVIEWED, IN_WINDOW) or (value.startswith(FACET_RULE) and value != FACET_RULE):
            return value
        self.problem(
            (*where, "rule"),
            f"there is no rule {value!r}.",
            f'Use "{PEER_REVIEWED}", "{IN_WINDOW}" or "{FACET_RULE}modality".',
        )
        return ""

    def month(self, window: dict[str, Any], key: str) -> str:
        """Return the month, or the year, at `key` of the window."""
        value = self.string(window, key, ("window",))
        if not value or _MONTH.fullmatch(value):
            return value
        self.problem(("window", key), f"{key} = {value!r} is not a month.", 'Write it as "2015-01".')
        return ""
