"""The words of a review as frozen values: what crosses every border between modules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

#: Coders whose name begins so are rules of the software; all others are people.
RULE_PREFIX = "rule:"

#: The answers to a stage; `exclude.<reason>` says why.
INCLUDE, MAYBE, EXCLUDE = "include", "maybe", "exclude"


class Relation(StrEnum):
    """How two records are related; the last one only ever comes from rules."""

    SAME = "same"
    VERSION = "version"
    DIFFERENT = "different"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Search:
    """One run of one term against one source."""

    id: str
    source: str
    query: str
    date: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One hit of one search, as the source gave it."""

    id: str
    search: str
    rank: int
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str = ""
    volume: str = ""
    pages: str = ""
    doi: str = ""
    url: str = ""
    abstract: str = ""
    citations: int | None = None
    #: What else the source said about the hit, kept but not interpreted.
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ruling:
    """A person's word on two records; it beats every rule. `relation` None withdraws an earlier one."""

    coder: str
    a: str
    b: str
    relation: Relation | None
    at: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Why two records are, or may be, one paper or one study (`a` < `b`)."""

    a: str
    b: str
    relation: Relation
    #: Name of the rule, or `ruling` for a person's word.
    rule: str
    #: 0 to 100; 100 for a ruling.
    score: float
    reason: str
    coder: str = ""
    #: Set aside by grouping, because rulings keep its ends apart.
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A paper: its records, smallest id first, and the study it belongs to."""

    paper: str
    records: tuple[str, ...]
    study: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as people read it; `key` is its citation key, `records` the ids of the records that are it."""

    id: str
    key: str
    study: str
    records: tuple[str, ...]
    title: str
    authors: tuple[str, ...]
    year: int | None
    venue: str
    volume: str
    pages: str
    doi: str
    url: str
    abstract: str
    citations: int | None


@dataclass(frozen=True, slots=True)
class Span:
    """The words that a suggestion rests on: `words == text_of(field)[start:end]`."""

    field: str
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A code that a rule proposes, with every span of text that speaks for it."""

    facet: str
    code: str
    evidence: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """One coder's answer to one question about one record.

    `answer` holds codes for a question answered by codes (empty: none applies), one string for a
    question answered by text, and is None where the coder withdraws it. A decision that `settles` closes a
    conflict: what was said before it about this question no longer counts. One that `undoes` has no
    answer: it names the moment of the same coder's decision that is to be as if it had never been made.
    """

    coder: str
    record: str
    question: str
    answer: tuple[str, ...] | None
    at: str
    why: str = ""
    settles: bool = False
    undoes: str = ""
    evidence: tuple[tuple[str, Span], ...] = ()

    @property
    def answer_text(self) -> str:
        """The answer as people read it."""
        return ", ".join(self.answer or ()) or "no code"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one question about one paper stands when every coder has been heard."""

    #: Codes (with the ancestors they imply) or text on which all coders agree.
    agreed: frozenset[str]
    #: What some coders said and others did not.
    contested: frozenset[str]
    coders: tuple[str, ...]
