"""The words of a review as frozen values: what crosses every border between modules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

#: Coders whose name begins so are rules of the software; all others are people.
RULE_PREFIX = "rule:"
#: Who says what the patterns of the coding scheme say, and what follows from the criteria of the protocol.
SCHEME_RULES, CRITERIA_RULES = f"{RULE_PREFIX}coding-scheme", f"{RULE_PREFIX}criteria"

#: How many letters of a moment say its day.
DAY = len("YYYY-MM-DD")

#: The answers to a stage; `exclude.<reason>` says why.
INCLUDE, MAYBE, EXCLUDE = "include", "maybe", "exclude"


#: What a venue can be, after OpenAlex's types of sources; an empty string where nobody says.
VENUE_TYPES = ("journal", "conference", "book", "repository", "thesis", "patent", "report", "other")

#: Why a search was made: to find papers, to follow citations, to take in a list that others made, such as the tables of
#: a review, or to know more of papers that others found.
SEARCH, CITATIONS, LIST, ENRICHMENT = "search", "citations", "list", "enrichment"
SEARCH_KINDS = (SEARCH, CITATIONS, LIST, ENRICHMENT)
#: What `dated` among the parameters of a search says where its date is only when a list was taken in.
TAKEN_IN = "taken in"

#: What a person can put right of a paper, and what the record of an enrichment says of such fields: that its own values
#: stand, or that those of the sources do again.
CORRECTABLE = ("title", "authors", "year", "venue", "volume", "pages", "doi", "url", "abstract")
CORRECTS, RESTORES = "corrects", "restores"

#: A code of this name says that its facet does not apply.
NO_CODE = "none"


class Relation(StrEnum):
    """How two records are related; the last one only ever comes from rules."""

    SAME = "same"
    VERSION = "version"
    DIFFERENT = "different"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search, as the source gave it."""

    number: int
    #: When it came: a moment in UTC.
    at: str
    url: str
    #: Hits on the page.
    hits: int
    #: Hits of the whole search, as the source estimates them.
    total: int | None
    #: Where the next page begins (its number, or the source's cursor); empty: this is the last one.
    next: str


@dataclass(frozen=True, slots=True)
class Search:
    """One run of one term against one source."""

    id: str
    source: str
    query: str
    date: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    #: One of SEARCH_KINDS.
    kind: str = SEARCH
    #: What made it: names and versions of software.
    version: str = ""
    #: Empty for a search that was not harvested page by page.
    pages: tuple[Page, ...] = ()

    @property
    def taken_in(self) -> bool:
        """Whether `date` is only when a list was taken in, as nobody knows when it was made."""
        return bool(self.parameters.get("dated") == TAKEN_IN)


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
    #: What the venue is: one of VENUE_TYPES, or empty.
    venue_type: str = ""
    #: The date of publication, as exactly as the source knows it: YYYY, YYYY-MM or YYYY-MM-DD.
    published: str = ""
    #: The fields that the source cut short ("..."): of `title`, `authors`, `venue`, `abstract`.
    cut: tuple[str, ...] = ()
    #: The record that this one tells more of; only an enrichment has such.
    about: str = ""
    #: What else the source said about the hit, kept but not interpreted.
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fetched:
    """One page of hits as a source gave it; they have no `id` and `search` yet, and ranks of the whole search."""

    url: str
    hits: tuple[Record, ...]
    total: int | None
    #: As `Page.next`.
    next: str


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
    #: Set aside by grouping, because its ends are to stay apart.
    cut: bool = False
    #: Place of the rule among the rules: an earlier one is stronger.
    rank: int = 0


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
    venue_type: str
    published: str
    #: For each field that says something, the record that gave it.
    given: Mapping[str, str] = field(default_factory=dict)
    #: What its source said of it as a reference besides, by BibTeX's names; read only where references are written.
    besides: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


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
    #: A code of the answer was split since, so that it counts as none until somebody says which is meant.
    reopened: bool = False

    @property
    def answer_text(self) -> str:
        """The answer as people read it."""
        return ", ".join(self.answer or ()) or "no code"


@dataclass(frozen=True, slots=True)
class Recoding:
    """One coder's decision about the codes of a facet: what `codes` and all below them have become.

    One becoming one is a rename, several becoming one a merge (the one is among them if it was a code before), one
    becoming several a split, and any becoming none are retired. It holds for answers given before it, by anybody. One
    that `undoes` names the moment of the same coder's recoding that is to be as if it had never been made.
    """

    coder: str
    #: A facet, or a stage whose codes are its answers: the layers of a facet have their codes in common.
    facet: str
    codes: tuple[str, ...]
    became: tuple[str, ...]
    at: str
    why: str = ""
    undoes: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one question about one paper stands when every coder has been heard."""

    #: Codes (with the ancestors they imply) or text on which all coders agree.
    agreed: frozenset[str]
    #: What some coders said and others did not.
    contested: frozenset[str]
    coders: tuple[str, ...]
